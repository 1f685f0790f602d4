//! How a stream's lines get out: one line a chunk, at once, and an error line behind the last.
//!
//! Envoy lets a filter append to a response only while it holds the response's body paused. So a
//! flow that has seen its first piece of body keeps the body paused, with its buffer emptied, and
//! sends each line by putting it into the buffer and resuming, once in each call into the module
//! (`envoy-host.md` 3.5 and its addenda). What of a line cannot wait in a paused body, because it
//! may be larger than Envoy's buffer, goes out by plain Continue instead.

use std::collections::VecDeque;

use proxy_wasm::types::{Action, BufferType};

use super::host;
use super::kick::Kicks;
use crate::http::Reply;

/// What Envoy's buffer takes at the least while it is paused, in bytes; its limit cannot be asked
/// for. A callback that was larger shows that it takes more.
const SMALLEST_BUFFER: usize = 32 << 10;

/// How many bytes of lines may wait for turns of their own before they share one.
const MOST_WAITING: usize = 1 << 20;

const BODY: BufferType = BufferType::HttpResponseBody;

/// The way out of one stream's lines.
#[derive(Default)]
pub(super) struct Flow {
    lines: VecDeque<Vec<u8>>,
    state: State,
    /// Bytes that the buffer is known to take while paused.
    budget: usize,
    /// Whether a turn has been asked for and not come.
    asked: bool,
    /// Whether the answer is cut off behind the last line.
    last: bool,
    /// What is sent from time to time while nothing else is.
    heartbeat: Option<&'static [u8]>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The body flows: nothing can be added to it outside its own callbacks.
    #[default]
    Flowing,
    /// The body is paused: what is put into its buffer goes out on resuming.
    Paused,
    /// The end has been handed over.
    Ended,
}

impl Flow {
    pub(super) fn new(heartbeat: Option<&'static [u8]>) -> Self {
        Self {
            heartbeat,
            ..Self::default()
        }
    }

    /// Sends the lines of a callback that brought `size` bytes, in the place of these.
    pub(super) fn body(
        &mut self,
        lines: Vec<Vec<u8>>,
        size: usize,
        awaited: usize,
        kicks: &Kicks,
        id: u32,
    ) -> Result<Action, host::HostError> {
        self.budget = self.budget.max(size).max(SMALLEST_BUFFER);
        self.lines.extend(lines);
        let longest = self.lines.iter().map(Vec::len).max().unwrap_or(0);
        match self.state {
            State::Flowing if longest > self.budget || self.must_flow(awaited) => self.flow(),
            // A message that cannot wait has begun: let what is waiting out and the body flow.
            State::Paused if self.must_flow(awaited) && self.waiting() <= self.budget => {
                self.flow()
            }
            State::Flowing => {
                host::replace_buffer(BODY, &[])?;
                self.state = State::Paused;
                self.ask(kicks, id);
                Ok(Action::Pause)
            }
            State::Paused => {
                let line = self.next_piece();
                host::replace_buffer(BODY, &line)?;
                if !line.is_empty() {
                    host::resume_response()?;
                }
                self.ask(kicks, id);
                Ok(Action::Pause)
            }
            State::Ended => Ok(Action::Continue),
        }
    }

    /// Whether the body cannot be paused while a message of `awaited` bytes comes: the buffer might
    /// not take its line, or lines come faster than turns.
    fn must_flow(&self, awaited: usize) -> bool {
        // A message's line is seldom longer than this, and then goes out in pieces.
        let line = awaited.saturating_mul(3) / 2;
        line > self.budget || self.waiting() > MOST_WAITING
    }

    /// Sends everything that waits in the place of this callback's bytes.
    fn flow(&mut self) -> Result<Action, host::HostError> {
        host::replace_buffer(BODY, &self.take_all())?;
        self.state = State::Flowing;
        Ok(Action::Continue)
    }

    /// Sends these lines and then cuts the answer off.
    pub(super) fn last_lines(
        &mut self,
        lines: Vec<Vec<u8>>,
        size: usize,
        end: bool,
        kicks: &Kicks,
        id: u32,
    ) -> Result<Action, host::HostError> {
        if end {
            // Upstream has ended the body itself: nothing is left to cut off.
            self.lines.extend(lines);
            self.state = State::Ended;
            host::replace_buffer(BODY, &self.take_all())?;
            return Ok(Action::Continue);
        }
        self.last = true;
        self.body(lines, size, 0, kicks, id)
    }

    /// Ends an answer that is under way with a line, outside its own callbacks.
    pub(super) fn end_with(&mut self, line: Vec<u8>, kicks: &Kicks, id: u32) {
        self.last = true;
        if self.state == State::Paused {
            self.lines.push_back(line);
            self.ask(kicks, id);
        } else {
            self.cut();
        }
    }

    /// A turn of the event loop: sends the oldest line.
    pub(super) fn turn(&mut self, kicks: &Kicks, id: u32) {
        self.asked = false;
        if self.state != State::Paused {
            return;
        }
        if self.lines.is_empty() {
            if self.last {
                self.cut();
            }
            return;
        }
        let line = self.next_piece();
        if host::append_buffer(BODY, &line)
            .and_then(|()| host::resume_response())
            .is_err()
        {
            return self.cut();
        }
        self.ask(kicks, id);
    }

    /// Whether a heartbeat would be sent now.
    pub(super) fn wants_heartbeat(&self) -> bool {
        self.heartbeat.is_some() && self.state == State::Paused && self.lines.is_empty()
    }

    /// Sends a heartbeat.
    pub(super) fn beat(&mut self) {
        let beat = self.heartbeat.unwrap_or_default();
        if host::append_buffer(BODY, beat)
            .and_then(|()| host::resume_response())
            .is_err()
        {
            self.cut();
        }
    }

    /// The upstream has ended the stream: sends what waits, and `tail` behind it.
    pub(super) fn end(&mut self, tail: Vec<u8>) -> Result<Action, host::HostError> {
        let state = std::mem::replace(&mut self.state, State::Ended);
        if !tail.is_empty() {
            self.lines.push_back(tail);
        }
        let rest = self.take_all();
        host::replace_headers(proxy_wasm::types::MapType::HttpResponseTrailers, &[])?;
        match state {
            _ if rest.is_empty() => Ok(Action::Continue),
            State::Paused => {
                host::append_buffer(BODY, &rest)?;
                host::resume_response()?;
                Ok(Action::Pause)
            }
            // Nothing can be added to a body that flows: the client must not take it for whole.
            State::Flowing | State::Ended => {
                self.cut();
                Ok(Action::Pause)
            }
        }
    }

    /// The stream is over without the upstream having ended it: sends what waits, and `line`.
    pub(super) fn lost(&mut self, line: Vec<u8>) {
        let state = std::mem::replace(&mut self.state, State::Ended);
        if state == State::Paused {
            self.lines.push_back(line);
            let rest = self.take_all();
            // Should this fail, the client sees its connection closed, which is the next best.
            let _ = host::append_buffer(BODY, &rest).and_then(|()| host::resume_response());
        }
    }

    /// Whether the end has been handed over.
    pub(super) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    fn cut(&mut self) {
        self.state = State::Ended;
        let _ = host::reply(&Reply::empty(500)); // once a head has gone out this resets the stream
    }

    fn ask(&mut self, kicks: &Kicks, id: u32) {
        if !self.asked && (self.last || !self.lines.is_empty()) {
            self.asked = kicks.ask(id);
            if !self.asked {
                self.cut();
            }
        }
    }

    fn waiting(&self) -> usize {
        self.lines
            .iter()
            .map(Vec::len)
            .fold(0, usize::saturating_add)
    }

    fn take_all(&mut self) -> Vec<u8> {
        if self.lines.len() == 1 {
            return self.lines.pop_front().unwrap_or_default();
        }
        let mut all = Vec::with_capacity(self.waiting());
        while let Some(line) = self.lines.pop_front() {
            all.extend_from_slice(&line);
        }
        all
    }

    /// The oldest line, or as much of it as the paused buffer takes.
    fn next_piece(&mut self) -> Vec<u8> {
        let Some(mut line) = self.lines.pop_front() else {
            return Vec::new();
        };
        if line.len() > self.budget {
            let rest = line.split_off(self.budget);
            self.lines.push_front(rest);
        }
        line
    }
}
