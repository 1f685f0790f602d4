//! The response's half of a stream: frames to lines.

use super::super::broken::{Broken, check_room};
use super::super::settings::Settings;
use super::Streaming;
use crate::grpc::{Frame, Frames};
use crate::http::Framing;
use crate::schema::Method;
use crate::transcode::{BytesAs, Style, ToJson};

/// Longest part of a line, in bytes, that is kept while the memory for all exchanges is full: ten
/// thousand of them are a sixth of it.
const PIECE: usize = 4 << 10;

/// How far the response has come; the whole picture is in [`super`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its head has not come.
    #[default]
    Awaited,
    /// Its head has, and no line.
    Begun,
    /// A line has been handed out, and the head with it.
    Flowing,
}

#[derive(Debug, Default)]
pub(super) struct Response {
    state: State,
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

impl Response {
    /// Its head has come.
    pub(super) fn begin(&mut self) {
        if self.state == State::Awaited {
            self.state = State::Begun;
        }
    }

    /// Its head has gone out.
    pub(super) fn let_flow(&mut self) {
        self.state = State::Flowing;
    }

    /// Whether the client has the head of the answer, so that an error cannot change its status.
    pub(super) fn has_head_out(&self, settings: &Settings) -> bool {
        match self.state {
            State::Awaited => false,
            State::Begun => !settings.hold_heads,
            State::Flowing => true,
        }
    }

    /// Whether a line has been handed out.
    pub(super) fn flows(&self) -> bool {
        self.state == State::Flowing
    }

    /// Whether no message is incomplete.
    pub(super) fn is_between_messages(&self) -> bool {
        self.frames.is_at_boundary()
    }

    /// Whether a piece of a line has been handed out, and its end has not.
    pub(super) fn is_within_line(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.cut)
    }

    /// Length of the message that is not complete, in bytes; 0 if there is none, 1 if it is not there yet.
    pub(super) fn awaited(&self) -> usize {
        match &self.line {
            Some(line) => line.length as usize,
            None => usize::from(!self.frames.is_at_boundary()),
        }
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.line.as_ref().map_or(0, Line::held)
    }
}

impl Streaming {
    /// Turns the complete messages in a piece of the answer into lines.
    pub(super) fn transcode(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        lines: &mut Vec<Vec<u8>>,
    ) -> Result<(), Broken> {
        let result = self.push_lines(settings, chunk, lines);
        if !lines.is_empty() {
            self.response.state = State::Flowing;
        }
        result
    }

    fn push_lines(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        lines: &mut Vec<Vec<u8>>,
    ) -> Result<(), Broken> {
        let method = self.method();
        let Response { frames, line, .. } = &mut self.response;
        let mut rest = chunk;
        while let Some(frame) = frames.next(&mut rest)? {
            match (frame, &mut *line) {
                (Frame::Begin(length), _) => {
                    *line = Some(Line::new(
                        settings,
                        method,
                        self.framing,
                        self.bytes_as,
                        length,
                    ));
                }
                (Frame::Data(data), Some(line)) => {
                    if let Some(piece) = line.push(settings, data)? {
                        lines.push(piece);
                    }
                }
                (Frame::End, Some(ended)) => {
                    self.request.answered();
                    lines.push(ended.end(self.framing, self.watch.is_from_now())?);
                    *line = None;
                }
                (Frame::Data(_) | Frame::End, None) => {}
            }
        }
        Ok(())
    }
}

impl Line {
    /// The line of a message of this length.
    fn new(
        settings: &Settings,
        method: &'static Method,
        framing: Framing,
        bytes_as: BytesAs,
        length: u32,
    ) -> Self {
        // Every gateway escapes stream lines so.
        let style = Style {
            escape_html: true,
            bytes_as,
        };
        let message = if settings.memory.is_full_for_answers(0) {
            ToJson::streaming(method.response, length, style)
        } else {
            ToJson::new(method.response, length, style)
        };
        Self {
            message,
            length,
            text: framing.open(),
            cut: false,
        }
    }

    /// Adds bytes of the message; what is to go out of it now, for the line is too long to be kept.
    fn push(&mut self, settings: &Settings, data: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        let room = data.len().saturating_add(data.len() / 2);
        self.text.reserve(room);
        self.message.push(data, &mut self.text)?;
        check_room(settings, &self.message)?;
        let most = if self.cut || settings.memory.is_full_for_answers(self.held()) {
            PIECE
        } else {
            settings.stream_document
        };
        if self.text.len() <= most {
            return Ok(None);
        }
        self.cut = true;
        Ok(Some(std::mem::take(&mut self.text)))
    }

    /// Ends the message; what is left of the line.
    fn end(&mut self, framing: Framing, from_now: bool) -> Result<Vec<u8>, Broken> {
        self.message.push(&[], &mut self.text)?;
        framing.close(!self.cut, from_now, &mut self.text);
        let mut text = std::mem::take(&mut self.text);
        // It may wait, together with thousands.
        if text.capacity() / 2 > text.len() {
            text.shrink_to_fit();
        }
        Ok(text)
    }

    /// Bytes that it takes.
    fn held(&self) -> usize {
        self.text.capacity().saturating_add(self.message.held())
    }
}
