//! Bytes as the client wants them: base64, or a string where they are text.
//!
//! Which of the two depends on the value alone, so that a client can rely on it: however its bytes come and whatever else
//! is held, a value of up to [`TEXT_LIMIT`] that is UTF-8 is a string, and any other is `{"base64":"…"}`.

use super::base64_text::{self, Base64};
use crate::json_text::{BytesAs, Out, Style, Text};

/// Largest value, in bytes, that can be a string. A string cannot be taken back, so all of a value must be there before
/// the first of it is written; a larger one is written as it comes.
pub const TEXT_LIMIT: u64 = 64 << 10;

/// What stands around the digits of what is no string.
const OPEN: &[u8] = br#"{"base64":""#;
const CLOSE: &[u8] = br#""}"#;

/// Appends a value that is there as a whole.
#[inline(always)]
pub(super) fn write(bytes: &[u8], style: Style, out: &mut Out<'_>) {
    match style.bytes_as {
        BytesAs::Base64 => base64_text::quoted(bytes, out),
        BytesAs::Text => write_text(bytes, style, out),
    }
}

#[inline(never)]
fn write_text(bytes: &[u8], style: Style, out: &mut Out<'_>) {
    let before = out.len();
    out.push(b'"');
    let fits = bytes.len() as u64 <= TEXT_LIMIT;
    if fits && Text::default().push(bytes, true, style, out).is_ok() {
        out.push(b'"');
    } else {
        out.truncate(before);
        let mut base64 = Value::base64(out);
        base64.push(bytes, true, style, out);
    }
}

/// A value whose bytes come in pieces.
#[derive(Debug)]
pub(super) enum Value {
    /// A string of digits.
    Digits(Base64),
    /// The same in an object.
    Object(Base64),
    /// It may be text: what has come of it, with room for so many bytes.
    Undecided(Vec<u8>, usize),
}

impl Value {
    /// Begins a value of `length` bytes.
    pub(super) fn begin(length: u64, style: Style, out: &mut Out<'_>) -> Self {
        match (style.bytes_as, usize::try_from(length)) {
            (BytesAs::Base64, _) => {
                out.push(b'"');
                Self::Digits(Base64::default())
            }
            (BytesAs::Text, Ok(room)) if length <= TEXT_LIMIT => Self::Undecided(Vec::new(), room),
            (BytesAs::Text, _) => Self::base64(out),
        }
    }

    fn base64(out: &mut Out<'_>) -> Self {
        out.extend_from_slice(OPEN);
        Self::Object(Base64::default())
    }

    /// Appends what can be said with the next bytes, which end the value if they are the `last`.
    pub(super) fn push(&mut self, bytes: &[u8], last: bool, style: Style, out: &mut Out<'_>) {
        match self {
            Self::Digits(base64) => {
                base64.push(bytes, last, out);
                if last {
                    out.push(b'"');
                }
            }
            Self::Object(base64) => {
                base64.push(bytes, last, out);
                if last {
                    out.extend_from_slice(CLOSE);
                }
            }
            Self::Undecided(held, _) if last && held.is_empty() => write(bytes, style, out),
            Self::Undecided(held, room) => {
                held.reserve_exact(room.saturating_sub(held.len()));
                held.extend_from_slice(bytes);
                if last {
                    write(held, style, out);
                }
            }
        }
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Digits(_) | Self::Object(_) => 0,
            Self::Undecided(held, _) => held.capacity(),
        }
    }
}
