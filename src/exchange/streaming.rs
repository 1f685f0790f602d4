//! A streaming call: JSON values to messages and messages to lines, both as they come.

use super::action::{RequestBody, ResponseBody, ResponseTrailers};
use super::settings::Settings;
use super::unary::{check_grpc, status_of};
use super::values::Values;
use crate::grpc::{Code, Frame, Frames, HEADER_LEN, Status, seal};
use crate::http::{self, Header, Headers, Reply};
use crate::schema::Method;
use crate::transcode::{Style, ToJson, from_json};

/// What a line begins and ends with, around the message.
const OPEN: &[u8] = b"{\"result\":";
const CLOSE: &[u8] = b"}\n";

/// A streaming call's state.
#[derive(Debug)]
pub(super) struct Streaming {
    method: &'static Method,
    values: Values,
    /// Whether a request message has been sent.
    requested: bool,
    /// Whether a request value has been refused, which ends the stream.
    refused: bool,
    /// Whether the head of the answer has come.
    answering: bool,
    /// Whether a line has been handed out.
    started: bool,
    frames: Frames,
    /// The message that is being read.
    line: Option<Line>,
}

#[derive(Debug)]
struct Line {
    message: ToJson,
    length: u32,
    text: Vec<u8>,
}

impl Streaming {
    pub(super) fn new(method: &'static Method) -> Self {
        Self {
            method,
            values: Values::default(),
            requested: false,
            refused: false,
            answering: false,
            started: false,
            frames: Frames::default(),
            line: None,
        }
    }

    /// The refusal of a request without a body: a stream cannot be opened for it.
    pub(super) fn no_body(settings: &Settings) -> Reply {
        let message = "this call needs a body: at least one JSON object, such as {}";
        http::error_reply(
            settings.dialect,
            &Status::new(Code::INVALID_ARGUMENT, message),
        )
    }

    pub(super) fn request_body(
        &mut self,
        settings: &Settings,
        chunk: Vec<u8>,
        end: bool,
    ) -> Result<RequestBody, Reply> {
        if self.refused || self.requested && !self.method.client_streaming {
            // One message is all that the call takes, and nothing follows what was refused.
            return Ok(RequestBody::Send(Vec::new()));
        }
        self.values.push(chunk);
        let mut frames = Vec::new();
        while let Some(value) = self.values.next(end) {
            if let Err(status) = push_message(self.method, settings, value, &mut frames) {
                return self.refuse(settings, &status);
            }
            self.requested = true;
            if !self.method.client_streaming {
                break;
            }
        }
        if self.values.pending() > settings.max_body {
            let status = super::unary::too_large_status(settings);
            return self.refuse(settings, &status);
        }
        if end && !self.requested {
            if self.method.client_streaming {
                return Err(Self::no_body(settings));
            }
            self.requested = true;
            frames.resize(HEADER_LEN, 0); // the empty message
        }
        Ok(RequestBody::Send(frames))
    }

    /// Whether the client has the head, so that an error cannot change its status any more.
    fn has_head_out(&self, settings: &Settings) -> bool {
        self.started || self.answering && !settings.hold_heads
    }

    /// Ends the stream for a request value that cannot be sent.
    fn refuse(&mut self, settings: &Settings, status: &Status) -> Result<RequestBody, Reply> {
        self.refused = true;
        if self.has_head_out(settings) {
            return Ok(RequestBody::End(http::error_line(settings.dialect, status)));
        }
        match status.code {
            Code::RESOURCE_EXHAUSTED => Err(http::error_reply_as(settings.dialect, 413, status)),
            _ => Err(http::error_reply(settings.dialect, status)),
        }
    }

    pub(super) fn response_head<'a>(
        &mut self,
        settings: &Settings,
        headers: &Headers<'a>,
        end: bool,
        origin: impl FnOnce() -> Option<String>,
    ) -> Result<Vec<Header<'a>>, Reply> {
        check_grpc(settings, headers, origin)?;
        if end {
            return Err(match status_of(headers) {
                status if status.code == Code::OK => http::success(Vec::new()),
                status => http::stream_error_reply(settings.dialect, &status),
            });
        }
        self.answering = true;
        Ok(http::response_headers(headers))
    }

    pub(super) fn response_body(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        end: bool,
    ) -> Result<ResponseBody, Reply> {
        let mut lines = Vec::new();
        let mut failure = self.transcode(settings, chunk, &mut lines).err();
        if end && failure.is_none() {
            failure = Some("upstream ended the stream without a gRPC status".to_owned());
        }
        self.started |= !lines.is_empty();
        if let Some(failure) = failure {
            let status = Status::new(Code::INTERNAL, failure);
            if !self.has_head_out(settings) {
                return Err(http::stream_error_reply(settings.dialect, &status));
            }
            lines.push(http::error_line(settings.dialect, &status));
            return Ok(ResponseBody::LastLines(lines));
        }
        let awaited = self.line.as_ref().map_or(0, |line| line.length);
        Ok(ResponseBody::Lines {
            lines,
            awaited: awaited as usize,
        })
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
                    let message =
                        ToJson::new(self.method.response, length, Style { escape_html: true });
                    *line = Some(Line {
                        message,
                        length,
                        text: OPEN.to_vec(),
                    });
                }
                (Frame::Data(data), Some(line)) => {
                    line.text.reserve(data.len().saturating_add(data.len() / 2));
                    line.message
                        .push(data, &mut line.text)
                        .map_err(|error| error.to_string())?;
                    if line.text.len() > settings.stream_document {
                        // Too long to be kept: it goes out in pieces.
                        lines.push(std::mem::take(&mut line.text));
                    }
                }
                (Frame::End, Some(line)) => {
                    line.message
                        .push(&[], &mut line.text)
                        .map_err(|error| error.to_string())?;
                    line.text.extend_from_slice(CLOSE);
                    lines.push(std::mem::take(&mut line.text));
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
            status if status.code == Code::OK => {
                Status::new(Code::INTERNAL, "upstream cut a message of the stream short")
            }
            status => status,
        };
        if !self.has_head_out(settings) {
            return Err(http::stream_error_reply(settings.dialect, &status));
        }
        Ok(ResponseTrailers::Tail(http::error_line(
            settings.dialect,
            &status,
        )))
    }

    /// The line that tells of an upstream that was lost, or of a timeout of the proxy's.
    pub(super) fn lost(&self, settings: &Settings, details: &str) -> Vec<u8> {
        let timed_out = details.contains("timeout") || details.contains("duration");
        let code = if timed_out {
            Code::DEADLINE_EXCEEDED
        } else {
            Code::UNAVAILABLE
        };
        http::error_line(
            settings.dialect,
            &Status::new(code, details.replace('_', " ")),
        )
    }
}

/// Appends the frame of the message that one JSON value stands for.
fn push_message(
    method: &'static Method,
    settings: &Settings,
    value: &[u8],
    frames: &mut Vec<u8>,
) -> Result<(), Status> {
    let start = frames.len();
    let contents = start.saturating_add(HEADER_LEN);
    frames.resize(contents, 0);
    let limit = contents.saturating_add(settings.max_message);
    from_json(method.request, value, limit, frames).map_err(|error| {
        if error.is_too_large() {
            super::unary::too_large_status(settings)
        } else {
            Status::new(Code::INVALID_ARGUMENT, error.to_string())
        }
    })?;
    if frames.len() > limit {
        return Err(super::unary::too_large_status(settings));
    }
    seal(frames.get_mut(start..).unwrap_or_default());
    Ok(())
}
