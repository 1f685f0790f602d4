//! Whole replies, and the heads of answers.

use super::event_stream::EVENT_STREAM;
use super::reason::Reason;
use crate::envoy;
use crate::grpc::Code;
use crate::headers::{Header, Headers};

/// A complete answer to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers without `:status` and `content-length`.
    pub headers: Vec<Header<'static>>,
    /// The body.
    pub body: Vec<u8>,
    /// How the call ended.
    pub code: Code,
    /// Why the reply is what it is.
    pub reason: Reason,
}

impl Reply {
    /// A reply with no headers but its content type.
    #[must_use]
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![(b"content-type".into(), content_type.as_bytes().into())],
            body: body.into(),
            code: Code::OK,
            reason: Reason::Answer,
        }
    }

    /// A reply without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            code: Code::OK,
            reason: Reason::Answer,
        }
    }

    /// The same as the end of a call with this code, for this reason.
    #[must_use]
    pub(super) fn of(self, code: Code, reason: Reason) -> Self {
        Self {
            code,
            reason,
            ..self
        }
    }

    /// Adds a header. Control characters in the value become spaces, as Go's server has it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        let value: Vec<u8> = value
            .bytes()
            .map(|b| {
                if matches!(b, b'\r' | b'\n' | 0) {
                    b' '
                } else {
                    b
                }
            })
            .collect();
        self.headers.push((name.as_bytes().into(), value.into()));
        self
    }
}

/// What every answer of a call carries besides its own headers: each header of the gRPC answer
/// under `Grpc-Metadata-`, of which etcd has only the content type.
const GRPC_CONTENT_TYPE: (&[u8], &[u8]) = (b"grpc-metadata-content-type", b"application/grpc");

/// The answer to a call that went well.
#[must_use]
pub fn success(body: Vec<u8>) -> Reply {
    let mut reply = Reply::new(200, "application/json", body);
    reply
        .headers
        .push((GRPC_CONTENT_TYPE.0.into(), GRPC_CONTENT_TYPE.1.into()));
    reply
}

/// The headers of a gRPC answer as the JSON client gets them: the upstream's and the proxy's own
/// without what belongs to gRPC, and without what an etcd behind TLS says of CORS, which is ours to say.
#[must_use]
pub fn response_headers<'a>(headers: &Headers<'a>) -> Vec<Header<'a>> {
    let grpcs = |name: &[u8]| {
        name.starts_with(b"grpc-")
            || name.starts_with(b"access-control-")
            || matches!(
                name,
                b"content-type" | b"content-length" | b"trailer" | b"te"
            )
    };
    let kept = headers.iter().filter(|(name, _)| !grpcs(name));
    let mut list: Vec<Header<'a>> = Vec::with_capacity(headers.as_slice().len().saturating_add(8));
    list.extend(kept.map(|(name, value)| (name.into(), value.into())));
    list.push((b"content-type".into(), b"application/json".into()));
    list.push((GRPC_CONTENT_TYPE.0.into(), GRPC_CONTENT_TYPE.1.into()));
    list
}

/// Makes the answer one of server-sent events, which no cache may keep.
pub fn set_event_stream(headers: &mut Vec<Header<'_>>) {
    headers.retain(|(name, _)| &**name != b"content-type");
    headers.push((b"content-type".into(), EVENT_STREAM.as_bytes().into()));
    headers.push((b"cache-control".into(), b"no-cache".into()));
}

/// Sets the proxy's timeout for a whole answer, over what the client or the route has.
pub fn set_timeout(headers: &mut Vec<Header<'_>>, millis: u64) {
    headers.retain(|(name, _)| &**name != envoy::TIMEOUT);
    headers.push((
        envoy::TIMEOUT.into(),
        millis.to_string().into_bytes().into(),
    ));
}
