//! Numbers of proxy-wasm ABI 0.2.1, those that are used.

/// How much a record in the log matters.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// As its name says.
    Trace = 0,
    /// As its name says.
    Debug = 1,
    /// As its name says.
    Info = 2,
    /// As its name says.
    Warn = 3,
    /// As its name says.
    Error = 4,
    /// As its name says.
    Critical = 5,
}

/// What a callback of a head, body or trailers answers.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go on with it.
    Continue = 0,
    /// Hold it, and what comes behind it, in a buffer.
    Pause = 1,
    /// As `Pause`, but the host keeps no buffer: a later piece is handed over by itself, and any number of bytes may take
    /// its place. Envoy takes it of bodies; the SDK for Rust does not know it.
    PauseWithoutBuffer = 3,
}

/// One direction of a stream.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamType {
    /// To the upstream.
    HttpRequest = 0,
    /// To the client.
    HttpResponse = 1,
}

/// What is counted.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricType {
    /// A number that grows.
    Counter = 0,
    /// A number.
    Gauge = 1,
    /// Numbers, by their size.
    Histogram = 2,
}

/// Bytes that the host holds.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BufferType {
    /// A request's body.
    HttpRequestBody = 0,
    /// An answer's body.
    HttpResponseBody = 1,
    /// The answer to a call.
    GrpcReceiveBuffer = 5,
    /// The plugin's configuration.
    PluginConfiguration = 7,
}

/// Headers or trailers that the host holds.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapType {
    /// A request's head.
    RequestHeaders = 0,
    /// A request's trailers.
    RequestTrailers = 1,
    /// An answer's head.
    ResponseHeaders = 2,
    /// An answer's trailers.
    ResponseTrailers = 3,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proxy_wasm::types as sdk;

    /// The `proxy-wasm` crate is the reference. Nothing of it can ship beside our own entry points: it
    /// exports those of its dispatcher from every module that it is a part of.
    macro_rules! assert_same {
        ($($ours:expr => $theirs:expr;)*) => {
            $(assert_eq!($ours as u32, $theirs as u32, stringify!($ours));)*
        };
    }

    #[test]
    fn a_body_is_paused_without_a_buffer_by_envoys_own_number() {
        // `StopIterationNoBuffer` of Envoy's `FilterDataStatus`.
        assert_eq!(Action::PauseWithoutBuffer as u32, 3);
    }

    #[test]
    fn the_numbers_are_those_of_the_proxy_wasm_crate() {
        assert_same! {
            LogLevel::Trace => sdk::LogLevel::Trace;
            LogLevel::Debug => sdk::LogLevel::Debug;
            LogLevel::Info => sdk::LogLevel::Info;
            LogLevel::Warn => sdk::LogLevel::Warn;
            LogLevel::Error => sdk::LogLevel::Error;
            LogLevel::Critical => sdk::LogLevel::Critical;
            Action::Continue => sdk::Action::Continue;
            Action::Pause => sdk::Action::Pause;
            StreamType::HttpRequest => sdk::StreamType::HttpRequest;
            StreamType::HttpResponse => sdk::StreamType::HttpResponse;
            MetricType::Counter => sdk::MetricType::Counter;
            MetricType::Gauge => sdk::MetricType::Gauge;
            MetricType::Histogram => sdk::MetricType::Histogram;
            BufferType::HttpRequestBody => sdk::BufferType::HttpRequestBody;
            BufferType::HttpResponseBody => sdk::BufferType::HttpResponseBody;
            BufferType::GrpcReceiveBuffer => sdk::BufferType::GrpcReceiveBuffer;
            BufferType::PluginConfiguration => sdk::BufferType::PluginConfiguration;
            MapType::RequestHeaders => sdk::MapType::HttpRequestHeaders;
            MapType::RequestTrailers => sdk::MapType::HttpRequestTrailers;
            MapType::ResponseHeaders => sdk::MapType::HttpResponseHeaders;
            MapType::ResponseTrailers => sdk::MapType::HttpResponseTrailers;
        }
    }
}
