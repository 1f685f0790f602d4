//! Host calls that return a status and never panic, whatever the host says.
//!
//! In the module they are the imports of proxy-wasm ABI 0.2.1 (`wasm`); natively a test stands in for Envoy ([`scripted`]).
//! The Rust SDK is not used: its wrappers panic on a status that they do not expect and on header values that are not
//! UTF-8, and its dispatcher on a callback that comes while another runs.
//!
//! [`scripted`]: super::scripted

use std::fmt;

use super::abi::{BufferType, LogLevel, MapType, MetricType, StreamType};
#[cfg(not(target_family = "wasm"))]
use super::scripted as calls;
#[cfg(target_family = "wasm")]
use super::wasm::imports as calls;
use super::{details, pairs};
use crate::exchange::Call;
use crate::grpc::Status;
use crate::http::{Dialect, Header, Reason, Reply};

/// A status other than success, as the host gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostError(pub u32);

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(status) = self;
        let meaning = match status {
            1 => "not found",
            2 => "bad argument",
            3 => "serialization failure",
            4 => "parse failure",
            6 => "invalid memory access",
            7 => "empty",
            8 => "compare-and-swap mismatch",
            10 => "internal failure",
            12 => "unimplemented",
            _ => "no meaning known",
        };
        write!(f, "Envoy answered with status {status} ({meaning})")
    }
}

/// What a call of the host's comes to.
pub type Result<T> = std::result::Result<T, HostError>;

/// A gRPC call that the host is asked to make.
#[derive(Debug, Clone, Copy)]
pub struct GrpcCall<'a> {
    /// An `envoy.config.core.v3.GrpcService`.
    pub cluster: &'a [u8],
    /// The service's full name.
    pub service: &'a str,
    /// The method's name within the service.
    pub method: &'a str,
    /// Encoded as header maps are.
    pub metadata: &'a [u8],
    /// The request message.
    pub message: &'a [u8],
    /// By when it is to be answered.
    pub timeout_millis: u32,
}

/// All of a buffer.
const WHOLE: usize = usize::MAX >> 1;

/// Most bytes that are put into a buffer at once. Envoy makes one slice of what it is given, and from a slice larger
/// than an HTTP/2 frame it copies each frame once more, where it would hand over a slice that fits.
const PIECE: usize = 16 << 10;

/// The gRPC status that tells the host to send none.
const NO_GRPC_STATUS: i32 = -1;

/// The status of an empty queue.
const EMPTY: u32 = 7;

/// Writes to Envoy's log.
pub(super) fn log(level: LogLevel, message: &str) {
    calls::log(level, message);
}

/// A copy of all of a buffer; empty where there is none.
pub(super) fn buffer(kind: BufferType) -> Result<Vec<u8>> {
    buffer_from(kind, 0)
}

/// A copy of all of a buffer behind its first bytes.
fn buffer_from(kind: BufferType, start: usize) -> Result<Vec<u8>> {
    calls::buffer(kind, start, WHOLE)
}

/// Bytes in a buffer.
pub(super) fn buffer_length(kind: BufferType) -> Result<usize> {
    calls::buffer_length(kind)
}

/// Replaces all of a buffer.
pub(super) fn replace_buffer(kind: BufferType, bytes: &[u8]) -> Result<()> {
    let (first, rest) = bytes.split_at(bytes.len().min(PIECE));
    calls::set_buffer(kind, 0, WHOLE, first)?;
    append_buffer(kind, rest)
}

/// The piece of body that a callback is about, of `size` bytes with those that were read and left there.
pub(super) fn read_piece(kind: BufferType, read: usize, size: usize) -> Result<Vec<u8>> {
    if size <= read {
        Ok(Vec::new())
    } else {
        buffer_from(kind, read)
    }
}

/// Puts `bytes` in the place of a piece of body of `size` bytes.
pub(super) fn write_piece(kind: BufferType, size: usize, bytes: &[u8]) -> Result<()> {
    if size == 0 && bytes.is_empty() {
        Ok(())
    } else {
        replace_buffer(kind, bytes)
    }
}

/// Appends to a buffer.
pub(super) fn append_buffer(kind: BufferType, bytes: &[u8]) -> Result<()> {
    let mut pieces = bytes.chunks(PIECE);
    pieces.try_for_each(|piece| calls::set_buffer(kind, WHOLE, 0, piece))
}

/// A copy of a header map in the host's encoding.
pub(super) fn header_pairs(map: MapType) -> Result<Vec<u8>> {
    calls::header_pairs(map)
}

/// Replaces a whole header map.
pub(super) fn replace_headers(map: MapType, headers: &[Header<'_>]) -> Result<()> {
    calls::set_header_pairs(map, &pairs::encode(headers))
}

/// Removes all headers of a map.
pub(super) fn remove_headers(map: MapType) -> Result<()> {
    calls::set_header_pairs(map, pairs::NONE)
}

/// Adds a header whose name a map has not got.
pub(super) fn add_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
    calls::add_header(map, name, value)
}

/// Adds a header, or replaces its value; the name must not be there twice.
pub(super) fn set_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
    calls::set_header(map, name, value)
}

/// Removes a header.
pub(super) fn remove_header(map: MapType, name: &[u8]) -> Result<()> {
    calls::remove_header(map, name)
}

/// A property, by the parts of its path with NULs between them: `xds\0cluster_name`.
pub(super) fn property(path: &str) -> Result<Vec<u8>> {
    calls::property(path)
}

/// Sets a property of the request, for logs: `%FILTER_STATE(wasm.NAME:PLAIN)%`.
pub(super) fn set_property(name: &str, value: &[u8]) -> Result<()> {
    calls::set_property(name, value)
}

/// Names something that is to be counted; what has this name already has the same number.
pub(super) fn define_metric(kind: MetricType, name: &str) -> Result<u32> {
    calls::define_metric(kind, name)
}

/// Adds to a counter.
pub(super) fn increment_metric(id: u32, by: i64) -> Result<()> {
    calls::increment_metric(id, by)
}

/// Records a value of a histogram, or sets a gauge.
pub(super) fn record_metric(id: u32, value: u64) -> Result<()> {
    calls::record_metric(id, value)
}

/// Answers the client. Once the head of another answer has gone out this cuts that answer off.
pub(super) fn reply(reply: &Reply) -> Result<()> {
    // Where the proxy has spoken, its own words say more.
    let details = match reply.reason {
        Reason::Proxy => property(details::NAME).unwrap_or_default(),
        reason => details::ours(reason),
    };
    let headers = pairs::encode(&reply.headers);
    local_response(
        reply.status,
        &details,
        &headers,
        &reply.body,
        NO_GRPC_STATUS,
    )
}

/// Answers a gRPC client.
pub(super) fn reply_grpc(status: &Status, reason: Reason) -> Result<()> {
    let code = i32::try_from(status.code.0).unwrap_or(NO_GRPC_STATUS);
    let details = details::ours(reason);
    // gRPC's clients get 200 from Envoy; others, who have sent something else to a path of gRPC's, must see that it failed.
    let http = Dialect::default().http_status(status.code);
    local_response(http, &details, pairs::NONE, status.message.as_bytes(), code)
}

/// Answers the client that the filter cannot go on, for this reason, or cuts its answer off. Allocates nothing.
pub(super) fn end_reply(details: &[u8]) -> Result<()> {
    local_response(500, details, pairs::NONE, b"", NO_GRPC_STATUS)
}

fn local_response(
    status: u16,
    details: &[u8],
    headers: &[u8],
    body: &[u8],
    grpc_status: i32,
) -> Result<()> {
    calls::local_response(u32::from(status), details, headers, body, grpc_status)
}

/// Resumes a paused request or response, once the call into the module returns.
pub(super) fn resume(stream: StreamType) -> Result<()> {
    calls::resume(stream)
}

/// Resumes a paused response.
pub(super) fn resume_response() -> Result<()> {
    resume(StreamType::HttpResponse)
}

/// Makes the calls that follow concern this stream.
pub(super) fn set_effective_context(id: u32) -> Result<()> {
    calls::set_effective_context(id)
}

/// Opens a queue that calls the root context, in this worker, for each entry.
pub(super) fn register_queue(name: &str) -> Result<u32> {
    calls::register_queue(name)
}

/// Adds an entry to a queue.
pub(super) fn enqueue(queue: u32, entry: &[u8]) -> Result<()> {
    calls::enqueue(queue, entry)
}

/// Takes the oldest entry off a queue; nothing if it is empty.
pub(super) fn dequeue(queue: u32) -> Result<Option<Vec<u8>>> {
    match calls::dequeue(queue) {
        Err(HostError(EMPTY)) => Ok(None),
        entry => entry.map(Some),
    }
}

/// Asks for a tick of the root context every so many milliseconds.
pub(super) fn tick_every(millis: u32) -> Result<()> {
    calls::tick_every(millis)
}

/// Nanoseconds since 1970; 0 where the host does not tell.
pub(super) fn now() -> u64 {
    calls::now()
}

/// Makes a gRPC call on a cluster; its answer comes in callbacks with the token that this returns.
pub(super) fn call(cluster: &[u8], call: &Call) -> Result<u32> {
    let (service, method) = call.target();
    calls::grpc_call(&GrpcCall {
        cluster,
        service,
        method,
        metadata: &pairs::encode(&call.metadata),
        message: &call.message,
        timeout_millis: u32::try_from(call.timeout.as_millis()).unwrap_or(u32::MAX),
    })
}

/// Gives up a call whose answer nobody waits for any more.
pub(super) fn cancel_call(token: u32) -> Result<()> {
    calls::cancel_call(token)
}

/// The message of the gRPC status that a call has just ended with.
pub(super) fn call_status_message() -> Result<Vec<u8>> {
    calls::call_status_message()
}
