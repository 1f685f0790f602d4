//! The walk over objects and arrays: which field a key names, and how often it may come.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Error, ErrorKind, MAX_JSON_DEPTH, offset_in};
use super::scalar::{self, Presence};
use super::seen::Seen;
use super::text::KeyRange;
use crate::json_text::BytesAs;
use crate::schema::{Field, Kind, Message};
use crate::transcode::wire::LEN;
use crate::transcode::wire::write::{close, open, write_tag};

/// What the whole walk shares.
pub(super) struct Parser<'a> {
    text: &'a str,
    bytes_as: BytesAs,
    limit: usize,
    out: &'a mut Vec<u8>,
    /// The fields that lead to where the walk is, with the index in those that are lists.
    path: Vec<(&'static str, Option<usize>)>,
    /// The error that ended the walk, where it is more than `serde_json` knows.
    pub(super) error: Option<Error>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(
        text: &'a str,
        bytes_as: BytesAs,
        limit: usize,
        out: &'a mut Vec<u8>,
    ) -> Self {
        Self {
            text,
            bytes_as,
            limit,
            out,
            path: Vec::new(),
            error: None,
        }
    }

    /// Keeps the error and gives the one that unwinds the walk.
    fn fail<E: serde::de::Error>(&mut self, at: usize, kind: ErrorKind) -> E {
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
        self.error = Some(Error::new(self.text, at, field, kind));
        E::custom("")
    }

    fn scalar<E: serde::de::Error>(
        &mut self,
        field: &Field,
        value: &str,
        presence: Presence,
    ) -> Result<(), E> {
        let at = offset_in(self.text, value);
        scalar::write(field, value, presence, self.bytes_as, self.out)
            .map_err(|kind| self.fail(at, kind))?;
        if self.out.len() > self.limit {
            return Err(self.fail(at, ErrorKind::TooLarge { limit: self.limit }));
        }
        Ok(())
    }
}

/// The value of a whole body: an object, or the `null` that stands for an empty one.
pub(super) struct TopLevel<'p, 'a> {
    pub(super) parser: &'p mut Parser<'a>,
    pub(super) message: &'static Message,
}

impl<'de> DeserializeSeed<'de> for TopLevel<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer
            .deserialize_any(Object {
                parser: self.parser,
                message: self.message,
                field: None,
            })
            .map(|_| ())
    }
}

/// A message: the body itself, or the value of a field, which is then written with tag and length.
struct Object<'p, 'a> {
    parser: &'p mut Parser<'a>,
    message: &'static Message,
    field: Option<(&'static Field, Presence)>,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    /// Whether the message is there: `null` leaves a field unset, but is an element of a list.
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<bool, E> {
        match self.field {
            Some((field, Presence::Explicit)) => {
                write_tag(field.number, LEN, self.parser.out);
                let body = open(self.parser.out);
                close(body, self.parser.out);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self {
            parser,
            message,
            field,
        } = self;
        let body = field.map(|(field, _)| {
            write_tag(field.number, LEN, parser.out);
            open(parser.out)
        });
        let mut members = Members::default();
        while let Some(key) = map.next_key_seed(Key {
            message,
            text: parser.text,
        })? {
            match key.field {
                Some((index, field)) => member(
                    parser,
                    message,
                    index,
                    field,
                    key.at,
                    &mut members,
                    &mut map,
                )?,
                None => skip(parser, &mut map)?,
            }
        }
        members.range.write_end(message, parser.out);
        if let Some(body) = body {
            close(body, parser.out);
        }
        Ok(true)
    }
}

/// What is known of an object's members so far.
#[derive(Default)]
struct Members {
    seen: Seen,
    range: KeyRange,
}

/// Reads the value of one known field.
fn member<'de, A: MapAccess<'de>>(
    parser: &mut Parser<'_>,
    message: &'static Message,
    index: usize,
    field: &'static Field,
    at: Option<usize>,
    members: &mut Members,
    map: &mut A,
) -> Result<(), A::Error> {
    parser.path.push((field.name, None));
    let at = at.unwrap_or(0);
    if !members.seen.give(index) {
        return Err(parser.fail(at, ErrorKind::Duplicate));
    }
    let set = match field.kind {
        _ if field.repeated => {
            map.next_value_seed(List { parser, field })?;
            true
        }
        Kind::Message(message) => {
            // `null` leaves a singular field unset, in a oneof too.
            let field = Some((field, Presence::Implicit));
            map.next_value_seed(Object {
                parser,
                message,
                field,
            })?
        }
        _ => {
            let value: &RawValue = map.next_value()?;
            let set = value.get() != "null";
            let text = parser.bytes_as == BytesAs::Text;
            if set && !(text && members.range.take_prefix(field, value.get())) {
                let before = parser.out.len();
                parser.scalar(field, value.get(), Presence::of(field))?;
                members.range.note(field, before..parser.out.len());
            }
            set
        }
    };
    if set && let Err(other) = members.seen.set(message, index, field) {
        return Err(parser.fail(at, ErrorKind::OneofConflict { other }));
    }
    parser.path.pop();
    Ok(())
}

/// Passes over the value of an unknown field.
fn skip<'de, A: MapAccess<'de>>(parser: &mut Parser<'_>, map: &mut A) -> Result<(), A::Error> {
    let value: &RawValue = map.next_value()?;
    if is_too_deep(value.get(), parser.path.len()) {
        let at = offset_in(parser.text, value.get());
        return Err(parser.fail(at, ErrorKind::TooDeep));
    }
    Ok(())
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

/// The field that a key names, and where the key stands.
struct Key<'a> {
    message: &'static Message,
    text: &'a str,
}

struct Named {
    field: Option<(usize, &'static Field)>,
    at: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Named;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Named, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Named;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Named, E> {
        // The name's own slice starts behind its quote.
        let at = Some(offset_in(self.text, name).saturating_sub(1));
        Ok(Named {
            field: self.message.field_by_name(name.as_bytes()),
            at,
        })
    }

    fn visit_str<E>(self, name: &str) -> Result<Named, E> {
        Ok(Named {
            field: self.message.field_by_name(name.as_bytes()),
            at: None,
        })
    }
}

/// A list: an array, or the `null` that leaves it empty.
struct List<'p, 'a> {
    parser: &'p mut Parser<'a>,
    field: &'static Field,
}

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Self { parser, field } = self;
        for index in 0_usize.. {
            if let Some((_, at)) = parser.path.last_mut() {
                *at = Some(index);
            }
            let more = match field.kind {
                Kind::Message(message) => {
                    let field = Some((field, Presence::Explicit));
                    elements
                        .next_element_seed(Object {
                            parser,
                            message,
                            field,
                        })?
                        .is_some()
                }
                _ => match elements.next_element::<&RawValue>()? {
                    Some(value) => {
                        parser.scalar(field, value.get(), Presence::Explicit)?;
                        true
                    }
                    None => false,
                },
            };
            if !more {
                break;
            }
        }
        Ok(())
    }
}
