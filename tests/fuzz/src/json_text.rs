//! JSON texts as an input describes them: for a message, in every spelling that some gateway takes and in some that
//! none does.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use etcd_json_gateway::schema::{Field, Kind, Message};

use crate::input::Input;

/// Most members of one object and elements of one list.
const MEMBERS: usize = 10;

/// What stands between tokens.
const SPACES: [&str; 8] = ["", "", "", "", " ", "\n", "\t", "\r\n"];

/// Values that fit some field or none.
const ODDITIES: [&str; 29] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1e400",
    "-1",
    "5.5",
    "1e2",
    "1.0",
    "\"\"",
    "\"null\"",
    "\" 5\"",
    "\"5 6\"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[1,2,255]",
    "[256]",
    "\"\\ud800\"",
    "\"AA\"",
    "\"_-8=\"",
    "{\"a\":[{\"b\":\"]\"}]}",
    "{\"prefix\":true}",
    "{\"prefix\":false}",
    "{\"base64\":\"_-8=\"}",
    "{\"base64\":\"A\"}",
    "{\"base64\":\"AA==\",\"prefix\":true}",
];

/// Appends an object with up to `depth` messages inside one another.
pub fn write(message: &Message, depth: usize, input: &mut Input<'_>, out: &mut String) {
    out.push('{');
    for index in 0..input.below(MEMBERS) {
        if index > 0 {
            out.push(',');
        }
        write_space(input, out);
        match message.fields.get(input.below(message.fields.len() + 1)) {
            Some(field) => {
                write_name(field, input, out);
                write_space(input, out);
                write_field(field, depth, input, out);
            }
            None => {
                write_string(&input.text(), out);
                out.push(':');
                out.push_str(input.choose(&ODDITIES));
            }
        }
        write_space(input, out);
    }
    out.push('}');
}

fn write_space(input: &mut Input<'_>, out: &mut String) {
    out.push_str(input.choose(&SPACES));
}

fn write_name(field: &Field, input: &mut Input<'_>, out: &mut String) {
    match input.below(8) {
        0 => write_escaped(field.name, out),
        1..4 => write_string(field.json_name, out),
        _ => write_string(field.name, out),
    }
    out.push(':');
}

fn write_field(field: &Field, depth: usize, input: &mut Input<'_>, out: &mut String) {
    if !field.repeated {
        return write_value(field.kind, depth, input, out);
    }
    out.push('[');
    for index in 0..input.below(MEMBERS) {
        if index > 0 {
            out.push(',');
        }
        write_value(field.kind, depth, input, out);
    }
    out.push(']');
}

fn write_value(kind: Kind, depth: usize, input: &mut Input<'_>, out: &mut String) {
    if input.below(16) == 0 {
        return out.push_str(input.choose(&ODDITIES));
    }
    match kind {
        Kind::Message(_) if depth == 0 => out.push_str("{}"),
        Kind::Message(message) => write(message, depth - 1, input, out),
        Kind::Bool => out.push_str(if input.flag() { "true" } else { "false" }),
        Kind::String => match input.below(4) {
            0 => write_escaped(&input.text(), out),
            _ => write_string(&input.text(), out),
        },
        Kind::Bytes => write_base64(input, out),
        Kind::Enum(of) => match of.values.get(input.below(of.values.len() + 1)) {
            Some((_, name)) => write_string(name, out),
            None => write_number(i128::from(input.number() as i32), input, out),
        },
        Kind::Int64 => write_number(i128::from(input.number().cast_signed()), input, out),
        Kind::Uint64 => write_number(i128::from(input.number()), input, out),
        Kind::Uint32 => write_number(i128::from(input.number() as u32), input, out),
    }
}

fn write_number(number: i128, input: &mut Input<'_>, out: &mut String) {
    let text = match input.below(8) {
        0 => format!("{number}.0"),
        1 => format!("{number}e0"),
        2 => format!("{number}0E-1"),
        3 => format!("\"{number}\""),
        4 => format!("\" {number} \""),
        5 => format!("\"{number}.00\""),
        _ => number.to_string(),
    };
    out.push_str(&text);
}

fn write_base64(input: &mut Input<'_>, out: &mut String) {
    let bytes = input.bytes();
    let text = match input.below(6) {
        0 => URL_SAFE.encode(bytes),
        1 => URL_SAFE_NO_PAD.encode(bytes),
        2 => STANDARD_NO_PAD.encode(bytes),
        3 => return out.push_str(&format!("{bytes:?}")),
        4 => STANDARD.encode(bytes).replace('A', "A\n"),
        _ => STANDARD.encode(bytes),
    };
    write_string(&text, out);
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// Every character as an escape.
fn write_escaped(text: &str, out: &mut String) {
    out.push('"');
    for unit in text.encode_utf16() {
        out.push_str(&format!("\\u{unit:04x}"));
    }
    out.push('"');
}
