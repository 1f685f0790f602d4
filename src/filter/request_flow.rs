//! How the messages of a stream of requests get out: the first at once, and what comes before the event loop's next turn
//! together with it.
//!
//! Envoy makes a slice of its buffer and a frame of HTTP/2 of each piece that a callback lets go, be it five bytes. A
//! client could have it hold hundreds of times what it sends, and so many frames on the upstream connection, which others
//! share, that Envoy closes it.

use super::abi::{Action, BufferType, StreamType};
use super::host::{self, HostError};
use super::kick::{Kicks, Turn};
use crate::exchange::MAX_IN_A_TURN;
use crate::grpc::HEADER_LEN;

const BODY: BufferType = BufferType::HttpRequestBody;

/// Ticks after which nobody waits for an answer any more, nor for a retry: 15 to 30 seconds.
const PATIENCE: u8 = 2;

/// The smallest buffer that a listener has beside this filter.
const SMALLEST_BUFFER: usize = 32 << 10;

/// The way out of one stream's requests.
#[derive(Default)]
pub(super) struct RequestFlow {
    /// What waits for the turn. While there is any, the last callback has paused the body.
    kept: Vec<u8>,
    /// Whether the body is paused for what waits.
    paused: bool,
    /// Whether the last callback has paused it: the next one is about all of the buffer, be it resumed since or not.
    buffers: bool,
    /// Whether a turn has been asked for and not come.
    asked: bool,
    /// Whether the answer has begun, and with it ended what Envoy's router may do over again.
    answered: bool,
    /// Bytes that have gone out.
    sent: usize,
    /// The same when the answer began, behind which the router keeps nothing more.
    sent_before_answer: usize,
    /// What of it is no longer in the buffer, for something else was put there.
    dropped: usize,
    /// How often there was a tick while something waited for the answer.
    ticks: u8,
    /// Whether messages are kept at all, once that is known.
    joins: Option<bool>,
}

/// Whether a piece of body is a frame of HTTP/2. Over HTTP/1.1 Envoy joins what it has read by itself, and a piece may be
/// larger than what it takes behind a paused body.
fn comes_in_frames() -> bool {
    host::property("request\0protocol").is_ok_and(|protocol| protocol == b"HTTP/2")
}

impl RequestFlow {
    /// How many bytes at the front of what a callback brings are messages that have gone out. Where a route allows retries
    /// the router leaves them in the buffer, from which it would send them again.
    pub(super) fn held_in_front(&self, bytes: &[u8]) -> usize {
        let kept = |sent: usize| sent.saturating_sub(self.dropped);
        let most = if self.buffers { kept(self.sent) } else { 0 };
        let most = most.min(bytes.len());
        let ends = std::iter::successors(Some(0_usize), |at| {
            let (head, _) = bytes.get(*at..)?.split_at_checked(HEADER_LEN)?;
            // The flag is 0 on frames of ours; behind it is the length of the message.
            let length = head.strip_prefix(&[0])?.try_into().ok()?;
            let length = u32::from_be_bytes(length) as usize;
            let end = at.saturating_add(HEADER_LEN).saturating_add(length);
            (end <= most).then_some(end)
        });
        let end = ends.last().unwrap_or_default();
        // All of it, or what was sent before the router's own buffer was full.
        let whole = [self.sent, self.sent_before_answer]
            .map(kept)
            .contains(&end);
        if whole || kept(self.sent) > SMALLEST_BUFFER {
            end
        } else {
            0
        }
    }

    /// Sends messages in the place of a callback's `size` bytes, of which those at the `front` have gone out before, or
    /// keeps them.
    pub(super) fn send(
        &mut self,
        mut bytes: Vec<u8>,
        front: &[u8],
        (size, end): (usize, bool),
        (kicks, id): (Kicks, u32),
    ) -> Result<Action, HostError> {
        // To go on would send what is at the front once more, and to drop it would break a retry.
        let stuck = !front.is_empty() && !self.answered;
        let together = self.kept.len().saturating_add(bytes.len());
        if stuck || (self.asked && !end && together > 0 && together <= MAX_IN_A_TURN) {
            self.kept.append(&mut bytes);
            host::write_piece(BODY, size, if stuck { front } else { &[] })?;
            (self.paused, self.buffers) = (true, true);
            return Ok(Action::Pause);
        }
        let mut all = self.take();
        all.append(&mut bytes);
        host::write_piece(BODY, size, &all)?;
        if std::mem::take(&mut self.buffers) {
            self.dropped = self.sent;
        }
        self.went_out(all.len());
        let joins = !self.asked && !end && !all.is_empty();
        if joins && *self.joins.get_or_insert_with(comes_in_frames) {
            // Where there are no turns, each goes out by itself.
            self.asked = kicks.ask(id, Turn::Request);
        }
        Ok(Action::Continue)
    }

    /// A turn of the event loop: sends what has come since the last piece.
    pub(super) fn turn(&mut self) -> Result<(), HostError> {
        self.asked = false;
        if !self.paused || !self.put(&[])? {
            return Ok(());
        }
        // Behind it Envoy takes nothing for the body any more, until the next callback.
        host::resume(StreamType::HttpRequest)
    }

    /// Puts what waits, and these bytes, into the paused body; false if they have to wait for the answer.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<bool, HostError> {
        self.kept.extend_from_slice(bytes);
        // What is there has gone out.
        match host::buffer_length(BODY)? {
            0 => host::append_buffer(BODY, &self.kept)?,
            _ if self.answered => {
                host::replace_buffer(BODY, &self.kept)?;
                self.dropped = self.sent;
            }
            _ => return Ok(false),
        }
        let length = self.take().len();
        self.went_out(length);
        Ok(true)
    }

    /// Whether the body is paused for what waits.
    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Lets a request end that has been kept open.
    pub(super) fn let_end(&self) -> Result<(), HostError> {
        // What is there has gone out.
        if host::buffer_length(BODY)? > 0 {
            host::replace_buffer(BODY, &[])?;
        }
        host::resume(StreamType::HttpRequest)
    }

    fn went_out(&mut self, length: usize) {
        self.paused = false;
        self.sent = self.sent.saturating_add(length);
    }

    /// The answer has begun.
    pub(super) fn answered(&mut self, kicks: Kicks, id: u32) {
        self.answered = true;
        self.sent_before_answer = self.sent;
        if self.paused && !self.asked {
            self.asked = kicks.ask(id, Turn::Request);
        }
    }

    /// Whether something has waited for the answer for so long that it is to go out, whatever a retry would send then: an
    /// upstream need not answer the first message of a stream.
    pub(super) fn tick(&mut self) -> bool {
        if !self.paused || self.answered {
            return false;
        }
        self.ticks = self.ticks.saturating_add(1);
        self.answered = self.ticks >= PATIENCE;
        self.sent_before_answer = self.sent;
        self.answered
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
