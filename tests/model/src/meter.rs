//! How many bytes the filter keeps: what it allocates and frees is counted, what the model does is not.

use std::rc::Rc;

use etcd_json_gateway::filter::abi::{BufferType, LogLevel, MapType, MetricType, StreamType};
use etcd_json_gateway::filter::host::{GrpcCall, Result};
use etcd_json_gateway::filter::scripted::Host;

/// What an allocator knows that counts.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    /// Does something, and says by how many bytes more is allocated then.
    pub counted: fn(&mut dyn FnMut()) -> i64,
    /// Does something in the midst of that which is not to be counted.
    pub uncounted: fn(&mut dyn FnMut()),
}

impl Meter {
    pub(crate) fn count<R>(self, act: impl FnOnce() -> R) -> (R, i64) {
        let (mut act, mut result) = (Some(act), None);
        let bytes = (self.counted)(&mut || result = act.take().map(|act| act()));
        (result.expect("it acted"), bytes)
    }

    /// The copy that is returned is the filter's and counts.
    fn leave_out<R: Clone>(self, act: impl FnOnce() -> R) -> R {
        let (mut act, mut result) = (Some(act), None);
        (self.uncounted)(&mut || result = act.take().map(|act| act()));
        let copy = result.clone();
        (self.uncounted)(&mut || result = None);
        copy.expect("it acted")
    }
}

/// A host whose own memory is not counted.
pub(crate) struct Uncounted {
    pub(crate) meter: Meter,
    pub(crate) host: Rc<dyn Host>,
}

macro_rules! leave_out {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(fn $name(&self, $($argument: $type),*) -> $result {
            self.meter.leave_out(|| self.host.$name($($argument),*))
        })*
    };
}

impl Host for Uncounted {
    leave_out! {
        fn log(level: LogLevel, message: &str) -> ();
        fn buffer(kind: BufferType, start: usize, most: usize) -> Result<Vec<u8>>;
        fn buffer_length(kind: BufferType) -> Result<usize>;
        fn set_buffer(kind: BufferType, start: usize, size: usize, bytes: &[u8]) -> Result<()>;
        fn header_pairs(map: MapType) -> Result<Vec<u8>>;
        fn set_header_pairs(map: MapType, pairs: &[u8]) -> Result<()>;
        fn add_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()>;
        fn set_header(map: MapType, name: &[u8], value: &[u8]) -> Result<()>;
        fn remove_header(map: MapType, name: &[u8]) -> Result<()>;
        fn property(path: &str) -> Result<Vec<u8>>;
        fn set_property(path: &str, value: &[u8]) -> Result<()>;
        fn define_metric(kind: MetricType, name: &str) -> Result<u32>;
        fn increment_metric(metric: u32, by: i64) -> Result<()>;
        fn record_metric(metric: u32, value: u64) -> Result<()>;
        fn local_response(status: u32, details: &[u8], headers: &[u8], body: &[u8], grpc_status: i32) -> Result<()>;
        fn resume(stream: StreamType) -> Result<()>;
        fn set_effective_context(id: u32) -> Result<()>;
        fn register_queue(name: &str) -> Result<u32>;
        fn enqueue(queue: u32, entry: &[u8]) -> Result<()>;
        fn dequeue(queue: u32) -> Result<Vec<u8>>;
        fn tick_every(millis: u32) -> Result<()>;
        fn now() -> u64;
        fn grpc_call(call: &GrpcCall<'_>) -> Result<u32>;
        fn cancel_call(token: u32) -> Result<()>;
        fn call_status_message() -> Result<Vec<u8>>;
    }
}
