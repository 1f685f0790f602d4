//! The names of Envoy's own request headers, as more than one room knows them.
//!
//! <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#http-headers-consumed>

/// What all of them begin with.
pub(crate) const PREFIX: &[u8] = b"x-envoy-";

/// The header that keeps the path which the client asked for, as Envoy's own transcoder has it.
pub(crate) const ORIGINAL_PATH: &[u8] = b"x-envoy-original-path";

/// How often Envoy may send a request again.
pub(crate) const MAX_RETRIES: &[u8] = b"x-envoy-max-retries";

/// How long an answer may take as a whole, in milliseconds; 0 is without end.
pub(crate) const TIMEOUT: &[u8] = b"x-envoy-upstream-rq-timeout-ms";

/// Names by which a client or a filter could make Envoy send a call twice.
pub(crate) const RETRYING: [&[u8]; 5] = [
    b"x-envoy-hedge-on-per-try-timeout",
    MAX_RETRIES,
    b"x-envoy-retriable-status-codes",
    b"x-envoy-retry-grpc-on",
    b"x-envoy-retry-on",
];
