//! The head that goes upstream.

use super::{Exchange, State, socket};
use crate::grpc::{Code, MetadataError, Status, Timeout, TimeoutError, request_headers};
use crate::http::{self, Header, Headers, Reason, Reply};
use crate::schema::Method;
use crate::schema::tables::{ELECTION_CAMPAIGN, LOCK_LOCK, MAINTENANCE_DEFRAGMENT};

/// Most headers of a request to etcd; a proxy-wasm host takes 1024.
const MAX_HEADERS: usize = 1000;

/// Most bytes of a request's headers together; a proxy-wasm host takes 1 MiB, its framing included.
const MAX_HEADER_BYTES: usize = 1_000_000;

impl Exchange {
    /// The head of the request once more, of which [`request_head`](Self::request_head) has said to hold it: what goes
    /// upstream.
    pub fn held_head<'a>(&mut self, headers: &Headers<'a>) -> Result<Vec<Header<'a>>, Reply> {
        let method = match &self.state {
            State::Unary(unary) => unary.method(),
            State::Streaming(streaming) => streaming.method(),
            State::Socket(socket) => socket.method(),
            State::New | State::Passive | State::Endpoint(_) | State::Native(_) => {
                return Ok(Vec::new());
            }
        };
        let sent = self.upstream_headers(headers, method);
        let sent = sent.map(|(mut list, timeout)| {
            limit(&mut list, method, timeout);
            if matches!(self.state, State::Socket(_)) {
                socket::adapt(headers, &self.settings.cors, &mut list);
            }
            list
        });
        sent.map_err(|reply| self.finish(reply))
    }

    /// The headers of the call that a request with these makes, and how long its client waits.
    pub(super) fn upstream_headers<'a>(
        &self,
        headers: &Headers<'a>,
        method: &'static Method,
    ) -> Result<(Vec<Header<'a>>, Option<Timeout>), Reply> {
        let retriable = method.idempotent || self.settings.retry_writes;
        let settable = &self.settings.settable;
        let sent = request_headers(headers, method, retriable, settable);
        let (list, timeout) = sent.map_err(|error| {
            let (code, reason) = match error {
                MetadataError::Timeout(TimeoutError::Passed, _) => {
                    (Code::DEADLINE_EXCEEDED, Reason::Late)
                }
                _ => (Code::INVALID_ARGUMENT, Reason::BadHeader),
            };
            self.error(code, error.to_string(), reason)
        })?;
        if list.len() > MAX_HEADERS || http::size(&list) > MAX_HEADER_BYTES {
            let message = format!(
                "the request headers are too many or too large: at most {MAX_HEADERS}, of {MAX_HEADER_BYTES} bytes together"
            );
            let status = Status::new(Code::RESOURCE_EXHAUSTED, message);
            return Err(http::error_reply_as(
                self.settings.dialect,
                431,
                &status,
                Reason::HeadTooLarge,
            ));
        }
        Ok((list, timeout))
    }
}

/// Tells the proxy how long a call may take, if that is not for the route to say: as long as its client lets it, and
/// without such a word as long as it likes where it may rightly wait.
pub(super) fn limit(headers: &mut Vec<Header<'_>>, method: &Method, timeout: Option<Timeout>) {
    let streams = method.client_streaming || method.server_streaming;
    match timeout {
        Some(timeout) => http::set_timeout(headers, timeout.millis()),
        None if streams || may_wait(method) => http::set_timeout(headers, 0),
        None => {}
    }
}

/// Whether a unary call may rightly take as long as it likes: for its turn, or to write the whole database anew.
pub(super) fn may_wait(method: &Method) -> bool {
    [&LOCK_LOCK, &ELECTION_CAMPAIGN, &MAINTENANCE_DEFRAGMENT]
        .iter()
        .any(|waiting| waiting.path == method.path)
}
