//! Any query string as any message: it becomes JSON that our parser understands or refuses, and values that are written
//! as `google.api.http` has them arrive.

use etcd_json_gateway::schema::Kind;
use etcd_json_gateway::transcode::{from_json, from_query};
use serde_json::Value;

use crate::input::Input;
use crate::oracle::{self, TYPES, Type};

/// Bound of an encoded message, in bytes.
const LIMIT: usize = 1 << 20;

/// Most parameters of a described query string.
const PARAMETERS: usize = 12;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let of = &TYPES[input.below(TYPES.len())];
    if input.flag() {
        described(of, &mut input);
    } else {
        let query = String::from_utf8_lossy(input.rest());
        let json = from_query(of.ours, &query);
        let value: Value = serde_json::from_slice(&json).expect("a query becomes JSON");
        assert!(value.is_object());
        let mut message = Vec::new();
        if from_json(of.ours, &json, LIMIT, &mut message).is_ok() {
            of.decode(&message).expect("what we write is the message");
        }
    }
}

/// A query string that sets fields of the message itself to values of their types.
fn described(of: &Type, input: &mut Input<'_>) {
    let (mut query, mut expected) = (String::new(), serde_json::Map::new());
    for _ in 0..input.below(PARAMETERS) {
        let Some(field) = of.ours.fields.get(input.below(of.ours.fields.len() + 1)) else {
            query.push_str("&nothing=1");
            continue;
        };
        let Some((text, value)) = value(field.kind, input) else {
            continue;
        };
        let name = if input.flag() {
            field.name
        } else {
            field.json_name
        };
        query.push_str(&format!("&{name}={}", encode(&text, input)));
        if field.repeated {
            let list = expected
                .entry(field.name)
                .or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().expect("a list is a list").push(value);
        } else {
            expected.insert(field.name.to_owned(), value);
        }
    }
    let json = from_query(of.ours, &query);
    let meaning = |json: &[u8]| {
        let mut message = Vec::new();
        let result = from_json(of.ours, json, LIMIT, &mut message);
        result.map(|()| oracle::json(&of.decode(&message).expect("what we write is the message")))
    };
    let expected = Value::Object(expected).to_string();
    assert_eq!(meaning(&json), meaning(expected.as_bytes()), "{query}");
}

/// The text of a value in a query string, and the value itself; nothing for a message.
fn value(kind: Kind, input: &mut Input<'_>) -> Option<(String, Value)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let (text, value) = match kind {
        Kind::Message(_) => return None,
        Kind::Bool => {
            let value = input.flag();
            (value.to_string(), Value::from(value))
        }
        Kind::Int64 => string(input.number().cast_signed().to_string()),
        Kind::Uint64 => string(input.number().to_string()),
        Kind::Uint32 => string((input.number() as u32).to_string()),
        Kind::Enum(of) => match of.values.get(input.below(of.values.len() + 1)) {
            Some((_, name)) => string((*name).to_owned()),
            None => {
                let value = input.number() as i32;
                (value.to_string(), Value::from(value))
            }
        },
        Kind::String => string(input.text()),
        Kind::Bytes => string(STANDARD.encode(input.bytes())),
    };
    Some((text, value))
}

/// A value that JSON has as a string.
fn string(text: String) -> (String, Value) {
    (text.clone(), Value::from(text))
}

/// The text with what must be escaped and some more.
fn encode(text: &str, input: &mut Input<'_>) -> String {
    let all = input.flag();
    let escape = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' if !all => char::from(*byte).to_string(),
        b' ' if !all => "+".to_owned(),
        byte => format!("%{byte:02X}"),
    };
    text.as_bytes().iter().map(escape).collect()
}
