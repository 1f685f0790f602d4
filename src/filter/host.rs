//! Host calls that return a status and never panic, whatever the host says.
//!
//! With [`super::entry`] and [`super::crash`] the only unsafe code of the crate. The imports are those of proxy-wasm ABI
//! 0.2.1. The Rust SDK for it is not used: its wrappers panic on a status that they do not expect
//! and on header values that are not UTF-8, and its dispatcher on a callback that comes while
//! another runs.
#![allow(unsafe_code)] // this is where the host is called

use std::ptr::null_mut;

use super::abi::{BufferType, LogLevel, MapType, StreamType};
use super::pairs;
use crate::exchange::Call;
use crate::grpc::Status;
use crate::http::{Header, Reply};

/// A status other than success, as the host gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HostError(u32);

type Result<T> = std::result::Result<T, HostError>;

/// All of a buffer.
const WHOLE: usize = usize::MAX >> 1;

/// Most bytes that are put into a buffer at once. Envoy makes one slice of what it is given, and from a slice larger
/// than an HTTP/2 frame it copies each frame once more, where it would hand over a slice that fits.
const PIECE: usize = 16 << 10;

/// The gRPC status that tells the host to send none.
const NO_GRPC_STATUS: i32 = -1;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: LogLevel, message: *const u8, size: usize) -> u32;
    fn proxy_get_buffer_bytes(
        kind: BufferType,
        start: usize,
        max: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_get_buffer_status(kind: BufferType, length: *mut usize, flags: *mut u32) -> u32;
    fn proxy_set_buffer_bytes(
        kind: BufferType,
        start: usize,
        size: usize,
        data: *const u8,
        length: usize,
    ) -> u32;
    fn proxy_get_header_map_pairs(map: MapType, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_header_map_pairs(map: MapType, data: *const u8, size: usize) -> u32;
    fn proxy_replace_header_map_value(
        map: MapType,
        key: *const u8,
        key_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(map: MapType, key: *const u8, key_size: usize) -> u32;
    fn proxy_get_property(
        path: *const u8,
        path_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
    fn proxy_grpc_call(
        cluster: *const u8,
        cluster_size: usize,
        service: *const u8,
        service_size: usize,
        method: *const u8,
        method_size: usize,
        metadata: *const u8,
        metadata_size: usize,
        message: *const u8,
        message_size: usize,
        timeout: u32,
        token: *mut u32,
    ) -> u32;
    fn proxy_grpc_cancel(token: u32) -> u32;
    fn proxy_continue_stream(stream: StreamType) -> u32;
    fn proxy_set_effective_context(id: u32) -> u32;
    fn proxy_register_shared_queue(name: *const u8, size: usize, id: *mut u32) -> u32;
    fn proxy_enqueue_shared_queue(id: u32, data: *const u8, size: usize) -> u32;
    fn proxy_dequeue_shared_queue(id: u32, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
    fn proxy_get_status(code: *mut u32, data: *mut *mut u8, size: *mut usize) -> u32;
}

/// The status of an empty queue.
const EMPTY: u32 = 7;

/// Writes to Envoy's log.
pub(super) fn log(level: LogLevel, message: &str) {
    // SAFETY: the host reads the message, which lives until the call returns. A failure to log is
    // nothing that a request should fail for.
    unsafe { proxy_log(level, message.as_ptr(), message.len()) };
}

/// A copy of all of a buffer; empty where there is none.
pub(super) fn buffer(kind: BufferType) -> Result<Vec<u8>> {
    buffer_from(kind, 0)
}

/// A copy of all of a buffer behind its first bytes.
fn buffer_from(kind: BufferType, start: usize) -> Result<Vec<u8>> {
    // SAFETY: the out-pointers are those that `received` owns.
    received(|data, size| unsafe { proxy_get_buffer_bytes(kind, start, WHOLE, data, size) })
}

/// Bytes in a buffer.
pub(super) fn buffer_length(kind: BufferType) -> Result<usize> {
    let (mut length, mut flags) = (0, 0);
    // SAFETY: both live until the call returns.
    done(unsafe { proxy_get_buffer_status(kind, &raw mut length, &raw mut flags) })?;
    Ok(length)
}

/// Replaces all of a buffer.
pub(super) fn replace_buffer(kind: BufferType, bytes: &[u8]) -> Result<()> {
    let (first, rest) = bytes.split_at(bytes.len().min(PIECE));
    // SAFETY: the host copies the bytes before the call returns.
    done(unsafe { proxy_set_buffer_bytes(kind, 0, WHOLE, first.as_ptr(), first.len()) })?;
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
    bytes.chunks(PIECE).try_for_each(|piece| {
        // SAFETY: the host copies the bytes before the call returns.
        done(unsafe { proxy_set_buffer_bytes(kind, WHOLE, 0, piece.as_ptr(), piece.len()) })
    })
}

/// A copy of a header map in the host's encoding.
pub(super) fn header_pairs(map: MapType) -> Result<Vec<u8>> {
    // SAFETY: the out-pointers are those that `received` owns.
    received(|data, size| unsafe { proxy_get_header_map_pairs(map, data, size) })
}

/// Replaces a whole header map.
pub(super) fn replace_headers(map: MapType, headers: &[Header<'_>]) -> Result<()> {
    let pairs = pairs::encode(headers);
    // SAFETY: the host copies the pairs before the call returns.
    done(unsafe { proxy_set_header_map_pairs(map, pairs.as_ptr(), pairs.len()) })
}

/// Removes all headers of a map.
pub(super) fn remove_headers(map: MapType) -> Result<()> {
    // SAFETY: the host copies the pairs before the call returns.
    done(unsafe { proxy_set_header_map_pairs(map, pairs::NONE.as_ptr(), pairs::NONE.len()) })
}

/// Adds a header, or replaces its value; the name must not be there twice.
pub(super) fn set_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
    // SAFETY: the host copies name and value before the call returns.
    done(unsafe {
        proxy_replace_header_map_value(map, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    })
}

/// Removes a header.
pub(super) fn remove_header(map: MapType, name: &[u8]) -> Result<()> {
    // SAFETY: the host reads the name before the call returns.
    done(unsafe { proxy_remove_header_map_value(map, name.as_ptr(), name.len()) })
}

/// A property, by the parts of its path with NULs between them: `xds\0cluster_name`.
pub(super) fn property(path: &str) -> Result<Vec<u8>> {
    // SAFETY: the host reads the path before the call returns; the out-pointers are `received`'s.
    received(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

/// Answers the client. Once the head of another answer has gone out this cuts that answer off.
pub(super) fn reply(reply: &Reply) -> Result<()> {
    let headers = pairs::encode(&reply.headers);
    local_response(reply.status, &headers, &reply.body, NO_GRPC_STATUS)
}

/// Answers a gRPC client.
pub(super) fn reply_grpc(status: &Status) -> Result<()> {
    let code = i32::try_from(status.code.0).unwrap_or(NO_GRPC_STATUS);
    local_response(200, pairs::NONE, status.message.as_bytes(), code)
}

/// Answers the client that the module ends. Allocates nothing.
pub(super) fn crash_reply() -> Result<()> {
    local_response(500, pairs::NONE, b"", NO_GRPC_STATUS)
}

fn local_response(status: u16, headers: &[u8], body: &[u8], grpc_status: i32) -> Result<()> {
    // SAFETY: the host copies everything before the call returns.
    done(unsafe {
        proxy_send_local_response(
            u32::from(status),
            b"".as_ptr(),
            0,
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            grpc_status,
        )
    })
}

/// Resumes a paused request or response, once the call into the module returns.
pub(super) fn resume(stream: StreamType) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_continue_stream(stream) })
}

/// Resumes a paused response.
pub(super) fn resume_response() -> Result<()> {
    resume(StreamType::HttpResponse)
}

/// Makes the calls that follow concern this stream.
pub(super) fn set_effective_context(id: u32) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_set_effective_context(id) })
}

/// Opens a queue that calls the root context, in this worker, for each entry.
pub(super) fn register_queue(name: &str) -> Result<u32> {
    let mut id = 0;
    // SAFETY: the host copies the name; `id` lives until the call returns.
    done(unsafe { proxy_register_shared_queue(name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

/// Adds an entry to a queue.
pub(super) fn enqueue(queue: u32, entry: &[u8]) -> Result<()> {
    // SAFETY: the host copies the entry before the call returns.
    done(unsafe { proxy_enqueue_shared_queue(queue, entry.as_ptr(), entry.len()) })
}

/// Takes the oldest entry off a queue; nothing if it is empty.
pub(super) fn dequeue(queue: u32) -> Result<Option<Vec<u8>>> {
    // SAFETY: the out-pointers are those that `received` owns.
    match received(|data, size| unsafe { proxy_dequeue_shared_queue(queue, data, size) }) {
        Err(HostError(EMPTY)) => Ok(None),
        entry => entry.map(Some),
    }
}

/// Asks for a tick of the root context every so many milliseconds.
pub(super) fn tick_every(millis: u32) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_set_tick_period_milliseconds(millis) })
}

/// Nanoseconds since 1970; 0 where the host does not tell.
pub(super) fn now() -> u64 {
    let mut time = 0;
    // SAFETY: `time` lives until the call returns. On failure it stays 0.
    unsafe { proxy_get_current_time_nanoseconds(&raw mut time) };
    time
}

/// Makes a gRPC call on a cluster; its answer comes in callbacks with the token that this returns.
pub(super) fn call(cluster: &[u8], call: &Call) -> Result<u32> {
    let (service, method) = call.target();
    let metadata = pairs::encode(&call.metadata);
    let timeout = u32::try_from(call.timeout.as_millis()).unwrap_or(u32::MAX);
    let mut token = 0;
    // SAFETY: the host copies everything before the call returns; `token` lives until then.
    done(unsafe {
        proxy_grpc_call(
            cluster.as_ptr(),
            cluster.len(),
            service.as_ptr(),
            service.len(),
            method.as_ptr(),
            method.len(),
            metadata.as_ptr(),
            metadata.len(),
            call.message.as_ptr(),
            call.message.len(),
            timeout,
            &raw mut token,
        )
    })?;
    Ok(token)
}

/// Gives up a call whose answer nobody waits for any more.
pub(super) fn cancel_call(token: u32) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_grpc_cancel(token) })
}

/// The message of the gRPC status that a call has just ended with.
pub(super) fn call_status_message() -> Result<Vec<u8>> {
    let mut code = 0;
    // SAFETY: `code` lives until the call returns; the other out-pointers are `received`'s.
    received(|data, size| unsafe { proxy_get_status(&raw mut code, data, size) })
}

fn done(status: u32) -> Result<()> {
    if status == 0 {
        Ok(())
    } else {
        Err(HostError(status))
    }
}

/// Takes over memory that the host had us allocate and filled.
fn received(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Result<Vec<u8>> {
    let mut data: *mut u8 = null_mut();
    let mut size = 0_usize;
    done(call(&raw mut data, &raw mut size))?;
    if data.is_null() || size == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: on success the host has filled `size` bytes at `data`, which it had allocated by
    // calling `proxy_on_memory_allocate` with that size: as many bytes from the global allocator,
    // that nothing else refers to.
    Ok(unsafe { Vec::from_raw_parts(data, size, size) })
}
