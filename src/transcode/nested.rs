//! Fields of an encoded request message, read one by one; and one number in a field of a field, read and set without
//! decoding the rest: that only for messages that [`super::from_json`] has written.

use super::wire::read::{Payload, item};
use super::wire::write::{write_tag, write_varint};
use super::wire::{LEN, VARINT};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number, as it is on the wire.
    Number(u64),
    /// A string, bytes, a message or a packed list.
    Bytes(&'a [u8]),
}

/// Takes a field off the front of a message: its number and its value. Nothing where it cannot be read, or has a wire type
/// that none of etcd's fields has.
#[must_use]
pub fn field<'a>(message: &mut &'a [u8]) -> Option<(u32, Value<'a>)> {
    let item = item(message).ok()?;
    let value = match item.payload {
        Payload::Varint(number) => Value::Number(number),
        Payload::Length(length) => {
            let (bytes, rest) = message.split_at_checked(usize::try_from(length).ok()?)?;
            *message = rest;
            Value::Bytes(bytes)
        }
        Payload::Fixed(_) | Payload::GroupStart | Payload::GroupEnd => return None,
    };
    Some((item.number, value))
}

/// The value of field `inner` of the message in field `outer`; 0 where that message has none, as proto3 has it. Nothing
/// where `outer` is not set.
#[must_use]
pub fn nested_number(message: &[u8], outer: u32, inner: u32) -> Option<u64> {
    let mut numbers = fields(nested(message, outer)?).filter_map(|(number, value)| match value {
        Value::Number(value) if number == inner => Some(value),
        _ => None,
    });
    Some(numbers.by_ref().last().unwrap_or_default())
}

/// The message with field `inner` of the message in field `outer` set. Nothing where `outer` is not set, which must be
/// the only field of the message that is.
#[must_use]
pub fn with_nested_number(message: &[u8], outer: u32, inner: u32, value: u64) -> Option<Vec<u8>> {
    let mut changed = nested(message, outer)?.to_vec();
    // Of a field that is there twice the last counts.
    write_tag(inner, VARINT, &mut changed);
    write_varint(value, &mut changed);
    let mut message = Vec::with_capacity(changed.len().saturating_add(12));
    write_tag(outer, LEN, &mut message);
    write_varint(changed.len() as u64, &mut message);
    message.append(&mut changed);
    Some(message)
}

fn nested(message: &[u8], outer: u32) -> Option<&[u8]> {
    fields(message).find_map(|(number, value)| match value {
        Value::Bytes(bytes) if number == outer => Some(bytes),
        _ => None,
    })
}

/// The fields of a message, up to what cannot be read.
fn fields(mut message: &[u8]) -> impl Iterator<Item = (u32, Value<'_>)> {
    std::iter::from_fn(move || field(&mut message))
}

#[cfg(test)]
mod tests {
    use super::*;

    // create_request: key "a", start_revision 5
    const WATCH: &[u8] = b"\x0a\x05\x0a\x01a\x18\x05";

    #[test]
    fn a_nested_number_is_read() {
        assert_eq!(nested_number(WATCH, 1, 3), Some(5));
        assert_eq!(nested_number(WATCH, 1, 4), Some(0));
        assert_eq!(nested_number(WATCH, 2, 3), None);
        assert_eq!(nested_number(b"", 1, 3), None);
    }

    #[test]
    fn a_nested_number_is_set() {
        let set = with_nested_number(WATCH, 1, 3, 300).unwrap();
        assert_eq!(set, b"\x0a\x08\x0a\x01a\x18\x05\x18\xac\x02");
        assert_eq!(nested_number(&set, 1, 3), Some(300));
        assert_eq!(with_nested_number(WATCH, 2, 3, 300), None);
    }

    #[test]
    fn bytes_that_are_no_message_end_the_search() {
        for cut in 0..WATCH.len() {
            let _ = nested_number(&WATCH[..cut], 1, 3);
        }
        assert_eq!(
            nested_number(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 1, 3),
            None
        );
        assert_eq!(nested_number(b"\x0b", 1, 3), None);
    }
}
