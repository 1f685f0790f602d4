//! How the messages of a stream of requests get out: the first at once, and what comes before the event loop's next turn
//! together with it.
//!
//! Envoy makes a slice of its buffer and a frame of HTTP/2 of each piece that a callback lets go, be it five bytes. A
//! client could have it hold hundreds of times what it sends, and so many frames on the upstream connection, which others
//! share, that Envoy closes it.

use super::abi::{Action, BufferType, StreamType};
use super::host::{self, HostError};
use super::kick::{Kicks, Turn};

const BODY: BufferType = BufferType::HttpRequestBody;

/// Most bytes that wait for a turn: a frame of HTTP/2, so that more would be no fewer frames.
const MAX_KEPT: usize = 16 << 10;

/// The way out of one stream's requests.
#[derive(Default)]
pub(super) struct RequestFlow {
    /// What waits for the turn. While there is any, the last callback has paused the body.
    kept: Vec<u8>,
    /// Whether a turn has been asked for and not come.
    asked: bool,
}

impl RequestFlow {
    /// Sends messages in the place of a callback's `size` bytes, or keeps them for the turn.
    pub(super) fn send(
        &mut self,
        mut bytes: Vec<u8>,
        (size, end): (usize, bool),
        kicks: Kicks,
        id: u32,
    ) -> Result<Action, HostError> {
        let together = self.kept.len().saturating_add(bytes.len());
        if self.asked && !end && together > 0 && together <= MAX_KEPT {
            self.kept.append(&mut bytes);
            host::write_piece(BODY, size, &[])?;
            return Ok(Action::Pause);
        }
        let mut all = self.take();
        all.append(&mut bytes);
        host::write_piece(BODY, size, &all)?;
        if !self.asked && !end && !all.is_empty() {
            // Where there are no turns, each goes out by itself.
            self.asked = kicks.ask(id, Turn::Request);
        }
        Ok(Action::Continue)
    }

    /// A turn of the event loop: sends what has come since the last piece.
    pub(super) fn turn(&mut self) -> Result<(), HostError> {
        self.asked = false;
        let kept = self.take();
        if kept.is_empty() {
            return Ok(());
        }
        host::append_buffer(BODY, &kept)?;
        // Behind it Envoy takes nothing for the body any more, until the next callback.
        host::resume(StreamType::HttpRequest)
    }

    /// What waits, which is no longer to be sent by a turn.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.kept)
    }

    /// Bytes that wait.
    pub(super) fn held(&self) -> usize {
        self.kept.capacity()
    }
}
