//! Messages as an input describes them: any fields in any order, also several times and unknown ones.

use etcd_json_gateway::schema::{Field, Kind, Message};
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::input::Input;

/// A field number that no message has.
const UNKNOWN: u32 = 1000;

/// Most fields of one message.
const FIELDS: usize = 12;

/// Appends a message with up to `depth` messages inside one another.
pub fn write(message: &Message, depth: usize, input: &mut Input<'_>, out: &mut Vec<u8>) {
    for _ in 0..input.below(FIELDS) {
        match message.fields.get(input.below(message.fields.len() + 1)) {
            Some(field) => write_field(field, depth, input, out),
            None => write_unknown(input, out),
        }
    }
}

fn write_field(field: &Field, depth: usize, input: &mut Input<'_>, out: &mut Vec<u8>) {
    let mut payload = Vec::new();
    match field.kind {
        Kind::Message(message) => {
            if depth > 0 {
                write(message, depth - 1, input, &mut payload);
            }
        }
        Kind::Bytes => payload.extend_from_slice(input.bytes()),
        Kind::String => payload.extend_from_slice(input.text().as_bytes()),
        kind if field.repeated && input.flag() => {
            for _ in 0..input.below(FIELDS) {
                encode_varint(number(kind, input), &mut payload);
            }
        }
        kind => {
            encode_key(field.number, WireType::Varint, out);
            return encode_varint(number(kind, input), out);
        }
    }
    write_payload(field.number, &payload, out);
}

fn write_unknown(input: &mut Input<'_>, out: &mut Vec<u8>) {
    match input.below(5) {
        0 => {
            encode_key(UNKNOWN, WireType::Varint, out);
            encode_varint(input.number(), out);
        }
        1 => {
            encode_key(UNKNOWN, WireType::SixtyFourBit, out);
            out.extend_from_slice(&input.number().to_le_bytes());
        }
        2 => {
            encode_key(UNKNOWN, WireType::ThirtyTwoBit, out);
            out.extend_from_slice(&(input.number() as u32).to_le_bytes());
        }
        3 => {
            encode_key(UNKNOWN, WireType::StartGroup, out);
            write_payload(UNKNOWN, input.bytes(), out);
            encode_key(UNKNOWN, WireType::EndGroup, out);
        }
        _ => write_payload(UNKNOWN, input.bytes(), out),
    }
}

/// Appends a length-delimited field.
pub fn write_payload(number: u32, payload: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(payload.len() as u64, out);
    out.extend_from_slice(payload);
}

/// A number of the bits that the type has, or for some types more of them.
fn number(kind: Kind, input: &mut Input<'_>) -> u64 {
    let number = input.number();
    match kind {
        Kind::Enum(of) if number < 0x80 => (number % (of.values.len() as u64 + 1)).min(number),
        Kind::Enum(_) => i64::from(number as i32).cast_unsigned(),
        _ => number,
    }
}
