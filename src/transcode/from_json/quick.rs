//! The quick way: an object that is as clients nearly always write it. Whatever is unusual or wrong is left to the
//! other way, which takes all that this one takes, to the same bytes: where assertions are on, both are asked.

use super::number;
use super::scalar::{self, Presence};
use super::seen::Seen;
use crate::json_text::BytesAs;
use crate::schema::{Field, Kind, Message};
use crate::transcode::wire::LEN;
use crate::transcode::wire::write::{close, open, write_tag};

/// How many objects and arrays may be open inside one another. A put in a transaction that is in another has 7.
const DEPTH: usize = 32;

/// Appends the message that the object at the front of `body` stands for. `None`, with `out` in disorder, if it is not
/// as usual.
pub(super) fn write(
    message: &'static Message,
    body: &[u8],
    bytes_as: BytesAs,
    out: &mut Vec<u8>,
) -> Option<()> {
    let mut walk = Walk {
        rest: body,
        bytes_as,
        out,
    };
    walk.expect(b'{')?;
    walk.members(message, DEPTH)
}

struct Walk<'a, 'o> {
    /// What has not been read of the body.
    rest: &'a [u8],
    bytes_as: BytesAs,
    out: &'o mut Vec<u8>,
}

impl<'a> Walk<'a, '_> {
    /// Reads the members of an object up to its closing brace.
    fn members(&mut self, message: &'static Message, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mut seen = Seen::default();
        let mut first = self.next();
        if first == b'}' {
            return Some(());
        }
        loop {
            if first != b'"' {
                return None;
            }
            let name = self.string()?;
            self.expect(b':')?;
            match message.field_by_name(name) {
                Some((index, field)) => {
                    if !seen.give(index) {
                        return None;
                    }
                    if self.member(field, depth)? {
                        seen.set(message, index, field).ok()?;
                    }
                }
                None => {
                    std::str::from_utf8(name).ok()?;
                    self.unknown()?;
                }
            }
            match self.next() {
                b',' => first = self.next(),
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Reads the value of a known field; whether it sets the field.
    fn member(&mut self, field: &'static Field, depth: usize) -> Option<bool> {
        if self.skip_if(b"null") {
            return Some(false);
        }
        if field.repeated {
            self.expect(b'[')?;
            self.elements(field, depth)?;
        } else {
            self.value(field, Presence::of(field), depth)?;
        }
        Some(true)
    }

    /// Reads the elements of a list up to its closing bracket.
    fn elements(&mut self, field: &'static Field, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if self.skip_if(b"]") {
            return Some(());
        }
        loop {
            self.skip_space();
            self.value(field, Presence::Explicit, depth)?;
            match self.next() {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Reads a value and writes the field, or one element of it.
    fn value(&mut self, field: &'static Field, presence: Presence, depth: usize) -> Option<()> {
        match field.kind {
            Kind::Message(message) => {
                self.expect(b'{')?;
                write_tag(field.number, LEN, self.out);
                let body = open(self.out);
                self.members(message, depth)?;
                close(body, self.out);
                return Some(());
            }
            Kind::Bytes if self.bytes_as == BytesAs::Base64 => {
                if let Some(rest) = scalar::write_base64(field, self.rest, presence, self.out) {
                    self.rest = rest;
                    return Some(());
                }
            }
            _ => {}
        }
        let token = self.token()?;
        scalar::write(field, token, presence, self.bytes_as, self.out).ok()
    }

    /// Passes over the value of an unknown field.
    fn unknown(&mut self) -> Option<()> {
        self.skip_space();
        let token = self.token()?;
        let known = token.starts_with('"')
            || matches!(token, "null" | "true" | "false")
            || number::integer(token).is_some();
        known.then_some(())
    }

    /// Reads a string, or what looks like an integer or a literal name.
    fn token(&mut self) -> Option<&'a str> {
        let text = self.rest;
        let (first, rest) = text.split_first()?;
        if *first == b'"' {
            self.rest = rest;
            self.string()?;
        } else {
            let is_part = |byte: &u8| matches!(byte, b'-' | b'0'..=b'9' | b'a'..=b'z');
            let length = text.iter().take_while(|byte| is_part(byte)).count();
            self.rest = text.get(length..)?;
        }
        let length = text.len().checked_sub(self.rest.len())?;
        std::str::from_utf8(text.get(..length)?).ok()
    }

    /// Reads a string without escapes, of which the first quote has been read, up to the second.
    fn string(&mut self) -> Option<&'a [u8]> {
        let end = first_special(self.rest)?;
        let (string, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.strip_prefix(b"\"")?;
        Some(string)
    }

    /// Reads the next byte that is not white space, which must be this one.
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next() == byte).then_some(())
    }

    /// Reads what is behind white space if it begins with this.
    fn skip_if(&mut self, text: &[u8]) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads the next byte that is not white space; 0, which nothing begins with, where there is none.
    fn next(&mut self) -> u8 {
        self.skip_space();
        let Some((byte, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        *byte
    }

    fn skip_space(&mut self) {
        while let Some((byte, rest)) = self.rest.split_first()
            && is_space(*byte)
        {
            self.rest = rest;
        }
    }
}

fn is_space(byte: u8) -> bool {
    byte <= b' ' && matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Where the first byte is that a string without escapes cannot have: a quote, a backslash or a control character.
pub(super) fn first_special(text: &[u8]) -> Option<usize> {
    let (words, tail) = text.as_chunks::<{ size_of::<u64>() }>();
    for (index, word) in words.iter().enumerate() {
        let special = special_bits(u64::from_le_bytes(*word));
        if special != 0 {
            let byte = special.trailing_zeros() / u8::BITS;
            return Some(index.wrapping_mul(word.len()).wrapping_add(byte as usize));
        }
    }
    let is_special = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
    let place = tail.iter().position(is_special)?;
    text.len().checked_sub(tail.len())?.checked_add(place)
}

/// The highest bit of the lowest special byte of a word; whether others are special is not known.
fn special_bits(word: u64) -> u64 {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    // Taking so much from a byte that is less borrows, and sets its highest bit, if it was not set before.
    let less = |word: u64, than: u8| word.wrapping_sub(all(than)) & !word & all(0x80);
    let equal = |byte: u8| less(word ^ all(byte), 1);
    less(word, b' ') | equal(b'"') | equal(b'\\')
}
