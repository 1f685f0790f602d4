//! Any text as a plugin configuration: what is taken is what the JSON Schema takes.

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use etcd_json_gateway::config::Config;
use etcd_json_gateway::exchange::{Exchange, Settings};
use serde_json::Value;

thread_local! {
    static SCHEMA: (Schemas, SchemaIndex) = schema();
}

pub fn run(text: &[u8]) {
    let config = match Config::parse(text) {
        Ok(config) => config,
        Err(error) => {
            let text = String::from_utf8_lossy(text);
            assert!(!error.reason.is_empty());
            // A key at fault is one that is there.
            assert!(error.key.is_empty() || text.contains('"'), "{error}");
            return;
        }
    };
    drop(Exchange::new(Settings::new(&config).into()));
    if !text.trim_ascii().is_empty() {
        let value: Value = serde_json::from_slice(text).expect("a configuration is JSON");
        let valid = SCHEMA.with(|(schemas, index)| schemas.validate(&value, *index).is_ok());
        assert!(valid, "the schema refuses {value}");
    }
}

/// A configuration that has every key.
pub fn seeds() -> Vec<Vec<u8>> {
    let schema = document();
    let properties = schema["properties"]
        .as_object()
        .expect("the schema has properties");
    let mut every = serde_json::Map::new();
    let mut seeds = Vec::new();
    for (key, property) in properties {
        let default = &property["default"];
        seeds.push(serde_json::json!({ key: default }).to_string().into_bytes());
        every.insert(key.clone(), default.clone());
    }
    seeds.push(Value::Object(every).to_string().into_bytes());
    seeds
}

fn schema() -> (Schemas, SchemaIndex) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler
        .add_resource("config.json", document())
        .expect("the schema is JSON");
    let index = compiler
        .compile("config.json", &mut schemas)
        .expect("the schema is one");
    (schemas, index)
}

fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../envoy/config.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    serde_json::from_str(&text).expect("the schema is JSON")
}
