//! `src/schema/tables.rs` and `envoy/page/openapi.json` are what `proto/` says, and `proto/` is what etcd says.
// A test may panic: that is how it fails. The functions that tests share count as no test to clippy.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod facts;
mod generate;
mod openapi;
mod refusals;

use std::env;
use std::fs;
use std::path::Path;

use etcd_json_gateway::schema::tables::ROUTES;
use serde_json::{Value, json};

#[test]
fn the_tables_are_generated_from_proto() {
    let generated = generate::tables(&testbed::api::descriptors().unwrap()).unwrap();
    check("src/schema/tables.rs", &generated);
}

#[test]
fn the_openapi_document_is_generated_from_proto() {
    let calls = fs::read_to_string(root().join("tests/envoy/calls/etcd/calls.jsonl")).unwrap();
    let generated = openapi::document(&testbed::api::descriptors().unwrap(), &calls);
    check("envoy/page/openapi.json", &generated);
}

#[test]
fn examples_are_of_their_schemas_and_what_the_parser_refuses_is_not() {
    let document = fs::read_to_string(root().join("envoy/page/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource("openapi.json", document.clone())
        .unwrap();
    let mut schemas = boon::Schemas::new();
    let mut is_valid = |schema: &str, value: &Value| {
        let schema = compiler.compile(&format!("openapi.json#{schema}"), &mut schemas);
        schemas.validate(value, schema.unwrap()).is_ok()
    };
    let mut examples = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace('/', "~1");
        for place in [
            "post/requestBody/content/application~1json",
            "post/responses/200/content/application~1json",
        ] {
            let example = item.pointer(&format!("/{}/example", place));
            if let Some(example) = example {
                let schema = format!("/paths/{path}/{place}/schema");
                assert!(is_valid(&schema, example), "{schema}: {example}");
                examples += 1;
            }
        }
    }
    assert!(examples > 90, "{examples}");
    for (schema, value) in [
        ("RangeRequest", json!({"limit": "abc"})),
        ("RangeRequest", json!({"sort_order": "descend"})),
        ("RangeRequest", json!({"range_end": {"prefix": false}})),
        ("Compare", json!({"version": 1, "lease": 1})),
        ("WatchRequest", json!({})),
        ("PutRequest", json!({"key": {"base64": "", "prefix": true}})),
        ("RangeResponse", json!({"count": 1})),
        ("Error", json!({"message": "m"})),
    ] {
        let place = format!("/components/schemas/{schema}");
        assert!(!is_valid(&place, &value), "{schema}: {value}");
    }
}

#[test]
fn every_route_is_in_the_openapi_document() {
    let document = fs::read_to_string(root().join("envoy/page/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    for route in ROUTES {
        let item = &document["paths"][format!("/v3{}", route.path)];
        assert!(item["post"].is_object(), "{}", route.path);
        let events = item["get"].is_object();
        assert_eq!(events, route.method.server_streaming, "{}", route.path);
    }
}

/// Compares a file with what it should be; with `REGENERATE` set, writes it before.
fn check(file: &str, generated: &str) {
    let path = root().join(file);
    if env::var_os("REGENERATE").is_some() {
        fs::write(&path, generated).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == generated,
        "{file} is not up to date: run `cargo xtask generate`"
    );
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
