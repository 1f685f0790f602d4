//! Requests that take their time to come: how long they may, and what waits for them.

use super::{Exchange, RequestBody, State, refusal};

/// How many ticks of the host's, of 15 seconds each, a request may take from the first byte of a message to its last, or
/// from its head to that of the first: 300 seconds, as long as Envoy lets a stream be idle by default, and enough for
/// 2 MiB at 56 kbit/s. Istio has Envoy wait for ever.
pub(super) const MAX_TICKS: u8 = 20;

impl Exchange {
    /// A tick of the host's, which come every 15 seconds; what to do with a request that takes too long to come.
    pub fn tick(&mut self) -> Option<RequestBody> {
        let awaits = match &self.state {
            State::Unary(unary) => unary.awaits_request(),
            State::Streaming(streaming) => streaming.awaits_request(),
            State::Native(native) => native.awaits_request(),
            State::Socket(socket) => socket.awaits_request(),
            State::New | State::Passive | State::Endpoint(_) => false,
        };
        self.ticks = if awaits || self.refusal.is_some() {
            self.ticks.saturating_add(1)
        } else {
            0
        };
        if self.ticks <= MAX_TICKS {
            return None;
        }
        if self.judges() {
            let status = self.refuse_native(refusal::overdue_status());
            return Some(RequestBody::RefuseGrpc(status));
        }
        let result = match (self.refusal.take(), &mut self.state) {
            (Some(reply), _) => Err(reply),
            (None, State::Streaming(streaming)) => streaming.refuse_overdue(&self.settings),
            (None, State::Socket(socket)) => socket.refuse_overdue(&self.settings),
            _ => Err(refusal::overdue(&self.settings)),
        };
        self.share.set(self.state.held());
        Some(result.unwrap_or_else(|reply| RequestBody::Reply(self.finish(reply))))
    }

    /// Whether the call takes more than one request message.
    #[must_use]
    pub fn sends_many(&self) -> bool {
        match &self.state {
            State::Streaming(streaming) => streaming.method().client_streaming,
            State::Socket(_) => true,
            _ => false,
        }
    }
}
