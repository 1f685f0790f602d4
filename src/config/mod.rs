//! The plugin configuration: JSON, every key optional, none unknown.
//!
//! This room knows nothing of the others but the names of the dialects and which metadata can be set.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

use crate::grpc::is_metadata_name;
use crate::http::Dialect;

/// The plugin configuration as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(
        title = "etcd-json-gateway plugin configuration",
        default,
        deny_unknown_fields
    )
)]
pub struct Config {
    /// Whose error bodies and escaping answers have: `compatible` is understood by clients of every etcd version, `v1` is etcd 3.4 and 3.5, `v2` is etcd 3.6 and 3.7.
    pub dialect: Dialect,
    /// Say true only where Envoy's plugin configuration has the field of the same name set to true; the filter cannot see it. It allows a Content-Length on small answers and the right HTTP status for errors that come late.
    pub allow_on_headers_stop_iteration: bool,
    /// Path prefixes under which etcd's API is served.
    #[cfg_attr(test, schemars(inner(regex(pattern = r"^/[\s\S]*[^/]$"))))]
    pub prefixes: Vec<String>,
    /// Largest encoded request message in bytes; etcd's own gRPC server takes 2 MiB by default. A body of more than twice this is refused before it is decoded.
    #[cfg_attr(test, schemars(range(min = 1, max = 67_108_864)))]
    pub max_request_bytes: u32,
    /// Largest message of a stream, as JSON text in bytes, that is sent as one piece.
    #[cfg_attr(test, schemars(range(min = 1, max = 67_108_864)))]
    pub stream_document_bytes: u32,
    /// What the listener's `per_connection_buffer_limit_bytes` is, in bytes, or its HTTP/2 `initial_stream_window_size` where that is smaller; never more than that, for Envoy crashes on a filter that fills a buffer beyond its limit. Envoy's own default is 1048576. The larger it is, the larger the messages of a stream that keep a chunk each under backpressure, and behind which an error line is possible.
    #[cfg_attr(test, schemars(range(min = 32_768, max = 67_108_864)))]
    pub listener_buffer_bytes: u32,
    /// Origins whose pages may use the gateway from a browser (CORS): `*` is every one. With a list without it, which may be empty, a request from any other origin than the gateway's own is refused with 403.
    pub cors: Vec<String>,
    /// Whether the filter answers `GET /version` and `GET /health` from etcd's gRPC API; false leaves both to the route.
    pub local_endpoints: bool,
    /// The version that `/version` names where etcd tells it to nobody who is not logged in.
    pub etcd_version: String,
    /// Whether calls that can change something may be sent again: `never`, or as the `route` says.
    pub write_retries: WriteRetries,
    /// What becomes of a call without a body: `refuse` it with 411, or answer it by a `callout` to the route's cluster. A callout passes by every filter and route rule behind this one, authorization among them: only for a gateway with none. Neither is needed where a filter before this one gives such calls a body (envoy/body-for-bodyless.yaml).
    pub bodyless_calls: BodylessCalls,
    /// Names of metadata that clients may set by `Grpc-Metadata-<name>`, beside those that etcd reads (`token`, `authorization`, `hasleader`, `client-api-version`, `traceparent`, `tracestate`); `*` is every name that is not reserved. They become headers of the request: name none that a filter, a log or a server behind this filter trusts.
    #[cfg_attr(test, schemars(inner(regex(pattern = r"^(\*|[0-9a-z._-]+)$"))))]
    pub metadata: Vec<String>,
    /// What becomes of native gRPC calls: `pass` them, marked as coming through a gateway, so that etcd does not take a caller without a token for the user in Envoy's client certificate; pass them `as_certificate`, without the mark, for those who want that user; or `refuse` them.
    pub native_grpc: NativeGrpc,
    /// Say true where the upstream is `etcd grpc-proxy`, which takes the end of a request's body for the end of a watch or keepalive. The filter then keeps such a request open behind its body, over HTTP/1.1, where the end comes by itself; over HTTP/2 the client must leave the body open.
    pub grpc_proxy: bool,
}

/// What becomes of a call without a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum BodylessCalls {
    /// It is refused.
    Refuse,
    /// It is answered by a call to the route's cluster, beside the filters behind this one.
    Callout,
}

/// What becomes of native gRPC calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NativeGrpc {
    /// They pass, marked as coming through a gateway.
    Pass,
    /// They pass as they are.
    AsCertificate,
    /// They are refused.
    Refuse,
}

/// Who decides whether calls that can change something are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum WriteRetries {
    /// They are never sent again.
    Never,
    /// The route's retry policy applies to them too.
    Route,
}

/// Smallest buffer limit of a listener that streams can live with: it must take the line of a
/// message that comes in one HTTP/2 frame of 16 KiB.
const MIN_LISTENER_BUFFER: u32 = 32 << 10;

/// Largest byte bound that can be configured: a worker's Wasm memory is 1 GiB for all its streams.
pub(crate) const MAX_BYTES: u32 = 64 << 20;

impl Default for Config {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            allow_on_headers_stop_iteration: false,
            prefixes: ["/v3", "/v3beta", "/v3alpha"].map(str::to_owned).to_vec(),
            max_request_bytes: 2 << 20,
            stream_document_bytes: 4 << 20,
            listener_buffer_bytes: MIN_LISTENER_BUFFER,
            cors: vec!["*".to_owned()],
            local_endpoints: true,
            etcd_version: "3.5.0".to_owned(),
            write_retries: WriteRetries::Never,
            bodyless_calls: BodylessCalls::Refuse,
            metadata: Vec::new(),
            native_grpc: NativeGrpc::Pass,
            grpc_proxy: false,
        }
    }
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
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut key = String::new();
        let config = Keys { key: &mut key }
            .deserialize(&mut deserializer)
            .and_then(|config| deserializer.end().map(|()| config))
            .map_err(|error| ConfigError {
                key,
                reason: error.to_string(),
            })?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let fail = |key: &str, reason: String| {
            Err(ConfigError {
                key: key.to_owned(),
                reason,
            })
        };
        if let Some(prefix) = self
            .prefixes
            .iter()
            .find(|prefix| prefix.len() < 2 || !prefix.starts_with('/') || prefix.ends_with('/'))
        {
            return fail(
                "prefixes",
                format!("{prefix:?} does not begin with a slash, or ends with one"),
            );
        }
        for (key, value, min) in [
            ("max_request_bytes", self.max_request_bytes, 1),
            ("stream_document_bytes", self.stream_document_bytes, 1),
            (
                "listener_buffer_bytes",
                self.listener_buffer_bytes,
                MIN_LISTENER_BUFFER,
            ),
        ] {
            if !(min..=MAX_BYTES).contains(&value) {
                return fail(key, format!("{value} is not between {min} and {MAX_BYTES}"));
            }
        }
        let is_name = |name: &String| name == "*" || is_metadata_name(name.as_bytes());
        if let Some(name) = self.metadata.iter().find(|name| !is_name(name)) {
            return fail(
                "metadata",
                format!("{name:?} is not a lower-case name of metadata that can be set"),
            );
        }
        let parts = || self.etcd_version.split('.');
        if parts().count() != 3 || !parts().all(|part| part.parse::<u32>().is_ok()) {
            return fail(
                "etcd_version",
                format!("{:?} is not a version such as 3.5.0", self.etcd_version),
            );
        }
        Ok(())
    }
}

/// Reads the keys one by one; `key` is the one at which reading stands.
struct Keys<'k> {
    key: &'k mut String,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = Config;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Config, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = Config;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Config, A::Error> {
        let mut config = Config::default();
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            self.key.clone_from(&key);
            if seen.contains(&key) {
                return Err(A::Error::custom("given twice"));
            }
            match key.as_str() {
                "dialect" => config.dialect = map.next_value()?,
                "allow_on_headers_stop_iteration" => {
                    config.allow_on_headers_stop_iteration = map.next_value()?;
                }
                "prefixes" => config.prefixes = map.next_value()?,
                "max_request_bytes" => config.max_request_bytes = map.next_value()?,
                "stream_document_bytes" => config.stream_document_bytes = map.next_value()?,
                "listener_buffer_bytes" => config.listener_buffer_bytes = map.next_value()?,
                "cors" => config.cors = map.next_value()?,
                "local_endpoints" => config.local_endpoints = map.next_value()?,
                "etcd_version" => config.etcd_version = map.next_value()?,
                "write_retries" => config.write_retries = map.next_value()?,
                "bodyless_calls" => config.bodyless_calls = map.next_value()?,
                "metadata" => config.metadata = map.next_value()?,
                "native_grpc" => config.native_grpc = map.next_value()?,
                "grpc_proxy" => config.grpc_proxy = map.next_value()?,
                _ => return Err(A::Error::custom("unknown key")),
            }
            seen.push(key);
        }
        self.key.clear();
        Ok(config)
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.reason)
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
    fn every_key_is_read() {
        let text = r#"{"dialect":"v1","allow_on_headers_stop_iteration":true,"prefixes":["/x"],"max_request_bytes":1,
            "stream_document_bytes":2,"listener_buffer_bytes":32768,"cors":[],"local_endpoints":false,"etcd_version":"3.4.23","write_retries":"route",
            "bodyless_calls":"callout","metadata":["x-a"],"native_grpc":"as_certificate","grpc_proxy":true}"#;
        let expected = Config {
            dialect: Dialect::V1,
            allow_on_headers_stop_iteration: true,
            prefixes: vec!["/x".into()],
            max_request_bytes: 1,
            stream_document_bytes: 2,
            listener_buffer_bytes: 32 << 10,
            cors: vec![],
            local_endpoints: false,
            etcd_version: "3.4.23".into(),
            write_retries: WriteRetries::Route,
            bodyless_calls: BodylessCalls::Callout,
            metadata: vec!["x-a".into()],
            native_grpc: NativeGrpc::AsCertificate,
            grpc_proxy: true,
        };
        assert_eq!(Config::parse(text.as_bytes()), Ok(expected));
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
