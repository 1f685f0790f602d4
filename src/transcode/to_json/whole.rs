//! The quick way: a message that is there as a whole and is as every protobuf library writes it. Whatever is unusual
//! or wrong is left to the other ways, which know where it is and what to do.

use super::base64_text::{quoted_room, write_quoted};
use super::bytes_text;
use super::fields::Fields;
use super::number::{self, Number};
use super::object::Object;
use super::value::Value;
use crate::json_text::{BytesAs, MEMBER_ROOM, Out, Style, Text};
use crate::schema::{Field, Kind, Message};
use crate::transcode::wire::read::{self, Payload, item, varint};

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

/// Appends further elements of a list of messages, each with `tag` before it, as long as they are there as a whole, and
/// takes them off the front of `bytes`; nothing if the first that is left is unusual.
pub(super) fn write_elements(
    tag: u8,
    message: &'static Message,
    bytes: &mut &[u8],
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Option<()> {
    while let [first, rest @ ..] = *bytes
        && *first == tag
    {
        let mut behind = rest;
        let Some(element) = read::value(&mut behind) else {
            break;
        };
        let before = out.len();
        out.push(b',');
        if write_message(message, element, depth, style, out).is_none() {
            out.truncate(before);
            return None;
        }
        *bytes = behind;
    }
    Some(())
}

fn write_message(
    message: &'static Message,
    mut rest: &[u8],
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let start = out.len();
    let mut walk = Walk {
        fields: Fields::new(message),
        object: Object::begin(),
    };
    while let [tag, after @ ..] = rest {
        let index = usize::from(tag >> 3).wrapping_sub(1);
        let plain = message.fields.get(index);
        rest = match plain.filter(|field| field.plain_tag == *tag) {
            Some(field) => walk.write_plain(index, field, after, style, out)?,
            None => {
                let mut lent = walk; // so that `walk` itself stays in registers
                let behind = lent.write_any(message, rest, depth, style, out)?;
                walk = lent;
                behind
            }
        };
    }
    walk.object.close_from(start, out);
    Some(())
}

/// How far a message has come.
#[derive(Clone, Copy)]
struct Walk {
    fields: Fields,
    object: Object,
}

impl Walk {
    /// Writes a field with a plain tag, of which `bytes` begins with the value; answers what is behind it.
    #[inline(always)]
    fn write_plain<'a>(
        &mut self,
        index: usize,
        field: &Field,
        mut bytes: &'a [u8],
        style: Style,
        out: &mut Out<'_>,
    ) -> Option<&'a [u8]> {
        if !self.fields.accept_plain(index) {
            return None;
        }
        if let Kind::Bytes = field.kind {
            let value = read::value(&mut bytes)?;
            if style.bytes_as != BytesAs::Base64 {
                let mut lent = *self;
                lent.write_text(field, value, style, out);
                *self = lent;
            } else if !value.is_empty() {
                self.object.end_list(out);
                let room = out.room(MEMBER_ROOM.wrapping_add(quoted_room(value)));
                let at = Object::label(field, room.first_chunk_mut()?);
                let length = write_quoted(value, room, at);
                out.advance(length);
            }
            return Some(bytes);
        }
        let number = varint(&mut bytes).ok()?;
        if number != 0 {
            self.object.end_list(out);
            let room = out.room(MEMBER_ROOM).first_chunk_mut()?;
            let at = Object::label(field, room);
            let length = number::write_quoted(number, matches!(field.kind, Kind::Int64), room, at);
            out.advance(length);
        }
        Some(bytes)
    }

    /// Writes a field of bytes that may be text.
    #[inline(never)]
    fn write_text(&mut self, field: &Field, value: &[u8], style: Style, out: &mut Out<'_>) {
        if !value.is_empty() {
            self.object.value(field, out);
            bytes_text::write(value, style, out);
        }
    }

    /// Writes any field, with its tag; answers what is behind it.
    #[inline(never)]
    fn write_any<'a>(
        &mut self,
        message: &'static Message,
        mut bytes: &'a [u8],
        depth: usize,
        style: Style,
        out: &mut Out<'_>,
    ) -> Option<&'a [u8]> {
        let item = item(&mut bytes).ok()?;
        let length = match item.payload {
            Payload::Varint(_) => 0,
            Payload::Fixed(length) => usize::from(length),
            Payload::Length(length) => usize::try_from(length).ok()?,
            Payload::GroupStart | Payload::GroupEnd => return None,
        };
        let (payload, behind) = bytes.split_at_checked(length)?;
        let Some((index, field)) = message.field_by_number(item.number) else {
            return Some(behind);
        };
        let Some(value) = Value::new(field, item.payload) else {
            return Some(behind);
        };
        if !self.fields.accept(index, field) {
            return None;
        }
        if !value.is_hidden(field) {
            self.object.value(field, out);
            if let Value::Message(message, _) = value {
                write_message(message, payload, depth, style, out)?;
                if let Some((tag, message)) = self.object.list_of_messages(&self.fields) {
                    let mut rest = behind;
                    write_elements(tag, message, &mut rest, depth, style, out)?;
                    return Some(rest);
                }
            } else {
                write_leaf(field, value, payload, style, out)?;
            }
        }
        Some(behind)
    }
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
        Value::Bytes(_) => bytes_text::write(payload, style, out),
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

#[cfg(test)]
mod tests {
    use super::super::ToJson;
    use super::*;
    use crate::schema::tables::ETCDSERVERPB_TXN_RESPONSE;
    use prost::encoding::{bool, bytes};

    /// A `TxnResponse` with the second of its answers for the next, `depth` of them, the innermost ending with `last`.
    fn nested(depth: usize, last: Vec<u8>) -> Vec<u8> {
        (0..depth).fold(last, |inner, _| {
            let (mut op, mut txn) = (Vec::new(), Vec::new());
            bytes::encode(4, &inner, &mut op);
            bytes::encode(3, &Vec::new(), &mut txn);
            bytes::encode(3, &op, &mut txn);
            txn
        })
    }

    #[test]
    fn what_is_unusual_inside_many_lists_is_not_read_again_for_each() {
        const DEPTH: usize = 50; // 2^50 readings would not end
        let mut last = Vec::new();
        bytes::encode(3, &Vec::new(), &mut last);
        bool::encode(2, &true, &mut last); // the list comes before it
        let message = nested(DEPTH, last);
        let style = Style::default();
        let mut text = Vec::new();
        let mut to_json = ToJson::new(&ETCDSERVERPB_TXN_RESPONSE, message.len() as u32, style);
        to_json.push(&message, &mut text).unwrap();
        let expected = format!(
            "{}{}{}",
            r#"{"responses":[{},{"response_txn":"#.repeat(DEPTH),
            r#"{"succeeded":true,"responses":[{}]}"#,
            "}]}".repeat(DEPTH)
        );
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
