//! Any query string as any message: it becomes JSON that our parser understands or refuses, and values that are written
//! as `google.api.http` has them arrive.

use etcd_json_gateway::schema::Kind;
use etcd_json_gateway::transcode::{BytesAs, from_json, from_query};
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
    let choices = input.byte();
    let bytes_as = if choices & 2 != 0 {
        BytesAs::Text
    } else {
        BytesAs::Base64
    };
    if choices & 1 != 0 {
        described(of, bytes_as, &mut input);
    } else {
        let query = String::from_utf8_lossy(input.rest());
        let json = from_query(of.ours, &query, bytes_as);
        let value: Value = serde_json::from_slice(&json).expect("a query becomes JSON");
        assert!(value.is_object());
        let mut message = Vec::new();
        if from_json(of.ours, &json, bytes_as, LIMIT, &mut message).is_ok() {
            of.decode(&message).expect("what we write is the message");
        }
    }
}

/// A query string that sets fields of the message itself to values of their types.
fn described(of: &Type, bytes_as: BytesAs, input: &mut Input<'_>) {
    let (mut query, mut expected) = (String::new(), serde_json::Map::new());
    for _ in 0..input.below(PARAMETERS) {
        let Some(field) = of.ours.fields.get(input.below(of.ours.fields.len() + 1)) else {
            query.push_str("&nothing=1");
            continue;
        };
        let Some((text, value)) = value(field.kind, bytes_as, input) else {
            continue;
        };
        let name = if input.flag() {
            field.name
        } else {
            field.json_name
        };
        query.push_str(&format!("&{name}={}", encode(text.as_ref(), input)));
        if field.repeated {
            let list = expected
                .entry(field.name)
                .or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().expect("a list is a list").push(value);
        } else {
            expected.insert(field.name.to_owned(), value);
        }
    }
    let json = from_query(of.ours, &query, bytes_as);
    let meaning = |json: &[u8]| {
        let mut message = Vec::new();
        let result = from_json(of.ours, json, bytes_as, LIMIT, &mut message);
        result.map(|()| oracle::json(&of.decode(&message).expect("what we write is the message")))
    };
    let expected = Value::Object(expected).to_string();
    assert_eq!(meaning(&json), meaning(expected.as_bytes()), "{query}");
}

/// The text of a value in a query string, and the value itself; nothing for a message.
fn value(kind: Kind, bytes_as: BytesAs, input: &mut Input<'_>) -> Option<(Vec<u8>, Value)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let (text, value) = match kind {
        Kind::Message(_) => return None,
        Kind::Bool => {
            let value = input.flag();
            (value.to_string().into(), Value::from(value))
        }
        Kind::Int64 => string(input.number().cast_signed().to_string()),
        Kind::Uint64 => string(input.number().to_string()),
        Kind::Uint32 => string((input.number() as u32).to_string()),
        Kind::Enum(of) => match of.values.get(input.below(of.values.len() + 1)) {
            Some((_, name)) => string((*name).to_owned()),
            None => {
                let value = input.number() as i32;
                (value.to_string().into(), Value::from(value))
            }
        },
        Kind::String => string(input.text()),
        Kind::Bytes if bytes_as == BytesAs::Text => {
            let bytes = input.bytes();
            let value = match std::str::from_utf8(bytes) {
                Ok(text) => Value::from(text),
                Err(_) => serde_json::json!({"base64": STANDARD.encode(bytes)}),
            };
            (bytes.to_vec(), value)
        }
        Kind::Bytes => string(STANDARD.encode(input.bytes())),
    };
    Some((text, value))
}

/// A value that JSON has as a string.
fn string(text: String) -> (Vec<u8>, Value) {
    (text.clone().into(), Value::from(text))
}

/// The text with what must be escaped and some more.
fn encode(text: &[u8], input: &mut Input<'_>) -> String {
    let all = input.flag();
    let escape = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' if !all => char::from(*byte).to_string(),
        b' ' if !all => "+".to_owned(),
        byte => format!("%{byte:02X}"),
    };
    text.iter().map(escape).collect()
}
