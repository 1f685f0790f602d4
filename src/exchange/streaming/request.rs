//! The request's half of a stream: JSON values to frames.

use super::super::guard::Guard;
use super::super::message::{Source, push_message};
use super::super::refusal::too_large;
use super::super::settings::Settings;
use super::super::watch::{Watch, names_nothing};
use crate::grpc::{Code, HEADER_LEN, Status, seal};
use crate::schema::Method;
use crate::transcode::{BytesAs, Values};

/// How far the request has come; the whole picture is in [`super`].
#[derive(Debug)]
enum State {
    /// The query string has given the one message, as this frame, and the body is awaited in whose place it goes out.
    Query(Vec<u8>),
    /// No message has come.
    First,
    /// A message has, and more may follow.
    More,
    /// The body has come to its end, and its request must not end yet.
    KeptOpen,
    /// What still comes counts for nothing.
    Done,
    /// The stream has been ended with an error: nothing follows in either direction.
    Failed,
}

/// What a piece of the body has brought.
pub(super) enum Read {
    /// The end of a body without a message, where the call needs one.
    Nothing,
    /// A part of the first message, which can be held together with the request.
    Unfinished,
    /// The frames of its messages, if any.
    Frames(Vec<u8>),
    /// The end of a request that is to be kept open.
    End,
}

#[derive(Debug)]
pub(super) struct Request {
    guard: Guard,
    state: State,
    values: Values,
    bytes_as: BytesAs,
    source: Source,
    /// Messages to which no answer has come: what is known of a keepalive, which answers each.
    unanswered: usize,
}

impl Request {
    pub(super) fn new(guard: Guard, bytes_as: BytesAs, source: Source) -> Self {
        Self {
            guard,
            state: State::First,
            values: Values::default(),
            bytes_as,
            source,
            unanswered: 0,
        }
    }

    /// Takes the one message from the JSON text of a query string; the body counts for nothing then.
    pub(super) fn take_query(
        &mut self,
        settings: &Settings,
        watch: &mut Watch,
        json: &[u8],
    ) -> Result<(), Status> {
        let mut frame = Vec::new();
        self.source = Source::Query;
        self.push_frame(settings, watch, json, &mut frame)?;
        // Of a body there may be several, and one that begins says nothing of the others.
        watch.note(self.guard.method(), &frame);
        self.state = State::Query(frame);
        Ok(())
    }

    /// Reads the next piece of the body, the last if it is the `end`.
    pub(super) fn read(
        &mut self,
        settings: &Settings,
        watch: &Watch,
        chunk: Vec<u8>,
        end: bool,
    ) -> Result<Read, Status> {
        match &mut self.state {
            State::Query(frame) => {
                let frame = std::mem::take(frame);
                self.state = State::Done;
                return Ok(Read::Frames(frame));
            }
            State::Done | State::Failed => return Ok(Read::Frames(Vec::new())),
            State::First | State::More | State::KeptOpen => {}
        }
        let method = self.guard.method();
        self.values.push(chunk, settings.max_body);
        let mut frames = self.frames(settings, watch, end)?;
        match self.state {
            State::First if end && method.client_streaming => return Ok(Read::Nothing),
            State::First if end => {
                self.push_frame(settings, watch, b"", &mut frames)?; // the empty message
                self.state = State::Done;
            }
            State::First if self.values.pending() <= settings.held_body() => {
                return Ok(Read::Unfinished);
            }
            _ => {}
        }
        if end && frames.is_empty() && settings.grpc_proxy && method.client_streaming {
            self.state = State::KeptOpen;
            return Ok(Read::End);
        }
        Ok(Read::Frames(frames))
    }

    /// The frames of the values that are complete.
    fn frames(&mut self, settings: &Settings, watch: &Watch, end: bool) -> Result<Vec<u8>, Status> {
        let mut frames = Vec::new();
        let mut values = std::mem::take(&mut self.values);
        while let Some(value) = values.next(end) {
            // However it came: one that comes in pieces is refused as soon as it is so long.
            if value.len() > settings.max_body {
                return Err(too_large(settings));
            }
            self.push_frame(settings, watch, value, &mut frames)?;
            if !self.guard.method().client_streaming {
                self.state = State::Done;
                return Ok(frames);
            }
            self.state = State::More;
        }
        self.values = values;
        if self.values.pending() > settings.max_body {
            return Err(too_large(settings));
        }
        Ok(frames)
    }

    /// Appends the frame of the message that one JSON value stands for.
    fn push_frame(
        &mut self,
        settings: &Settings,
        watch: &Watch,
        value: &[u8],
        frames: &mut Vec<u8>,
    ) -> Result<(), Status> {
        let mut frame = vec![0; HEADER_LEN];
        push_message(
            settings,
            &mut self.guard,
            value,
            self.bytes_as,
            self.source,
            &mut frame,
        )?;
        let method = self.guard.method();
        seal(&mut frame);
        // An empty object behind the first request is ignored, as etcd ignores it: nobody waits for its answer.
        let asks = matches!(self.state, State::First) || value.contains(&b'"');
        if asks && names_nothing(method, frame.get(HEADER_LEN..).unwrap_or_default()) {
            let message = "a watch takes create_request, cancel_request or progress_request, and this request has none of them";
            return Err(Status::new(Code::INVALID_ARGUMENT, message));
        }
        watch.resume(method, &mut frame);
        self.unanswered = self.unanswered.saturating_add(1);
        if frames.is_empty() {
            *frames = frame;
        } else {
            frames.append(&mut frame);
        }
        Ok(())
    }

    /// The method that is called.
    pub(super) fn method(&self) -> &'static Method {
        self.guard.method()
    }

    /// Notes that a message has been answered.
    pub(super) fn answered(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Whether all messages have been answered.
    pub(super) fn is_answered(&self) -> bool {
        self.unanswered == 0
    }

    /// Whether it has been kept open for answers that have come now.
    pub(super) fn ends(&mut self) -> bool {
        let ends = matches!(self.state, State::KeptOpen) && self.is_answered();
        if ends {
            self.state = State::Done;
        }
        ends
    }

    /// Whether a message has begun, or is still to come first, and has not come to its end.
    pub(super) fn is_awaited(&self) -> bool {
        match self.state {
            State::Query(_) | State::First => true,
            State::More | State::KeptOpen => self.values.pending() > 0,
            State::Done | State::Failed => false,
        }
    }

    /// Whether a message has begun and not come to its end.
    pub(super) fn is_within(&self) -> bool {
        self.values.pending() > 0
    }

    /// Ends the stream with an error.
    pub(super) fn fail(&mut self) {
        self.state = State::Failed;
        self.values = Values::default();
    }

    /// Whether it has been ended so.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.state, State::Failed)
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.values.held()
    }
}
