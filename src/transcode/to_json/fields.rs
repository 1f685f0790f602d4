//! The order of a message's fields, as they come.

use crate::schema::{Field, Message};

/// A message's fields, and how far they have come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    message: &'static Message,
    /// The places in the table that are still to come start here.
    next: usize,
    /// The oneofs that have a member, one bit each.
    oneofs: u8,
}

impl Fields {
    pub(super) fn new(message: &'static Message) -> Self {
        Self {
            message,
            next: 0,
            oneofs: 0,
        }
    }

    /// The field with this number, and its place in the table.
    #[inline]
    pub(super) fn find(&self, number: u32) -> Option<(usize, &'static Field)> {
        self.message.field_by_number(number)
    }

    /// The field that came last.
    pub(super) fn last(&self) -> Option<&'static Field> {
        self.message.fields.get(self.next.checked_sub(1)?)
    }

    /// Notes that the field at `index` is there; false if it comes too late.
    #[inline]
    pub(super) fn accept(&mut self, index: usize, field: &Field) -> bool {
        let next = index.saturating_add(1);
        if next <= self.next {
            return next == self.next && field.repeated;
        }
        self.next = next;
        if let Some(oneof) = field.oneof {
            let bit = 1_u8.wrapping_shl(u32::from(oneof));
            let first = self.oneofs & bit == 0;
            self.oneofs |= bit;
            return first;
        }
        true
    }

    /// The same for a field that is no list and in no oneof.
    #[inline(always)]
    pub(super) fn accept_plain(&mut self, index: usize) -> bool {
        let in_order = index >= self.next;
        self.next = index.wrapping_add(1);
        in_order
    }
}
