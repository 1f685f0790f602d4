//! The host's calls as proxy-wasm ABI 0.2.1 has them, each as one safe function.
#![allow(unsafe_code)] // this is where the host is called

use std::ptr::null_mut;

use crate::filter::abi::{BufferType, LogLevel, MapType, MetricType, StreamType};
use crate::filter::host::{GrpcCall, HostError, Result};

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
    fn proxy_add_header_map_value(
        map: MapType,
        key: *const u8,
        key_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
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
    fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, size: usize) -> u32;
    fn proxy_define_metric(kind: MetricType, name: *const u8, size: usize, id: *mut u32) -> u32;
    fn proxy_increment_metric(id: u32, by: i64) -> u32;
    fn proxy_record_metric(id: u32, value: u64) -> u32;
    fn proxy_get_status(code: *mut u32, data: *mut *mut u8, size: *mut usize) -> u32;
}

pub(in crate::filter) fn log(level: LogLevel, message: &str) {
    // SAFETY: the host reads the message, which lives until the call returns. A failure to log is
    // nothing that a request should fail for.
    unsafe { proxy_log(level, message.as_ptr(), message.len()) };
}

pub(in crate::filter) fn buffer(kind: BufferType, start: usize, most: usize) -> Result<Vec<u8>> {
    // SAFETY: the out-pointers are those that `received` owns.
    received(|data, size| unsafe { proxy_get_buffer_bytes(kind, start, most, data, size) })
}

pub(in crate::filter) fn buffer_length(kind: BufferType) -> Result<usize> {
    let (mut length, mut flags) = (0, 0);
    // SAFETY: both live until the call returns.
    done(unsafe { proxy_get_buffer_status(kind, &raw mut length, &raw mut flags) })?;
    Ok(length)
}

pub(in crate::filter) fn set_buffer(
    kind: BufferType,
    start: usize,
    size: usize,
    bytes: &[u8],
) -> Result<()> {
    // SAFETY: the host copies the bytes before the call returns.
    done(unsafe { proxy_set_buffer_bytes(kind, start, size, bytes.as_ptr(), bytes.len()) })
}

pub(in crate::filter) fn header_pairs(map: MapType) -> Result<Vec<u8>> {
    // SAFETY: the out-pointers are those that `received` owns.
    received(|data, size| unsafe { proxy_get_header_map_pairs(map, data, size) })
}

pub(in crate::filter) fn set_header_pairs(map: MapType, pairs: &[u8]) -> Result<()> {
    // SAFETY: the host copies the bytes before the call returns.
    done(unsafe { proxy_set_header_map_pairs(map, pairs.as_ptr(), pairs.len()) })
}

pub(in crate::filter) fn add_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
    // SAFETY: the host copies the bytes before the call returns.
    done(unsafe {
        proxy_add_header_map_value(map, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    })
}

pub(in crate::filter) fn set_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
    // SAFETY: the host copies the bytes before the call returns.
    done(unsafe {
        proxy_replace_header_map_value(map, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    })
}

pub(in crate::filter) fn remove_header(map: MapType, name: &[u8]) -> Result<()> {
    // SAFETY: the host copies the bytes before the call returns.
    done(unsafe { proxy_remove_header_map_value(map, name.as_ptr(), name.len()) })
}

pub(in crate::filter) fn property(path: &str) -> Result<Vec<u8>> {
    // SAFETY: the host reads the path before the call returns; the out-pointers are `received`'s.
    received(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

pub(in crate::filter) fn local_response(
    status: u32,
    details: &[u8],
    headers: &[u8],
    body: &[u8],
    grpc_status: i32,
) -> Result<()> {
    // SAFETY: the host copies everything before the call returns.
    done(unsafe {
        proxy_send_local_response(
            status,
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            grpc_status,
        )
    })
}

pub(in crate::filter) fn resume(stream: StreamType) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_continue_stream(stream) })
}

pub(in crate::filter) fn set_effective_context(id: u32) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_set_effective_context(id) })
}

pub(in crate::filter) fn register_queue(name: &str) -> Result<u32> {
    let mut id = 0;
    // SAFETY: the host copies the name; `id` lives until the call returns.
    done(unsafe { proxy_register_shared_queue(name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

pub(in crate::filter) fn enqueue(queue: u32, entry: &[u8]) -> Result<()> {
    // SAFETY: the host copies the bytes before the call returns.
    done(unsafe { proxy_enqueue_shared_queue(queue, entry.as_ptr(), entry.len()) })
}

pub(in crate::filter) fn dequeue(queue: u32) -> Result<Vec<u8>> {
    // SAFETY: the out-pointers are those that `received` owns.
    received(|data, size| unsafe { proxy_dequeue_shared_queue(queue, data, size) })
}

pub(in crate::filter) fn tick_every(millis: u32) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_set_tick_period_milliseconds(millis) })
}

pub(in crate::filter) fn now() -> u64 {
    let mut time = 0;
    // SAFETY: `time` lives until the call returns. On failure it stays 0.
    unsafe { proxy_get_current_time_nanoseconds(&raw mut time) };
    time
}

pub(in crate::filter) fn grpc_call(call: &GrpcCall<'_>) -> Result<u32> {
    let mut token = 0;
    // SAFETY: the host copies everything before the call returns; `token` lives until then.
    done(unsafe {
        proxy_grpc_call(
            call.cluster.as_ptr(),
            call.cluster.len(),
            call.service.as_ptr(),
            call.service.len(),
            call.method.as_ptr(),
            call.method.len(),
            call.metadata.as_ptr(),
            call.metadata.len(),
            call.message.as_ptr(),
            call.message.len(),
            call.timeout_millis,
            &raw mut token,
        )
    })?;
    Ok(token)
}

pub(in crate::filter) fn cancel_call(token: u32) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_grpc_cancel(token) })
}

pub(in crate::filter) fn call_status_message() -> Result<Vec<u8>> {
    let mut code = 0;
    // SAFETY: `code` lives until the call returns; the other out-pointers are `received`'s.
    received(|data, size| unsafe { proxy_get_status(&raw mut code, data, size) })
}

pub(in crate::filter) fn set_property(name: &str, value: &[u8]) -> Result<()> {
    // SAFETY: the host copies both before the call returns.
    done(unsafe { proxy_set_property(name.as_ptr(), name.len(), value.as_ptr(), value.len()) })
}

pub(in crate::filter) fn define_metric(kind: MetricType, name: &str) -> Result<u32> {
    let mut id = 0;
    // SAFETY: the host copies the name; `id` lives until the call returns.
    done(unsafe { proxy_define_metric(kind, name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

pub(in crate::filter) fn increment_metric(id: u32, by: i64) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_increment_metric(id, by) })
}

pub(in crate::filter) fn record_metric(id: u32, value: u64) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { proxy_record_metric(id, value) })
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
