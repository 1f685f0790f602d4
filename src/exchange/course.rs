//! What has become of an exchange, as metrics and logs tell it.

use std::cell::Cell;
use std::rc::Rc;

use super::{Exchange, State};
use crate::grpc::Code;
use crate::http::Reason;
use crate::schema::Method;

/// How a call has ended, as far as the gateway knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The code.
    pub code: Code,
    /// Why.
    pub reason: Reason,
}

impl Ending {
    /// As etcd wishes.
    pub(super) const GOOD: Self = Self {
        code: Code::OK,
        reason: Reason::Answer,
    };
}

/// Bytes of all exchanges' bodies, on either side: JSON to and from clients, gRPC's frames to and from etcd.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// That clients have sent.
    pub json_in: u64,
    /// That etcd gets.
    pub grpc_out: u64,
    /// That etcd has sent.
    pub grpc_in: u64,
    /// That clients get.
    pub json_out: u64,
}

/// The bytes that all exchanges of a worker have moved since they were last asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved(Rc<Cell<Bytes>>);

impl Moved {
    /// Counts some more.
    pub(super) fn add(&self, count: impl FnOnce(&mut Bytes)) {
        let mut bytes = self.0.get();
        count(&mut bytes);
        self.0.set(bytes);
    }

    /// All that have been counted, which are counted no more.
    pub(super) fn take(&self) -> Bytes {
        self.0.take()
    }
}

/// Adds to a count of bytes.
pub(super) fn add(count: &mut u64, bytes: usize) {
    *count = count.saturating_add(bytes as u64);
}

impl Exchange {
    /// The method that is called, once the request has named one.
    #[must_use]
    pub fn method(&self) -> Option<&'static Method> {
        self.method
    }

    /// How the call has ended; nothing while it goes on, or where the client has left.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        let of_stream = match &self.state {
            State::Streaming(streaming) => streaming.ending(),
            State::Socket(socket) => socket.stream().ending(),
            _ => None,
        };
        self.ending.or(of_stream)
    }

    /// The proxy has not let the filter go on with this call.
    pub fn given_up(&mut self) {
        let ending = Ending {
            code: Code::INTERNAL,
            reason: Reason::Host,
        };
        self.ending.get_or_insert(ending);
    }
}
