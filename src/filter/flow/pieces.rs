//! What becomes of each piece of a stream's body.

use super::super::abi::Action;
use super::super::host::{self, HostError};
use super::super::out::Out;
use super::super::shared;
use super::{BODY, Flow, State};

/// Most bytes of ours that stay in the buffer of a paused body, whatever that takes: each piece that
/// comes has all of them copied out and in again.
const MOST_HELD: usize = 64 << 10;

/// The pieces of a body that flows, and of one that is paused.
impl Flow {
    /// A piece of a body that flows.
    pub(super) fn flowing(&mut self, awaited: usize) -> Result<Action, HostError> {
        let waiting = self.backlog.waiting();
        let unclear = self.within_message && !self.out.is_empty();
        let wants = self.outgrows(awaited) || waiting > self.budget || unclear || self.is_stuck();
        let first = !std::mem::replace(&mut self.begun, true);
        // To let the body flow while Envoy has stopped at us, or to pause it while Envoy has not.
        let changes = wants == self.stopped;
        // Once the upstream has ended, a body that flows can go on and one that is paused cannot. So nothing changes then,
        // but for a first piece that comes with its end: it may be paused, for an error line could follow.
        let keeps = changes && (wants || !first) && self.has_upstream_ended();
        if wants != keeps {
            return self.let_flow(&[], usize::MAX);
        }
        self.state = State::Paused;
        self.keep(&[])
    }

    /// A piece of a paused body, behind what is held.
    pub(super) fn paused(&mut self, held: &[u8], awaited: usize) -> Result<Action, HostError> {
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
            self.out = Out::exactly(&line);
            host::replace_buffer(BODY, &line)?;
            return resumed();
        }
        if together <= self.budget && together > self.most_held() {
            return self.let_flow(held, usize::MAX);
        }
        // What does not fit waits for the filter in front to let go.
        let lines = self.take(self.budget.saturating_sub(held.len()));
        let both = [held, &lines].concat();
        self.out = Out::exactly(&both);
        host::replace_buffer(BODY, &both)?;
        resumed()
    }

    /// Whether a message may become a line that does not fit a paused buffer, base64 being a third
    /// longer.
    fn outgrows(&self, awaited: usize) -> bool {
        awaited > self.budget / 2
    }

    /// Whether a filter in front still holds all that has flowed, and it is much.
    fn is_stuck(&mut self) -> bool {
        let much = self.out.is_more_than(self.most_held());
        let at = self.stuck_at.take().filter(|_| much);
        self.stuck_at = at.filter(|at| *at == shared::bytes_sent());
        self.stuck_at.is_some()
    }

    /// Most bytes of ours that stay in the buffer of a paused body while a filter in front holds them.
    fn most_held(&self) -> usize {
        MOST_HELD.min(self.budget / 4)
    }

    /// Bytes that are held and that wait.
    pub(super) fn together(&self, held: &[u8]) -> usize {
        held.len().saturating_add(self.backlog.waiting())
    }

    /// Sends what is held and waits, up to `room` bytes of it, in the place of this callback's bytes,
    /// and lets the body flow.
    pub(super) fn let_flow(&mut self, held: &[u8], room: usize) -> Result<Action, HostError> {
        let lines = self.take(room);
        if self.stuck_at.is_none() && !lines.is_empty() {
            self.stuck_at = Some(shared::bytes_sent());
        }
        self.state = State::Flowing;
        self.stopped = false;
        self.overdue = false;
        self.out.add(lines.len());
        let bytes = if held.is_empty() {
            lines
        } else {
            [held, &lines].concat()
        };
        host::replace_buffer(BODY, &bytes).map(|()| Action::Continue)
    }

    /// Everything that waits, or what of it has `room`.
    fn take(&mut self, room: usize) -> Vec<u8> {
        match room {
            0 => Vec::new(),
            room if self.backlog.waiting() <= room => self.backlog.take_all(),
            room => self.backlog.take(room),
        }
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
}

/// Lets the paused body out and keeps it paused.
fn resumed() -> Result<Action, HostError> {
    host::resume_response()?;
    Ok(Action::Pause)
}
