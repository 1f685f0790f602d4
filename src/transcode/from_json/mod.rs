//! JSON to protobuf: one request message, in one pass over the tables, with no tree in between.
//!
//! The parser accepts what either of etcd's gateways accepts and refuses what both refuse
//! (`docs/decisions.md`, "Reading requests"). Four things that one of them takes are refused here because taking them
//! could do harm: an unknown enum name, a key given twice, two members of one oneof, and invalid UTF-8
//! (a lone surrogate escape included).

mod base64;
mod error;
mod message;
mod number;
mod quick;
mod scalar;
mod seen;
mod surrogate;
mod text;

pub use error::{Error, ErrorKind, Expected, MAX_JSON_DEPTH};

use serde_json::value::RawValue;

use crate::json_text::BytesAs;
use crate::schema::Message;
use error::offset_in;
use message::Parser;

/// Appends to `out` the protobuf encoding of the first JSON value in `body`.
///
/// An empty body, or one of white space alone, is the empty message. What follows the first value
/// is ignored, as etcd's unary handlers ignore it.
///
/// # Errors
///
/// An [`Error`] that says what is wrong and at which line, column and field. `out` then holds no
/// usable message. Encodings longer than `limit` bytes give [`ErrorKind::TooLarge`].
pub fn from_json(
    message: &'static Message,
    body: &[u8],
    bytes_as: BytesAs,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let before = out.len();
    if quick::write(message, body, bytes_as, out).is_some() && out.len() <= limit {
        debug_assert!(is_as_thorough(message, body, bytes_as, out, before));
        return Ok(());
    }
    out.truncate(before);
    thoroughly(message, body, bytes_as, limit, out)
}

/// Whether the other way takes the same body to the same bytes: what is in `out` from `before` on.
fn is_as_thorough(
    message: &'static Message,
    body: &[u8],
    bytes_as: BytesAs,
    out: &[u8],
    before: usize,
) -> bool {
    let mut other = out.get(..before).unwrap_or_default().to_vec();
    thoroughly(message, body, bytes_as, out.len(), &mut other) == Ok(()) && other == out
}

/// The way for what may be wrong, which tells how: syntax first, then what it means.
fn thoroughly(
    message: &'static Message,
    body: &[u8],
    bytes_as: BytesAs,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let (text, invalid_at) = match std::str::from_utf8(body) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid = body.get(..error.valid_up_to()).unwrap_or_default();
            (
                std::str::from_utf8(valid).unwrap_or_default(),
                Some(valid.len()),
            )
        }
    };
    let first = serde_json::Deserializer::from_slice(text.as_bytes())
        .into_iter::<&RawValue>()
        .next();
    let value = match (first, invalid_at) {
        (Some(Ok(value)), _) => value.get(),
        (None, None) => return Ok(()),
        (Some(Err(error)), invalid_at) if !error.is_eof() || invalid_at.is_none() => {
            return Err(Error::syntax(&error, text, 0));
        }
        (_, at) => {
            return Err(Error::new(
                text,
                at.unwrap_or_default(),
                String::new(),
                ErrorKind::InvalidUtf8,
            ));
        }
    };
    let start = offset_in(text, value);
    if let Some(at) = surrogate::lone(value) {
        let at = start.saturating_add(at);
        return Err(Error::new(text, at, String::new(), ErrorKind::InvalidUtf8));
    }

    Parser::new(text, value, bytes_as, limit, out).top_level(message)?;
    // Values are checked as they are written; what stands around them is not.
    if out.len() > limit {
        let kind = ErrorKind::TooLarge { limit };
        return Err(Error::new(text, start, String::new(), kind));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
