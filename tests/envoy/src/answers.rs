//! An upstream's answers, in frames of its own making.

use testbed::wire;

use crate::frames::{END_STREAM, data, headers};

/// A gRPC response head.
pub fn head(stream: u32) -> Vec<u8> {
    let fields = [(":status", "200"), ("content-type", "application/grpc")];
    headers(stream, 0, &fields)
}

/// Trailers with a status.
pub fn status(stream: u32, code: &str) -> Vec<u8> {
    headers(stream, END_STREAM, &[("grpc-status", code)])
}

/// A message in a DATA frame.
pub fn message(stream: u32, message: &[u8]) -> Vec<u8> {
    data(stream, 0, &wire::frame(message))
}

/// A whole answer, which every call takes.
pub fn success(stream: u32) -> Vec<u8> {
    [head(stream), message(stream, MESSAGE), status(stream, "0")].concat()
}

/// `count: 7` to a range; to a watch `canceled`.
pub const MESSAGE: &[u8] = &[0x20, 7];
