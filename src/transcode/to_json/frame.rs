//! What is open while a message is read in one pass.

use super::Error;
use super::object::Object;
use super::value::Value;
use super::wire::Item;
use crate::schema::{Field, Kind, Message};

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
    pub(super) fn message(message: &'static Message, end: u64, out: &mut Vec<u8>) -> Self {
        Self {
            scope: Scope::Message(Fields::new(message), Object::open(out)),
            end,
        }
    }
}

/// A message's fields, and how far they have come.
#[derive(Debug)]
pub(super) struct Fields {
    message: &'static Message,
    /// The fields from the last one seen on.
    ahead: &'static [Field],
    /// Whether the first of those was seen: true but at the start.
    seen: bool,
    /// The oneofs that have a member, one bit each.
    oneofs: u8,
}

impl Fields {
    fn new(message: &'static Message) -> Self {
        Self {
            message,
            ahead: message.fields,
            seen: false,
            oneofs: 0,
        }
    }

    /// The field that an item is of; nothing if it is unknown, and an error if it comes too late.
    #[inline]
    pub(super) fn find(
        &mut self,
        item: Item,
        offset: u64,
    ) -> Result<Option<(&'static Field, Value)>, Error> {
        let passed = self
            .ahead
            .iter()
            .take_while(|field| field.number < item.number)
            .count();
        let ahead = self.ahead.get(passed..).unwrap_or_default();
        let field = match ahead.first() {
            Some(field) if field.number == item.number => field,
            _ => return self.find_behind(item, offset),
        };
        let Some(value) = Value::new(field, item.payload) else {
            return Ok(None);
        };
        let again = self.seen && passed == 0;
        if again {
            if !field.repeated {
                return Err(Error::OutOfOrder {
                    offset,
                    field: field.name,
                });
            }
        } else {
            if let Some(oneof) = field.oneof {
                let bit = 1_u8.wrapping_shl(u32::from(oneof));
                if self.oneofs & bit != 0 {
                    return Err(Error::OutOfOrder {
                        offset,
                        field: field.name,
                    });
                }
                self.oneofs |= bit;
            }
            self.ahead = ahead;
            self.seen = true;
        }
        Ok(Some((field, value)))
    }

    #[cold]
    fn find_behind(
        &self,
        item: Item,
        offset: u64,
    ) -> Result<Option<(&'static Field, Value)>, Error> {
        match self.message.field_by_number(item.number) {
            Some((_, field)) if Value::new(field, item.payload).is_some() => {
                Err(Error::OutOfOrder {
                    offset,
                    field: field.name,
                })
            }
            _ => Ok(None),
        }
    }
}
