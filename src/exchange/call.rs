//! A gRPC call that the host makes for the exchange, beside the request itself.

use std::time::Duration;

use crate::grpc::{GATEWAY_MARK, Settable, Timeout};
use crate::http::{self, Header, Reply};
use crate::schema::Method;

/// How long a call without a deadline of the client's may take. Longer than any unary call of
/// etcd's but one that waits for a lock or a very large defragmentation.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// The longest timeout that a proxy-wasm host takes: 32 bits of milliseconds.
const MAX_TIMEOUT: Duration = Duration::from_millis(u32::MAX as u64);

/// What a client is told whose call has an answer that cannot be had at once.
pub const TOO_LARGE_AN_ANSWER: &str =
    "the answer is too large for a request without a body: send {} as its body";

/// A unary gRPC call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The gRPC path, such as `/etcdserverpb.KV/Range`.
    pub path: &'static str,
    /// The metadata of the request.
    pub metadata: Vec<Header<'static>>,
    /// The request message.
    pub message: Vec<u8>,
    /// How long to wait for the answer.
    pub timeout: Duration,
}

/// After the answer to a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Answered {
    /// The exchange waits for no call: drop it.
    Nothing,
    /// Make this call next.
    Call(Call),
    /// Let the request, which has been held, go on as it is.
    Pass,
    /// Answer the client.
    Reply(Reply),
}

impl Call {
    /// A call with an empty message and, of `headers`, which are those of a whole gRPC request, the metadata. Nothing
    /// else would be read: no route and no filter sees a call.
    pub(super) fn new(
        method: &'static Method,
        headers: &[Header<'_>],
        settable: &Settable,
        timeout: Option<Timeout>,
    ) -> Self {
        let (mark, _) = GATEWAY_MARK;
        let metadata = headers
            .iter()
            .filter(|(name, _)| **name == *mark || settable.allows(name))
            .map(|(name, value)| (name.to_vec().into(), value.to_vec().into()));
        Self {
            path: method.path,
            metadata: metadata.collect(),
            message: Vec::new(),
            timeout: timeout.map_or(DEFAULT_TIMEOUT, |timeout| {
                timeout.duration().min(MAX_TIMEOUT)
            }),
        }
    }

    /// Bytes of its metadata and its message.
    pub(super) fn size(&self) -> usize {
        http::size(&self.metadata).saturating_add(self.message.len())
    }

    /// The service and the method that the path names.
    #[must_use]
    pub fn target(&self) -> (&'static str, &'static str) {
        self.path
            .strip_prefix('/')
            .and_then(|path| path.split_once('/'))
            .unwrap_or_default()
    }
}
