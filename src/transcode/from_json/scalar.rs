//! One scalar token of JSON to its protobuf encoding.

use super::base64;
use super::error::{ErrorKind, Expected};
use super::number::{self, Integer};
use super::text;
use crate::json_text::{BytesAs, unescape};
use crate::schema::{Field, Kind};
use crate::transcode::wire::write::{close, open, write_tag, write_varint};
use crate::transcode::wire::{LEN, VARINT};

/// Whether a value equal to its type's default is written: oneof members and list elements are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// The default is the same as absence.
    Implicit,
    /// The default is a value like any other.
    Explicit,
}

impl Presence {
    /// That of a field that is no list.
    pub(super) fn of(field: &Field) -> Self {
        if field.oneof.is_some() {
            Self::Explicit
        } else {
            Self::Implicit
        }
    }
}

/// Appends the field that `token` gives a value to. `null` is the default value.
pub(super) fn write(
    field: &Field,
    token: &str,
    presence: Presence,
    bytes_as: BytesAs,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    match field.kind {
        Kind::Bytes if bytes_as == BytesAs::Text => text::write(field, token, presence, out),
        Kind::Bytes => write_bytes(field, token, presence, out),
        Kind::String => {
            let text =
                string(token).ok_or_else(|| ErrorKind::unexpected(Expected::String, token))?;
            write_chunk(field, text.as_bytes(), presence, out);
            Ok(())
        }
        Kind::Bool | Kind::Int64 | Kind::Uint64 | Kind::Uint32 | Kind::Enum(_) => {
            let value = varint(field.kind, token)?;
            if value != 0 || presence == Presence::Explicit {
                write_tag(field.number, VARINT, out);
                write_varint(value, out);
            }
            Ok(())
        }
        Kind::Message(_) => Ok(()), // written by the message walk, never through here
    }
}

/// The varint that a token of a numeric kind stands for.
fn varint(kind: Kind, token: &str) -> Result<u64, ErrorKind> {
    let integer = || {
        if token == "null" {
            Some(Integer::ZERO)
        } else {
            number::integer(token)
        }
    };
    let (value, expected) = match kind {
        Kind::Bool => {
            let value = match token {
                "true" => Some(1),
                "false" | "null" => Some(0),
                _ => None,
            };
            (value, Expected::Bool)
        }
        Kind::Uint64 => (integer().and_then(Integer::unsigned), Expected::Uint64),
        Kind::Uint32 => {
            let value = integer().and_then(Integer::unsigned);
            (
                value.filter(|value| u32::try_from(*value).is_ok()),
                Expected::Uint32,
            )
        }
        Kind::Enum(of) => {
            let number = if token.starts_with('"') {
                string(token).and_then(|name| of.number(&name))
            } else {
                integer()
                    .and_then(Integer::signed)
                    .and_then(|value| i32::try_from(value).ok())
            };
            // A negative enum number travels as the 64-bit integer that it sign-extends to.
            (
                number.map(|number| i64::from(number).cast_unsigned()),
                Expected::Enum(of.name),
            )
        }
        _ => (
            integer().and_then(Integer::signed).map(i64::cast_unsigned),
            Expected::Int64,
        ),
    };
    value.ok_or_else(|| ErrorKind::unexpected(expected, token))
}

/// The text of a JSON string token; `null` is the empty string.
pub(super) fn string(token: &str) -> Option<std::borrow::Cow<'_, str>> {
    match token {
        "null" => Some("".into()),
        token => unescape(token),
    }
}

/// A base64 string, or the array of numbers that grpc-gateway 1 takes too.
fn write_bytes(
    field: &Field,
    token: &str,
    presence: Presence,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    let unexpected = || ErrorKind::unexpected(Expected::Bytes, token);
    if let Some(list) = token.strip_prefix('[') {
        let mut bytes = Vec::new();
        let items = list.strip_suffix(']').unwrap_or(list).trim_ascii();
        for item in items.split(',').filter(|_| !items.is_empty()) {
            bytes.push(match item.trim_ascii() {
                "null" => 0,
                number => number.parse().map_err(|_| unexpected())?,
            });
        }
        write_chunk(field, &bytes, presence, out);
        return Ok(());
    }
    if token == "null" && presence == Presence::Implicit
        || write_base64(field, token.as_bytes(), presence, out).is_some()
    {
        return Ok(());
    }
    let text = string(token).ok_or_else(unexpected)?;
    write_tag(field.number, LEN, out);
    let body = open(out);
    base64::decode(&text, out).ok_or_else(unexpected)?;
    close(body, out);
    Ok(())
}

/// Appends the field that the string at the front of `text` gives a value to, if it is base64 of the standard alphabet,
/// padded; answers what is behind the string. `None`, with `out` as it was, if it is anything else.
///
/// Where the string ends need not be known, so that a long one is read once.
pub(super) fn write_base64<'a>(
    field: &Field,
    text: &'a [u8],
    presence: Presence,
    out: &mut Vec<u8>,
) -> Option<&'a [u8]> {
    let digits = text.strip_prefix(b"\"")?;
    if presence == Presence::Implicit
        && let Some(rest) = digits.strip_prefix(b"\"")
    {
        return Some(rest);
    }
    let before = out.len();
    write_tag(field.number, LEN, out);
    let mut body = open(out);
    // A long value is most often the greater part of the text.
    let mut is_long = |most, out: &mut Vec<u8>| body.expect(most, out);
    let rest =
        base64::decode_front(digits, out, &mut is_long).and_then(|rest| rest.strip_prefix(b"\""));
    if rest.is_some() {
        close(body, out);
    } else {
        out.truncate(before);
    }
    rest
}

/// A length-delimited field.
pub(super) fn write_chunk(field: &Field, bytes: &[u8], presence: Presence, out: &mut Vec<u8>) {
    if !bytes.is_empty() || presence == Presence::Explicit {
        write_tag(field.number, LEN, out);
        write_varint(bytes.len() as u64, out);
        out.extend_from_slice(bytes);
    }
}
