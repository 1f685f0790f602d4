//! HTTP clients for tests, blocking, over HTTP/1.1 ([`h1`]) and HTTP/2 with prior knowledge ([`h2`]).
//!
//! They send what a test says and nothing else, and report what came back to the byte: header order, chunk
//! boundaries, and whether the answer ended or was cut. Nothing waits longer than [`PATIENCE`].

pub mod h1;
pub mod h2;

use std::time::Duration;

/// How long a client waits for the next bytes before it reports a timeout.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How much of a body a failed test shows.
const SHOWN_BYTES: usize = 300;

/// A request to send in one go.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, any token.
    pub method: String,
    /// The request target.
    pub path: String,
    /// Fields in order; values may be any bytes.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Body,
    /// Trailers; over HTTP/1.1 only with a chunked body.
    pub trailers: Vec<(String, Vec<u8>)>,
}

/// How a request's body is sent.
#[derive(Clone, Debug)]
pub enum Body {
    /// Headers only: no framing fields in HTTP/1.1, END_STREAM on the HEADERS frame in HTTP/2.
    None,
    /// With `content-length`, in one piece.
    Sized(Vec<u8>),
    /// Without `content-length`: one chunk, or one DATA frame, for each piece.
    Pieces(Vec<Vec<u8>>),
}

impl Request {
    /// A request without a body.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Body::None,
            trailers: Vec::new(),
        }
    }

    /// A POST with `content-length`.
    pub fn post(path: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new("POST", path).body(Body::Sized(body.as_ref().to_vec()))
    }

    /// With another method.
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// With this body.
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With one more trailer.
    pub fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.trailers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }
}

/// How a response came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As its framing promised.
    Clean,
    /// The connection closed, or the stream was reset, before that.
    Cut,
}

/// A whole response, or what came of it before it was cut.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Fields in order, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body's pieces: chunks as they were framed in HTTP/1.1, DATA frames in HTTP/2; one piece for a body with
    /// `content-length`.
    pub pieces: Vec<Vec<u8>>,
    /// Trailers, names in lower case.
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Whether all of it came.
    pub end: End,
}

impl Response {
    /// The whole body.
    pub fn body(&self) -> Vec<u8> {
        self.pieces.concat()
    }

    /// The whole body as text; bytes that are not UTF-8 show as U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body()).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not JSON.
    pub fn json(&self) -> serde_json::Value {
        let body = self.body();
        serde_json::from_slice(&body)
            .unwrap_or_else(|error| panic!("{error} in the body of {self:?}"))
    }

    /// The gRPC code in a whole JSON error with an HTTP status of 400 or more; None for any other answer.
    pub fn json_error(&self) -> Option<u64> {
        let typed = self.header("content-type").as_deref() == Some("application/json");
        if self.status < 400 || self.end != End::Clean || !typed {
            return None;
        }
        let body: serde_json::Value = serde_json::from_slice(&self.body()).ok()?;
        body.get("code")?.as_u64().filter(|&code| code > 0)
    }

    /// The first value of a header as text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.values(name)
            .first()
            .map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// All values of a header.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let matching = self
            .headers
            .iter()
            .filter(|(candidate, _)| candidate == name);
        matching.map(|(_, value)| value.as_slice()).collect()
    }
}

/// As a person reads it: this is what a failed test shows.
impl std::fmt::Debug for Response {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} ({:?})", self.status, self.end)?;
        for (name, value) in &self.headers {
            write!(formatter, " {name}: {};", value.escape_ascii())?;
        }
        let body = self.body();
        let shown = body.get(..SHOWN_BYTES).unwrap_or(&body);
        write!(
            formatter,
            " {} bytes in {} pieces: {}",
            body.len(),
            self.pieces.len(),
            String::from_utf8_lossy(shown)
        )?;
        for (name, value) in &self.trailers {
            write!(formatter, " trailer {name}: {};", value.escape_ascii())?;
        }
        Ok(())
    }
}

/// Why there is no response to look at.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The connection could not be made, or broke before a response head.
    Io(std::io::Error),
    /// Nothing came for [`PATIENCE`].
    Timeout,
    /// What came is not HTTP/1.1.
    Http1(httparse::Error),
    /// The HTTP/2 stream or connection failed before a response head.
    Http2(::h2::Error),
    /// The request cannot be said in HTTP/2.
    Request(http::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(formatter, "no response: {error}"),
            Self::Timeout => write!(formatter, "nothing came for {PATIENCE:?}"),
            Self::Http1(error) => write!(formatter, "not HTTP/1.1: {error}"),
            Self::Http2(error) => write!(formatter, "no HTTP/2 response: {error}"),
            Self::Request(error) => write!(formatter, "not an HTTP/2 request: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => Self::Timeout,
            _ => Self::Io(error),
        }
    }
}

impl From<httparse::Error> for Error {
    fn from(error: httparse::Error) -> Self {
        Self::Http1(error)
    }
}

impl From<::h2::Error> for Error {
    fn from(error: ::h2::Error) -> Self {
        Self::Http2(error)
    }
}

impl From<http::Error> for Error {
    fn from(error: http::Error) -> Self {
        Self::Request(error)
    }
}
