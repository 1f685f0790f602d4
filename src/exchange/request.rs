//! The body of a request, and what ends it.

use super::action::{RequestBody, RequestTrailers};
use super::course::add;
use super::{Exchange, State, refusal};
use crate::http::Reason;

/// Most bytes of messages that wait for the event loop's next turn: a frame of HTTP/2, so that more would be no fewer
/// frames.
pub const MAX_IN_A_TURN: usize = 16 << 10;

impl Exchange {
    /// The next bytes of the client's body; `end` after the last.
    pub fn request_body(&mut self, chunk: Vec<u8>, end: bool) -> RequestBody {
        if self.refusal.is_some() && !end {
            return RequestBody::Hold;
        }
        if let Some(reply) = self.refusal.take() {
            return RequestBody::Reply(self.finish(reply));
        }
        let length = chunk.len();
        let size = length as u64;
        self.missing = self.missing.map(|missing| missing.saturating_sub(size));
        let result = match &mut self.state {
            State::Unary(unary) => unary.request_body(&self.settings, chunk, end),
            State::Streaming(streaming) => streaming.request_body(&self.settings, chunk, end),
            State::Native(_) => return self.native_body(&chunk, end),
            State::Socket(socket) => socket.request_body(&self.settings, &chunk, end),
            State::New | State::Passive | State::Endpoint(_) => return RequestBody::Pass,
        };
        self.has_body = true;
        self.settings.moved.add(|bytes| {
            add(&mut bytes.json_in, length);
            if let Ok(RequestBody::Send(frames)) = &result {
                add(&mut bytes.grpc_out, frames.len());
            }
        });
        let held = self.state.held();
        // What waits for more than the event loop's next turn, which may have as much room again: where a route allows retries, for the answer.
        let waiting = self.share.requests().saturating_sub(2 * MAX_IN_A_TURN);
        let room = self.share.keep(held) && waiting <= self.settings.max_body;
        let full = !room && (held.request > 0 || waiting > 0);
        let result = match (result, &mut self.state) {
            (Ok(_), State::Streaming(streaming)) if full => streaming.refuse_full(&self.settings),
            (Ok(_), State::Socket(socket)) if full => socket.refuse_full(&self.settings),
            (Ok(_), _) if full => Err(self.full()),
            (result, _) => result,
        };
        let result = result.map(|action| match action {
            RequestBody::Hold if !self.adds_to_trailers => RequestBody::HoldLoosely,
            action => action,
        });
        self.holding = matches!(result, Ok(RequestBody::Hold));
        if matches!(&result, Ok(RequestBody::Send(bytes)) if !bytes.is_empty()) {
            self.ticks = 0;
        }
        self.share.set(self.state.held());
        match result {
            Ok(action) => action,
            Err(reply) if !end && self.missing == Some(0) => {
                self.refusal = Some(reply);
                RequestBody::Hold
            }
            Err(reply) => RequestBody::Reply(self.finish(reply)),
        }
    }

    /// The next bytes of a native gRPC client's body.
    fn native_body(&mut self, chunk: &[u8], end: bool) -> RequestBody {
        let State::Native(native) = &mut self.state else {
            return RequestBody::Pass;
        };
        let result = native.request_body(&self.settings, chunk, end);
        let held = self.state.held();
        let full = !self.share.keep(held) && held.request > 0;
        match result {
            Ok(_) if full => {
                RequestBody::RefuseGrpc(self.finish_native(refusal::full(), Reason::Full))
            }
            Ok(action) => action,
            Err(status) => RequestBody::RefuseGrpc(self.refuse_native(status)),
        }
    }

    /// The end of a body that trailers follow. They never go upstream: etcd takes a request that has
    /// any for a broken connection.
    pub fn request_trailers(&mut self) -> RequestTrailers {
        if let Some(reply) = self.refusal.take() {
            return RequestTrailers::Reply(self.finish(reply));
        }
        let result = match &mut self.state {
            State::Unary(unary) => unary.request_trailers(&self.settings),
            State::Streaming(streaming) => streaming.request_trailers(&self.settings),
            // A socket has no trailers, and whoever sends some ends it with its stream.
            State::Endpoint(_) | State::Socket(_) => Ok(RequestTrailers::Drop),
            State::Native(native) => {
                return match native.end() {
                    Ok(()) => RequestTrailers::Pass,
                    Err(status) => RequestTrailers::RefuseGrpc(self.refuse_native(status)),
                };
            }
            State::New | State::Passive => return RequestTrailers::Pass,
        };
        let result = match result {
            Ok(RequestTrailers::Send(_)) if !self.has_body => Err(refusal::no_body(&self.settings)),
            Ok(RequestTrailers::Send(_)) if !self.holding => {
                Err(refusal::no_length(&self.settings))
            }
            result => result,
        };
        if let Ok(RequestTrailers::Send(frames)) = &result {
            let moved = &self.settings.moved;
            moved.add(|bytes| add(&mut bytes.grpc_out, frames.len()));
        }
        self.share.set(self.state.held());
        result.unwrap_or_else(|reply| RequestTrailers::Reply(self.finish(reply)))
    }

    /// A frame to send to the client, which has asked for it, in the place of any other that has not gone out.
    pub fn take_pong(&mut self) -> Option<Vec<u8>> {
        match &mut self.state {
            State::Socket(socket) => socket.take_pong(),
            _ => None,
        }
    }

    /// Whether a request that has been kept open is to end now.
    pub fn ends_request(&mut self) -> bool {
        match &mut self.state {
            State::Streaming(streaming) => streaming.ends_request(),
            _ => false,
        }
    }
}
