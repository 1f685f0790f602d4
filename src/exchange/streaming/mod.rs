//! A streaming call: JSON values to messages and messages to lines, both as they come.
//!
//! Its two halves go their own ways, and an error in one of them ends both:
//!
//! ```text
//!          request                                      response
//!
//!  Query              First                             Awaited
//!    │                │   │                                │ head
//!    │ body   message │   │ message, of many               ▼
//!    │         of one │   │                              Begun
//!    ▼                ▼   ▼                                │ line
//!   Done ◄──────────────  More                             ▼
//!    ▲                     │ end, of a request           Flowing
//!    │ answers to all      │ that must not end
//!    │                     ▼
//!    └──────────────── KeptOpen
//!
//!            any ──────► Failed: nothing follows in either direction
//! ```
//!
//! What the response has come to is what its client has, and so whether an error is a reply or a last line.

mod request;
mod response;

use super::action::{AnswerHead, RequestBody, RequestTrailers, ResponseBody, ResponseTrailers};
use super::broken::Broken;
use super::course::Ending;
use super::deadline::Deadline;
use super::guard::Guard;
use super::lost::Lost;
use super::memory::Held;
use super::message::Source;
use super::refusal::{
    bad_request, check_grpc, error, full, no_body, overdue, overdue_status, status_of,
};
use super::settings::Settings;
use super::watch::Watch;
use crate::grpc::{Code, Status};
use crate::http::Framing;
use crate::http::{self, Headers, Reason, Reply};
use crate::schema::Method;
use crate::schema::tables::{LEASE_LEASE_KEEP_ALIVE, WATCH_WATCH};
use crate::transcode::{BytesAs, from_query};
use request::{Read, Request};
use response::Response;

/// The message of a query string that names no field.
const EMPTY: &[u8] = b"{}";

/// A streaming call's state.
#[derive(Debug)]
pub(super) struct Streaming {
    framing: Framing,
    bytes_as: BytesAs,
    deadline: Deadline,
    watch: Watch,
    request: Request,
    response: Response,
    /// How it has ended for the client.
    ending: Option<Ending>,
}

impl Streaming {
    /// A call with these headers, whose deadline etcd keeps.
    pub(super) fn new(
        guard: Guard,
        framing: Framing,
        headers: &Headers<'_>,
        bytes_as: BytesAs,
        deadline: Deadline,
    ) -> Self {
        Self {
            framing,
            bytes_as,
            deadline,
            watch: match framing {
                Framing::Events => Watch::behind(headers.get("last-event-id")),
                Framing::Lines => Watch::default(),
            },
            request: Request::new(guard, bytes_as, Source::body(headers)),
            response: Response::default(),
            ending: None,
        }
    }

    /// Takes the one request message from a query string instead of the body.
    pub(super) fn take_query(&mut self, settings: &Settings, query: &str) -> Result<(), Reply> {
        let json = from_query(self.method().request, query, self.bytes_as);
        if self.method().client_streaming && json == EMPTY {
            return Err(error(
                settings,
                Code::INVALID_ARGUMENT,
                "the query string names no field of the call's message, as create_request.key=… does",
                Reason::BadJson,
            ));
        }
        self.request
            .take_query(settings, &mut self.watch, &json)
            .map_err(|status| bad_request(settings, &status))
    }

    /// What to send a client so that silence is not taken for the end, if it would be understood.
    pub(super) fn heartbeat(&self) -> Option<&'static [u8]> {
        (self.framing == Framing::Events).then_some(http::HEARTBEAT)
    }

    /// The refusal of a request without a body. etcd waits for ever for the first request of a watch.
    pub(super) fn no_body(&self, settings: &Settings) -> Reply {
        if self.method().client_streaming {
            let message = "this call needs a body: at least one JSON object, such as {}";
            error(settings, Code::INVALID_ARGUMENT, message, Reason::NoBody)
        } else {
            no_body(settings)
        }
    }

    /// How it has ended for its client, if it has.
    pub(super) fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The method that is called.
    pub(super) fn method(&self) -> &'static Method {
        self.request.method()
    }

    /// Bytes that are held of the request and of an unfinished line.
    pub(super) fn held(&self) -> Held {
        Held {
            request: self.request.held(),
            answer: self.response.held(),
        }
    }
}

/// The request.
impl Streaming {
    pub(super) fn request_body(
        &mut self,
        settings: &Settings,
        chunk: Vec<u8>,
        end: bool,
    ) -> Result<RequestBody, Reply> {
        match self.request.read(settings, &self.watch, chunk, end) {
            Ok(Read::Nothing) => Err(self.no_body(settings)),
            Ok(Read::Unfinished) => Ok(RequestBody::Hold),
            Ok(Read::Frames(frames)) => Ok(RequestBody::Send(frames)),
            Ok(Read::End) => Ok(RequestBody::KeepOpen),
            Err(status) => self.end_for(settings, &status, bad_request(settings, &status)),
        }
    }

    pub(super) fn request_trailers(
        &mut self,
        settings: &Settings,
    ) -> Result<RequestTrailers, Reply> {
        Ok(match self.request_body(settings, Vec::new(), true)? {
            RequestBody::Send(frames) if !frames.is_empty() => RequestTrailers::Send(frames),
            RequestBody::End(line) => RequestTrailers::End(line),
            _ => RequestTrailers::Drop,
        })
    }

    /// Whether a request that has been kept open is to end now: a keepalive once all its answers have come.
    pub(super) fn ends_request(&mut self) -> bool {
        self.method().path != WATCH_WATCH.path && self.request.ends()
    }

    /// Whether a request message has begun, or is still to come first, and has not come to its end.
    pub(super) fn awaits_request(&self) -> bool {
        self.request.is_awaited()
    }

    /// Whether a request message has begun and not come to its end.
    pub(super) fn is_within_request(&self) -> bool {
        self.request.is_within()
    }

    /// Ends it for its client, who is at `fault` or leaves.
    pub(super) fn abandon(&mut self, fault: bool) {
        self.request.fail();
        if fault {
            self.ending.get_or_insert(Ending {
                code: Code::INVALID_ARGUMENT,
                reason: Reason::WebSocket,
            });
        }
    }

    /// Ends the stream for a request that is not to be held any longer.
    pub(super) fn refuse_full(&mut self, settings: &Settings) -> Result<RequestBody, Reply> {
        let reply = http::error_reply(settings.dialect, &full(), Reason::Full);
        self.end_for(settings, &full(), reply)
    }

    /// Ends the stream for a request that does not come to its end.
    pub(super) fn refuse_overdue(&mut self, settings: &Settings) -> Result<RequestBody, Reply> {
        self.end_for(settings, &overdue_status(), overdue(settings))
    }

    /// Ends the stream with an error: by a line where the head of its answer is out, and else by a reply.
    fn end_for(
        &mut self,
        settings: &Settings,
        status: &Status,
        reply: Reply,
    ) -> Result<RequestBody, Reply> {
        self.request.fail();
        if self.response.has_head_out(settings) {
            return Ok(RequestBody::End(self.error(settings, status, reply.reason)));
        }
        Err(reply)
    }
}

/// The response.
impl Streaming {
    pub(super) fn response_head<'a>(
        &mut self,
        settings: &Settings,
        headers: &Headers<'a>,
        end: bool,
        origin: impl FnOnce() -> Option<String>,
    ) -> Result<AnswerHead<'a>, Reply> {
        check_grpc(settings, headers, origin, self.deadline)?;
        if end {
            return match self.deadline.judge(settings, status_of(headers)) {
                (status, _) if status.code == Code::OK => {
                    Ok(AnswerHead::Whole(http::success(Vec::new())))
                }
                (status, reason) => {
                    Err(http::stream_error_reply(settings.dialect, &status, reason))
                }
            };
        }
        self.response.begin();
        let mut list = http::response_headers(headers);
        if self.framing == Framing::Events {
            http::set_event_stream(&mut list);
        }
        Ok(AnswerHead::Begins(list))
    }

    /// The head of the answer goes out as it comes.
    pub(super) fn let_flow(&mut self) {
        self.response.let_flow();
    }

    pub(super) fn response_body(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        end: bool,
    ) -> Result<ResponseBody, Reply> {
        let mut lines = Vec::new();
        if self.request.has_failed() {
            return Ok(ResponseBody::Lines { lines, awaited: 0 });
        }
        let result = self.transcode(settings, chunk, &mut lines);
        let no_status = end.then_some(Broken::StreamNoStatus);
        if let Some(broken) = result.err().or(no_status) {
            self.request.fail();
            let status = broken.status();
            let reason = broken.reason();
            if !self.response.has_head_out(settings) {
                return Err(http::stream_error_reply(settings.dialect, &status, reason));
            }
            lines.push(self.error(settings, &status, reason));
            return Ok(ResponseBody::LastLines(lines));
        }
        let awaited = self.response.awaited();
        Ok(ResponseBody::Lines { lines, awaited })
    }

    pub(super) fn response_trailers(
        &mut self,
        settings: &Settings,
        trailers: &Headers<'_>,
    ) -> Result<ResponseTrailers, Reply> {
        let (status, reason) = match status_of(trailers) {
            status if status.code == Code::OK && self.response.is_between_messages() => {
                self.ending.get_or_insert(Ending::GOOD);
                return Ok(ResponseTrailers::Tail(Vec::new()));
            }
            // How grpc-proxy ends a keepalive whose requests have ended.
            status
                if settings.grpc_proxy
                    && status.code == Code::CANCELLED
                    && self.response.flows()
                    && self.request.is_answered()
                    && self.method().path == LEASE_LEASE_KEEP_ALIVE.path =>
            {
                self.ending.get_or_insert(Ending::GOOD);
                return Ok(ResponseTrailers::Tail(Vec::new()));
            }
            status if status.code == Code::OK => {
                (Broken::StreamCutShort.status(), Reason::BrokenAnswer)
            }
            status => self.deadline.judge(settings, status),
        };
        if !self.response.has_head_out(settings) {
            return Err(http::stream_error_reply(settings.dialect, &status, reason));
        }
        let line = self.error(settings, &status, reason);
        Ok(ResponseTrailers::Tail(line))
    }

    /// What ends the stream whose upstream was lost.
    pub(super) fn lost(&mut self, settings: &Settings, lost: Lost) -> Vec<u8> {
        let (status, reason) = lost.status(settings, self.deadline);
        self.error(settings, &status, reason)
    }

    /// What ends the stream with an error.
    fn error(&mut self, settings: &Settings, status: &Status, reason: Reason) -> Vec<u8> {
        let code = status.code;
        self.ending.get_or_insert(Ending { code, reason });
        let line = http::error_line(settings.dialect, status);
        self.framing.error(&line, self.response.is_within_line())
    }
}
