//! One request's life, without I/O.
//!
//! The contract: feed the exchange what the client and etcd send, as it arrives, and do what it
//! answers. It never blocks and never panics. Of a request it holds at most a body of twice
//! `max_request_bytes` and its message; of an answer a message of up to 64 KiB or a line of a stream
//! of up to `stream_document_bytes`; and all exchanges of a worker together no more than
//! [`memory`] allows. It knows nothing of Envoy.
//!
//! [`Exchange`] hands what comes to the kind of call that it is, `unary`, `streaming` or `endpoint`, by the files
//! `head`, `request` and `response`; `guard` is what every message for etcd passes; `upstream` makes the head that goes to etcd, `admission` and `waiting` bound what
//! an exchange takes and how long.

mod action;
mod admission;
mod broken;
mod call;
mod course;
mod deadline;
mod endpoint;
mod guard;
mod head;
mod lost;
mod memory;
mod message;
mod native;
mod refusal;
mod request;
mod response;
mod settings;
mod socket;
mod streaming;
mod unary;
mod upstream;
mod waiting;
mod watch;

use std::rc::Rc;

pub use action::{
    RequestBody, RequestHead, RequestTrailers, ResponseBody, ResponseHead, ResponseTrailers,
};
pub use call::{Answered, Call, TOO_LARGE_AN_ANSWER};
pub use course::{Bytes, Ending};
pub use lost::Lost;
pub use memory::{ANSWER_BYTES, DOCUMENT_TIMES, MAX_HELD, MAX_LARGE, REQUEST_TIMES};
pub use request::MAX_IN_A_TURN;
pub use settings::Settings;

use crate::grpc::Code;
use crate::http::{Origin, Reason, Reply};
use crate::schema::Method;
use course::add;
use endpoint::Endpoint;
use memory::{Held, Share};
use native::Native;
use socket::Socket;
use streaming::Streaming;
use unary::Unary;

/// A request and its answer.
#[derive(Debug)]
pub struct Exchange {
    settings: Rc<Settings>,
    /// `Access-Control-Allow-Origin` for this client.
    origin: Option<Origin>,
    state: State,
    /// The method that is called.
    method: Option<&'static Method>,
    /// How the call has ended.
    ending: Option<Ending>,
    share: Share,
    /// Whether the host holds the request's body, to which the trailers can still add.
    holding: bool,
    /// Whether trailers may bring the end of the message: only over HTTP/2, whose pieces of body are small, and behind a
    /// body of unannounced length.
    adds_to_trailers: bool,
    /// Whether a piece of body has come.
    has_body: bool,
    /// Ticks since the request has been waited for.
    ticks: u8,
    /// Bytes of the body that are still to come, where its length was announced.
    missing: Option<u64>,
    /// A refusal that waits for the end of a body that has come whole: a proxy closes a connection on which it has not
    /// seen the request's end.
    refusal: Option<Reply>,
}

#[derive(Debug)]
enum State {
    /// Nothing has been seen yet.
    New,
    /// Not ours, or answered: whatever still comes is left alone.
    Passive,
    /// A unary call.
    Unary(Unary),
    /// A call with a stream in one direction or both.
    Streaming(Streaming),
    /// The same over WebSocket.
    Socket(Box<Socket>),
    /// `/version` or `/health`.
    Endpoint(Endpoint),
    /// Native gRPC whose request is judged; its answer is left alone.
    Native(Native),
}

impl State {
    /// Bytes that are held.
    fn held(&self) -> Held {
        match self {
            Self::Unary(unary) => unary.held(),
            Self::Streaming(streaming) => streaming.held(),
            Self::Native(native) => Held {
                request: native.held(),
                answer: 0,
            },
            Self::Socket(socket) => socket.held(),
            Self::New | Self::Passive | Self::Endpoint(_) => Held::default(),
        }
    }
}

impl Exchange {
    /// An exchange that has seen nothing yet.
    #[must_use]
    pub fn new(settings: Rc<Settings>) -> Self {
        let share = Share::new(settings.memory.clone());
        Self {
            settings,
            origin: None,
            state: State::New,
            method: None,
            ending: None,
            share,
            holding: false,
            adds_to_trailers: false,
            has_body: false,
            ticks: 0,
            missing: None,
            refusal: None,
        }
    }

    /// Whether the answer is a stream.
    #[must_use]
    pub fn streams(&self) -> bool {
        matches!(self.state, State::Streaming(_) | State::Socket(_))
    }

    /// How many bytes the host takes for an answer that it holds back.
    #[must_use]
    pub fn paused_buffer(&self) -> usize {
        self.settings.paused_buffer
    }

    /// Whether the request of a call that is otherwise left alone is to be handed over.
    #[must_use]
    pub fn judges(&self) -> bool {
        matches!(self.state, State::Native(_))
    }

    fn error(&self, code: Code, message: impl Into<String>, reason: Reason) -> Reply {
        refusal::error(&self.settings, code, message, reason)
    }

    /// The last thing that the client gets.
    fn finish(&mut self, reply: Reply) -> Reply {
        self.state = State::Passive;
        self.refusal = None;
        let moved = &self.settings.moved;
        moved.add(|bytes| add(&mut bytes.json_out, reply.body.len()));
        self.ending.get_or_insert(Ending {
            code: reply.code,
            reason: reply.reason,
        });
        self.share.release();
        reply.with_cors(self.origin.as_ref())
    }
}

#[cfg(test)]
mod tests;
