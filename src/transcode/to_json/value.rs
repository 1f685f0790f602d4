//! What a field's payload means, by the field's type.

use super::number::Number;
use crate::schema::{Field, Kind, Message};
use crate::transcode::wire::read::Payload;

/// A payload of a known field. Lengths are in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Number(Number),
    /// Any number of varints in one payload: how lists of numbers usually travel.
    Packed(u64),
    Text(u64),
    Bytes(u64),
    Message(&'static Message, u64),
}

impl Value {
    /// Nothing when the payload does not fit the field's type: the field is then as good as unknown,
    /// as in Go.
    #[inline]
    pub(super) fn new(field: &Field, payload: Payload) -> Option<Self> {
        match (payload, field.kind) {
            (Payload::Varint(varint), kind) => Number::new(kind, varint).map(Self::Number),
            (Payload::Length(length), Kind::String) => Some(Self::Text(length)),
            (Payload::Length(length), Kind::Bytes) => Some(Self::Bytes(length)),
            (Payload::Length(length), Kind::Message(message)) => {
                Some(Self::Message(message, length))
            }
            (Payload::Length(length), _) if field.repeated => Some(Self::Packed(length)),
            _ => None,
        }
    }

    /// Whether the value is not shown: defaults of fields without presence, and empty packed lists.
    #[inline]
    pub(super) fn is_hidden(self, field: &Field) -> bool {
        let presence = field.repeated || field.oneof.is_some();
        match self {
            Self::Number(number) => !presence && number.is_default(),
            Self::Text(length) | Self::Bytes(length) => !presence && length == 0,
            Self::Packed(length) => length == 0,
            Self::Message(..) => false,
        }
    }
}
