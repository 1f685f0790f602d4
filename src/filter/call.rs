//! Calls that the filter makes itself, for requests that it cannot give a body.

use std::cell::Cell;

use proxy_wasm::hostcalls::dispatch_grpc_call;
use proxy_wasm::types::BufferType;

use super::host::{self, HostError};
use crate::exchange::Call;
use crate::grpc::{Code, Status};

/// What Envoy appends to the message of a status that the upstream of a call sent.
const CALL_ORIGIN: &[u8] = b"{via_upstream}";

/// What Envoy says instead where there is no message.
const NO_MESSAGE: &[u8] = b"via_upstream";

/// Largest answer to a call that is copied out of the host, in bytes: what gRPC's own clients take.
/// The module holds it whole and its JSON, up to nine times as long, beside it.
const MAX_CALL_ANSWER: usize = 4 << 20;

/// The last of protobuf's wire types.
const LAST_WIRE_TYPE: u8 = 5;

/// Why there is no call.
const NO_CLUSTER: &str = "the route has no cluster that can be called";

/// What a client is told whose answer is larger.
const TOO_LARGE: &str = "the answer is too large for a request without a body: send {}";

/// A little more as a varint, 5 234 671: what Envoy reads of such an answer (see [`bounded`]).
const MAX_READ: &str = "\u{ffff}\u{2}";

/// Calls that one VM cancels, in all its life. The SDK keeps nine bytes of each, for ever: it forgets
/// a call only when it ends, which a cancelled one never does. With more its table would be as large
/// as all memory one day. From then on the calls of clients that have left come to their own end.
const MAX_CANCELLED: u32 = 900_000;

thread_local! {
    /// Calls that this VM has cancelled.
    static CANCELLED: Cell<u32> = const { Cell::new(0) };
}

/// Makes a call on the cluster of the request's own route.
pub(super) fn start(call: &Call) -> Result<u32, Status> {
    let no_cluster = || Status::new(Code::UNAVAILABLE, NO_CLUSTER);
    let cluster = host::property(&["xds", "cluster_name"]).unwrap_or_default();
    let cluster = String::from_utf8(cluster).ok().and_then(bounded);
    let cluster = cluster.ok_or_else(no_cluster)?;
    let (service, method) = call.target();
    let metadata = call
        .metadata
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect();
    // The SDK's own call, which must know the token for its callback; it panics on none of the
    // statuses that Envoy gives here.
    let message = Some(call.message.as_slice());
    dispatch_grpc_call(&cluster, service, method, metadata, message, call.timeout)
        .map_err(|_| no_cluster())
}

/// Gives up a call whose client has left.
pub(super) fn cancel(token: u32) {
    if CANCELLED.get() < MAX_CANCELLED {
        CANCELLED.set(CANCELLED.get().saturating_add(1));
        let _ = host::cancel_call(token); // it may have ended by itself
    }
}

/// What a call was answered that has ended with this status, or whose answer has this size.
pub(super) fn answer(status: u32, size: usize) -> Result<Result<Vec<u8>, Status>, HostError> {
    if size > MAX_CALL_ANSWER {
        return Ok(Err(Status::new(Code::RESOURCE_EXHAUSTED, TOO_LARGE)));
    }
    if status == 0 {
        return host::read_piece(BufferType::GrpcReceiveBuffer, size).map(Ok);
    }
    let message = host::call_status_message().unwrap_or_default();
    let message = match message.strip_suffix(CALL_ORIGIN).unwrap_or(&message) {
        // Envoy's own refusal of what is larger than it may read says nothing either.
        NO_MESSAGE if Code(status) == Code::RESOURCE_EXHAUSTED => TOO_LARGE.as_bytes(),
        NO_MESSAGE => b"",
        message => message,
    };
    Ok(Err(Status::encoded(Code(status), message)))
}

/// The cluster as Envoy's `GrpcService` message, which bounds the answer while Envoy reads it: by its
/// name alone it would be read whole, however large. Nothing where there is none.
///
/// The SDK takes text only, so lengths must be ASCII and the bound one whose varint is UTF-8. Longer
/// names go as they are, but only those that Envoy cannot take for such a message: of one that names
/// no target, the empty one among them, it says what the SDK answers with a panic.
fn bounded(cluster: String) -> Option<String> {
    let length = u8::try_from(cluster.len()).unwrap_or(u8::MAX);
    let all = length.saturating_add(9);
    if all.is_ascii() && length > 0 {
        // envoy_grpc { cluster_name, max_receive_message_length { value } }
        let (length, all) = (char::from(length), char::from(all));
        return Some(format!("\n{all}\n{length}{cluster}\"\u{5}\u{8}{MAX_READ}"));
    }
    let wire_type = cluster.bytes().next()? & 7;
    (wire_type > LAST_WIRE_TYPE).then_some(cluster)
}
