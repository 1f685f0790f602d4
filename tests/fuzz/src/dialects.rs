//! Where our parser and prost-reflect's have different rules. etcd's gateways are two other implementations of proto3
//! JSON, and ours takes what either takes (`from_json`); all that differs is listed here.

use etcd_json_gateway::schema::{Kind, Message};
use etcd_json_gateway::transcode::from_json::{Error, ErrorKind, Expected};
use serde_json::Value;

/// Above this a number that is written as a float has been rounded by the time that prost-reflect sees it.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Most digits of which a float holds every one.
const EXACT_DIGITS: usize = 15;

/// Whether this refusal is one of ours alone.
pub fn only_we_refuse(error: &Error) -> bool {
    match &error.kind {
        // Of two values one would silently be lost.
        ErrorKind::Duplicate | ErrorKind::OneofConflict { .. } => true,
        ErrorKind::Unexpected { expected, found } => match expected {
            // A misspelt name would silently become the default.
            Expected::Enum(_) => found.starts_with('"'),
            // Padding that is not what either gateway wants: prost-reflect does not mind any.
            Expected::Bytes => found.starts_with('"'),
            // A sign or zeros before the number, as Rust's own parser takes them; floats that were rounded.
            Expected::Int64 | Expected::Uint64 | Expected::Uint32 => {
                let bare = found.trim_start_matches(['"', '-']);
                bare.starts_with(['0', '+']) || is_rounded(found)
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether a text has a value that prost-reflect refuses or reads otherwise, and either of etcd's gateways takes.
pub fn only_we_take(message: &Message, value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| {
            let Some((_, field)) = message.field_by_name(name.as_bytes()) else {
                return false;
            };
            match value {
                Value::Array(elements) if field.repeated => {
                    elements.iter().any(|element| is_ours(field.kind, element))
                }
                // A field that is null is not there.
                Value::Null => false,
                value => is_ours(field.kind, value),
            }
        }),
        // The empty message, to grpc-gateway 1.
        Value::Null => true,
        _ => false,
    }
}

/// Whether a value that is not a list is written as only etcd's gateways take it.
fn is_ours(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        // The default, as an element of a list.
        (_, Value::Null) => true,
        (Kind::Message(message), value) => only_we_take(message, value),
        // grpc-gateway 1 takes bytes as numbers too.
        (Kind::Bytes, Value::Array(_)) => true,
        // Line ends in base64 are skipped.
        (Kind::Bytes, Value::String(text)) => text.contains(['\r', '\n']),
        // grpc-gateway 2 takes an enum's number as 1.0 and 1e0.
        (Kind::Enum(_), Value::Number(number)) => number.is_f64(),
        (Kind::Int64 | Kind::Uint64 | Kind::Uint32, Value::Number(number)) => {
            number.as_f64().is_some_and(|number| number.abs() >= EXACT) && number.is_f64()
        }
        // grpc-gateway 1 takes spaces around a number, and "null"; grpc-gateway 2 any JSON number, and
        // something behind it.
        (Kind::Int64, Value::String(text)) => text.parse::<i64>().is_err(),
        (Kind::Uint64, Value::String(text)) => text.parse::<u64>().is_err(),
        (Kind::Uint32, Value::String(text)) => text.parse::<u32>().is_err(),
        _ => false,
    }
}

/// Whether a token is a number that a float cannot hold. One that an error has cut short has more digits than that.
fn is_rounded(token: &str) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let rounded = |number: f64| digits > EXACT_DIGITS || number.abs() >= EXACT;
    token.ends_with('…') || token.parse().is_ok_and(rounded)
}

/// Whether bytes are no message to prost-reflect alone.
pub fn only_we_read(error: &prost::DecodeError) -> bool {
    let text = error.to_string();
    // A field whose wire type is not its own is an unknown field, as in Go.
    text.contains("invalid wire type")
        // prost nests to 100 levels, groups among them.
        || text.contains("recursion limit reached")
}
