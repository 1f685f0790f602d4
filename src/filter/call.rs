//! Calls that the filter makes itself, for requests that it cannot give a body.

use super::abi::BufferType;
use super::host::{self, HostError};
use crate::exchange::{Call, TOO_LARGE_AN_ANSWER};
use crate::grpc::{Code, Status};

/// What Envoy appends to the message of a status that the upstream of a call sent.
const CALL_ORIGIN: &[u8] = b"{via_upstream}";

/// What Envoy says instead where there is no message.
const NO_MESSAGE: &[u8] = b"via_upstream";

/// Largest answer to a call, in bytes: what gRPC's own clients take. The module holds it whole and
/// its JSON, up to nine times as long, beside it.
const MAX_ANSWER: usize = 4 << 20;

/// Why there is no call.
const NO_CLUSTER: &str = "the proxy has no upstream cluster for this path";

/// Makes a call on the cluster of the request's own route.
pub(super) fn start(call: &Call) -> Result<u32, Status> {
    let cluster = host::property("xds\0cluster_name").unwrap_or_default();
    // Of a call on the empty name, as where no route matches, Envoy dies.
    let token = if cluster.is_empty() {
        None
    } else {
        host::call(&service(&cluster), call).ok()
    };
    token.ok_or_else(|| Status::new(Code::UNAVAILABLE, NO_CLUSTER))
}

/// What a call was answered that has ended with this status, or whose answer has this size.
pub(super) fn answer(status: u32, size: usize) -> Result<Result<Vec<u8>, Status>, HostError> {
    if size > MAX_ANSWER {
        return Ok(Err(Status::new(
            Code::RESOURCE_EXHAUSTED,
            TOO_LARGE_AN_ANSWER,
        )));
    }
    if status == 0 {
        return host::read_piece(BufferType::GrpcReceiveBuffer, 0, size).map(Ok);
    }
    let message = host::call_status_message().unwrap_or_default();
    let message = match message.strip_suffix(CALL_ORIGIN).unwrap_or(&message) {
        // Envoy's own refusal of what is larger than it may read says nothing either.
        NO_MESSAGE if Code(status) == Code::RESOURCE_EXHAUSTED => TOO_LARGE_AN_ANSWER.as_bytes(),
        NO_MESSAGE => b"",
        message => message,
    };
    Ok(Err(Status::encoded(Code(status), message)))
}

/// The cluster as Envoy's `envoy.config.core.v3.GrpcService`, which bounds the answer while Envoy
/// reads it: by the cluster's name alone it would be read whole, however large.
fn service(cluster: &[u8]) -> Vec<u8> {
    let mut bound = Vec::new();
    push_number(1, MAX_ANSWER, &mut bound); // UInt32Value.value
    let mut envoy = Vec::new();
    push_bytes(1, cluster, &mut envoy); // EnvoyGrpc.cluster_name
    push_bytes(4, &bound, &mut envoy); // EnvoyGrpc.max_receive_message_length
    let mut service = Vec::new();
    push_bytes(1, &envoy, &mut service); // GrpcService.envoy_grpc
    service
}

fn push_number(field: u8, value: usize, message: &mut Vec<u8>) {
    message.push(field << 3);
    push_varint(value, message);
}

fn push_bytes(field: u8, value: &[u8], message: &mut Vec<u8>) {
    message.push(field << 3 | 2);
    push_varint(value.len(), message);
    message.extend_from_slice(value);
}

fn push_varint(value: usize, message: &mut Vec<u8>) {
    prost::encoding::encode_varint(value as u64, message);
}
