//! The plugin configuration: JSON, every key optional, none unknown.
//!
//! This room knows nothing of the others but the names of the dialects and of the methods, which metadata can be set, and
//! what bytes can be.

mod check;
#[macro_use]
mod keys;
mod policy;
mod read;

use crate::http::Dialect;
use crate::transcode::BytesAs;

#[cfg(test)]
pub(crate) use check::MAX_BYTES;
pub use policy::{AUTHORITY, Policies, Policy};

// A key is this one entry: its text in the README and in the JSON Schema, its type, its default, and a check where not every
// value can be.
keys! {
    /// The plugin configuration as it is written.
    #[cfg_attr(test, schemars(title = "etcd-json-gateway plugin configuration"))]
    pub struct Config;

    /// Whose error bodies and escaping answers have: `compatible` is understood by clients of every etcd version, `v1` is etcd 3.4 and 3.5, `v2` is etcd 3.6 and 3.7.
    dialect: Dialect = Dialect::default();
    /// Say true only where Envoy's plugin configuration has the field of the same name set to true; the filter cannot see it. It allows a Content-Length on small answers and the right HTTP status for errors that come late.
    allow_on_headers_stop_iteration: bool = false;
    /// Path prefixes under which etcd's API is served.
    #[cfg_attr(test, schemars(inner(regex(pattern = r"^/[\s\S]*[^/]$"))))]
    prefixes: Vec<String> = ["/v3", "/v3beta", "/v3alpha"].map(str::to_owned).to_vec(), check::prefixes;
    /// Largest encoded request message in bytes; etcd's own gRPC server takes 2 MiB by default. A body of more than twice this is refused before it is decoded.
    #[cfg_attr(test, schemars(range(min = 1, max = 67_108_864)))]
    max_request_bytes: u32 = 2 << 20, check::bytes;
    /// Largest message of a stream, as JSON text in bytes, that is sent as one piece.
    #[cfg_attr(test, schemars(range(min = 1, max = 67_108_864)))]
    stream_document_bytes: u32 = 4 << 20, check::bytes;
    /// What the listener's `per_connection_buffer_limit_bytes` is, in bytes, or its HTTP/2 `initial_stream_window_size` where that is smaller; never more than that, for Envoy crashes on a filter that fills a buffer beyond its limit. Envoy's own default is 1048576. The larger it is, the larger the messages of a stream that keep a chunk each under backpressure, and behind which an error line is possible.
    #[cfg_attr(test, schemars(range(min = 32_768, max = 67_108_864)))]
    listener_buffer_bytes: u32 = check::MIN_LISTENER_BUFFER, check::listener_buffer;
    /// Origins whose pages may use the gateway from a browser (CORS): `*` is every one. With a list without it, which may be empty, a request from any other origin than the gateway's own is refused with 403.
    cors: Vec<String> = vec!["*".to_owned()];
    /// Whether the filter answers `GET /version` and `GET /health` from etcd's gRPC API; false leaves both to the route.
    local_endpoints: bool = true;
    /// The version that `/version` names where etcd tells it to nobody who is not logged in.
    etcd_version: String = "3.5.0".to_owned(), check::version;
    /// Whether calls that can change something may be sent again: `never`, or as the `route` says.
    write_retries: WriteRetries = WriteRetries::Never;
    /// What becomes of a call without a body: `refuse` it with 411, or answer it by a `callout` to the route's cluster. A callout passes by every filter and route rule behind this one, authorization among them: only for a gateway with none. Neither is needed where a filter before this one gives such calls a body (envoy/body-for-bodyless.yaml).
    bodyless_calls: BodylessCalls = BodylessCalls::Refuse;
    /// Names of metadata that clients may set by `Grpc-Metadata-<name>`, beside those that etcd reads (`token`, `authorization`, `hasleader`, `client-api-version`, `traceparent`, `tracestate`); `*` is every name that is not reserved. They become headers of the request: name none that a filter, a log or a server behind this filter trusts.
    #[cfg_attr(test, schemars(inner(regex(pattern = r"^(\*|[0-9a-z._-]+)$"))))]
    metadata: Vec<String> = Vec::new(), check::metadata;
    /// What becomes of native gRPC calls: `pass` them, marked as coming through a gateway, so that etcd does not take a caller without a token for the user in Envoy's client certificate; pass them `as_certificate`, without the mark, for those who want that user; or `refuse` them.
    native_grpc: NativeGrpc = NativeGrpc::Pass;
    /// Say true where the upstream is `etcd grpc-proxy`, which takes the end of a request's body for the end of a watch or keepalive. The filter then keeps such a request open behind its body, over HTTP/1.1, where the end comes by itself; over HTTP/2 the client must leave the body open.
    grpc_proxy: bool = false;
    /// What fields of bytes are in JSON, keys and values among them, for requests that do not say it by the header `X-Etcd-Bytes`: `base64`, or plain `text`.
    bytes: BytesAs = BytesAs::Base64;
    /// Who may call what, of which keys: a request is judged by the first of these policies that is for it, and refused with 403 where none is; without any all is allowed. [docs/tenants.md](docs/tenants.md) has the keys of a policy.
    policies: Policies = Policies::default(), policy::check;
}

/// What becomes of a call without a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[cfg_attr(test, serde(rename_all = "lowercase"))]
pub enum BodylessCalls {
    /// It is refused.
    Refuse,
    /// It is answered by a call to the route's cluster, beside the filters behind this one.
    Callout,
}

/// What becomes of native gRPC calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[cfg_attr(test, serde(rename_all = "snake_case"))]
pub enum NativeGrpc {
    /// They pass, marked as coming through a gateway.
    Pass,
    /// They pass as they are.
    AsCertificate,
    /// They are refused.
    Refuse,
}

/// Who decides whether calls that can change something are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[cfg_attr(test, serde(rename_all = "lowercase"))]
pub enum WriteRetries {
    /// They are never sent again.
    Never,
    /// The route's retry policy applies to them too.
    Route,
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The key at fault; empty where the text as a whole is.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Config {
    /// Reads a configuration; empty text is the default one.
    ///
    /// # Errors
    ///
    /// With the key at fault, where one is unknown or has a value that cannot be.
    pub fn parse(text: &[u8]) -> Result<Self, ConfigError> {
        let text = std::str::from_utf8(text).map_err(|error| ConfigError {
            key: String::new(),
            reason: error.to_string(),
        })?;
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let config = keys::read(text)?;
        match config.policies.unreachable(&config.prefixes) {
            None => Ok(config),
            Some(reason) => Err(ConfigError {
                key: "policies".to_owned(),
                reason,
            }),
        }
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.reason),
            key => f.write_str(&keys::at(key, &self.reason)),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_text_and_an_empty_object_are_the_defaults() {
        for text in ["", " \n", "{}"] {
            assert_eq!(Config::parse(text.as_bytes()), Ok(Config::default()));
        }
    }

    #[test]
    fn a_fault_names_its_key() {
        for (text, key) in [
            (r#"{"dialct":"v1"}"#, "dialct"),
            (r#"{"cors":[],"cors":[]}"#, "cors"),
            (r#"{"dialect":"v3"}"#, "dialect"),
            (r#"{"max_request_bytes":"x"}"#, "max_request_bytes"),
            (r#"{"max_request_bytes":0}"#, "max_request_bytes"),
            (r#"{"max_request_bytes":-1}"#, "max_request_bytes"),
            (
                r#"{"listener_buffer_bytes":32767}"#,
                "listener_buffer_bytes",
            ),
            (r#"{"prefixes":["/v3/"]}"#, "prefixes"),
            (r#"{"prefixes":[1]}"#, "prefixes"),
            (r#"{"etcd_version":"3.5"}"#, "etcd_version"),
            (r#"{"cors":"*"}"#, "cors"),
            (r#"{"local_endpoints":"no"}"#, "local_endpoints"),
            (r#"{"bodyless_calls":"maybe"}"#, "bodyless_calls"),
            (r#"{"metadata":["X-User"]}"#, "metadata"),
            (r#"{"metadata":["content-type"]}"#, "metadata"),
            (r#"{"metadata":["x-envoy-retry-on"]}"#, "metadata"),
            (r#"{"native_grpc":"deny"}"#, "native_grpc"),
            (r#"{"bytes":"plain"}"#, "bytes"),
        ] {
            let error = Config::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        }
        assert!(Config::parse(b"{} x").is_err());
        assert!(Config::parse(b"[").is_err());
    }
}

#[cfg(test)]
mod generated;
