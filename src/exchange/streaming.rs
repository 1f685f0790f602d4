//! A streaming call: JSON values to messages and messages to lines, both as they come.

use super::action::{RequestBody, RequestTrailers, ResponseBody, ResponseTrailers};
use super::deadline::{self, Deadline};
use super::memory::Held;
use super::refusal::{
    Source, bad_request, check_grpc, error, full, no_body, overdue, overdue_status, push_message,
    status_of, too_large,
};
use super::resume::{begin_behind, begins_now, names_nothing};
use super::settings::Settings;
use crate::grpc::{Code, Frame, Frames, HEADER_LEN, Status, seal};
use crate::http::{self, Framing, Header, Headers, Reply};
use crate::schema::Method;
use crate::schema::tables::{LEASE_LEASE_KEEP_ALIVE, WATCH_WATCH};
use crate::transcode::{Style, ToJson, Values, from_query};

/// Longest part of a line, in bytes, that is kept while the memory for all exchanges is full: ten
/// thousand of them are a sixth of it.
const PIECE: usize = 4 << 10;

/// The message of a query string that names no field.
const EMPTY: &[u8] = b"{}";

/// A streaming call's state.
#[derive(Debug)]
pub(super) struct Streaming {
    method: &'static Method,
    framing: Framing,
    /// The request message that the query string gave; the body counts for nothing then.
    query: Option<Vec<u8>>,
    /// Whether that opens a watch without a revision to start from.
    from_now: bool,
    /// The id of the last event that the client has seen, behind which its watch goes on.
    last_event: Option<u64>,
    source: Source,
    /// Whether what follows the first request message counts for nothing.
    takes_one_message: bool,
    /// Requests of a keepalive to which no answer has come.
    unanswered: usize,
    /// Whether the request is kept open behind its body.
    kept_open: bool,
    values: Values,
    deadline: Deadline,
    /// Whether a request message has been sent.
    requested: bool,
    /// Whether the head of the answer has come.
    answering: bool,
    /// Whether a line has been handed out.
    started: bool,
    /// Whether the stream has been ended with an error: nothing follows in either direction.
    failed: bool,
    frames: Frames,
    /// The message that is being read.
    line: Option<Line>,
}

#[derive(Debug)]
struct Line {
    message: ToJson,
    length: u32,
    text: Vec<u8>,
    /// Whether a piece of it has gone out before its end.
    cut: bool,
}

impl Line {
    /// Bytes that it takes.
    fn held(&self) -> usize {
        self.text.capacity().saturating_add(self.message.held())
    }
}

impl Streaming {
    pub(super) fn new(method: &'static Method, framing: Framing, headers: &Headers<'_>) -> Self {
        Self {
            method,
            framing,
            query: None,
            from_now: false,
            last_event: None,
            source: Source::body(headers),
            takes_one_message: !method.client_streaming,
            unanswered: 0,
            kept_open: false,
            values: Values::default(),
            deadline: Deadline::default(),
            requested: false,
            answering: false,
            started: false,
            failed: false,
            frames: Frames::default(),
            line: None,
        }
    }

    /// Notes the client's deadline, which etcd keeps.
    pub(super) fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }

    /// Notes up to where a client of events has seen them, by its `Last-Event-ID`. All watches of the request go on there.
    pub(super) fn resume_behind(&mut self, last_event: Option<&[u8]>) {
        let id = last_event.and_then(|id| std::str::from_utf8(id).ok()?.parse().ok());
        self.last_event = id.filter(|_| self.framing == Framing::Events);
    }

    /// Takes the one request message from a query string instead of the body.
    pub(super) fn take_query(&mut self, settings: &Settings, query: &str) -> Result<(), Reply> {
        let json = from_query(self.method.request, query);
        if self.method.client_streaming && json == EMPTY {
            return Err(error(
                settings,
                Code::INVALID_ARGUMENT,
                "the query string names no field of the call's message, as create_request.key=… does",
            ));
        }
        let mut frame = Vec::new();
        self.source = Source::Query;
        self.push_frame(settings, &json, &mut frame)
            .map_err(|status| bad_request(settings, &status))?;
        self.query = Some(frame);
        self.takes_one_message = true;
        // Of a body there may be several, and one that begins says nothing of the others.
        self.from_now = self
            .query
            .as_deref()
            .is_some_and(|frame| begins_now(self.method, frame));
        Ok(())
    }

    /// What to send a client so that silence is not taken for the end, if it would be understood.
    pub(super) fn heartbeat(&self) -> Option<&'static [u8]> {
        (self.framing == Framing::Events).then_some(http::HEARTBEAT)
    }

    /// The refusal of a request without a body. etcd waits for ever for the first request of a watch.
    pub(super) fn no_body(&self, settings: &Settings) -> Reply {
        if self.method.client_streaming {
            let message = "this call needs a body: at least one JSON object, such as {}";
            error(settings, Code::INVALID_ARGUMENT, message)
        } else {
            no_body(settings)
        }
    }

    pub(super) fn request_body(
        &mut self,
        settings: &Settings,
        chunk: Vec<u8>,
        end: bool,
    ) -> Result<RequestBody, Reply> {
        if self.failed {
            return Ok(RequestBody::Send(Vec::new()));
        }
        if let Some(frame) = self.query.take() {
            self.requested = true;
            return Ok(RequestBody::Send(frame));
        }
        if self.requested && self.takes_one_message {
            return Ok(RequestBody::Send(Vec::new())); // one message is all that the call takes
        }
        self.values.push(chunk, settings.max_body);
        let mut frames = Vec::new();
        let mut values = std::mem::take(&mut self.values);
        while let Some(value) = values.next(end) {
            // However it came: one that comes in pieces is refused as soon as it is so long.
            let result = if value.len() > settings.max_body {
                Err(too_large(settings))
            } else {
                self.push_frame(settings, value, &mut frames)
            };
            if let Err(status) = result {
                return self.refuse(settings, &status);
            }
            self.requested = true;
            if self.takes_one_message {
                values = Values::default(); // what follows counts for nothing
                break;
            }
        }
        self.values = values;
        if self.values.pending() > settings.max_body {
            let status = too_large(settings);
            return self.refuse(settings, &status);
        }
        if end && !self.requested {
            if self.method.client_streaming {
                return Err(self.no_body(settings));
            }
            self.requested = true;
            frames.resize(HEADER_LEN, 0); // the empty message
        }
        if !self.requested && self.values.pending() <= settings.held_body() {
            return Ok(RequestBody::Hold);
        }
        if end && frames.is_empty() && settings.grpc_proxy && self.method.client_streaming {
            self.kept_open = true;
            return Ok(RequestBody::KeepOpen);
        }
        Ok(RequestBody::Send(frames))
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
        let is_watch = self.method.path == WATCH_WATCH.path;
        self.unanswered == 0 && !is_watch && std::mem::take(&mut self.kept_open)
    }

    /// The method that is called.
    pub(super) fn method(&self) -> &'static Method {
        self.method
    }

    /// Whether a request message has begun, or is still to come first, and has not come to its end.
    pub(super) fn awaits_request(&self) -> bool {
        let begun = self.values.pending() > 0 && !self.takes_one_message;
        !self.failed && (!self.requested || begun)
    }

    /// Ends the stream for a request that is not to be held any longer.
    pub(super) fn refuse_full(&mut self, settings: &Settings) -> Result<RequestBody, Reply> {
        let reply = http::error_reply(settings.dialect, &full());
        self.end_for(settings, &full(), reply)
    }

    /// Ends the stream for a request that does not come to its end.
    pub(super) fn refuse_overdue(&mut self, settings: &Settings) -> Result<RequestBody, Reply> {
        self.end_for(settings, &overdue_status(), overdue(settings))
    }

    /// Bytes that are held of the request and of an unfinished line.
    pub(super) fn held(&self) -> Held {
        Held {
            request: self.values.held(),
            answer: self.line.as_ref().map_or(0, Line::held),
        }
    }

    /// Appends the frame of the message that one JSON value stands for.
    fn push_frame(
        &mut self,
        settings: &Settings,
        value: &[u8],
        frames: &mut Vec<u8>,
    ) -> Result<(), Status> {
        let mut frame = vec![0; HEADER_LEN];
        push_message(
            settings,
            self.method.request,
            value,
            self.source,
            &mut frame,
        )?;
        seal(&mut frame);
        // An empty object behind the first request is ignored, as etcd ignores it: nobody waits for its answer.
        let asks = !self.requested || value.contains(&b'"');
        if asks && names_nothing(self.method, frame.get(HEADER_LEN..).unwrap_or_default()) {
            let message = "a watch takes create_request, cancel_request or progress_request, and this request has none of them";
            return Err(Status::new(Code::INVALID_ARGUMENT, message));
        }
        if let Some(last) = self.last_event {
            begin_behind(self.method, last, &mut frame);
        }
        self.unanswered = self.unanswered.saturating_add(1);
        if frames.is_empty() {
            *frames = frame;
        } else {
            frames.append(&mut frame);
        }
        Ok(())
    }

    /// Whether the client has the head of the answer, so that an error cannot change its status.
    fn has_head_out(&self, settings: &Settings) -> bool {
        self.started || (self.answering && !settings.hold_heads)
    }

    /// Ends the stream for a request value that cannot be sent.
    fn refuse(&mut self, settings: &Settings, status: &Status) -> Result<RequestBody, Reply> {
        self.end_for(settings, status, bad_request(settings, status))
    }

    /// Ends the stream with an error: by a line where the head of its answer is out, and else by a reply.
    fn end_for(
        &mut self,
        settings: &Settings,
        status: &Status,
        reply: Reply,
    ) -> Result<RequestBody, Reply> {
        self.failed = true;
        self.values = Values::default();
        if self.has_head_out(settings) {
            return Ok(RequestBody::End(self.error(settings, status)));
        }
        Err(reply)
    }

    pub(super) fn response_head<'a>(
        &mut self,
        settings: &Settings,
        headers: &Headers<'a>,
        end: bool,
        origin: impl FnOnce() -> Option<String>,
    ) -> Result<Vec<Header<'a>>, Reply> {
        check_grpc(settings, headers, origin, self.deadline)?;
        if end {
            return Err(match self.deadline.judge(settings, status_of(headers)) {
                status if status.code == Code::OK => http::success(Vec::new()),
                status => http::stream_error_reply(settings.dialect, &status),
            });
        }
        self.answering = true;
        let mut list = http::response_headers(headers);
        if self.framing == Framing::Events {
            http::set_event_stream(&mut list);
        }
        Ok(list)
    }

    pub(super) fn response_body(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        end: bool,
    ) -> Result<ResponseBody, Reply> {
        let mut lines = Vec::new();
        if self.failed {
            return Ok(ResponseBody::Lines { lines, awaited: 0 });
        }
        let mut failure = self.transcode(settings, chunk, &mut lines).err();
        if end && failure.is_none() {
            failure = Some("upstream ended the stream without a gRPC status".to_owned());
        }
        self.started |= !lines.is_empty();
        if let Some(failure) = failure {
            self.failed = true;
            let status = Status::new(Code::INTERNAL, failure);
            if !self.has_head_out(settings) {
                return Err(http::stream_error_reply(settings.dialect, &status));
            }
            lines.push(self.error(settings, &status));
            return Ok(ResponseBody::LastLines(lines));
        }
        let awaited = match &self.line {
            Some(line) => line.length as usize,
            None => usize::from(!self.frames.is_at_boundary()),
        };
        Ok(ResponseBody::Lines { lines, awaited })
    }

    /// Turns the complete messages in a piece of the answer into lines.
    fn transcode(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        lines: &mut Vec<Vec<u8>>,
    ) -> Result<(), String> {
        let mut rest = chunk;
        while let Some(frame) = self
            .frames
            .next(&mut rest)
            .map_err(|error| error.to_string())?
        {
            match (frame, &mut self.line) {
                (Frame::Begin(length), line) => {
                    // Every gateway escapes stream lines so.
                    let style = Style { escape_html: true };
                    let message = if settings.memory.is_full_for_answers(0) {
                        ToJson::streaming(self.method.response, length, style)
                    } else {
                        ToJson::new(self.method.response, length, style)
                    };
                    *line = Some(Line {
                        message,
                        length,
                        text: self.framing.open(),
                        cut: false,
                    });
                }
                (Frame::Data(data), Some(line)) => {
                    line.text.reserve(data.len().saturating_add(data.len() / 2));
                    line.message
                        .push(data, &mut line.text)
                        .map_err(|error| error.to_string())?;
                    let full = || settings.memory.is_full_for_answers(line.held());
                    let most = if line.cut || full() {
                        PIECE
                    } else {
                        settings.stream_document
                    };
                    if line.text.len() > most {
                        // Too long to be kept: it goes out in pieces.
                        lines.push(std::mem::take(&mut line.text));
                        line.cut = true;
                    }
                }
                (Frame::End, Some(line)) => {
                    self.unanswered = self.unanswered.saturating_sub(1);
                    line.message
                        .push(&[], &mut line.text)
                        .map_err(|error| error.to_string())?;
                    self.framing.close(!line.cut, self.from_now, &mut line.text);
                    let mut text = std::mem::take(&mut line.text);
                    // It may wait, together with thousands.
                    if text.capacity() / 2 > text.len() {
                        text.shrink_to_fit();
                    }
                    lines.push(text);
                    self.line = None;
                }
                (Frame::Data(_) | Frame::End, None) => {}
            }
        }
        Ok(())
    }

    pub(super) fn response_trailers(
        &mut self,
        settings: &Settings,
        trailers: &Headers<'_>,
    ) -> Result<ResponseTrailers, Reply> {
        let status = match status_of(trailers) {
            status if status.code == Code::OK && self.frames.is_at_boundary() => {
                return Ok(ResponseTrailers::Tail(Vec::new()));
            }
            // How grpc-proxy ends a keepalive whose requests have ended.
            status
                if settings.grpc_proxy
                    && status.code == Code::CANCELLED
                    && self.started
                    && self.unanswered == 0
                    && self.method.path == LEASE_LEASE_KEEP_ALIVE.path =>
            {
                return Ok(ResponseTrailers::Tail(Vec::new()));
            }
            status if status.code == Code::OK => {
                Status::new(Code::INTERNAL, "upstream cut a message of the stream short")
            }
            status => self.deadline.judge(settings, status),
        };
        if !self.has_head_out(settings) {
            return Err(http::stream_error_reply(settings.dialect, &status));
        }
        Ok(ResponseTrailers::Tail(self.error(settings, &status)))
    }

    /// What ends the stream with an error.
    fn error(&self, settings: &Settings, status: &Status) -> Vec<u8> {
        let within_line = self.line.as_ref().is_some_and(|line| line.cut);
        self.framing
            .error(&http::error_line(settings.dialect, status), within_line)
    }

    /// The line that tells of an upstream that was lost, or of a timeout of the proxy's.
    pub(super) fn lost(&self, settings: &Settings, details: &str) -> Vec<u8> {
        // By windows: searching for a `&str` brings a kilobyte of code.
        let has = |word: &[u8]| details.as_bytes().windows(word.len()).any(|at| at == word);
        // Since 3.7 etcd ends a stream whose deadline passes by a reset, as every new grpc-go does.
        if self.deadline.has_passed(settings) || (self.deadline.is_set() && has(b"remote_reset")) {
            return self.error(settings, &deadline::exceeded());
        }
        let timed_out = has(b"timeout") || has(b"duration");
        let code = if timed_out {
            Code::DEADLINE_EXCEEDED
        } else {
            Code::UNAVAILABLE
        };
        self.error(settings, &Status::new(code, details.replace('_', " ")))
    }
}
