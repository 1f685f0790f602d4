//! A streaming call that a test drives from the client's side, over either version of HTTP.

use std::net::SocketAddr;

use serde_json::Value;
use testbed::client::{Body, End, Request, Response, h1, h2};
use testbed::gateway::Gateway;
use testbed::upstream::{Script, Upstream};
use testbed::wire::varint_field;

pub const WATCH: &str = "/v3/watch";

/// A request that a watch takes; to other calls an empty message.
pub const REQUEST: &str = r#"{"progress_request":{}}"#;
pub const KEEPALIVE: &str = "/v3/lease/keepalive";
pub const SNAPSHOT: &str = "/v3/maintenance/snapshot";

/// The version of HTTP that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

impl Protocol {
    pub const BOTH: [Self; 2] = [Self::Http1, Self::Http2];
}

enum Wire {
    Http1(h1::Connection),
    Http2(h2::Stream),
}

/// A call whose request body is still open.
pub struct Open {
    wire: Wire,
    /// The head, once it has been read.
    head: Option<Response>,
}

impl Open {
    /// Sends the head of a POST to `path`.
    pub fn start(address: SocketAddr, protocol: Protocol, path: &str) -> Self {
        Self::with(address, protocol, &Request::new("POST", path))
    }

    /// Sends the head of this request; its body is the caller's to send.
    pub fn with(address: SocketAddr, protocol: Protocol, request: &Request) -> Self {
        let request = request.clone().body(Body::Pieces(Vec::new()));
        let wire = match protocol {
            Protocol::Http1 => {
                let mut connection = h1::Connection::open(address).unwrap();
                connection.send_head(&request).unwrap();
                Wire::Http1(connection)
            }
            Protocol::Http2 => {
                let connection = h2::Connection::open(address).unwrap();
                Wire::Http2(connection.begin(&request).unwrap())
            }
        };
        Self { wire, head: None }
    }

    /// One more stream of an HTTP/2 connection.
    pub fn on(connection: &h2::Connection, path: &str) -> Self {
        let request = Request::new("POST", path).body(Body::Pieces(Vec::new()));
        let wire = Wire::Http2(connection.begin(&request).unwrap());
        Self { wire, head: None }
    }

    /// Sends a piece of the body, as one chunk or DATA frame.
    pub fn send(&mut self, piece: impl AsRef<[u8]>) {
        self.try_send(piece).unwrap();
    }

    /// The same where the gateway may have ended the call already.
    pub fn try_send(&mut self, piece: impl AsRef<[u8]>) -> Result<(), testbed::client::Error> {
        match &mut self.wire {
            Wire::Http1(connection) => connection.send_chunk(piece.as_ref()),
            Wire::Http2(stream) => stream.send_data(piece.as_ref(), false),
        }
    }

    /// Ends the body.
    pub fn finish(&mut self) {
        match &mut self.wire {
            Wire::Http1(connection) => connection.finish(&[]).unwrap(),
            Wire::Http2(stream) => stream.send_data(b"", true).unwrap(),
        }
    }

    /// The next chunk or DATA frame; None at the end.
    pub fn piece(&mut self) -> Option<Vec<u8>> {
        self.read_head();
        let head = self.head.as_mut().unwrap();
        match &mut self.wire {
            Wire::Http1(connection) => connection.read_piece(head).unwrap(),
            Wire::Http2(stream) => stream.read_piece(head).unwrap(),
        }
    }

    /// The next chunk or DATA frame, which must be one whole document of a stream.
    pub fn document(&mut self) -> Value {
        let piece = self.piece();
        let piece = piece.unwrap_or_else(|| panic!("no further document: {:?}", self.head));
        assert_is_document(&piece);
        serde_json::from_slice(&piece).unwrap()
    }

    /// All that is left of the answer.
    pub fn rest(mut self) -> Response {
        let mut pieces = Vec::new();
        while let Some(piece) = self.piece() {
            pieces.push(piece);
        }
        let mut response = self.head.unwrap();
        response.pieces = pieces;
        response
    }

    fn read_head(&mut self) {
        if self.head.is_none() {
            self.head = Some(match &mut self.wire {
                Wire::Http1(connection) => connection.read_head().unwrap(),
                Wire::Http2(stream) => stream.read_head().unwrap(),
            });
        }
    }
}

/// Asserts that a piece of body is one JSON document with one line feed, the last byte.
pub fn assert_is_document(piece: &[u8]) {
    let text = String::from_utf8_lossy(piece);
    let shown: String = text.chars().take(200).collect();
    assert_eq!(
        text.find('\n'),
        Some(text.len() - 1),
        "{} bytes are no line: {shown}",
        piece.len()
    );
    serde_json::from_slice::<serde::de::IgnoredAny>(piece)
        .unwrap_or_else(|error| panic!("{error}: {shown}"));
}

/// The code in the error line that an answer ends with, and the number of lines before it; None for a clean end
/// without one.
pub fn error_line(response: &Response) -> Option<(u64, usize)> {
    let text = response.text();
    let lines: Vec<&str> = text.lines().collect();
    let last: Value = serde_json::from_str(lines.last()?).ok()?;
    let code = last["error"]["code"].as_u64()?;
    Some((code, lines.len() - 1))
}

/// Asserts that an answer is `count` lines and an error line with this code, however the connection ended.
pub fn assert_ends_with_error(response: &Response, count: usize, code: u64, case: &str) {
    assert_eq!(response.status, 200, "{case}: {response:?}");
    assert_eq!(
        error_line(response),
        Some((code, count)),
        "{case}: {response:?}"
    );
}

/// Whether the answer ended as its framing promised.
pub fn is_clean(response: &Response) -> bool {
    response.end == End::Clean
}

/// Asserts that the gateway is none the worse for what it has seen.
pub fn assert_still_serves(gateway: &Gateway, upstream: &Upstream, case: &str) {
    upstream.always(Script::message(&varint_field(4, 7)));
    let response = gateway.post("/v3/kv/range", "{}");
    assert_eq!(response.text(), r#"{"count":"7"}"#, "{case}: {response:?}");
}
