//! The buffer that all filters of a response share.
//!
//! What a filter lets go is in it until the filter in front takes it out; one in front that holds the
//! answer leaves it there, and it comes back to us in front of the next piece of the body. A filter
//! behind that holds the body leaves there what we have not seen.

use super::abi::BufferType;
use super::host::{self, HostError};
use super::out::Out;

const BODY: BufferType = BufferType::HttpResponseBody;

/// What of ours is in the paused buffer, now that no callback of the body runs; nothing
/// if others are there too. `within` a message there can be none of ours.
pub(super) fn ours(out: Out, within: bool) -> Result<Option<Out>, HostError> {
    match host::buffer_length(BODY)? {
        0 => Ok(Some(Out::default())),
        _ if within => Ok(None),
        length => {
            let bytes = host::buffer(BODY)?;
            Ok((out.among(&bytes) == length).then(|| Out::exactly(&bytes)))
        }
    }
}

/// Whether the upstream has ended its answer, be it that a filter behind holds the end. If so, what
/// makes Envoy go on with a paused body makes it send the end too, before what is still held.
pub(super) fn has_upstream_ended() -> bool {
    host::property("response\0backend_latency").is_ok()
}

/// How much of the answer's body has gone to the client, past all filters, as the host writes it.
pub(super) fn bytes_sent() -> Vec<u8> {
    host::property("response\0size").unwrap_or_default()
}
