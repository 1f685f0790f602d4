//! What is generated from [`Config`]: its JSON Schema and the README's table.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Config;

const SCHEMA: &str = "envoy/config.schema.json";
const README: &str = "README.md";
const TABLE: [&str; 2] = ["<!-- configuration -->\n", "<!-- /configuration -->"];

#[test]
fn the_schema_is_that_of_the_configuration() {
    check(SCHEMA, |_| format!("{:#}\n", schema()));
}

#[test]
fn the_readme_lists_the_configuration() {
    check(README, |readme| {
        let [open, close] = TABLE;
        let (before, rest) = readme.split_once(open).unwrap();
        let (_, after) = rest.split_once(close).unwrap();
        format!("{before}{open}{}{close}{after}", table(&schema()))
    });
}

#[test]
fn the_schema_knows_every_key_and_its_default() {
    let schema = schema();
    let properties = schema["properties"].as_object().unwrap();
    let defaults: serde_json::Map<String, Value> = properties
        .iter()
        .map(|(key, property)| (key.clone(), property["default"].clone()))
        .collect();
    let parsed = Config::parse(Value::Object(defaults).to_string().as_bytes());
    assert_eq!(parsed, Ok(Config::default()));
}

#[test]
fn every_key_is_read_into_its_own_field() {
    let schema = schema();
    let defaults = serde_json::to_value(Config::default()).unwrap();
    for (key, property) in schema["properties"].as_object().unwrap() {
        let other = another(&schema, property);
        let config = Config::parse(serde_json::json!({key: other}).to_string().as_bytes());
        let mut expected = defaults.clone();
        expected[key] = other;
        assert_eq!(serde_json::to_value(config.unwrap()).unwrap(), expected);
    }
}

/// A value of a key that is not its default.
fn another(schema: &Value, property: &Value) -> Value {
    let default = &property["default"];
    if let Some(name) = property["$ref"].as_str() {
        let choices = &schema.pointer(name.strip_prefix('#').unwrap()).unwrap()["oneOf"];
        let names = choices.as_array().unwrap().iter();
        return names
            .map(|choice| choice["const"].clone())
            .find(|name| name != default)
            .unwrap();
    }
    match default {
        Value::Bool(value) => Value::from(!value),
        Value::Number(value) => Value::from(value.as_u64().unwrap() + 1),
        Value::String(_) => Value::from("3.4.23"),
        Value::Array(_) if property["items"].get("$ref").is_some() => serde_json::json!([policy()]),
        Value::Array(values) if values.is_empty() => serde_json::json!(["x-a"]),
        Value::Array(_) => serde_json::json!([]),
        _ => panic!("{property}"),
    }
}

/// A policy with all keys.
fn policy() -> Value {
    serde_json::json!({
        "name": "a",
        "header": "x-tenant: a",
        "path": "/v3",
        "read_only": true,
        "allow": ["KV.*", "Watch.Watch"],
        "deny": ["KV.Put"],
        "keys": ["/a/"],
        "lease_ids": [1, 9],
        "shared_leases": false,
        "max_range_keys": 10,
        "max_txn_operations": 10,
        "max_watches": 10,
    })
}

#[test]
fn the_schema_takes_the_examples_and_refuses_what_the_filter_refuses() {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("config.json", schema()).unwrap();
    let index = compiler.compile("config.json", &mut schemas).unwrap();
    for (text, good) in [
        ("{}", true),
        (
            r#"{"allow_on_headers_stop_iteration":true,"local_endpoints":false,"write_retries":"route"}"#,
            true,
        ),
        (r#"{"dialect":"v3"}"#, false),
        (r#"{"unknown":1}"#, false),
        (r#"{"max_request_bytes":0}"#, false),
        (r#"{"prefixes":["/v3/"]}"#, false),
        (&format!(r#"{{"policies":[{}]}}"#, policy()), true),
        (r#"{"policies":[{"name":""}]}"#, false),
        (r#"{"policies":[{"name":"a","kyes":[]}]}"#, false),
        (r#"{"policies":[{"name":"a","keys":[""]}]}"#, false),
        (
            r#"{"policies":[{"name":"a","header":"X-Tenant: a"}]}"#,
            false,
        ),
        (r#"{"policies":[{"name":"a","max_watches":0}]}"#, false),
        (r#"{"policies":[{"name":"a","lease_ids":[1]}]}"#, false),
    ] {
        let value = serde_json::from_str(text).unwrap();
        assert_eq!(schemas.validate(&value, index).is_ok(), good, "{text}");
        assert_eq!(Config::parse(text.as_bytes()).is_ok(), good, "{text}");
    }
}

/// Compares a file with what it should be; with `REGENERATE` set, writes it instead.
fn check(file: &str, wanted: impl FnOnce(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let found = fs::read_to_string(&path).unwrap_or_default();
    let wanted = wanted(&found);
    if std::env::var_os("REGENERATE").is_some() {
        fs::write(&path, &wanted).unwrap();
    } else {
        assert!(
            found == wanted,
            "{file} is not up to date: run `cargo xtask generate`"
        );
    }
}

fn schema() -> Value {
    let mut schema = schemars::schema_for!(Config).to_value();
    // The defaults as they are, from the one place that has them.
    let defaults = serde_json::to_value(Config::default()).unwrap();
    for (key, property) in schema["properties"].as_object_mut().unwrap() {
        property["default"] = defaults[key].clone();
    }
    schema
}

fn table(schema: &Value) -> String {
    let rows = schema["properties"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, property)| {
            let text = property["description"].as_str().unwrap();
            format!("| `{key}` | `{}` | {text} |\n", property["default"])
        });
    let head = "| key | default | what it is |\n|---|---|---|\n".to_owned();
    head + &rows.collect::<String>()
}
