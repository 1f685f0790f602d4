//! The request's side: its callbacks, and how its head and its body go upstream.

use super::Stream;
use crate::exchange::{RequestBody, RequestHead, RequestTrailers};
use crate::filter::abi::{Action, BufferType, MapType};
use crate::filter::rewrite::rewrite;
use crate::filter::{host, pairs};

impl Stream {
    pub(in crate::filter) fn request_headers(&mut self, end: bool) -> Action {
        let encoded = match host::header_pairs(MapType::RequestHeaders) {
            Ok(encoded) => encoded,
            Err(error) => return self.give_up("read the request headers", error),
        };
        let old = pairs::decode(&encoded);
        let head = self.exchange.request_head(&old, end);
        self.count_begin();
        match head {
            RequestHead::Pass => {
                self.passing = true;
                Action::Continue
            }
            RequestHead::PassWith((name, value)) => {
                self.passing = true;
                match host::set_header(MapType::RequestHeaders, name, value) {
                    Ok(()) => Action::Continue,
                    Err(error) => self.give_up("mark a native gRPC call", error),
                }
            }
            RequestHead::RefuseGrpc(status) => self.refuse_grpc(&status),
            RequestHead::Reply(reply) => self.reply(&reply),
            RequestHead::Hold => {
                self.head_waits = true;
                Action::Pause
            }
            RequestHead::Call(call) => self.make_call(&call),
            RequestHead::Forward(headers) => {
                match rewrite(MapType::RequestHeaders, &old, &headers) {
                    Ok(()) => Action::Continue,
                    Err(error) => self.give_up("write the request headers", error),
                }
            }
        }
    }

    /// Whether the rest of the request is not to be read.
    fn leaves_request(&self) -> bool {
        self.passing && !self.replied && !self.exchange.judges()
    }

    pub(in crate::filter) fn request_body(&mut self, size: usize, end: bool) -> Action {
        if self.leaves_request() {
            return Action::Continue;
        }
        if self.replied || self.call.is_some() {
            // Nobody reads it, and it must not fill Envoy's buffer.
            return self.take_piece(size);
        }
        let bytes = match host::read_piece(BufferType::HttpRequestBody, 0, size) {
            Ok(bytes) => bytes,
            Err(error) => return self.give_up("read the request body", error),
        };
        let front = self.requests.held_in_front(&bytes);
        let (front, chunk) = match bytes.split_at_checked(front) {
            Some((front @ [_, ..], rest)) => (front.to_vec(), rest.to_vec()),
            _ => (Vec::new(), bytes),
        };
        let action = self.exchange.request_body(chunk, end);
        if let Some(frame) = self.exchange.take_pong() {
            self.with_flow(|flow, kicks, id| {
                flow.answer(frame, kicks, id);
                Ok(Action::Continue)
            });
        }
        match action {
            RequestBody::Pass => Action::Continue,
            // The host drops the piece.
            RequestBody::HoldLoosely => Action::PauseWithoutBuffer,
            // What still waits for its turn goes with the end, which cannot be kept back from it.
            RequestBody::KeepOpen if self.requests.is_paused() => {
                self.send_request(Vec::new(), &front, size, end)
            }
            // With a buffer, so that a request that is kept open can be emptied before it goes on.
            RequestBody::Hold | RequestBody::KeepOpen => self.take_piece(size),
            RequestBody::Send(bytes) => self.send_request(bytes, &front, size, end),
            RequestBody::Reply(reply) => self.reply(&reply),
            RequestBody::RefuseGrpc(status) => self.refuse_grpc(&status),
            RequestBody::End(line) => {
                match host::write_piece(BufferType::HttpRequestBody, size, &[]) {
                    Ok(()) => self.end_with(line),
                    Err(error) => self.give_up("empty the request body", error),
                }
            }
        }
    }

    /// Pauses the body without a piece of `size` bytes, which has been read or is nobody's.
    fn take_piece(&mut self, size: usize) -> Action {
        match host::write_piece(BufferType::HttpRequestBody, size, &[]) {
            Ok(()) => Action::Pause,
            Err(error) => self.give_up("empty the request body", error),
        }
    }

    pub(in crate::filter) fn request_trailers(&mut self) -> Action {
        if self.leaves_request() {
            return Action::Continue;
        }
        if self.replied || self.call.is_some() {
            return Action::Pause;
        }
        match self.exchange.request_trailers() {
            RequestTrailers::Pass => Action::Continue,
            RequestTrailers::Drop => self.end_request(Vec::new()),
            RequestTrailers::Send(bytes) => self.end_request(bytes),
            RequestTrailers::End(line) => {
                self.end_request(Vec::new());
                self.end_with(line)
            }
            RequestTrailers::Reply(reply) => self.reply(&reply),
            RequestTrailers::RefuseGrpc(status) => self.refuse_grpc(&status),
        }
    }

    /// Ends a request without its trailers, behind what waits and these bytes.
    fn end_request(&mut self, bytes: Vec<u8>) -> Action {
        if !self.write_head() {
            return Action::Pause;
        }
        if !bytes.is_empty() {
            self.sends();
        }
        let put = if self.requests.is_paused() {
            self.requests.put(&bytes)
        } else {
            host::append_buffer(BufferType::HttpRequestBody, &bytes).map(|()| true)
        };
        self.exchange.set_kept(self.requests.held());
        match put.and_then(|put| host::remove_headers(MapType::RequestTrailers).map(|()| put)) {
            Ok(true) => Action::Continue,
            Ok(false) => Action::Pause, // until the answer has begun
            Err(error) => self.give_up("end the request", error),
        }
    }

    /// Writes a head that has waited; false if the request has been answered instead.
    fn write_head(&mut self) -> bool {
        if !std::mem::take(&mut self.head_waits) {
            return true;
        }
        let encoded = match host::header_pairs(MapType::RequestHeaders) {
            Ok(encoded) => encoded,
            Err(error) => {
                self.give_up("read the request headers again", error);
                return false;
            }
        };
        let old = pairs::decode(&encoded);
        match self.exchange.held_head(&old) {
            Ok(headers) => match rewrite(MapType::RequestHeaders, &old, &headers) {
                Ok(()) => return true,
                Err(error) => self.give_up("write the request headers", error),
            },
            Err(reply) => self.reply(&reply),
        };
        false
    }

    /// Sends bytes upstream in the place of a piece of the request's body.
    fn send_request(&mut self, bytes: Vec<u8>, front: &[u8], size: usize, end: bool) -> Action {
        if !self.write_head() {
            return Action::Pause;
        }
        let sent = if self.exchange.sends_many() {
            let piece = (size, end);
            let sent = self
                .requests
                .send(bytes, front, piece, (self.kicks, self.id));
            self.exchange.set_kept(self.requests.held());
            sent
        } else {
            if !bytes.is_empty() {
                self.sends();
            }
            host::write_piece(BufferType::HttpRequestBody, size, &bytes).map(|()| Action::Continue)
        };
        sent.unwrap_or_else(|error| self.give_up("write the request body", error))
    }
}
