//! One request's life, without I/O.
//!
//! The contract: feed the exchange what the client and etcd send, as it arrives, and do what it
//! answers. It never blocks and never panics. Of a request it holds at most a body of twice
//! `max_request_bytes` and its message; of an answer a message of up to 64 KiB or a line of a stream
//! of up to `stream_document_bytes`; and all exchanges of a worker together no more than
//! [`memory`] allows. It knows nothing of Envoy.

mod action;
mod admission;
mod backlog;
mod call;
mod deadline;
mod endpoint;
mod memory;
mod refusal;
mod resume;
mod settings;
mod streaming;
mod unary;
mod waiting;

use std::rc::Rc;

pub use action::{
    RequestBody, RequestHead, RequestTrailers, ResponseBody, ResponseHead, ResponseTrailers,
};
pub use backlog::Backlog;
pub use call::{Answered, Call, TOO_LARGE_AN_ANSWER};
pub use memory::{ANSWER_BYTES, DOCUMENT_TIMES, MAX_HELD, MAX_LARGE, REQUEST_TIMES};
pub use settings::Settings;

use crate::config::NativeGrpc;
use crate::grpc::{
    Code, GATEWAY_MARK, MetadataError, Status, Timeout, TimeoutError, request_headers,
};
use crate::http::{self, Framing, Headers, Origin, Path, Reply};
use crate::schema::tables::{ELECTION_CAMPAIGN, LOCK_LOCK, MAINTENANCE_DEFRAGMENT};
use crate::schema::{self, Method};
use deadline::Deadline;
use endpoint::Endpoint;
use memory::{Claim, Held, Share};
use streaming::Streaming;
use unary::Unary;

/// Most headers of a request to etcd; a proxy-wasm host takes 1024.
const MAX_HEADERS: usize = 1000;

/// Most bytes of a request's headers together; a proxy-wasm host takes 1 MiB, its framing included.
const MAX_HEADER_BYTES: usize = 1_000_000;

/// A request and its answer.
#[derive(Debug)]
pub struct Exchange {
    settings: Rc<Settings>,
    /// `Access-Control-Allow-Origin` for this client.
    origin: Option<Origin>,
    state: State,
    share: Share,
    /// Whether the host holds the request's body, to which the trailers can still add.
    holding: bool,
    /// Whether trailers may bring the end of the message: only over HTTP/2, whose pieces of body are small, and behind a
    /// body of unannounced length.
    adds_to_trailers: bool,
    /// Whether a piece of body has come.
    has_body: bool,
    /// Ticks since the request has been waited for.
    ticks: u8,
    /// Bytes of the body that are still to come, where its length was announced.
    missing: Option<u64>,
    /// A refusal that waits for the end of a body that has come whole: a proxy closes a connection on which it has not
    /// seen the request's end.
    refusal: Option<Reply>,
}

#[derive(Debug)]
enum State {
    /// Nothing has been seen yet.
    New,
    /// Not ours, or answered: whatever still comes is left alone.
    Passive,
    /// A unary call.
    Unary(Unary),
    /// A call with a stream in one direction or both.
    Streaming(Streaming),
    /// `/version` or `/health`.
    Endpoint(Endpoint),
}

impl State {
    /// Bytes that are held.
    fn held(&self) -> Held {
        match self {
            Self::Unary(unary) => unary.held(),
            Self::Streaming(streaming) => streaming.held(),
            Self::New | Self::Passive | Self::Endpoint(_) => Held::default(),
        }
    }
}

impl Exchange {
    /// An exchange that has seen nothing yet.
    #[must_use]
    pub fn new(settings: Rc<Settings>) -> Self {
        let share = Share::new(settings.memory.clone());
        Self {
            settings,
            origin: None,
            state: State::New,
            share,
            holding: false,
            adds_to_trailers: false,
            has_body: false,
            ticks: 0,
            missing: None,
            refusal: None,
        }
    }

    /// The client's request head; `end` if no body follows.
    pub fn request_head<'a>(&mut self, headers: &Headers<'a>, end: bool) -> RequestHead<'a> {
        self.state = State::Passive;
        let path = self
            .settings
            .prefixes
            .classify(headers.get(":path").unwrap_or_default());
        match path {
            Path::Other => return self.foreign(headers),
            Path::Version | Path::Health(_) if !self.settings.local_endpoints => {
                return RequestHead::Pass;
            }
            _ => {}
        }
        let answer = self.own(&path, headers, end);
        answer.unwrap_or_else(|reply| RequestHead::Reply(self.finish(reply)))
    }

    /// A request whose path is not ours.
    fn foreign<'a>(&self, headers: &Headers<'a>) -> RequestHead<'a> {
        let is_grpc = headers.get("content-type").is_some_and(is_grpc);
        match self.settings.native_grpc {
            NativeGrpc::Pass if is_grpc => RequestHead::PassWith(GATEWAY_MARK),
            NativeGrpc::Refuse if is_grpc => {
                let message = "this gateway serves etcd's JSON API and no native gRPC";
                RequestHead::RefuseGrpc(Status::new(Code::UNIMPLEMENTED, message))
            }
            _ => RequestHead::Pass,
        }
    }

    /// A request whose path is ours.
    fn own<'a>(
        &mut self,
        path: &Path<'_>,
        headers: &Headers<'a>,
        end: bool,
    ) -> Result<RequestHead<'a>, Reply> {
        self.adds_to_trailers = may_have_trailers(headers);
        let (origin, authority) = (headers.get("origin"), headers.get(":authority"));
        if !self.settings.cors.admits(origin, authority) {
            let message = "requests from pages of this origin are not allowed (cors)";
            return Err(self.error(Code::PERMISSION_DENIED, message));
        }
        self.origin = self.settings.cors.allow(origin);
        let method = headers.get(":method").unwrap_or_default();
        if method == b"OPTIONS" {
            let asked = headers.get("access-control-request-headers");
            return Ok(RequestHead::Reply(self.preflight(asked)));
        }
        match path {
            Path::Api(path) => self.api(path, method, headers, end),
            Path::Escaped | Path::Other => Err(http::not_found(self.settings.dialect)),
            Path::Malformed => Err(self.error(
                Code::INVALID_ARGUMENT,
                "malformed percent-encoding in the path",
            )),
            Path::Version => self.endpoint(Endpoint::version(), method, headers),
            Path::Health(query) => self.endpoint(Endpoint::health(query), method, headers),
        }
    }

    /// The answer to a browser that asks what it may send, these headers among it.
    fn preflight(&mut self, asked: Option<&[u8]>) -> Reply {
        let reply = self.finish(Reply::empty(200));
        http::allow_asked_headers(reply, asked)
    }

    /// The next bytes of the client's body; `end` after the last.
    pub fn request_body(&mut self, chunk: Vec<u8>, end: bool) -> RequestBody {
        if self.refusal.is_some() && !end {
            return RequestBody::Hold;
        }
        if let Some(reply) = self.refusal.take() {
            return RequestBody::Reply(self.finish(reply));
        }
        let size = chunk.len() as u64;
        self.missing = self.missing.map(|missing| missing.saturating_sub(size));
        let result = match &mut self.state {
            State::Unary(unary) => unary.request_body(&self.settings, chunk, end),
            State::Streaming(streaming) => streaming.request_body(&self.settings, chunk, end),
            State::New | State::Passive | State::Endpoint(_) => return RequestBody::Pass,
        };
        self.has_body = true;
        let held = self.state.held();
        // Where a route allows retries, all that follows the first message waits for the answer.
        let wait = self.share.requests() > self.settings.max_body;
        let full = !self.share.keep(held) && held.request > 0 || wait;
        let result = match (result, &mut self.state) {
            (Ok(_), State::Streaming(streaming)) if full => streaming.refuse_full(&self.settings),
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

    /// The end of a body that trailers follow. They never go upstream: etcd takes a request that has
    /// any for a broken connection.
    pub fn request_trailers(&mut self) -> RequestTrailers {
        if let Some(reply) = self.refusal.take() {
            return RequestTrailers::Reply(self.finish(reply));
        }
        let result = match &mut self.state {
            State::Unary(unary) => unary.request_trailers(&self.settings),
            State::Streaming(streaming) => streaming.request_trailers(&self.settings),
            State::Endpoint(_) => Ok(RequestTrailers::Drop),
            State::New | State::Passive => return RequestTrailers::Pass,
        };
        let result = match result {
            Ok(RequestTrailers::Send(_)) if !self.has_body => Err(refusal::no_body(&self.settings)),
            Ok(RequestTrailers::Send(_)) if !self.holding => {
                Err(refusal::no_length(&self.settings))
            }
            result => result,
        };
        self.share.set(self.state.held());
        result.unwrap_or_else(|reply| RequestTrailers::Reply(self.finish(reply)))
    }

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
            State::Endpoint(endpoint) => {
                return match endpoint.response_head(&self.settings, headers) {
                    Ok(()) => ResponseHead::Pass,
                    Err(reply) => ResponseHead::Reply(self.finish(reply)),
                };
            }
            State::New | State::Passive => return ResponseHead::Pass,
        };
        match result {
            Ok(mut list) => {
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
            State::New | State::Passive | State::Endpoint(_) => return ResponseBody::Pass,
        };
        self.share.set(self.state.held());
        result.unwrap_or_else(|reply| ResponseBody::Reply(self.finish(reply)))
    }

    /// The trailers of the answer.
    pub fn response_trailers(&mut self, trailers: &Headers<'_>) -> ResponseTrailers {
        let result = match &mut self.state {
            State::Unary(unary) => unary.response_trailers(&self.settings, trailers),
            State::Streaming(streaming) => streaming.response_trailers(&self.settings, trailers),
            State::New | State::Passive | State::Endpoint(_) => return ResponseTrailers::Pass,
        };
        self.share.set(self.state.held());
        result.unwrap_or_else(|reply| ResponseTrailers::Reply(self.finish(reply)))
    }

    /// Whether a request that has been kept open is to end now.
    pub fn ends_request(&mut self) -> bool {
        match &mut self.state {
            State::Streaming(streaming) => streaming.ends_request(),
            _ => false,
        }
    }

    /// Whether the answer is a stream.
    #[must_use]
    pub fn streams(&self) -> bool {
        matches!(self.state, State::Streaming(_))
    }

    /// Whether nothing but the status is missing of a unary answer.
    #[must_use]
    pub fn is_answer_whole(&self) -> bool {
        matches!(&self.state, State::Unary(unary) if unary.is_answer_whole())
    }

    /// The reply to a call whose answer would have to wait for its end and is too large for it.
    pub fn too_large_to_wait(&mut self) -> Reply {
        let message =
            "another filter holds back the end of an answer that is too large to wait for it";
        let reply = self.error(Code::INTERNAL, message);
        self.finish(reply)
    }

    /// How many bytes the host takes for an answer that it holds back.
    #[must_use]
    pub fn paused_buffer(&self) -> usize {
        self.settings.paused_buffer
    }

    /// What to send from time to time while nothing else is sent.
    #[must_use]
    pub fn heartbeat(&self) -> Option<&'static [u8]> {
        match &self.state {
            State::Streaming(streaming) => streaming.heartbeat(),
            State::New | State::Passive | State::Endpoint(_) | State::Unary(_) => None,
        }
    }

    /// The line that ends a stream whose upstream was lost, for the reason that the proxy gives;
    /// nothing where the answer is not a stream of lines.
    #[must_use]
    pub fn response_lost(&self, details: &str) -> Option<Vec<u8>> {
        match &self.state {
            State::Streaming(streaming) => Some(streaming.lost(&self.settings, details)),
            State::New | State::Passive | State::Endpoint(_) | State::Unary(_) => None,
        }
    }

    /// The answer to a [`Call`] that the exchange asked for.
    pub fn call_answered(&mut self, answer: Result<&[u8], Status>) -> Answered {
        let result = match &mut self.state {
            State::Unary(unary) => unary.call_answered(&self.settings, answer),
            State::Endpoint(endpoint) => endpoint.call_answered(&self.settings, answer),
            State::New | State::Passive | State::Streaming(_) => return Answered::Nothing,
        };
        match result {
            Ok(answered) => {
                if answered == Answered::Pass {
                    self.share.set_call(None);
                }
                answered
            }
            Err(reply) => Answered::Reply(self.finish(reply)),
        }
    }

    /// A request under one of the prefixes.
    fn api<'a>(
        &mut self,
        path: &str,
        method: &[u8],
        headers: &Headers<'a>,
        end: bool,
    ) -> Result<RequestHead<'a>, Reply> {
        let dialect = self.settings.dialect;
        let length = headers.get("content-length");
        self.missing = length.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        let Some(route) = schema::route(path) else {
            return Err(http::not_found(dialect));
        };
        let events = route.method.server_streaming && http::accepts_events(headers.get("accept"));
        if method != b"POST" && !(events && method == b"GET") {
            return Err(http::method_not_allowed(dialect, "POST, OPTIONS"));
        }
        if route.method.client_streaming || route.method.server_streaming {
            let framing = if events {
                Framing::Events
            } else {
                Framing::Lines
            };
            return self.stream(
                Streaming::new(route.method, framing, headers),
                route.method,
                headers,
                end,
            );
        }
        let waits = may_wait(route.method);
        let claim = if waits { Claim::Waiting } else { Claim::Brief };
        self.admit(claim, headers)?;
        let (mut list, timeout) = self.upstream_headers(headers, route.method)?;
        limit(&mut list, route.method, timeout);
        let deadline = Deadline::after(timeout, &self.settings);
        let mut unary = Unary::new(route.method, headers, deadline);
        unary.check_length(&self.settings)?;
        if end {
            if !self.settings.bodyless_callouts {
                return Err(refusal::no_body(&self.settings));
            }
            let call = Call::new(route.method, &list, &self.settings.settable, timeout);
            let call = unary.call(&self.settings, call)?;
            self.admit_call(&call, headers)?;
            self.state = State::Unary(unary);
            return Ok(RequestHead::Call(call));
        }
        // The route that the new head chooses may wait for the request for ever.
        let hold = waits && self.settings.hold_heads;
        if hold {
            unary.hold();
        }
        self.state = State::Unary(unary);
        Ok(if hold {
            RequestHead::Hold
        } else {
            RequestHead::Forward(list)
        })
    }

    /// A call with a stream in one direction or both.
    fn stream<'a>(
        &mut self,
        mut streaming: Streaming,
        method: &'static Method,
        headers: &Headers<'a>,
        end: bool,
    ) -> Result<RequestHead<'a>, Reply> {
        self.admit(Claim::Waiting, headers)?;
        let (mut list, timeout) = self.upstream_headers(headers, method)?;
        streaming.set_deadline(Deadline::after(timeout, &self.settings));
        limit(&mut list, method, timeout);
        streaming.resume_behind(headers.get("last-event-id"));
        if headers.get(":method") == Some(b"GET") {
            let target = headers
                .get(":path")
                .and_then(|path| std::str::from_utf8(path).ok());
            let query = target
                .and_then(|target| target.split_once('?'))
                .map_or("", |(_, query)| query);
            streaming.take_query(&self.settings, query)?;
            if end {
                let message = "a proxy-wasm filter cannot give a GET the body that gRPC needs: use POST, or put envoy/body-for-bodyless.yaml before the filter";
                return Err(self.error(Code::UNIMPLEMENTED, message));
            }
        } else if end {
            return Err(streaming.no_body(&self.settings));
        }
        self.state = State::Streaming(streaming);
        // The route that the new head chooses may wait for the request for ever.
        Ok(if self.settings.hold_heads {
            RequestHead::Hold
        } else {
            RequestHead::Forward(list)
        })
    }

    /// `/version` or `/health`.
    fn endpoint<'a>(
        &mut self,
        mut endpoint: Endpoint,
        method: &[u8],
        headers: &Headers<'a>,
    ) -> Result<RequestHead<'a>, Reply> {
        if method != b"GET" {
            return Err(http::method_not_allowed(
                self.settings.dialect,
                "GET, OPTIONS",
            ));
        }
        let (list, _) = self.upstream_headers(headers, endpoint.method())?;
        let call = endpoint.first_call(&list, &self.settings);
        self.admit_call(&call, headers)?;
        self.state = State::Endpoint(endpoint);
        Ok(RequestHead::Call(call))
    }

    fn upstream_headers<'a>(
        &self,
        headers: &Headers<'a>,
        method: &'static Method,
    ) -> Result<(Vec<http::Header<'a>>, Option<Timeout>), Reply> {
        let retriable = method.idempotent || self.settings.retry_writes;
        let settable = &self.settings.settable;
        let sent = request_headers(headers, method, retriable, settable);
        let (list, timeout) = sent.map_err(|error| {
            let code = match error {
                MetadataError::Timeout(TimeoutError::Passed, _) => Code::DEADLINE_EXCEEDED,
                _ => Code::INVALID_ARGUMENT,
            };
            self.error(code, error.to_string())
        })?;
        if list.len() > MAX_HEADERS || http::size(&list) > MAX_HEADER_BYTES {
            let status = Status::new(
                Code::RESOURCE_EXHAUSTED,
                "the request headers are too many or too large",
            );
            return Err(http::error_reply_as(self.settings.dialect, 431, &status));
        }
        Ok((list, timeout))
    }

    fn error(&self, code: Code, message: impl Into<String>) -> Reply {
        refusal::error(&self.settings, code, message)
    }

    /// The last thing that the client gets.
    fn finish(&mut self, reply: Reply) -> Reply {
        self.state = State::Passive;
        self.refusal = None;
        self.share.release();
        reply.with_cors(self.origin.as_ref())
    }
}

/// Tells the proxy how long a call may take, if that is not for the route to say: as long as its client lets it, and
/// without such a word as long as it likes where it may rightly wait.
fn limit(headers: &mut Vec<http::Header<'_>>, method: &Method, timeout: Option<Timeout>) {
    let streams = method.client_streaming || method.server_streaming;
    match timeout {
        Some(timeout) => http::set_timeout(headers, timeout.millis()),
        None if streams || may_wait(method) => http::set_timeout(headers, 0),
        None => {}
    }
}

/// Whether trailers may bring the end of a request's message: not over HTTP/1.1, and not behind a body of a known length.
fn may_have_trailers(headers: &Headers<'_>) -> bool {
    headers.get("transfer-encoding").is_none()
        && matches!(headers.get("content-length"), None | Some(b"0"))
}

/// Whether a unary call may rightly take as long as it likes: for its turn, or to write the whole database anew.
fn may_wait(method: &Method) -> bool {
    [&LOCK_LOCK, &ELECTION_CAMPAIGN, &MAINTENANCE_DEFRAGMENT]
        .iter()
        .any(|waiting| waiting.path == method.path)
}

/// Whether a content type is gRPC's. etcd wants it in lower case; whatever it may take one day counts.
fn is_grpc(content_type: &[u8]) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let start = content_type.get(..GRPC.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(GRPC))
}

#[cfg(test)]
mod tests;
