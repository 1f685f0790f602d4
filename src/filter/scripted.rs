//! A host that a test writes: what takes Envoy's place where this is no Wasm module.

use std::cell::RefCell;
use std::rc::Rc;

use super::abi::{BufferType, LogLevel, MapType, MetricType, StreamType};
use super::host::{GrpcCall, HostError, Result};

/// The host's calls, each as proxy-wasm ABI 0.2.1 has it. A host may be called while one of its own callbacks runs.
#[allow(missing_docs)] // the ABI documents them
pub trait Host {
    fn log(&self, level: LogLevel, message: &str);
    fn buffer(&self, kind: BufferType, start: usize, most: usize) -> Result<Vec<u8>>;
    fn buffer_length(&self, kind: BufferType) -> Result<usize>;
    fn set_buffer(&self, kind: BufferType, start: usize, size: usize, bytes: &[u8]) -> Result<()>;
    fn header_pairs(&self, map: MapType) -> Result<Vec<u8>>;
    fn set_header_pairs(&self, map: MapType, pairs: &[u8]) -> Result<()>;
    fn add_header(&self, map: MapType, name: &[u8], value: &[u8]) -> Result<()>;
    fn set_header(&self, map: MapType, name: &[u8], value: &[u8]) -> Result<()>;
    fn remove_header(&self, map: MapType, name: &[u8]) -> Result<()>;
    fn property(&self, path: &str) -> Result<Vec<u8>>;
    fn local_response(
        &self,
        status: u32,
        details: &[u8],
        headers: &[u8],
        body: &[u8],
        grpc_status: i32,
    ) -> Result<()>;
    fn resume(&self, stream: StreamType) -> Result<()>;
    fn set_effective_context(&self, id: u32) -> Result<()>;
    fn register_queue(&self, name: &str) -> Result<u32>;
    fn enqueue(&self, queue: u32, entry: &[u8]) -> Result<()>;
    fn dequeue(&self, queue: u32) -> Result<Vec<u8>>;
    fn tick_every(&self, millis: u32) -> Result<()>;
    fn now(&self) -> u64;
    fn grpc_call(&self, call: &GrpcCall<'_>) -> Result<u32>;
    fn cancel_call(&self, token: u32) -> Result<()>;
    fn call_status_message(&self) -> Result<Vec<u8>>;
    fn set_property(&self, name: &str, value: &[u8]) -> Result<()>;
    fn define_metric(&self, kind: MetricType, name: &str) -> Result<u32>;
    fn increment_metric(&self, id: u32, by: i64) -> Result<()>;
    fn record_metric(&self, id: u32, value: u64) -> Result<()>;
}

thread_local! {
    static HOST: RefCell<Option<Rc<dyn Host>>> = const { RefCell::new(None) };
}

/// Has `act` run with this host, on this thread.
pub fn with<R>(host: Rc<dyn Host>, act: impl FnOnce() -> R) -> R {
    let before = HOST.replace(Some(host));
    let result = act();
    HOST.set(before);
    result
}

/// The status of a call where there is no host.
const NO_HOST: HostError = HostError(10);

fn host() -> Result<Rc<dyn Host>> {
    HOST.with_borrow(Clone::clone).ok_or(NO_HOST)
}

pub(super) fn log(level: LogLevel, message: &str) {
    if let Ok(host) = host() {
        host.log(level, message);
    }
}

pub(super) fn buffer(kind: BufferType, start: usize, most: usize) -> Result<Vec<u8>> {
    host()?.buffer(kind, start, most)
}

pub(super) fn buffer_length(kind: BufferType) -> Result<usize> {
    host()?.buffer_length(kind)
}

pub(super) fn set_buffer(kind: BufferType, start: usize, size: usize, bytes: &[u8]) -> Result<()> {
    host()?.set_buffer(kind, start, size, bytes)
}

pub(super) fn header_pairs(map: MapType) -> Result<Vec<u8>> {
    host()?.header_pairs(map)
}

pub(super) fn set_header_pairs(map: MapType, pairs: &[u8]) -> Result<()> {
    host()?.set_header_pairs(map, pairs)
}

pub(super) fn add_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
    host()?.add_header(map, name, value)
}

pub(super) fn set_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
    host()?.set_header(map, name, value)
}

pub(super) fn remove_header(map: MapType, name: &[u8]) -> Result<()> {
    host()?.remove_header(map, name)
}

pub(super) fn property(path: &str) -> Result<Vec<u8>> {
    host()?.property(path)
}

pub(super) fn local_response(
    status: u32,
    details: &[u8],
    headers: &[u8],
    body: &[u8],
    grpc_status: i32,
) -> Result<()> {
    host()?.local_response(status, details, headers, body, grpc_status)
}

pub(super) fn resume(stream: StreamType) -> Result<()> {
    host()?.resume(stream)
}

pub(super) fn set_effective_context(id: u32) -> Result<()> {
    host()?.set_effective_context(id)
}

pub(super) fn register_queue(name: &str) -> Result<u32> {
    host()?.register_queue(name)
}

pub(super) fn enqueue(queue: u32, entry: &[u8]) -> Result<()> {
    host()?.enqueue(queue, entry)
}

pub(super) fn dequeue(queue: u32) -> Result<Vec<u8>> {
    host()?.dequeue(queue)
}

pub(super) fn tick_every(millis: u32) -> Result<()> {
    host()?.tick_every(millis)
}

pub(super) fn now() -> u64 {
    host().map_or(0, |host| host.now())
}

pub(super) fn grpc_call(call: &GrpcCall<'_>) -> Result<u32> {
    host()?.grpc_call(call)
}

pub(super) fn cancel_call(token: u32) -> Result<()> {
    host()?.cancel_call(token)
}

pub(super) fn call_status_message() -> Result<Vec<u8>> {
    host()?.call_status_message()
}

pub(super) fn set_property(name: &str, value: &[u8]) -> Result<()> {
    host()?.set_property(name, value)
}

pub(super) fn define_metric(kind: MetricType, name: &str) -> Result<u32> {
    host()?.define_metric(kind, name)
}

pub(super) fn increment_metric(id: u32, by: i64) -> Result<()> {
    host()?.increment_metric(id, by)
}

pub(super) fn record_metric(id: u32, value: u64) -> Result<()> {
    host()?.record_metric(id, value)
}
