//! The punctuation of a JSON object that is being written.

use super::fields::Fields;
use crate::json_text::{MEMBER_ROOM, Out};
use crate::schema::{Field, Kind, Message};

/// The bits that lengths of names have. With no others the compiler sees that a label fits its room.
const NAME_MASK: usize = 31;

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

    /// An object whose brace [`Object::close_from`] will put in the place of the first member's comma.
    pub(super) fn begin() -> Self {
        Self {
            empty: false,
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

    /// Writes the comma, the name and the colon before a value of a field that is no list to the front of `room`;
    /// answers where they end.
    #[inline(always)]
    pub(super) fn label(field: &Field, room: &mut [u8; MEMBER_ROOM]) -> usize {
        const START: [u8; 2] = *b",\"";
        const END: [u8; 2] = *b"\":";
        if let Some((start, rest)) = room.split_first_chunk_mut() {
            *start = START;
            if let Some(place) = rest.first_chunk_mut() {
                *place = *field.name_block;
            }
        }
        let end = START.len().wrapping_add(field.name.len() & NAME_MASK);
        if let Some(place) = room.get_mut(end..).and_then(<[u8]>::first_chunk_mut) {
            *place = END;
        }
        end.wrapping_add(END.len())
    }

    /// The tag and the type of the elements, where a list of messages is open whose tag is one byte.
    #[inline(always)]
    pub(super) fn list_of_messages(&self, fields: &Fields) -> Option<(u8, &'static Message)> {
        if self.list == 0 {
            return None;
        }
        let field = fields.last()?;
        match (field.kind, field.number) {
            (Kind::Message(message), number @ 1..16) if number == self.list => {
                Some(((number << 3 | 2) as u8, message))
            }
            _ => None,
        }
    }

    /// Closes the object.
    pub(super) fn close(mut self, out: &mut Out<'_>) {
        self.end_list(out);
        out.push(b'}');
    }

    /// Closes an object that was begun where the text had the length `start`.
    pub(super) fn close_from(self, start: usize, out: &mut Out<'_>) {
        if out.len() == start {
            out.push(b'{');
        } else {
            out.replace(start, b'{');
        }
        self.close(out);
    }

    /// Ends the list that is open, if one is.
    #[inline(always)]
    pub(super) fn end_list(&mut self, out: &mut Out<'_>) {
        if self.list != 0 {
            end_list(out);
            self.list = 0;
        }
    }
}

#[inline(never)]
fn end_list(out: &mut Out<'_>) {
    out.push(b']');
}
