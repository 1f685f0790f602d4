//! A streaming call over WebSocket: frames around the two halves of a [`Streaming`] call.
//!
//! A client sends nothing before its handshake is answered, and etcd answers nothing before it has a message. So the
//! first message is the gateway's own, the *primer*, which asks for nothing that a client would notice; what etcd says to
//! it opens the socket and is kept from the client.
//!
//! ```text
//!   head ─► primer out ─► etcd's head: 101 ─► open ─► closed: a close frame has gone out, and nothing follows
//! ```
//!
//! Before the 101 an error is a reply with an HTTP status, and behind it a message and a close frame.

mod primer;

use super::action::{AnswerHead, RequestBody, ResponseBody, ResponseTrailers};
use super::lost::Lost;
use super::memory::Held;
use super::refusal::error;
use super::settings::Settings;
use super::streaming::Streaming;
use crate::grpc::Code;
use crate::headers::{Header, Headers};
use crate::http::websocket::{
    Close, Documents, Event, Handshake, PING, Reader, bearer_token, cookie_token, pong,
};
use crate::http::{Cors, Reason, Reply};
use crate::schema::Method;
use primer::Primer;

/// Most bytes of documents that leave as one piece: a frame of HTTP/2.
const MOST_TOGETHER: usize = 16 << 10;

/// A socket and the call that it carries.
#[derive(Debug)]
pub(super) struct Socket {
    stream: Streaming,
    /// The offer, until it is answered.
    handshake: Option<Handshake>,
    primer: Primer,
    reader: Reader,
    documents: Documents,
    /// The answer to the last ping, until it is asked for.
    pong: Option<Vec<u8>>,
    /// Whether a close frame has been handed out.
    closed: bool,
}

impl Socket {
    /// The socket of a call, whose handshake is answered once etcd has answered.
    pub(super) fn new(stream: Streaming, handshake: Handshake) -> Self {
        Self {
            primer: Primer::of(stream.method()),
            stream,
            handshake: Some(handshake),
            reader: Reader::default(),
            documents: Documents::default(),
            pong: None,
            closed: false,
        }
    }

    /// The method that is called.
    pub(super) fn method(&self) -> &'static Method {
        self.stream.method()
    }

    /// The call.
    pub(super) fn stream(&self) -> &Streaming {
        &self.stream
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> Held {
        self.stream.held()
    }

    /// Whether a frame, a message or a value of one has begun and not come to its end.
    pub(super) fn awaits_request(&self) -> bool {
        !self.closed && (self.reader.is_within() || self.stream.is_within_request())
    }

    /// What to send a client so that silence is not taken for the end.
    pub(super) fn heartbeat() -> &'static [u8] {
        PING
    }

    /// A frame to send besides what the call brings, of which only the latest is worth sending.
    pub(super) fn take_pong(&mut self) -> Option<Vec<u8>> {
        self.pong.take()
    }
}

/// What the client sends.
impl Socket {
    /// The next bytes from the client; `end` if it has closed its side.
    pub(super) fn request_body(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        end: bool,
    ) -> Result<RequestBody, Reply> {
        if self.closed {
            return Ok(RequestBody::Send(Vec::new()));
        }
        let mut frames = self.primer.take();
        let mut json = Vec::new();
        if let Some(close) = self.read(settings, chunk, &mut json) {
            return self.close(settings, close);
        }
        if end {
            return self.close(settings, Close::DONE);
        }
        if json.is_empty() {
            return Ok(RequestBody::Send(frames));
        }
        let read = self.stream.request_body(settings, json, false);
        Ok(match self.framed(read)? {
            RequestBody::Send(mut requests) => {
                frames.append(&mut requests);
                RequestBody::Send(frames)
            }
            other => other,
        })
    }

    /// Reads frames, and appends the text of messages, each with a line end behind it; how to close the socket, if it is
    /// to be closed.
    fn read(&mut self, settings: &Settings, chunk: &[u8], json: &mut Vec<u8>) -> Option<Close> {
        let mut rest = chunk;
        loop {
            match self.reader.next(&mut rest, settings.max_body, json) {
                Ok(Some(Event::MessageEnd)) => json.push(b'\n'),
                Ok(Some(Event::Ping(payload))) => self.pong = Some(pong(&payload)),
                Ok(None) => return None,
                Ok(Some(Event::Close(close))) | Err(close) => return Some(close),
            }
        }
    }

    /// Ends the call for what the client has sent, or has not.
    fn close(&mut self, settings: &Settings, close: Close) -> Result<RequestBody, Reply> {
        self.closed = true;
        self.stream.abandon(close.is_violation());
        if self.handshake.is_none() {
            return Ok(RequestBody::End(close.frame()));
        }
        let message = match close.reason() {
            "" => "the socket was closed before it was open",
            reason => reason,
        };
        Err(error(
            settings,
            Code::INVALID_ARGUMENT,
            message,
            Reason::WebSocket,
        ))
    }

    /// Ends the call for a request that is not to be held any longer.
    pub(super) fn refuse_full(&mut self, settings: &Settings) -> Result<RequestBody, Reply> {
        let refused = self.stream.refuse_full(settings);
        self.framed(refused)
    }

    /// Ends the call for a request that does not come to its end.
    pub(super) fn refuse_overdue(&mut self, settings: &Settings) -> Result<RequestBody, Reply> {
        let refused = self.stream.refuse_overdue(settings);
        self.framed(refused)
    }

    /// The same as it is over a socket: nothing is held, and an error has a close frame behind it.
    fn framed(&mut self, body: Result<RequestBody, Reply>) -> Result<RequestBody, Reply> {
        Ok(match body? {
            RequestBody::Hold | RequestBody::HoldLoosely => RequestBody::Send(Vec::new()),
            RequestBody::End(line) => RequestBody::End(self.last(&line)),
            other => other,
        })
    }
}

/// What etcd sends.
impl Socket {
    pub(super) fn response_head<'a>(
        &mut self,
        settings: &Settings,
        headers: &Headers<'a>,
        end: bool,
        origin: impl FnOnce() -> Option<String>,
    ) -> Result<AnswerHead<'a>, Reply> {
        match self.stream.response_head(settings, headers, end, origin)? {
            AnswerHead::Begins(list) => {
                self.stream.let_flow();
                Ok(match self.handshake.take() {
                    Some(handshake) => AnswerHead::Opens(handshake.headers()),
                    None => AnswerHead::Begins(list),
                })
            }
            other => Ok(other),
        }
    }

    pub(super) fn response_body(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        end: bool,
    ) -> Result<ResponseBody, Reply> {
        Ok(match self.stream.response_body(settings, chunk, end)? {
            ResponseBody::Lines { lines, awaited } => ResponseBody::Lines {
                lines: self.pieces(lines),
                awaited,
            },
            ResponseBody::LastLines(mut lines) => {
                let error = lines.pop().unwrap_or_default();
                let mut pieces = self.pieces(lines);
                pieces.push(self.last(&error));
                ResponseBody::LastLines(pieces)
            }
            other => other,
        })
    }

    pub(super) fn response_trailers(
        &mut self,
        settings: &Settings,
        trailers: &Headers<'_>,
    ) -> Result<ResponseTrailers, Reply> {
        Ok(match self.stream.response_trailers(settings, trailers)? {
            ResponseTrailers::Tail(line) => ResponseTrailers::Tail(self.last(&line)),
            other => other,
        })
    }

    /// What ends the socket whose upstream was lost.
    pub(super) fn lost(&mut self, settings: &Settings, lost: Lost) -> Vec<u8> {
        let line = self.stream.lost(settings, lost);
        self.last(&line)
    }

    /// The frames of lines, in few pieces, but for what is not the client's.
    fn pieces(&mut self, lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        for line in lines {
            if self.primer.takes(&line) {
                continue;
            }
            match pieces.last_mut() {
                Some(piece) if piece.len().saturating_add(line.len()) <= MOST_TOGETHER => {
                    self.documents.push(&line, piece);
                }
                _ => {
                    let mut piece = Vec::new();
                    self.documents.push(&line, &mut piece);
                    pieces.push(piece);
                }
            }
        }
        pieces
    }

    /// The last frames: an error's line, if there is one, and how the socket is closed.
    fn last(&mut self, line: &[u8]) -> Vec<u8> {
        let mut frames = Vec::new();
        if std::mem::replace(&mut self.closed, true) {
            return frames;
        }
        let close = match self.stream.ending().map(|ending| ending.reason) {
            Some(Reason::TooLarge) => Close::TOO_LARGE,
            _ if line.is_empty() => Close::DONE,
            _ => Close::FAILED,
        };
        if !line.is_empty() {
            self.documents.push(line, &mut frames);
            if !line.ends_with(b"\n") {
                self.documents.push(b"\n", &mut frames);
            }
        }
        frames.append(&mut close.frame());
        frames
    }
}

/// Changes the headers of the call that a handshake makes: what speaks of the socket ends here, and the token that a page
/// can send becomes the call's. A cookie's counts only for pages that are the gateway's own or are named in `cors`, for
/// browsers send it whoever's page it is.
pub(super) fn adapt<'a>(headers: &Headers<'a>, cors: &Cors, list: &mut Vec<Header<'a>>) {
    list.retain(|(name, _)| !name.starts_with(b"sec-websocket-"));
    let (origin, authority) = (headers.get("origin"), headers.get(":authority"));
    let cookie = cookie_token(headers).filter(|_| cors.trusts(origin, authority));
    if let Some(token) = cookie.or_else(|| bearer_token(headers)) {
        list.retain(|(name, _)| &**name != b"authorization");
        list.push((b"authorization".into(), token.into()));
    }
}
