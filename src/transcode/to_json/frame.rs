//! What is open while a message is read in one pass.

use super::fields::Fields;
use super::object::Object;
use crate::json_text::Out;
use crate::schema::{Kind, Message};

/// Something with an end that items are read from.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) scope: Scope,
    /// Where it ends, in bytes from the start of the outermost message.
    pub(super) end: u64,
}

#[derive(Debug)]
pub(super) enum Scope {
    Message(Fields, Object),
    /// A packed list, whose elements have no tags.
    Packed {
        kind: Kind,
        empty: bool,
    },
    /// An unknown group, by its number. It ends with a tag of its own, at `Frame::end` at the latest.
    Group(u32),
}

impl Frame {
    pub(super) fn message(message: &'static Message, end: u64, out: &mut Out<'_>) -> Self {
        Self {
            scope: Scope::Message(Fields::new(message), Object::open(out)),
            end,
        }
    }
}
