//! How a stream's lines get out: one line a chunk, at once, and an error line behind the last.
//!
//! Envoy lets a filter append to a response only while it holds the response's body paused. So a
//! flow that has seen its first piece of body keeps the body paused, with its buffer emptied, and
//! sends each line by putting it into the buffer and resuming, once in each call into the module
//! (`envoy-host.md` 3.5 and its addenda). What of a line cannot wait in a paused body, because it
//! may be larger than Envoy's buffer, goes out by plain Continue instead.
//!
//! Never may a paused buffer get more than Envoy's limit: Envoy would then end the stream while the
//! module is running.

use super::abi::{Action, BufferType, MapType};
use super::host::{self, HostError};
use super::kick::{Kicks, Turn};
use crate::exchange::Backlog;
use crate::http::Reply;

const BODY: BufferType = BufferType::HttpResponseBody;

/// The way out of one stream's lines.
pub(super) struct Flow {
    backlog: Backlog,
    state: State,
    /// Bytes that the buffer is known to take while paused: what is configured, or what a callback
    /// of a paused body has brought.
    budget: usize,
    /// Whether a turn has been asked for and not come.
    asked: bool,
    /// Whether the last line has been handed over, behind which the answer is cut off.
    last: bool,
    /// Whether a message has begun and not ended.
    within_message: bool,
    /// What is sent from time to time while nothing else is.
    heartbeat: Option<&'static [u8]>,
}

/// What a callback of the response's body brings.
pub(super) struct Piece {
    /// Lines that are complete, or pieces of one that is too long to wait for its end.
    pub(super) lines: Vec<Vec<u8>>,
    /// Length of the message that is not complete yet; 0 if there is none.
    pub(super) awaited: usize,
    /// Bytes that the callback brought.
    pub(super) size: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The body flows: what a callback puts in the place of its bytes may have any size, and
    /// nothing can be added outside.
    Flowing,
    /// The body is paused: what is put into its buffer goes out on resuming.
    Paused,
    /// The end has been handed over.
    Ended,
}

impl Flow {
    /// `budget`: bytes that Envoy's buffer takes while paused. Its limit cannot be asked for.
    pub(super) fn new(heartbeat: Option<&'static [u8]>, budget: usize) -> Self {
        Self {
            backlog: Backlog::default(),
            state: State::Flowing,
            budget,
            asked: false,
            last: false,
            within_message: false,
            heartbeat,
        }
    }

    /// Sends the lines of a callback in the place of what it brought.
    pub(super) fn body(
        &mut self,
        piece: Piece,
        kicks: Kicks,
        id: u32,
    ) -> Result<Action, HostError> {
        if self.state == State::Paused {
            self.budget = self.budget.max(piece.size);
        }
        if !self.last {
            self.within_message = piece.awaited > 0;
            piece
                .lines
                .into_iter()
                .for_each(|line| self.backlog.push(line));
        }
        // The line of such a message would not fit a paused buffer, base64 being a third longer.
        let outgrows = piece.awaited > self.budget / 2;
        let action = match self.state {
            State::Flowing if outgrows || self.backlog.waiting() > self.budget => self.flow(),
            // Several lines waiting go out by themselves first. What does not fit now goes with the
            // next callback, which comes, for the message has not ended.
            State::Paused if outgrows && self.backlog.lines() <= 1 => {
                self.state = State::Flowing;
                let line = self.backlog.take(self.budget);
                host::replace_buffer(BODY, &line).map(|()| Action::Continue)
            }
            State::Flowing => {
                self.state = State::Paused;
                host::replace_buffer(BODY, &[]).map(|()| Action::Pause)
            }
            State::Paused => self.resume_with_next(),
            State::Ended => host::replace_buffer(BODY, &[]).map(|()| Action::Continue),
        }?;
        self.ask(kicks, id);
        Ok(action)
    }

    /// Sends these lines and then cuts the answer off; `end` if upstream has ended it already.
    pub(super) fn last_lines(
        &mut self,
        piece: Piece,
        end: bool,
        kicks: Kicks,
        id: u32,
    ) -> Result<Action, HostError> {
        if !end {
            let action = self.body(piece, kicks, id);
            self.last = true;
            self.ask(kicks, id);
            return action;
        }
        piece
            .lines
            .into_iter()
            .for_each(|line| self.backlog.push(line));
        if self.state == State::Paused && self.backlog.waiting() > self.budget {
            self.cut();
            return Ok(Action::Pause);
        }
        let action = self.flow();
        self.state = State::Ended;
        action
    }

    /// Ends an answer that is under way with a line, outside its own callbacks.
    pub(super) fn end_with(&mut self, line: Vec<u8>, kicks: Kicks, id: u32) {
        if self.state == State::Paused && !self.last {
            self.backlog.push(line);
        }
        self.last = true;
        self.ask(kicks, id);
    }

    /// A turn of the event loop: sends the oldest line, or makes an end.
    pub(super) fn turn(&mut self, kicks: Kicks, id: u32) {
        self.asked = false;
        match self.state {
            State::Ended => return,
            State::Paused if self.backlog.waiting() > 0 => {
                let line = self.backlog.take(self.budget);
                if append(&line).is_err() {
                    return self.cut();
                }
            }
            State::Paused | State::Flowing if self.last => return self.cut(),
            State::Paused | State::Flowing => {}
        }
        self.ask(kicks, id);
    }

    /// The upstream has ended the stream: sends what waits, and `tail` behind it.
    pub(super) fn end(&mut self, tail: Vec<u8>) -> Result<Action, HostError> {
        if !self.last {
            self.backlog.push(tail);
        }
        host::replace_headers(MapType::ResponseTrailers, &[])?;
        let state = std::mem::replace(&mut self.state, State::Ended);
        match self.backlog.waiting() {
            0 => Ok(Action::Continue),
            waiting if state == State::Paused && waiting <= self.budget => {
                append(&self.backlog.take_all()).map(|()| Action::Pause)
            }
            // More waits than can be added in one call, behind which there is no other; or nothing
            // can be added to a body that flows. The client must not take the answer for whole.
            _ => {
                self.cut();
                Ok(Action::Pause)
            }
        }
    }

    /// The stream is over without the upstream having ended it: sends what waits, as far as it fits,
    /// and `line`. Should this fail, the client sees its connection closed, which is the next best.
    pub(super) fn lost(&mut self, line: &[u8]) {
        let state = std::mem::replace(&mut self.state, State::Ended);
        if state != State::Paused || self.last {
            return;
        }
        let mut rest = self.backlog.take(self.budget.saturating_sub(line.len()));
        if self.backlog.waiting() == 0 || !self.backlog.is_within_line() {
            rest.extend_from_slice(line);
        }
        let _ = append(&rest);
    }

    /// Whether a heartbeat would be sent now.
    pub(super) fn wants_heartbeat(&self) -> bool {
        let idle = self.backlog.waiting() == 0 && !self.within_message && !self.last;
        self.heartbeat.is_some() && self.state == State::Paused && idle
    }

    /// Sends a heartbeat.
    pub(super) fn beat(&mut self) {
        if append(self.heartbeat.unwrap_or_default()).is_err() {
            self.cut();
        }
    }

    /// Bytes that its lines take while they wait.
    pub(super) fn held(&self) -> usize {
        self.backlog.held()
    }

    /// Whether the end has been handed over.
    pub(super) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Sends everything that waits in the place of this callback's bytes, and lets the body flow.
    fn flow(&mut self) -> Result<Action, HostError> {
        self.state = State::Flowing;
        host::replace_buffer(BODY, &self.backlog.take_all()).map(|()| Action::Continue)
    }

    /// Sends the oldest line in the place of this callback's bytes, and keeps the body paused.
    fn resume_with_next(&mut self) -> Result<Action, HostError> {
        let line = self.backlog.take(self.budget);
        host::replace_buffer(BODY, &line)?;
        if !line.is_empty() {
            host::resume_response()?;
        }
        Ok(Action::Pause)
    }

    /// Asks for a turn, if there is anything to do in it.
    fn ask(&mut self, kicks: Kicks, id: u32) {
        let can_send = self.state == State::Paused && self.backlog.waiting() > 0;
        let can_cut = self.last && self.state != State::Ended;
        if (can_send || can_cut) && !self.asked {
            self.asked = kicks.ask(id, Turn::Response);
            if !self.asked {
                self.cut();
            }
        }
    }

    /// Cuts the answer off.
    fn cut(&mut self) {
        self.state = State::Ended;
        let _ = host::reply(&Reply::empty(500)); // once a head has gone out this resets the stream
    }
}

/// Adds to the paused body and lets it out.
fn append(bytes: &[u8]) -> Result<(), HostError> {
    host::append_buffer(BODY, bytes)?;
    host::resume_response()
}
