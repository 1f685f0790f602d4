//! Examples of requests and answers: calls that were made of a real etcd.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

/// What stands for a number or a text that differs from run to run.
const NUMBER: &str = "7587";
const TEXT: &str = "example";

/// A request and its answer, with places that differ from run to run.
pub struct Call {
    pub body: Value,
    /// Nothing where etcd refuses what is well-formed.
    pub answer: Option<Value>,
}

/// The first call of each path that succeeds, or else the first.
pub fn read(calls: &str) -> BTreeMap<String, Call> {
    let mut found = BTreeMap::new();
    for line in calls.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let path = format!("/{}", line["call"].as_str().unwrap());
        let answer = line["status"].is_null().then(|| line["answer"].take());
        let body = line["body"].take();
        let has_one = |call: &Call| call.answer.is_some() || answer.is_none();
        if !found.get(&path).is_some_and(has_one) {
            found.insert(path, Call { body, answer });
        }
    }
    found
}

/// The example with something in the place of what differs, and without what is named as absent.
pub fn filled(message: &MessageDescriptor, example: &Value) -> Value {
    let members = example.as_object().into_iter().flatten();
    let members = members.filter(|(_, value)| !value.is_null());
    let filled = members.map(|(name, value)| {
        let by_name = message.get_field_by_name(name);
        let field = by_name.or_else(|| message.get_field_by_json_name(name));
        let field = field.unwrap_or_else(|| panic!("{}: {name}", message.full_name()));
        let value = match value {
            Value::Array(elements) => elements
                .iter()
                .map(|element| one(&field, element))
                .collect(),
            value => one(&field, value),
        };
        (field.name().to_owned(), value)
    });
    Value::Object(filled.collect())
}

fn one(field: &FieldDescriptor, value: &Value) -> Value {
    let differs = value
        .as_str()
        .is_some_and(|text| text.starts_with(['*', '$']));
    match field.kind() {
        Kind::Message(message) if differs => Value::Object(whole(&message)),
        Kind::Message(message) => filled(&message, value),
        _ if differs => scalar(field),
        _ => value.clone(),
    }
}

fn whole(message: &MessageDescriptor) -> Map<String, Value> {
    let fields = message.fields();
    fields
        .map(|field| (field.name().to_owned(), one(&field, &json!("*"))))
        .collect()
}

fn scalar(field: &FieldDescriptor) -> Value {
    match field.kind() {
        Kind::Bytes => json!(STANDARD.encode(TEXT)),
        Kind::String if field.name().ends_with("URLs") => json!("http://127.0.0.1:2379"),
        Kind::String if field.name() == "version" => json!("3.7.3"),
        Kind::String => json!(TEXT),
        Kind::Uint32 => json!(7587),
        Kind::Bool => json!(true),
        _ => json!(NUMBER),
    }
}
