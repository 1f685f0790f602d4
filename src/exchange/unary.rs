//! A unary call: one JSON body to one message, one message to one JSON body.

use super::action::{AnswerHead, RequestBody, RequestTrailers, ResponseBody, ResponseTrailers};
use super::broken::{Broken, check_room};
use super::call::{Answered, Call, TOO_LARGE_AN_ANSWER};
use super::course::Ending;
use super::deadline::Deadline;
use super::guard::Guard;
use super::head::may_have_trailers;
use super::lost::Lost;
use super::memory::Held;
use super::message::{Source, push_message};
use super::refusal::{bad_request, check_grpc, error, status_of, too_large};
use super::settings::Settings;
use crate::growth::append;
use crate::grpc::{Code, Frame, Frames, HEADER_LEN, Status, seal};
use crate::http::{self, Headers, Reason, Reply};
use crate::schema::Method;
use crate::transcode::{BytesAs, Style, ToJson};

/// Longest answer, in bytes of JSON text, that is kept back until its status is known, so that an
/// error that comes late still gets its HTTP status and a success its `Content-Length`.
///
/// Kept low because the host may not take back more than its buffer limit once it has waited.
pub const HOLD_LIMIT: usize = 8 << 10;

/// JSON text is at most this many times longer than its message: `38 01` is
/// `"raftAppliedIndex":"1",`.
const MAX_EXPANSION: usize = 16;

/// Longest text of an answer to a call, in bytes, which is sent at once and so is there at once.
const MAX_CALL_TEXT: usize = 128 << 20;

/// Bytes of such an answer that become text at a time.
const CALL_PIECE: usize = 1 << 20;

/// A unary call's state.
#[derive(Debug)]
pub(super) struct Unary {
    guard: Guard,
    /// `Content-Length` of the request.
    length: Option<u64>,
    bytes_as: BytesAs,
    source: Source,
    deadline: Deadline,
    /// What the client has sent so far; `None` once it has become a message.
    body: Option<Vec<u8>>,
    /// Whether the request is held until its message can be sent.
    holds: bool,
    frames: Frames,
    answer: Answer,
    /// JSON text that is kept back.
    held: Vec<u8>,
    /// Whether some of the answer has gone out already.
    sent: bool,
}

/// How far the answer has come.
#[derive(Debug)]
enum Answer {
    Awaited,
    Begun(ToJson, usize),
    Complete,
}

impl Unary {
    pub(super) fn new(
        guard: Guard,
        headers: &Headers<'_>,
        bytes_as: BytesAs,
        deadline: Deadline,
    ) -> Self {
        let length = headers.get("content-length");
        let length = length.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        Self {
            guard,
            length,
            bytes_as,
            source: Source::body(headers),
            deadline,
            body: Some(Vec::new()),
            // Trailers may end a body of unannounced length, behind which only a held request takes a message.
            holds: may_have_trailers(headers),
            frames: Frames::default(),
            answer: Answer::Awaited,
            held: Vec::new(),
            sent: false,
        }
    }

    /// Refuses a body whose announced length cannot fit.
    pub(super) fn check_length(&self, settings: &Settings) -> Result<(), Reply> {
        match self.length.map(usize::try_from) {
            Some(length) if length.is_ok_and(|length| length <= settings.max_body) => Ok(()),
            None => Ok(()),
            Some(_) => Err(bad_request(settings, &too_large(settings))),
        }
    }

    /// Has the request held until its message can be sent.
    pub(super) fn hold(&mut self) {
        self.holds = true;
    }

    /// The method that is called.
    pub(super) fn method(&self) -> &'static Method {
        self.guard.method()
    }

    /// Whether the body has not come to its end.
    pub(super) fn awaits_request(&self) -> bool {
        self.body.is_some()
    }

    pub(super) fn request_body(
        &mut self,
        settings: &Settings,
        chunk: Vec<u8>,
        end: bool,
    ) -> Result<RequestBody, Reply> {
        let Some(body) = &mut self.body else {
            return Ok(RequestBody::Send(Vec::new()));
        };
        if body.len().saturating_add(chunk.len()) > settings.max_body {
            return Err(bad_request(settings, &too_large(settings)));
        }
        append(body, chunk, settings.max_body);
        // The end comes as a callback of its own in HTTP/1; a known length need not wait for it.
        if !end && self.length != Some(body.len() as u64) {
            return Ok(if self.holds && body.len() <= settings.held_body() {
                RequestBody::Hold
            } else {
                RequestBody::Send(Vec::new())
            });
        }
        let mut frame = self.message(settings, HEADER_LEN)?;
        seal(&mut frame);
        Ok(RequestBody::Send(frame))
    }

    pub(super) fn request_trailers(
        &mut self,
        settings: &Settings,
    ) -> Result<RequestTrailers, Reply> {
        if self.body.is_none() {
            return Ok(RequestTrailers::Drop);
        }
        if self.length.is_some_and(|length| length > 0) {
            let message = "the body is shorter than its content-length";
            return Err(error(
                settings,
                Code::INVALID_ARGUMENT,
                message,
                Reason::BadJson,
            ));
        }
        let mut frame = self.message(settings, HEADER_LEN)?;
        seal(&mut frame);
        Ok(RequestTrailers::Send(frame))
    }

    /// Bytes that are held of the request, and of the answer or its text.
    pub(super) fn held(&self) -> Held {
        let message = match &self.answer {
            Answer::Begun(to_json, _) => to_json.held(),
            Answer::Awaited | Answer::Complete => 0,
        };
        Held {
            request: self.body.as_ref().map_or(0, Vec::capacity),
            answer: self.held.capacity().saturating_add(message),
        }
    }

    /// The call with the body so far as its message.
    pub(super) fn call(&mut self, settings: &Settings, call: Call) -> Result<Call, Reply> {
        Ok(Call {
            message: self.message(settings, 0)?,
            ..call
        })
    }

    /// The message that the body stands for, behind `reserved` bytes.
    fn message(&mut self, settings: &Settings, reserved: usize) -> Result<Vec<u8>, Reply> {
        let body = self.body.take().unwrap_or_default();
        let mut message = Vec::with_capacity(
            body.len()
                .min(settings.max_message)
                .saturating_add(reserved),
        );
        message.resize(reserved, 0);
        push_message(
            settings,
            &mut self.guard,
            &body,
            self.bytes_as,
            self.source,
            &mut message,
        )
        .map_err(|status| bad_request(settings, &status))?;
        Ok(message)
    }

    pub(super) fn response_head<'a>(
        &mut self,
        settings: &Settings,
        headers: &Headers<'a>,
        end: bool,
        origin: impl FnOnce() -> Option<String>,
    ) -> Result<AnswerHead<'a>, Reply> {
        check_grpc(settings, headers, origin, self.deadline)?;
        if end {
            return Err(match self.status_of(settings, headers) {
                (status, _) if status.code == Code::OK => Broken::NoMessage.reply(settings),
                (status, reason) => http::error_reply(settings.dialect, &status, reason),
            });
        }
        Ok(AnswerHead::Begins(http::response_headers(headers)))
    }

    pub(super) fn response_body(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        end: bool,
    ) -> Result<ResponseBody, Reply> {
        let mut text = std::mem::take(&mut self.held);
        self.transcode(settings, chunk, &mut text)
            .map_err(|broken| broken.reply(settings))?;
        if end {
            return Err(Broken::NoStatus.reply(settings));
        }
        let bound = match &self.answer {
            Answer::Complete => text.len(),
            Answer::Begun(_, length) => length.saturating_mul(MAX_EXPANSION),
            Answer::Awaited => return Ok(ResponseBody::HoldLoosely),
        };
        if self.sent || bound > HOLD_LIMIT {
            self.sent = true;
            return Ok(ResponseBody::Send(text));
        }
        self.held = text;
        Ok(ResponseBody::Hold)
    }

    fn style(&self, settings: &Settings) -> Style {
        Style {
            escape_html: settings.dialect.escapes_html(),
            bytes_as: self.bytes_as,
        }
    }

    /// Transcodes a piece of the answer.
    fn transcode(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        text: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        let style = self.style(settings);
        let mut rest = chunk;
        while let Some(frame) = self.frames.next(&mut rest)? {
            match (frame, &mut self.answer) {
                (Frame::Begin(length), Answer::Awaited) => {
                    let to_json = if settings.memory.is_full_for_answers(0) {
                        ToJson::streaming(self.guard.method().response, length, style)
                    } else {
                        ToJson::new(self.guard.method().response, length, style)
                    };
                    self.answer = Answer::Begun(to_json, length as usize);
                }
                (Frame::Begin(_), _) => {
                    return Err(Broken::SecondMessage);
                }
                (Frame::Data(data), Answer::Begun(to_json, _)) => {
                    to_json.push(data, text)?;
                    check_room(settings, to_json)?;
                }
                (Frame::End, Answer::Begun(to_json, _)) => {
                    to_json.push(&[], text)?; // ends an empty one
                    self.answer = Answer::Complete;
                }
                (Frame::Data(_) | Frame::End, _) => {}
            }
        }
        Ok(())
    }

    pub(super) fn response_trailers(
        &mut self,
        settings: &Settings,
        trailers: &Headers<'_>,
    ) -> Result<ResponseTrailers, Reply> {
        match self.status_of(settings, trailers) {
            (status, reason) if status.code != Code::OK => {
                Err(http::error_reply(settings.dialect, &status, reason))
            }
            _ if !self.frames.is_at_boundary() => Err(Broken::CutShort.reply(settings)),
            _ if !matches!(self.answer, Answer::Complete) => Err(Broken::NoMessage.reply(settings)),
            _ if self.sent => Ok(ResponseTrailers::End),
            _ => Ok(ResponseTrailers::Send(std::mem::take(&mut self.held))),
        }
    }

    /// Whether nothing but the status is missing.
    pub(super) fn is_answer_whole(&self) -> bool {
        matches!(self.answer, Answer::Complete) && self.frames.is_at_boundary()
    }

    /// How the call has ended for its client.
    fn status_of(&self, settings: &Settings, headers: &Headers<'_>) -> (Status, Reason) {
        self.deadline.judge(settings, status_of(headers))
    }

    /// How the call has ended whose upstream was lost.
    pub(super) fn lost(&self, settings: &Settings, lost: Lost) -> Ending {
        let (status, reason) = lost.status(settings, self.deadline);
        Ending {
            code: status.code,
            reason,
        }
    }

    /// The reply to a call that was made beside the request.
    pub(super) fn call_answered(
        &mut self,
        settings: &Settings,
        answer: Result<&[u8], Status>,
    ) -> Answered {
        let answered = answer.is_ok();
        let text = answer.and_then(|message| self.text(settings, message, MAX_CALL_TEXT));
        let reason = |status: &Status| match status.code {
            Code::INTERNAL if answered => Reason::BrokenAnswer,
            _ if status.message == TOO_LARGE_AN_ANSWER => Reason::AnswerTooLarge,
            _ => Reason::Etcd,
        };
        Answered::Reply(match text {
            Ok(text) => http::success(text),
            Err(status) => http::error_reply(settings.dialect, &status, reason(&status)),
        })
    }

    /// The text of a whole answer, which may have not many more than `most` bytes.
    pub(super) fn text(
        &self,
        settings: &Settings,
        message: &[u8],
        most: usize,
    ) -> Result<Vec<u8>, Status> {
        let length = u32::try_from(message.len()).map_err(|_| Broken::TooLong.status())?;
        let mut text = Vec::with_capacity(message.len().saturating_mul(2));
        let style = self.style(settings);
        let mut to_json = ToJson::new(self.guard.method().response, length, style);
        let mut rest = message;
        while !to_json.is_done() {
            let (piece, after) = rest.split_at(rest.len().min(CALL_PIECE));
            rest = after;
            to_json
                .push(piece, &mut text)
                .map_err(|error| Broken::from(error).status())?;
            if text.len() > most {
                return Err(Status::new(Code::RESOURCE_EXHAUSTED, TOO_LARGE_AN_ANSWER));
            }
        }
        Ok(text)
    }
}
