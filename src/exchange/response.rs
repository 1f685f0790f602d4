//! The answer: what etcd sends, and what the proxy says in its place.

use super::action::{AnswerHead, ResponseBody, ResponseHead, ResponseTrailers};
use super::call::Answered;
use super::course::{Ending, add};
use super::lost::Lost;
use super::socket::Socket;
use super::{Exchange, State};
use crate::grpc::{Code, Status};
use crate::http::{self, Headers, Reason, Reply};

impl Exchange {
    /// The head of the answer; `end` if nothing follows. `origin` tells who made an answer that is
    /// not gRPC: nothing if it was the upstream, else what the proxy says of it.
    pub fn response_head<'a>(
        &mut self,
        headers: &Headers<'a>,
        end: bool,
        origin: impl FnOnce() -> Option<String>,
    ) -> ResponseHead<'a> {
        let result = match &mut self.state {
            State::Unary(unary) => unary.response_head(&self.settings, headers, end, origin),
            State::Streaming(streaming) => {
                streaming.response_head(&self.settings, headers, end, origin)
            }
            State::Socket(socket) => socket.response_head(&self.settings, headers, end, origin),
            State::Endpoint(endpoint) => {
                return match endpoint.response_head(&self.settings, headers) {
                    Ok(()) => ResponseHead::Pass,
                    Err(reply) => ResponseHead::Reply(self.finish(reply)),
                };
            }
            State::New | State::Passive | State::Native(_) => return ResponseHead::Pass,
        };
        match result {
            Ok(AnswerHead::Whole(reply)) => ResponseHead::Reply(self.finish(reply)),
            Ok(AnswerHead::Opens(list)) => ResponseHead::Open(list),
            Ok(AnswerHead::Begins(mut list)) => {
                for header in http::cors_headers(self.origin.as_ref()) {
                    list.push(header);
                }
                ResponseHead::Rewrite {
                    headers: list,
                    hold: self.settings.hold_heads,
                }
            }
            Err(reply) => ResponseHead::Reply(self.finish(reply)),
        }
    }

    /// The next bytes of the answer; `end` after the last, if no trailers follow.
    pub fn response_body(&mut self, chunk: &[u8], end: bool) -> ResponseBody {
        let result = match &mut self.state {
            State::Unary(unary) => unary.response_body(&self.settings, chunk, end),
            State::Streaming(streaming) => streaming.response_body(&self.settings, chunk, end),
            State::Socket(socket) => socket.response_body(&self.settings, chunk, end),
            State::New | State::Passive | State::Endpoint(_) | State::Native(_) => {
                return ResponseBody::Pass;
            }
        };
        self.settings.moved.add(|bytes| {
            add(&mut bytes.grpc_in, chunk.len());
            match &result {
                Ok(ResponseBody::Send(text)) => add(&mut bytes.json_out, text.len()),
                Ok(ResponseBody::Lines { lines, .. } | ResponseBody::LastLines(lines)) => {
                    for line in lines {
                        add(&mut bytes.json_out, line.len());
                    }
                }
                _ => {}
            }
        });
        self.share.set(self.state.held());
        result.unwrap_or_else(|reply| ResponseBody::Reply(self.finish(reply)))
    }

    /// The trailers of the answer.
    pub fn response_trailers(&mut self, trailers: &Headers<'_>) -> ResponseTrailers {
        let result = match &mut self.state {
            State::Unary(unary) => unary.response_trailers(&self.settings, trailers),
            State::Streaming(streaming) => streaming.response_trailers(&self.settings, trailers),
            State::Socket(socket) => socket.response_trailers(&self.settings, trailers),
            State::New | State::Passive | State::Endpoint(_) | State::Native(_) => {
                return ResponseTrailers::Pass;
            }
        };
        if let Ok(ResponseTrailers::Send(text) | ResponseTrailers::Tail(text)) = &result {
            let moved = &self.settings.moved;
            moved.add(|bytes| add(&mut bytes.json_out, text.len()));
        }
        if matches!(
            result,
            Ok(ResponseTrailers::Send(_) | ResponseTrailers::End)
        ) {
            self.ending = Some(Ending::GOOD);
        }
        self.share.set(self.state.held());
        result.unwrap_or_else(|reply| ResponseTrailers::Reply(self.finish(reply)))
    }

    /// The upstream of an answer was lost. The line that ends a stream; nothing where the answer is not a stream of
    /// lines.
    pub fn response_lost(&mut self, lost: Lost) -> Option<Vec<u8>> {
        match &mut self.state {
            State::Streaming(streaming) => Some(streaming.lost(&self.settings, lost)),
            State::Socket(socket) => Some(socket.lost(&self.settings, lost)),
            State::Unary(unary) => {
                self.ending.get_or_insert(unary.lost(&self.settings, lost));
                None
            }
            State::New | State::Passive | State::Endpoint(_) | State::Native(_) => None,
        }
    }

    /// The answer to a [`Call`](super::Call) that the exchange asked for.
    pub fn call_answered(&mut self, answer: Result<&[u8], Status>) -> Answered {
        if let Ok(message) = answer {
            let moved = &self.settings.moved;
            moved.add(|bytes| add(&mut bytes.grpc_in, message.len()));
        }
        let answered = match &mut self.state {
            State::Unary(unary) => unary.call_answered(&self.settings, answer),
            State::Endpoint(endpoint) => endpoint.call_answered(&self.settings, answer),
            State::New
            | State::Passive
            | State::Streaming(_)
            | State::Socket(_)
            | State::Native(_) => Answered::Nothing,
        };
        match answered {
            Answered::Reply(reply) => Answered::Reply(self.finish(reply)),
            Answered::Pass => {
                self.share.set_call(None);
                Answered::Pass
            }
            Answered::Nothing | Answered::Call(_) => answered,
        }
    }

    /// Whether nothing but the status is missing of a unary answer.
    #[must_use]
    pub fn is_answer_whole(&self) -> bool {
        matches!(&self.state, State::Unary(unary) if unary.is_answer_whole())
    }

    /// The reply to a call whose answer would have to wait for its end and is too large for it.
    pub fn too_large_to_wait(&mut self) -> Reply {
        let message = "the answer is too large to be held until its end, for which another filter of the proxy waits";
        let reply = self.error(Code::INTERNAL, message, Reason::AnswerTooLarge);
        self.finish(reply)
    }

    /// What to send from time to time while nothing else is sent.
    #[must_use]
    pub fn heartbeat(&self) -> Option<&'static [u8]> {
        match &self.state {
            State::Streaming(streaming) => streaming.heartbeat(),
            State::Socket(_) => Some(Socket::heartbeat()),
            State::New
            | State::Passive
            | State::Endpoint(_)
            | State::Native(_)
            | State::Unary(_) => None,
        }
    }
}
