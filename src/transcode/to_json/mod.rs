//! Protobuf to JSON text, as the bytes come in.
//!
//! A message of at most [`WHOLE_LIMIT`] bytes is taken whole, by all of protobuf's rules. A larger
//! one is written out while it arrives, in memory that does not grow with it; its fields must then
//! come in ascending order, as every protobuf library writes them.
//!
//! The text is that of the proto3 JSON mapping with proto names, no spaces and nothing that has its
//! default value (`docs/gateways.md`, "Answers"). This knows the wire format, the tables and JSON, and
//! neither frames nor what a message is for.
//!
//! | part | idea |
//! |---|---|
//! | `reader` | items of a message, of the wire format's |
//! | `value`, `number` | what a payload means, by the field's type |
//! | `object`, `base64_text`, `bytes_text` | pieces of JSON text, beside those of `json_text` |
//! | `whole` | the quick way, for what is as usual |
//! | `fields`, `frame`, `leaf`, `ordered` | one pass over bytes that come in pieces |
//! | `merged` | full rules over bytes that are there |

pub(in crate::transcode) mod base64_text;
mod bytes_text;
mod error;
mod fields;
mod frame;
mod leaf;
mod merged;
mod number;
mod object;
mod ordered;
mod reader;
mod value;
mod whole;

#[cfg(test)]
mod tests;

pub use crate::json_text::{BytesAs, Style};
pub use bytes_text::TEXT_LIMIT;
pub use error::{Error, MAX_DEPTH};

use crate::json_text::Out;
use crate::schema::Message;
use ordered::Ordered;

/// Bytes up to which a message is held until it is complete, so that its fields may come in any
/// order. Enough for everything but large values and long lists, which etcd itself writes in order.
pub const WHOLE_LIMIT: u32 = 64 * 1024;

/// What part of the text that is expected is added to it.
const ROOM_TO_SPARE: usize = 32;

/// Most text that is expected of a byte, whatever the bytes before became: the first may be few and unlike the others.
const MOST_ROOM: usize = 4;

/// Protobuf to JSON text for one message, fed in pieces.
#[derive(Debug)]
pub struct ToJson {
    message: &'static Message,
    len: u32,
    style: Style,
    /// Bytes of the message that were read, and of the text that they became.
    read: u64,
    written: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Less than the whole of a message of up to [`WHOLE_LIMIT`] bytes.
    Held(Vec<u8>),
    /// A larger message that nothing was fed of.
    Unread,
    Streaming(Ordered),
    Done,
    Failed(Error),
}

impl ToJson {
    /// A message of `len` bytes, which is what its gRPC frame says.
    pub fn new(message: &'static Message, len: u32, style: Style) -> Self {
        let state = if len <= WHOLE_LIMIT {
            State::Held(Vec::new())
        } else {
            State::Unread
        };
        Self {
            message,
            len,
            style,
            read: 0,
            written: 0,
            state,
        }
    }

    /// The same, but a small message streams like a large one: where there is no room to hold it.
    pub fn streaming(message: &'static Message, len: u32, style: Style) -> Self {
        Self {
            message,
            len,
            style,
            read: 0,
            written: 0,
            state: State::Unread,
        }
    }

    /// Feeds the next bytes, however they are cut, and appends to `out` what can be said by then.
    ///
    /// A message is done with its last byte; one of no bytes is done with one empty push.
    ///
    /// # Errors
    /// When the bytes are no such message, or are more than there were to be. What was appended for
    /// a message over [`WHOLE_LIMIT`] before the error remains as it is, broken off; a smaller one
    /// leaves nothing. Every later push gives the same error.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if bytes.is_empty() && self.is_done() {
            return Ok(()); // no room need be made
        }
        let before = out.len();
        let expected = self.expected(bytes.len());
        let result = self.try_push(bytes, &mut Out::new(out, expected));
        self.read = self.read.saturating_add(bytes.len() as u64);
        self.written = self
            .written
            .saturating_add(out.len().saturating_sub(before) as u64);
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// About how much text the next bytes will become: as much as those before, for what is long is much the same all
    /// along, and a little more.
    fn expected(&self, bytes: usize) -> usize {
        let bytes = match &self.state {
            State::Held(held) => match held.len().saturating_add(bytes) {
                all if all < self.len as usize => 0,
                all => all,
            },
            _ => bytes,
        };
        let text = (bytes as u64).saturating_mul(self.written);
        match text.checked_div(self.read).map(usize::try_from) {
            Some(Ok(text @ 1..)) => text
                .saturating_add(text / ROOM_TO_SPARE)
                .min(bytes.saturating_mul(MOST_ROOM)),
            _ => bytes.saturating_add(bytes / 2),
        }
    }

    /// How many bytes are held of a message that is not complete, or of a value of it that may be text.
    pub fn held(&self) -> usize {
        match &self.state {
            State::Held(held) => held.capacity(),
            State::Streaming(ordered) => ordered.held(),
            _ => 0,
        }
    }

    /// What of it is held only because the value may be text.
    pub fn held_for_text(&self) -> usize {
        match &self.state {
            State::Streaming(ordered) => ordered.held(),
            _ => 0,
        }
    }

    /// Whether the text is complete.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    fn try_push(&mut self, bytes: &[u8], out: &mut Out<'_>) -> Result<(), Error> {
        let len = self.len as usize;
        match &mut self.state {
            State::Held(held) if held.is_empty() && bytes.len() == len => {
                write_whole(self.message, bytes, self.style, out)?;
                self.state = State::Done;
            }
            State::Held(held) => {
                if bytes.len() > len.saturating_sub(held.len()) {
                    return Err(Error::Excess {
                        offset: u64::from(self.len),
                    });
                }
                held.reserve_exact(len.saturating_sub(held.len()));
                held.extend_from_slice(bytes);
                if held.len() == len {
                    write_whole(self.message, held, self.style, out)?;
                    self.state = State::Done;
                }
            }
            State::Unread => {
                let ordered = Ordered::new(self.message, self.len, self.style, out);
                self.state = State::Streaming(ordered);
                return self.try_push(bytes, out);
            }
            State::Streaming(ordered) => {
                ordered.push(bytes, out)?;
                if ordered.is_closed() {
                    self.state = State::Done;
                }
            }
            State::Done => {
                return Err(Error::Excess {
                    offset: u64::from(self.len),
                });
            }
            State::Failed(error) => return Err(*error),
        }
        Ok(())
    }
}

/// Appends the text of a message that is there as a whole, or nothing if it is malformed.
fn write_whole(
    message: &'static Message,
    bytes: &[u8],
    style: Style,
    out: &mut Out<'_>,
) -> Result<(), Error> {
    if whole::write(message, bytes, MAX_DEPTH, style, out).is_some() {
        return Ok(());
    }
    let before = out.len();
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut written = Ordered::new(message, len, style, out).push(bytes, out);
    if let Err(Error::OutOfOrder { .. }) = written {
        out.truncate(before);
        written = merged::write(message, bytes, style, out);
    }
    if written.is_err() {
        out.truncate(before);
    }
    written
}
