//! The punctuation of a JSON object that is being written.

use super::out::Out;
use crate::schema::Field;

/// Where an object is between its braces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    empty: bool,
    /// The number of the last member's field while it is a list that is not closed, otherwise 0.
    list: u32,
}

impl Object {
    pub(super) fn open(out: &mut Out<'_>) -> Self {
        out.push(b'{');
        Self {
            empty: true,
            list: 0,
        }
    }

    /// Appends what comes before a value of `field`. Elements of a list come one after the other.
    #[inline]
    pub(super) fn value(&mut self, field: &Field, out: &mut Out<'_>) {
        if self.list == field.number {
            return out.push(b',');
        }
        self.end_list(out);
        let name = field.name.as_bytes();
        match (self.empty, field.repeated) {
            (true, false) => out.pieces(b"\"", name, b"\":"),
            (false, false) => out.pieces(b",\"", name, b"\":"),
            (true, true) => out.pieces(b"\"", name, b"\":["),
            (false, true) => out.pieces(b",\"", name, b"\":["),
        }
        self.empty = false;
        if field.repeated {
            self.list = field.number;
        }
    }

    pub(super) fn close(&mut self, out: &mut Out<'_>) {
        self.end_list(out);
        out.push(b'}');
    }

    #[inline]
    fn end_list(&mut self, out: &mut Out<'_>) {
        if self.list != 0 {
            out.push(b']');
            self.list = 0;
        }
    }
}
