//! What a client may see of something hostile: an error, a defined end, never silence.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::client::{End, Error, Request, Response, h1, h2};

/// How long an answer may take in all: heartbeats keep a client from noticing that nothing else comes.
const DEADLINE: Duration = Duration::from_secs(30);

/// What a client gets.
pub type Answer = Result<Response, Error>;

/// The version of HTTP that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

/// Sends a request on a connection of its own and reads the answer to its end.
pub fn ask(address: SocketAddr, protocol: Protocol, request: &Request) -> Answer {
    match protocol {
        Protocol::Http1 => {
            let mut connection = h1::Connection::open(address)?;
            let sent = connection.send(request);
            let answer = connection
                .read_head()
                .and_then(|head| read_to_end(head, |head| connection.read_piece(head)));
            // Who answers and closes while the body is still on its way has answered.
            answer.or_else(|error| sent.and(Err(error)))
        }
        Protocol::Http2 => {
            let connection = h2::Connection::open(address)?;
            let mut stream = connection.begin(request)?;
            let sent = stream.send_body(request);
            let answer = stream
                .read_head()
                .and_then(|head| read_to_end(head, |head| stream.read_piece(head)));
            answer.or_else(|error| sent.and(Err(error)))
        }
    }
}

/// Reads the pieces of a body behind its head.
pub fn read_to_end(
    mut head: Response,
    mut next: impl FnMut(&mut Response) -> Result<Option<Vec<u8>>, Error>,
) -> Answer {
    let deadline = Instant::now() + DEADLINE;
    while let Some(piece) = next(&mut head)? {
        head.pieces.push(piece);
        if Instant::now() > deadline {
            return Err(Error::Timeout);
        }
    }
    Ok(head)
}

/// What it must get.
#[derive(Clone, Debug)]
pub enum Expect {
    /// A JSON error with this HTTP status and this gRPC code.
    Error(u16, u64),
    /// A JSON error with this gRPC code.
    Code(u64),
    /// Any error: with a body that says a code, or Envoy's own; or an answer that is visibly broken.
    Failure,
    /// Envoy refuses it before the filter sees it: an error of any form, or a closed connection.
    Refusal,
    /// This status, whatever the body.
    Status(u16),
    /// Success with this body.
    Body(String),
    /// Any end, but an end.
    AnyEnd,
}

impl Expect {
    pub fn check(&self, answer: &Answer) -> Result<(), String> {
        if self.is_met_by(answer) {
            Ok(())
        } else {
            Err(format!("expected {self:?}, got {answer:?}"))
        }
    }

    fn is_met_by(&self, answer: &Answer) -> bool {
        let Ok(response) = answer else {
            let closed = !matches!(answer, Err(Error::Timeout));
            return closed && matches!(self, Self::Refusal | Self::AnyEnd);
        };
        let clean = response.end == End::Clean;
        match self {
            Self::Error(status, code) => {
                clean && response.status == *status && code_of(response) == Some(*code)
            }
            Self::Code(code) => clean && response.status >= 400 && code_of(response) == Some(*code),
            Self::Failure => is_failure(response),
            Self::Refusal => response.status >= 400,
            Self::Status(status) => clean && response.status == *status,
            Self::Body(body) => clean && response.status == 200 && response.text() == *body,
            Self::AnyEnd => true,
        }
    }
}

/// Whether a client can tell that something went wrong.
fn is_failure(response: &Response) -> bool {
    if response.status >= 400 {
        return code_of(response).is_some() || response.status >= 500;
    }
    let text = response.text();
    response.end == End::Cut || text.contains("\"error\"") || text.contains("\"code\"")
}

/// The code in an error of either form: of a unary call, or of a stream.
pub fn code_of(response: &Response) -> Option<u64> {
    let body: Value = serde_json::from_slice(&response.body()).ok()?;
    let error = body.get("error").filter(|error| error.is_object());
    let object = error.unwrap_or(&body);
    object
        .get("code")
        .or_else(|| object.get("grpc_code"))?
        .as_u64()
}
