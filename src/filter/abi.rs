//! Numbers of proxy-wasm ABI 0.2.1, those that are used.

/// How much a record in the log matters.
#[repr(u32)]
#[derive(Clone, Copy)]
pub(super) enum LogLevel {
    Trace = 0,
    Debug = 1,
    Info = 2,
    Warn = 3,
    Error = 4,
    Critical = 5,
}

/// What a callback of a head, body or trailers answers.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Continue = 0,
    Pause = 1,
}

/// One direction of a stream.
#[repr(u32)]
#[derive(Clone, Copy)]
pub(super) enum StreamType {
    HttpResponse = 1,
}

/// Bytes that the host holds.
#[repr(u32)]
#[derive(Clone, Copy)]
pub(super) enum BufferType {
    HttpRequestBody = 0,
    HttpResponseBody = 1,
    GrpcReceiveBuffer = 5,
    PluginConfiguration = 7,
}

/// Headers or trailers that the host holds.
#[repr(u32)]
#[derive(Clone, Copy)]
pub(super) enum MapType {
    RequestHeaders = 0,
    RequestTrailers = 1,
    ResponseHeaders = 2,
    ResponseTrailers = 3,
}
