//! The answer to a request: Envoy's callbacks in, the exchange's actions out.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::abi::{Action, BufferType, MapType};
use super::super::flow::Piece;
use super::super::rewrite::rewrite;
use super::super::{details, host, pairs, shared};
use super::Stream;
use crate::exchange::{ResponseBody, ResponseHead, ResponseTrailers};
use crate::filter::host::HostError;
use crate::http::{Header, Headers};

/// Bytes of an answer that is held back up to which the host's buffer need not be emptied: few beside its limit.
const MOST_LEFT: usize = 4 << 10;

/// The host's callbacks of the response.
impl Stream {
    pub(in super::super) fn response_headers(&mut self, end: bool) -> Action {
        if self.replied || self.passing {
            return Action::Continue;
        }
        self.requests.answered(self.kicks, self.id);
        let encoded = match host::header_pairs(MapType::ResponseHeaders) {
            Ok(encoded) => encoded,
            Err(error) => return self.give_up("read the response headers", error),
        };
        let old = pairs::decode(&encoded);
        match self.exchange.response_head(&old, end, origin) {
            ResponseHead::Pass => Action::Continue,
            ResponseHead::Reply(reply) => self.reply(&reply),
            ResponseHead::Open(headers) => match open_socket(&old, &headers) {
                Ok(()) => Action::Continue,
                Err(error) => self.give_up("open a WebSocket", error),
            },
            ResponseHead::Rewrite { headers, hold } => {
                if let Err(error) = rewrite(MapType::ResponseHeaders, &old, &headers) {
                    return self.give_up("write the response headers", error);
                }
                // What a filter behind has held until the end may be too large to wait for it again.
                let hold = hold && !(self.exchange.streams() && shared::has_upstream_ended());
                self.holding = hold;
                self.stopped = hold;
                if hold {
                    Action::Pause
                } else {
                    Action::Continue
                }
            }
        }
    }

    pub(in super::super) fn response_body(&mut self, size: usize, end: bool) -> Action {
        if self.replied || self.passing {
            return Action::Continue;
        }
        let bytes = match host::read_piece(BufferType::HttpResponseBody, self.left, size) {
            Ok(bytes) => bytes,
            Err(error) => return self.give_up("read the response body", error),
        };
        let held = self
            .flow
            .as_mut()
            .map_or(0, |flow| flow.held_in_front(&bytes));
        let (held, chunk) = bytes.split_at_checked(held).unwrap_or((&[], &bytes));
        let piece = |lines, awaited| Piece {
            held,
            lines,
            awaited,
            size,
        };
        let answer = self.exchange.response_body(chunk, end);
        self.tell_ending();
        if self.exchange.ends_request() {
            let _ = self.requests.let_end(); // the client may be gone
        }
        match answer {
            ResponseBody::Pass => Action::Continue,
            ResponseBody::Reply(reply) => self.reply(&reply),
            ResponseBody::Lines { lines, awaited } => {
                self.with_flow(|flow, kicks, id| flow.body(piece(lines, awaited), kicks, id))
            }
            ResponseBody::LastLines(lines) => {
                self.with_flow(|flow, kicks, id| flow.last_lines(piece(lines, 0), end, kicks, id))
            }
            ResponseBody::Hold => self.hold(size),
            ResponseBody::HoldLoosely => self.hold_loosely(size),
            ResponseBody::Send(bytes) => self.send(size, bytes),
        }
    }

    /// Holds an answer of which a piece of `size` bytes has been read.
    fn hold(&mut self, size: usize) -> Action {
        self.stopped = true;
        // The answer's text will take its place. Where the head has gone out, a filter in front that
        // has held it could let go of the buffer with it.
        if self.holding && size <= MOST_LEFT {
            self.left = size;
            return Action::Pause;
        }
        self.left = 0;
        match host::write_piece(BufferType::HttpResponseBody, size, &[]) {
            Ok(()) => Action::Pause,
            Err(error) => self.give_up("empty the response body", error),
        }
    }

    /// Holds an answer of whose length a piece of `size` bytes says nothing.
    fn hold_loosely(&mut self, size: usize) -> Action {
        self.stopped = true;
        match host::write_piece(BufferType::HttpResponseBody, size, &[]) {
            Ok(()) => Action::PauseWithoutBuffer,
            Err(error) => self.give_up("empty the response body", error),
        }
    }

    /// Sends a part of an answer in the place of a piece of `size` bytes.
    fn send(&mut self, size: usize, bytes: Vec<u8>) -> Action {
        self.left = 0;
        if self.stopped && shared::has_upstream_ended() {
            // To go on would end the answer before the rest of it has come, if any is missing.
            self.waiting.extend_from_slice(&bytes);
            self.exchange.set_waiting(self.waiting.capacity());
            if self.waiting.len() <= self.exchange.paused_buffer() {
                return self.hold(size);
            }
            if !self.exchange.is_answer_whole() {
                let reply = self.exchange.too_large_to_wait();
                return self.reply(&reply);
            }
        }
        let bytes = if self.waiting.is_empty() {
            bytes
        } else {
            self.take_waiting()
        };
        self.stopped = false;
        self.holding = false;
        match host::write_piece(BufferType::HttpResponseBody, size, &bytes) {
            Ok(()) => Action::Continue,
            Err(error) => self.give_up("write the response body", error),
        }
    }

    /// What has waited for the end of an answer.
    fn take_waiting(&mut self) -> Vec<u8> {
        self.exchange.set_waiting(0);
        std::mem::take(&mut self.waiting)
    }

    pub(in super::super) fn response_trailers(&mut self) -> Action {
        if self.replied || self.passing {
            return Action::Continue;
        }
        let encoded = match host::header_pairs(MapType::ResponseTrailers) {
            Ok(encoded) => encoded,
            Err(error) => return self.give_up("read the response trailers", error),
        };
        let trailers = self.exchange.response_trailers(&pairs::decode(&encoded));
        self.tell_ending();
        let written = match trailers {
            ResponseTrailers::Pass => return Action::Continue,
            ResponseTrailers::Reply(reply) => {
                if !self.holding {
                    warn_of_late_error();
                }
                return self.reply(&reply);
            }
            ResponseTrailers::Tail(line) => return self.with_flow(|flow, _, _| flow.end(line)),
            ResponseTrailers::End if self.waiting.is_empty() => Ok(()),
            ended => {
                let body = match ended {
                    ResponseTrailers::Send(body) => body,
                    _ => self.take_waiting(),
                };
                let length = if self.holding {
                    let mut digits = itoa::Buffer::new();
                    let length = digits.format(body.len()).as_bytes();
                    host::set_header(MapType::ResponseHeaders, b"content-length", length)
                } else {
                    Ok(())
                };
                length.and_then(|()| host::replace_buffer(BufferType::HttpResponseBody, &body))
            }
        };
        match written.and_then(|()| host::remove_headers(MapType::ResponseTrailers)) {
            Ok(()) => Action::Continue,
            Err(error) => self.give_up("end the response", error),
        }
    }
}

/// Writes the head that opens a socket. Envoy lets the upgrade through only where the request is one too, as it came.
fn open_socket(old: &Headers<'_>, headers: &[Header<'_>]) -> Result<(), HostError> {
    let upgrade = headers
        .iter()
        .filter(|(name, _)| matches!(&**name, b"upgrade" | b"connection"));
    for (name, value) in upgrade {
        host::set_header(MapType::RequestHeaders, name, value)?;
    }
    rewrite(MapType::ResponseHeaders, old, headers)
}

/// Says in the log, once, that a client's answer was cut off for an error that came too late for its status.
fn warn_of_late_error() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        log::warn!(
            "an error came behind the head of an answer, which was cut off for it: where etcd speaks TLS that is every error, \
             unless allow_on_headers_stop_iteration is true or etcd has --listen-client-http-urls; said once"
        );
    }
}

/// Who made an answer that is not gRPC, if not the upstream.
fn origin() -> Option<String> {
    details::origin(&host::property(details::NAME).ok()?)
}
