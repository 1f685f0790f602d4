//! How a stream's lines get out: one line a chunk, at once, and an error line behind the last.
//!
//! Envoy lets a filter append to a response only while it holds the response's body paused. So a
//! flow that has seen its first piece of body keeps the body paused, with its buffer emptied, and
//! sends each line by putting it into the buffer and resuming, once in each call into the module.
//! What of a line cannot wait in a paused body, because it may be larger than Envoy's buffer, goes
//! out by plain Continue instead.
//!
//! Never may a paused buffer get more than Envoy's limit: Envoy would then end the stream while the
//! module is running. Nor may the body be paused within a message while lines of ours may be in the
//! buffer ([`shared`]): where the next piece of the message begins could not be told. Nor may Envoy
//! go on with a paused body once the upstream has ended, before we have seen its end.

use super::abi::{Action, BufferType, MapType};
use super::host::{self, HostError};
use super::kick::Kicks;
use super::out::Out;
use super::shared;
use crate::exchange::Backlog;
use crate::http::Reply;

const BODY: BufferType = BufferType::HttpResponseBody;

/// Most bytes of ours that stay in the buffer of a paused body while a filter in front holds them:
/// each piece that comes has all of them copied out and in again.
const MOST_HELD: usize = 64 << 10;

/// The way out of one stream's lines.
pub(super) struct Flow {
    backlog: Backlog,
    state: State,
    /// Whether Envoy has stopped at us: going on sends all that it holds, trailers too.
    stopped: bool,
    /// Bytes that the buffer is known to take while paused: what is configured, or what a callback
    /// of a paused body has brought.
    budget: usize,
    /// What of ours a filter in front may hold.
    out: Out,
    /// Bytes of the answer that had reached the client when a filter in front was found to hold so
    /// much that the body flows until it lets go.
    stuck_at: Option<Vec<u8>>,
    /// Whether a piece of the body has come.
    begun: bool,
    /// Whether lines wait for the end of a message for longer than a turn.
    overdue: bool,
    /// Whether the upstream is known to have ended its answer.
    ended: bool,
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
pub(super) struct Piece<'a> {
    /// Lines of ours that a filter in front holds, in front of the rest.
    pub(super) held: &'a [u8],
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
    /// `stopped`: whether the head is held.
    pub(super) fn new(heartbeat: Option<&'static [u8]>, budget: usize, stopped: bool) -> Self {
        Self {
            backlog: Backlog::default(),
            state: State::Flowing,
            stopped,
            budget,
            out: Out::default(),
            stuck_at: None,
            begun: false,
            overdue: false,
            ended: false,
            asked: false,
            last: false,
            within_message: false,
            heartbeat,
        }
    }

    /// How many bytes at the front of what a callback brings are lines of ours, which a filter in
    /// front holds.
    pub(super) fn held(&mut self, bytes: &[u8]) -> usize {
        if self.state != State::Paused || self.out.is_empty() {
            return 0;
        }
        let held = self.out.among(bytes);
        self.out = Out::exactly(held);
        held
    }

    /// Sends the lines of a callback in the place of what it brought.
    pub(super) fn body(
        &mut self,
        piece: Piece<'_>,
        kicks: Kicks,
        id: u32,
    ) -> Result<Action, HostError> {
        if self.state == State::Paused && piece.held.is_empty() {
            self.budget = self.budget.max(piece.size);
        }
        if !self.last {
            self.within_message = piece.awaited > 0;
            for line in piece.lines {
                self.backlog.push(line);
            }
        }
        let action = match self.state {
            State::Flowing => self.flowing(piece.awaited),
            State::Paused => self.paused(piece.held, piece.awaited),
            State::Ended => host::replace_buffer(BODY, &[]).map(|()| Action::Continue),
        }?;
        self.ask(kicks, id);
        Ok(action)
    }

    /// Sends these lines and then cuts the answer off; `end` if upstream has ended it already.
    pub(super) fn last_lines(
        &mut self,
        piece: Piece<'_>,
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
        for line in piece.lines {
            self.backlog.push(line);
        }
        let held = piece.held;
        if self.state == State::Paused && self.together(held) > self.budget {
            self.cut();
            return Ok(Action::Pause);
        }
        let action = self.let_flow(held, usize::MAX);
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
        if self.state == State::Ended {
            return;
        }
        let sent = if self.state == State::Paused && self.backlog.waiting() > 0 {
            self.send_in_turn()
        } else {
            Ok(false)
        };
        match sent {
            Ok(true) => self.ask(kicks, id),
            Ok(false) if !self.last => {} // the next piece takes with it what waits, or the end
            Ok(false) | Err(_) => self.cut(),
        }
    }

    /// The upstream has ended the stream: sends what waits, and `tail` behind it.
    pub(super) fn end(&mut self, tail: Vec<u8>) -> Result<Action, HostError> {
        if !self.last {
            self.backlog.push(tail);
        }
        host::replace_headers(MapType::ResponseTrailers, &[])?;
        let state = std::mem::replace(&mut self.state, State::Ended);
        if self.backlog.waiting() == 0 {
            return Ok(Action::Continue);
        }
        let held = if state == State::Paused {
            self.held_now()?
        } else {
            None
        };
        if held.is_some_and(|held| self.backlog.waiting() <= self.budget.saturating_sub(held)) {
            return append(&self.backlog.take_all()).map(|()| Action::Pause);
        }
        // More waits than can be added in one call, behind which there is no other; or nothing
        // can be added to a body that flows. The client must not take the answer for whole.
        self.cut();
        Ok(Action::Pause)
    }

    /// The stream is over without the upstream having ended it: sends what waits, as far as it fits,
    /// and `line`. Should this fail, the client sees its connection closed, which is the next best.
    pub(super) fn lost(&mut self, line: &[u8]) {
        let state = std::mem::replace(&mut self.state, State::Ended);
        if state != State::Paused || self.last {
            return;
        }
        let Ok(Some(held)) = self.held_now() else {
            return;
        };
        let room = self.budget.saturating_sub(held);
        let mut rest = self.backlog.take(room.saturating_sub(line.len()));
        if self.backlog.waiting() == 0 || !self.backlog.is_within_line() {
            rest.extend_from_slice(line);
        }
        let _ = append(&rest);
    }

    /// From time to time: sends what could not go out in its turn, or a heartbeat.
    pub(super) fn beat(&mut self) {
        let sent = if self.wants_heartbeat() {
            self.send_heartbeat()
        } else {
            self.send_in_turn().map(|_| ())
        };
        if sent.is_err() {
            self.cut();
        }
    }

    /// Whether there would be anything to do from time to time.
    pub(super) fn wants_beat(&self) -> bool {
        let waits = self.backlog.waiting() > 0 && !self.asked;
        self.state == State::Paused && (waits || self.wants_heartbeat())
    }

    /// Whether the end has been handed over.
    pub(super) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }
}

/// The pieces of a body that flows, and of one that is paused.
impl Flow {
    /// A piece of a body that flows.
    fn flowing(&mut self, awaited: usize) -> Result<Action, HostError> {
        let waiting = self.backlog.waiting();
        let unclear = self.within_message && !self.out.is_empty();
        let flows = self.outgrows(awaited) || waiting > self.budget || unclear || self.is_stuck();
        // Once upstream has ended nothing may change that: what flows can go on, what is paused
        // cannot. What comes whole and late may wait for its end, for an error line could follow.
        let first = !std::mem::replace(&mut self.begun, true);
        let changes = flows == self.stopped;
        let flows = flows != (changes && (flows || !first) && self.has_upstream_ended());
        if flows {
            return self.let_flow(&[], usize::MAX);
        }
        self.state = State::Paused;
        self.keep(&[])
    }

    /// A piece of a paused body, behind what is held.
    fn paused(&mut self, held: &[u8], awaited: usize) -> Result<Action, HostError> {
        // Within a message nothing can go out of a paused body. Its end is on the way.
        let waits = if self.within_message {
            let fits = self.backlog.waiting() <= self.budget && !self.outgrows(awaited);
            held.is_empty() && fits && !self.overdue
        } else {
            self.backlog.waiting() == 0
        };
        if waits {
            return host::replace_buffer(BODY, held).map(|()| Action::Pause);
        }
        if self.has_upstream_ended() {
            return self.keep(held);
        }
        let together = self.together(held);
        if self.within_message {
            // What does not fit now goes with the next callback, which comes.
            let room = self.budget.saturating_sub(held.len());
            return self.let_flow(held, room);
        }
        if held.is_empty() {
            let line = self.backlog.take(self.budget);
            self.overdue = false;
            self.out = Out::exactly(line.len());
            host::replace_buffer(BODY, &line)?;
            return resumed();
        }
        if together > self.budget {
            self.cut();
            return Ok(Action::Pause);
        }
        if together > MOST_HELD.min(self.budget / 2) {
            self.stuck_at = Some(shared::bytes_sent());
            return self.let_flow(held, usize::MAX);
        }
        host::replace_buffer(BODY, &[held, &self.backlog.take_all()].concat())?;
        self.out = Out::exactly(together);
        resumed()
    }

    /// Whether a message may become a line that does not fit a paused buffer, base64 being a third
    /// longer.
    fn outgrows(&self, awaited: usize) -> bool {
        awaited > self.budget / 2
    }

    /// Whether a filter in front holds much still.
    fn is_stuck(&mut self) -> bool {
        self.stuck_at = self
            .stuck_at
            .take()
            .filter(|at| *at == shared::bytes_sent());
        self.stuck_at.is_some()
    }

    /// Bytes that are held and that wait.
    fn together(&self, held: &[u8]) -> usize {
        held.len().saturating_add(self.backlog.waiting())
    }

    /// Sends what is held and waits, up to `room` bytes of it, in the place of this callback's bytes,
    /// and lets the body flow.
    fn let_flow(&mut self, held: &[u8], room: usize) -> Result<Action, HostError> {
        let mut bytes = held.to_vec();
        if room >= self.backlog.waiting() {
            bytes.append(&mut self.backlog.take_all());
        } else if room > 0 {
            bytes.append(&mut self.backlog.take(room));
        }
        self.state = State::Flowing;
        self.stopped = false;
        self.overdue = false;
        self.out.add(bytes.len().saturating_sub(held.len()));
        host::replace_buffer(BODY, &bytes).map(|()| Action::Continue)
    }

    /// Keeps everything to ourselves, in a paused body.
    fn keep(&mut self, held: &[u8]) -> Result<Action, HostError> {
        self.stopped = true;
        if !held.is_empty() {
            self.backlog.put_back(held.to_vec());
            self.out = Out::default();
        }
        if self.ended && self.backlog.waiting() > self.budget {
            self.cut();
            return Ok(Action::Pause);
        }
        host::replace_buffer(BODY, &[]).map(|()| Action::Pause)
    }

    /// Sends the oldest line outside the body's callbacks, or all of them where a filter in front
    /// holds them anyway; false where nothing can be sent now.
    fn send_in_turn(&mut self) -> Result<bool, HostError> {
        let Some(held) = self.held_now()? else {
            return Ok(false);
        };
        if !self.last && (self.within_message || self.has_upstream_ended()) {
            self.overdue = true;
            return Ok(false);
        }
        let room = self.budget.saturating_sub(held);
        let bytes = match held {
            0 => self.backlog.take(room),
            _ if self.backlog.waiting() <= room => self.backlog.take_all(),
            _ => return Ok(false),
        };
        self.out = Out::exactly(held.saturating_add(bytes.len()));
        append(&bytes).map(|()| true)
    }

    /// Sends a heartbeat, unless a filter in front holds the answer or it is over.
    fn send_heartbeat(&mut self) -> Result<(), HostError> {
        if self.held_now()? != Some(0) || self.has_upstream_ended() {
            return Ok(());
        }
        let heartbeat = self.heartbeat.unwrap_or_default();
        self.out = Out::exactly(heartbeat.len());
        append(heartbeat)
    }

    fn wants_heartbeat(&self) -> bool {
        let idle = self.backlog.waiting() == 0 && !self.within_message && !self.last;
        self.heartbeat.is_some() && idle
    }

    /// Bytes of ours that a filter in front holds, in a paused body outside its callbacks; nothing
    /// where a filter behind holds some too.
    fn held_now(&mut self) -> Result<Option<usize>, HostError> {
        let held = shared::ours(self.out, self.within_message)?;
        self.out = Out::exactly(held.unwrap_or_default());
        Ok(held)
    }

    fn has_upstream_ended(&mut self) -> bool {
        self.ended = self.ended || shared::has_upstream_ended();
        self.ended
    }

    /// Asks for a turn, if there is anything to do in it.
    fn ask(&mut self, kicks: Kicks, id: u32) {
        let can_send = self.state == State::Paused && self.backlog.waiting() > 0 && !self.ended;
        let can_cut = self.last && self.state != State::Ended;
        if (can_send || can_cut) && !self.asked {
            self.asked = kicks.ask(id);
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

/// Lets the paused body out and keeps it paused.
fn resumed() -> Result<Action, HostError> {
    host::resume_response()?;
    Ok(Action::Pause)
}
