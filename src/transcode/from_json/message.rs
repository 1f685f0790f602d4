//! The walk over objects and arrays: which field a key names, and how often it may come.
//!
//! What is walked over has been found to be JSON before.

use super::error::{Error, ErrorKind, Expected, MAX_JSON_DEPTH, offset_in};
use super::quick::first_special;
use super::scalar::{self, Presence};
use super::seen::Seen;
use super::text::KeyRange;
use crate::json_text::BytesAs;
use crate::schema::{Field, Kind, Message};
use crate::transcode::wire::LEN;
use crate::transcode::wire::write::{close, open, write_tag};

/// The walk.
pub(super) struct Parser<'a> {
    text: &'a str,
    /// What has not been read yet.
    rest: &'a str,
    bytes_as: BytesAs,
    limit: usize,
    out: &'a mut Vec<u8>,
    /// The fields that lead to where the walk is, with the index in those that are lists.
    path: Vec<(&'static str, Option<usize>)>,
    /// Arrays and objects that are open.
    depth: usize,
}

/// What is known of an object's members so far.
#[derive(Default)]
struct Members {
    seen: Seen,
    range: KeyRange,
}

impl<'a> Parser<'a> {
    /// Walks over `value`, which is a part of `text`.
    pub(super) fn new(
        text: &'a str,
        value: &'a str,
        bytes_as: BytesAs,
        limit: usize,
        out: &'a mut Vec<u8>,
    ) -> Self {
        Self {
            text,
            rest: value,
            bytes_as,
            limit,
            out,
            path: Vec::new(),
            depth: 0,
        }
    }

    /// Reads the value of a whole body: an object, or the `null` that stands for an empty one.
    pub(super) fn top_level(&mut self, message: &'static Message) -> Result<(), Error> {
        self.object(message, None).map(|_| ())
    }

    fn fail(&self, at: &str, kind: ErrorKind) -> Error {
        let mut field = String::new();
        for (name, index) in &self.path {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(name);
            if let Some(index) = index {
                field.push_str(&format!("[{index}]"));
            }
        }
        Error::new(self.text, offset_in(self.text, at), field, kind)
    }

    /// Reads a message: the body itself, or the value of a field, which is then written with tag and length.
    ///
    /// Answers whether it is there: `null` leaves a field unset, but is an element of a list.
    fn object(
        &mut self,
        message: &'static Message,
        field: Option<(&'static Field, Presence)>,
    ) -> Result<bool, Error> {
        let is_null = self.skip("null");
        if is_null && !matches!(field, Some((_, Presence::Explicit))) {
            return Ok(false);
        }
        if !is_null {
            self.open("{", Expected::Object)?;
        }
        let body = field.map(|(field, _)| {
            write_tag(field.number, LEN, self.out);
            open(self.out)
        });
        if !is_null {
            self.members(message)?;
        }
        if let Some(body) = body {
            close(body, self.out);
        }
        Ok(true)
    }

    /// Reads the members of an object, up to its end.
    fn members(&mut self, message: &'static Message) -> Result<(), Error> {
        let mut members = Members::default();
        while !self.skip("}") {
            let key = self.token();
            self.skip(":");
            let name = scalar::string(key).unwrap_or_default();
            match message.field_by_name(name.as_bytes()) {
                Some((index, field)) => self.member(message, index, field, key, &mut members)?,
                None => self.pass_over()?,
            }
            self.skip(",");
        }
        members.range.write_end(message, self.out);
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    /// Reads the value of one known field.
    fn member(
        &mut self,
        message: &'static Message,
        index: usize,
        field: &'static Field,
        key: &str,
        members: &mut Members,
    ) -> Result<(), Error> {
        self.path.push((field.name, None));
        if !members.seen.give(index) {
            return Err(self.fail(key, ErrorKind::Duplicate));
        }
        let set = match field.kind {
            _ if field.repeated => {
                self.list(field)?;
                true
            }
            // `null` leaves a singular field unset, in a oneof too.
            Kind::Message(message) => self.object(message, Some((field, Presence::Implicit)))?,
            _ => {
                let value = self.token();
                let set = value != "null";
                let text = self.bytes_as == BytesAs::Text;
                if set && !(text && members.range.take_prefix(field, value)) {
                    let before = self.out.len();
                    self.scalar(field, value, Presence::of(field))?;
                    members.range.note(field, before..self.out.len());
                }
                set
            }
        };
        if set && let Err(other) = members.seen.set(message, index, field) {
            return Err(self.fail(key, ErrorKind::OneofConflict { other }));
        }
        self.path.pop();
        Ok(())
    }

    /// Reads a list: an array, or the `null` that leaves it empty.
    fn list(&mut self, field: &'static Field) -> Result<(), Error> {
        if self.skip("null") {
            return Ok(());
        }
        self.open("[", Expected::List)?;
        let mut index = 0_usize;
        while !self.skip("]") {
            if let Some((_, at)) = self.path.last_mut() {
                *at = Some(index);
            }
            index = index.saturating_add(1);
            if let Kind::Message(message) = field.kind {
                self.object(message, Some((field, Presence::Explicit)))?;
            } else {
                let value = self.token();
                self.scalar(field, value, Presence::Explicit)?;
            }
            self.skip(",");
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn scalar(&mut self, field: &Field, value: &str, presence: Presence) -> Result<(), Error> {
        scalar::write(field, value, presence, self.bytes_as, self.out)
            .map_err(|kind| self.fail(value, kind))?;
        if self.out.len() > self.limit {
            let limit = self.limit;
            return Err(self.fail(value, ErrorKind::TooLarge { limit }));
        }
        Ok(())
    }

    /// Passes over the value of an unknown field.
    fn pass_over(&mut self) -> Result<(), Error> {
        let value = self.token();
        if is_too_deep(value, self.path.len()) {
            return Err(self.fail(value, ErrorKind::TooDeep));
        }
        Ok(())
    }

    /// Reads the bracket that opens an object or an array.
    fn open(&mut self, bracket: &str, expected: Expected) -> Result<(), Error> {
        let at = self.rest;
        if !self.skip(bracket) {
            let value = self.token();
            return Err(self.fail(value, ErrorKind::unexpected(expected, value)));
        }
        self.depth = self.depth.saturating_add(1);
        if self.depth >= MAX_JSON_DEPTH {
            return Err(self.fail(at, ErrorKind::TooDeep));
        }
        Ok(())
    }

    /// Reads what is behind white space if it begins with this, or if there is nothing.
    fn skip(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_ascii_start();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => self.rest.is_empty(),
        }
    }

    /// Reads a whole value.
    fn token(&mut self) -> &'a str {
        let text = self.rest.trim_ascii_start();
        let length = length(text.as_bytes());
        let (token, rest) = text.split_at_checked(length).unwrap_or((text, ""));
        self.rest = rest;
        token
    }
}

/// How long the value is that a text begins with; never nothing but where the text is empty.
fn length(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..)
        && let Some(byte) = rest.first()
    {
        at = at.saturating_add(1);
        match byte {
            b'"' => at = at.saturating_add(rest_of_string(text.get(at..).unwrap_or_default())),
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:]}".contains(byte);
                let length = rest.iter().skip(1).position(ends);
                return length.map_or(text.len(), |length| at.saturating_add(length));
            }
        }
        if depth == 0 {
            break;
        }
    }
    at.min(text.len())
}

/// How long a string is behind its first quote, the second one with it.
fn rest_of_string(text: &[u8]) -> usize {
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..)
        && let Some(special) = first_special(rest)
    {
        at = at.saturating_add(special);
        let quote = text.get(at) == Some(&b'"');
        at = at.saturating_add(if quote { 1 } else { 2 });
        if quote {
            return at;
        }
    }
    text.len()
}

/// Whether a JSON value, itself below `outer` fields, nests too deep.
fn is_too_deep(value: &str, outer: usize) -> bool {
    if !value.starts_with(['{', '[']) {
        return false;
    }
    let mut depth = outer;
    let mut in_string = false;
    let mut escaped = false;
    for byte in value.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth = depth.saturating_add(1),
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_JSON_DEPTH {
            return true;
        }
    }
    false
}
