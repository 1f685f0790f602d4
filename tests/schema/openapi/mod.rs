//! Writes `envoy/page/openapi.json`, the OpenAPI document of the gateway, from compiled `proto/` files and the recorded calls
//! of `tests/envoy/calls/etcd/calls.jsonl`, which are its examples.

mod comments;
mod examples;
mod fixed;
mod messages;
mod operations;

use std::collections::BTreeMap;

use prost_reflect::DescriptorPool;
use serde_json::{Map, Value, json};

use comments::Comments;
use messages::Messages;

/// The document, with one line for each path and each part, so that a change of one is a line.
pub fn document(pool: &DescriptorPool, calls: &str) -> String {
    let comments = Comments::new(pool);
    let messages = Messages::new(pool, &comments);
    let mut paths = operations::paths(pool, &messages, &comments, &examples::read(calls));
    paths.extend(fixed::paths());
    let mut components = fixed::components();
    components["schemas"]
        .as_object_mut()
        .unwrap()
        .extend(messages.schemas());

    let tags: Vec<Value> = pool
        .services()
        .map(
            |service| json!({"name": service.name(), "description": comments.of_service(&service)}),
        )
        .collect();
    let mut text = "{\n".to_owned();
    text += &format!("\"openapi\":\"3.1.0\",\n\"info\":{},\n", fixed::info());
    text += &format!("\"servers\":{},\n", json!([{"url": "/"}]));
    text += &format!("\"security\":{},\n", json!([{}, {"bearer": []}]));
    text += &format!("\"tags\":{},\n", Value::from(tags));
    text += &format!("\"paths\":{{\n{}\n}},\n", lines(&paths));
    let parts: Vec<String> = components
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, part)| {
            let part: BTreeMap<_, _> = part.as_object().unwrap().clone().into_iter().collect();
            format!("\"{name}\":{{\n{}\n}}", lines(&part))
        })
        .collect();
    text += &format!("\"components\":{{\n{}\n}}\n}}\n", parts.join(",\n"));
    text
}

fn lines(members: &BTreeMap<String, Value>) -> String {
    let lines = members
        .iter()
        .map(|(name, value)| format!("{}:{value}", json!(name)));
    lines.collect::<Vec<_>>().join(",\n")
}

fn reference(part: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{part}/{name}")})
}

/// An object of the members that there are.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter();
    let there = members.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}
