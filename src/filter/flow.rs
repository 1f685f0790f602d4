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

mod pieces;

use super::abi::{Action, BufferType, MapType};
use super::backlog::Backlog;
use super::details;
use super::host::{self, HostError};
use super::kick::{Kicks, Turn};
use super::out::Out;
use super::shared;
const BODY: BufferType = BufferType::HttpResponseBody;

/// How often Envoy is asked whether the upstream has ended before a turn is asked for, until which the upstream counts as
/// going on: a question costs half a microsecond, a turn twice as much.
const MANY_QUESTIONS: u8 = 8;

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
    /// How much had gone to the client when the body began to flow, as Envoy counts it. While that stays the same, a
    /// filter in front holds all that has flowed.
    stuck_at: Option<Vec<u8>>,
    /// Whether a piece of the body has come.
    begun: bool,
    /// Whether a turn has found lines that it could not send, for a message had begun: they go with the next piece.
    overdue: bool,
    /// Whether the upstream is known to have ended its answer.
    ended: bool,
    /// Whether the upstream had not ended when last asked. It cannot end before the turn that has been asked for.
    goes_on: bool,
    /// How often Envoy has been asked since the last turn.
    questions: u8,
    /// Whether a turn has been asked for and not come.
    asked: bool,
    /// Whether the last line has been handed over, behind which the answer is cut off.
    last: bool,
    /// Whether the answer has been cut off before its client had all that it was to have.
    cut: bool,
    /// Whether a message has begun and not ended.
    within_message: bool,
    /// What the client has asked for beside the lines, which goes out once no line waits.
    answer: Option<Vec<u8>>,
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
            goes_on: false,
            questions: 0,
            asked: false,
            last: false,
            cut: false,
            within_message: false,
            answer: None,
            heartbeat,
        }
    }

    /// How many bytes at the front of what a callback brings are lines of ours, which a filter in
    /// front holds.
    pub(super) fn held_in_front(&mut self, bytes: &[u8]) -> usize {
        if self.state != State::Paused || self.out.is_empty() {
            return 0;
        }
        let held = self.out.among(bytes);
        self.out = Out::exactly(bytes.get(..held).unwrap_or_default());
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
            self.take_answer();
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

    /// Ends an answer that is under way with a line, outside its own callbacks. Nothing can be added to a body before its
    /// first piece, with which the line goes then.
    pub(super) fn end_with(&mut self, line: Vec<u8>, kicks: Kicks, id: u32) {
        if (self.state == State::Paused || !self.begun) && !self.last {
            self.backlog.push(line);
        }
        self.last = true;
        self.ask(kicks, id);
    }

    /// Sends this as soon as no line waits, unless something else is to be sent in its place by then.
    pub(super) fn answer(&mut self, answer: Vec<u8>, kicks: Kicks, id: u32) {
        if !self.last && self.state != State::Ended {
            self.answer = Some(answer);
            self.ask(kicks, id);
        }
    }

    /// Lets an answer go out with the lines, if none is before it.
    fn take_answer(&mut self) {
        if self.backlog.waiting() == 0
            && let Some(answer) = self.answer.take()
        {
            self.backlog.push(answer);
        }
    }

    /// A turn of the event loop: sends the oldest line, or makes an end.
    pub(super) fn turn(&mut self, kicks: Kicks, id: u32) {
        self.take_answer();
        self.asked = false;
        self.goes_on = false;
        self.questions = 0;
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
            // The next piece takes with it what waits, or the end.
            Ok(false) if !self.last || self.waits_to_begin() => {}
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
        self.cut = true;
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
            self.cut = false;
        }
        self.cut |= append(&rest).is_err();
    }

    /// From time to time: sends what could not go out in its turn, or a heartbeat, or ends what has waited long enough.
    pub(super) fn beat(&mut self) {
        if self.waits_to_begin() {
            return self.cut();
        }
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
        let paused = self.state == State::Paused && (waits || self.wants_heartbeat());
        paused || self.waits_to_begin()
    }

    /// Bytes that its lines take while they wait.
    pub(super) fn held(&self) -> usize {
        let answer = self.answer.as_ref().map_or(0, Vec::capacity);
        self.backlog.held().saturating_add(answer)
    }

    /// Whether the answer has been cut off without a word.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Whether the end has been handed over.
    pub(super) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }
}

/// What is done outside the callbacks of the body.
impl Flow {
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
        self.out = self.out.then(&bytes);
        append(&bytes).map(|()| true)
    }

    /// Sends a heartbeat, unless a filter in front holds the answer or it is over.
    fn send_heartbeat(&mut self) -> Result<(), HostError> {
        if self.held_now()? != Some(0) || self.has_upstream_ended() {
            return Ok(());
        }
        let heartbeat = self.heartbeat.unwrap_or_default();
        self.out = Out::exactly(heartbeat);
        append(heartbeat)
    }

    /// Whether the last line waits for the first piece of the body.
    fn waits_to_begin(&self) -> bool {
        self.last && !self.begun && self.state == State::Flowing && self.backlog.waiting() > 0
    }

    fn wants_heartbeat(&self) -> bool {
        let idle = self.backlog.waiting() == 0 && !self.within_message && !self.last;
        self.heartbeat.is_some() && idle
    }

    /// Bytes of ours that a filter in front holds, in a paused body outside its callbacks; nothing
    /// where a filter behind holds some too.
    fn held_now(&mut self) -> Result<Option<usize>, HostError> {
        let held = shared::ours(self.out, self.within_message)?;
        self.out = held.unwrap_or_default();
        Ok(held.map(Out::most))
    }

    /// Whether the upstream has ended its answer. That does not change until the next turn, which
    /// comes before the event loop looks for more to do: so a burst need not ask each time.
    fn has_upstream_ended(&mut self) -> bool {
        if !self.ended && !self.goes_on {
            self.ended = shared::has_upstream_ended();
            self.goes_on = !self.ended && self.asked;
            self.questions = self.questions.saturating_add(1);
        }
        self.ended
    }

    /// Asks for a turn, if there is anything to do in it.
    fn ask(&mut self, kicks: Kicks, id: u32) {
        let waits = self.backlog.waiting() > 0 || self.answer.is_some();
        let can_send = self.state == State::Paused && waits && !self.ended;
        let can_cut = self.last && self.state != State::Ended;
        let saves_questions = self.questions >= MANY_QUESTIONS && !self.ended;
        if (can_send || can_cut || saves_questions) && !self.asked {
            self.asked = kicks.ask(id, Turn::Response);
            if !self.asked {
                self.cut();
            }
        }
    }

    /// Cuts the answer off.
    fn cut(&mut self) {
        self.state = State::Ended;
        self.cut = self.backlog.waiting() > 0 || !self.last;
        let _ = host::end_reply(details::CUT); // once a head has gone out this resets the stream
    }
}

/// Adds to the paused body and lets it out.
fn append(bytes: &[u8]) -> Result<(), HostError> {
    host::append_buffer(BODY, bytes)?;
    host::resume_response()
}
