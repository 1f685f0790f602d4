//! The punctuation of a JSON object that is being written.

use crate::schema::Field;

/// Where an object is between its braces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    empty: bool,
    /// The number of the last member's field while it is a list that is not closed, otherwise 0.
    list: u32,
}

impl Object {
    pub(super) fn open(out: &mut Vec<u8>) -> Self {
        out.push(b'{');
        Self {
            empty: true,
            list: 0,
        }
    }

    /// Appends what comes before a value of `field`. Elements of a list come one after the other.
    #[inline]
    pub(super) fn value(&mut self, field: &Field, out: &mut Vec<u8>) {
        if self.list == field.number {
            return out.push(b',');
        }
        self.end_list(out);
        if !self.empty {
            out.push(b',');
        }
        self.empty = false;
        out.push(b'"');
        out.extend_from_slice(field.name.as_bytes());
        out.extend_from_slice(b"\":");
        if field.repeated {
            out.push(b'[');
            self.list = field.number;
        }
    }

    pub(super) fn close(&mut self, out: &mut Vec<u8>) {
        self.end_list(out);
        out.push(b'}');
    }

    #[inline]
    fn end_list(&mut self, out: &mut Vec<u8>) {
        if self.list != 0 {
            out.push(b']');
            self.list = 0;
        }
    }
}
