//! Bytes as plain text: what is text and what is not depends on the value alone, and both are read back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use etcd_json_gateway::schema::{Kind, Message};
use etcd_json_gateway::transcode::{BytesAs, Style, TEXT_LIMIT, from_json};
use prost::Message as _;
use prost_reflect::DynamicMessage;
use serde_json::Value;

use crate::oracle::{self, Type};
use crate::pieces::Cut;
use crate::round_trip;

/// Bound of an encoded message, in bytes.
const LIMIT: usize = 1 << 20;

/// Checks a message whose bytes are plain text.
pub fn check(of: &Type, message: &DynamicMessage, style: Style, mut cut: Cut) {
    let style = Style {
        bytes_as: BytesAs::Text,
        ..style
    };
    let bytes = message.encode_to_vec();
    let text = round_trip::write(of, &bytes, style, &mut cut);
    let whole = round_trip::write(of, &bytes, style, &mut Cut::Whole);
    assert_eq!(text, whole, "however it comes");
    let mut read = Vec::new();
    from_json(of.ours, &text, BytesAs::Text, LIMIT, &mut read).expect("what we write we read");
    let read = of.decode(&read).expect("what we read is the message");
    assert_eq!(&read, message, "our text, our parser");
    let mut value = serde_json::from_slice(&text).expect("the text is JSON");
    to_base64(of.ours, &mut value);
    assert_eq!(value, oracle::json(message), "their text");
}

/// Makes base64 of the plain text of a message's bytes.
fn to_base64(message: &Message, value: &mut Value) {
    for (name, value) in value.as_object_mut().expect("a message is an object") {
        let field = message.field_by_name(name.as_bytes());
        let (_, field) = field.expect("a member is a field");
        let one = |value: &mut Value| match field.kind {
            Kind::Message(message) => to_base64(message, value),
            Kind::Bytes => *value = Value::from(digits(value)),
            _ => {}
        };
        match value {
            Value::Array(elements) => elements.iter_mut().for_each(one),
            value => one(value),
        }
    }
}

/// The base64 of bytes that stand in JSON as text, or as an object if they are none.
fn digits(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        assert!(text.len() as u64 <= TEXT_LIMIT, "a string is not long");
        return STANDARD.encode(text);
    }
    let object = value.as_object().expect("what is no string is an object");
    assert_eq!(object.len(), 1, "{value}");
    let digits = object["base64"].as_str().expect("base64 is a string");
    let bytes = STANDARD.decode(digits).expect("base64 can be decoded");
    let is_text = bytes.len() as u64 <= TEXT_LIMIT && std::str::from_utf8(&bytes).is_ok();
    assert!(!is_text, "what can be a string is one");
    digits.to_owned()
}
