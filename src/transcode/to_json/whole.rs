//! The quick way: a message that is there as a whole and is as every protobuf library writes it. Whatever is unusual
//! or wrong is left to the other ways, which know where it is and what to do.

use super::Style;
use super::base64_text;
use super::frame::Fields;
use super::number::Number;
use super::object::Object;
use super::out::Out;
use super::string_text::Text;
use super::value::Value;
use super::wire::{Payload, item, varint};
use crate::schema::{Field, Message};

/// Appends the text of a message of which `bytes` is all; nothing if it cannot. `depth` is how many messages may be
/// open inside one another, this one included.
pub(super) fn write(
    message: &'static Message,
    bytes: &[u8],
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Option<()> {
    let before = out.len();
    let written = write_message(message, bytes, depth, style, out);
    if written.is_none() {
        out.truncate(before);
    }
    written
}

fn write_message(
    message: &'static Message,
    mut rest: &[u8],
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let mut fields = Fields::new(message);
    let mut object = Object::open(out);
    while !rest.is_empty() {
        let item = item(&mut rest).ok()?;
        let length = match item.payload {
            Payload::Varint(_) => 0,
            Payload::Fixed(length) => usize::from(length),
            Payload::Length(length) => usize::try_from(length).ok()?,
            Payload::GroupStart | Payload::GroupEnd => return None,
        };
        let (payload, behind) = rest.split_at_checked(length)?;
        rest = behind;
        let Some((index, field)) = fields.find(item.number) else {
            continue;
        };
        let Some(value) = Value::new(field, item.payload) else {
            continue;
        };
        if !fields.accept(index, field) {
            return None;
        }
        if !value.is_hidden(field) {
            object.value(field, out);
            if let Value::Message(message, _) = value {
                write_message(message, payload, depth, style, out)?;
            } else {
                write_leaf(field, value, payload, style, out)?;
            }
        }
    }
    object.close(out);
    Some(())
}

#[inline(always)]
fn write_leaf(
    field: &Field,
    value: Value,
    mut payload: &[u8],
    style: Style,
    out: &mut Out<'_>,
) -> Option<()> {
    match value {
        Value::Number(number) => number.write(out),
        Value::Bytes(_) => base64_text::quoted(payload, out),
        Value::Text(_) => {
            out.push(b'"');
            Text::default().push(payload, true, style, out).ok()?;
            out.push(b'"');
        }
        Value::Packed(_) => {
            let mut separator: &[u8] = b"";
            while !payload.is_empty() {
                out.extend_from_slice(separator);
                separator = b",";
                Number::new(field.kind, varint(&mut payload).ok()?)?.write(out);
            }
        }
        Value::Message(..) => return None, // written by the walk over messages
    }
    Some(())
}
