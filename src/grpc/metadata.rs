//! A client's HTTP headers to the headers of the gRPC request (`gateway.md` 7).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::timeout::{Timeout, TimeoutError};
use crate::http::{Header, Headers};
use crate::schema::Method;

/// Headers that etcd's gateway hands on as `grpcgateway-<name>`.
const PERMANENT: [&[u8]; 24] = [
    b"accept",
    b"accept-charset",
    b"accept-language",
    b"accept-ranges",
    b"authorization",
    b"cache-control",
    b"content-type",
    b"cookie",
    b"date",
    b"expect",
    b"from",
    b"host",
    b"if-match",
    b"if-modified-since",
    b"if-none-match",
    b"if-schedule-tag-match",
    b"if-unmodified-since",
    b"max-forwards",
    b"origin",
    b"pragma",
    b"referer",
    b"user-agent",
    b"via",
    b"warning",
];

/// Names that `Grpc-Metadata-` cannot set: gRPC's and HTTP/2's own.
const RESERVED: [&[u8]; 16] = [
    b"connection",
    b"content-length",
    b"content-type",
    b"grpc-accept-encoding",
    b"grpc-encoding",
    b"grpc-message",
    b"grpc-message-type",
    b"grpc-status",
    b"grpc-timeout",
    b"host",
    b"keep-alive",
    b"proxy-connection",
    b"te",
    b"transfer-encoding",
    b"upgrade",
    b"user-agent",
];

/// Names by which a client or a filter could make Envoy send a call twice.
const RETRYING: [&[u8]; 5] = [
    b"x-envoy-hedge-on-per-try-timeout",
    b"x-envoy-max-retries",
    b"x-envoy-retriable-status-codes",
    b"x-envoy-retry-grpc-on",
    b"x-envoy-retry-on",
];

/// Why a request's headers start no call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataError {
    /// `Grpc-Timeout` is malformed or negative.
    Timeout(TimeoutError, String),
    /// A `Grpc-Metadata-…-Bin` header is not base64.
    Binary(String),
}

/// The headers that the gRPC request has, and the client's deadline.
///
/// Envoy's own headers stay: pseudo headers, `x-request-id`, `x-forwarded-*` and `x-envoy-*`. What
/// etcd's gateway does not hand on does not reach etcd. A call that is not `retriable` is marked so
/// that Envoy never sends it twice, whatever the route's retry policy is.
///
/// # Errors
///
/// When the client's timeout or one of its binary headers cannot be read.
pub fn request_headers<'a>(
    headers: &Headers<'a>,
    method: &'static Method,
    retriable: bool,
) -> Result<(Vec<Header<'a>>, Option<Timeout>), MetadataError> {
    let mut list: Vec<Header<'a>> = Vec::with_capacity(24);
    let mut timeout = None;
    let (mut has_accept, mut has_forwarded_host, mut authority) = (false, false, None);
    for (name, value) in headers.iter() {
        match name {
            b":path" => list.push((name.into(), method.path.as_bytes().into())),
            b":method" => list.push((name.into(), b"POST".into())),
            b":protocol" => {} // an extended CONNECT, which is a plain POST from here on
            b"grpc-timeout" => timeout = parse_timeout(value)?,
            b"x-request-id" => list.push((name.into(), value.into())),
            _ if name.starts_with(b":") => {
                if name == b":authority" {
                    authority = Some(value);
                }
                list.push((name.into(), value.into()));
            }
            _ if name.starts_with(b"x-forwarded-") => {
                has_forwarded_host |= name == b"x-forwarded-host";
                list.push((name.into(), value.into()));
            }
            _ if name.starts_with(b"x-envoy-") => {
                if retriable || !RETRYING.contains(&name) {
                    list.push((name.into(), value.into()));
                }
            }
            _ => {
                has_accept |= name == b"accept";
                push_client_header(name, value, &mut list)?;
            }
        }
    }
    list.push((b"content-type".into(), b"application/grpc".into()));
    list.push((b"te".into(), b"trailers".into()));
    if !has_accept {
        // Without it an etcd that is reached by mutual TLS takes Envoy's certificate for the user.
        list.push((b"grpcgateway-accept".into(), b"*/*".into()));
    }
    if let (false, Some(authority)) = (has_forwarded_host, authority) {
        list.push((b"x-forwarded-host".into(), authority.into()));
    }
    if !retriable {
        list.push((b"x-envoy-max-retries".into(), b"0".into()));
    }
    if let Some(timeout) = timeout {
        list.push((b"grpc-timeout".into(), timeout.header().into_bytes().into()));
    }
    Ok((list, timeout))
}

/// Hands on one header of the client's own, if etcd's gateway does.
fn push_client_header<'a>(
    name: &'a [u8],
    value: &'a [u8],
    list: &mut Vec<Header<'a>>,
) -> Result<(), MetadataError> {
    if let Some(key) = name.strip_prefix(b"grpc-metadata-") {
        return push_metadata(key, value, list);
    }
    if PERMANENT.binary_search(&name).is_ok() {
        if name == b"authorization" {
            list.push((name.into(), without_bearer(value).into()));
        }
        list.push(([b"grpcgateway-", name].concat().into(), value.into()));
    }
    Ok(())
}

/// Hands on `Grpc-Metadata-<key>: <value>` as `<key>: <value>`.
fn push_metadata<'a>(
    key: &'a [u8],
    value: &'a [u8],
    list: &mut Vec<Header<'a>>,
) -> Result<(), MetadataError> {
    let envoys = key.starts_with(b"x-envoy-") || key.starts_with(b":");
    if key.is_empty() || envoys || RESERVED.binary_search(&key).is_ok() {
        return Ok(());
    }
    if key.ends_with(b"-bin") {
        // gRPC's own encoding of binary values has no padding.
        let engine = if value.len().is_multiple_of(4) {
            STANDARD
        } else {
            STANDARD_NO_PAD
        };
        engine
            .decode(value)
            .map_err(|_| MetadataError::Binary(text(key)))?;
        let padded = value.iter().rev().take_while(|b| **b == b'=').count();
        let digits = value.get(..value.len().saturating_sub(padded));
        list.push((key.into(), digits.unwrap_or_default().into()));
    } else if value.iter().all(|b| matches!(b, 0x20..=0x7e)) {
        list.push((key.into(), value.into()));
    }
    Ok(())
}

fn parse_timeout(value: &[u8]) -> Result<Option<Timeout>, MetadataError> {
    Timeout::parse(value).map_err(|error| MetadataError::Timeout(error, text(value)))
}

/// The token alone: only etcd since 3.5.32, 3.6.13 and 3.7 cuts `Bearer ` off itself.
fn without_bearer(value: &[u8]) -> &[u8] {
    match value.split_at_checked(b"Bearer ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"Bearer ") => token,
        _ => value,
    }
}

fn text(value: &[u8]) -> String {
    Cow::into_owned(String::from_utf8_lossy(value))
}

impl std::fmt::Display for MetadataError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Timeout(TimeoutError::Passed, _) => f.write_str("context deadline exceeded"),
            Self::Timeout(TimeoutError::Malformed, value) => {
                write!(f, "invalid grpc-timeout: {value}")
            }
            Self::Binary(key) => write!(
                f,
                "invalid binary header grpc-metadata-{key}: illegal base64 data"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables;

    fn sent(
        headers: &[(&str, &str)],
        retriable: bool,
    ) -> Result<Vec<(String, String)>, MetadataError> {
        let list = headers
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect();
        let (sent, _) = request_headers(&Headers::new(list), &tables::KV_PUT, retriable)?;
        Ok(sent
            .iter()
            .map(|(name, value)| (text(name), text(value)))
            .collect())
    }

    #[test]
    fn the_tables_can_be_searched() {
        assert!(PERMANENT.is_sorted() && RESERVED.is_sorted());
    }

    #[test]
    fn a_request_becomes_a_grpc_request() {
        let sent = sent(
            &[
                (":method", "POST"),
                (":path", "/v3/kv/put"),
                (":authority", "etcd"),
                ("content-length", "2"),
            ],
            true,
        );
        let expected = [
            (":method", "POST"),
            (":path", "/etcdserverpb.KV/Put"),
            (":authority", "etcd"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("grpcgateway-accept", "*/*"),
            ("x-forwarded-host", "etcd"),
        ];
        assert_eq!(
            sent.unwrap(),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn a_call_that_changes_something_is_never_retried() {
        let sent = sent(
            &[("x-envoy-retry-on", "5xx"), ("x-envoy-max-retries", "9")],
            false,
        )
        .unwrap();
        let retrying: Vec<_> = sent
            .iter()
            .filter(|(name, _)| name.contains("retr"))
            .collect();
        assert_eq!(
            retrying,
            [&("x-envoy-max-retries".to_owned(), "0".to_owned())]
        );
    }

    #[test]
    fn metadata_cannot_forge_envoys_or_grpcs_own_headers() {
        let forged = [
            "grpc-metadata-x-envoy-max-retries",
            "grpc-metadata-te",
            "grpc-metadata-",
            "grpc-metadata-:path",
            "token",
            "grpcgateway-accept-x",
            "grpc-status",
        ];
        let headers = forged.map(|name| (name, "9"));
        assert!(
            sent(&headers, true)
                .unwrap()
                .iter()
                .all(|(_, value)| value != "9")
        );
    }

    #[test]
    fn binary_metadata_is_encoded_anew_or_refused() {
        let of = |value| {
            sent(&[("grpc-metadata-foo-bin", value)], true)
                .map(|sent| sent.first().unwrap().1.clone())
        };
        assert_eq!(of("AAE="), Ok("AAE".to_owned()));
        assert_eq!(of("AAE"), Ok("AAE".to_owned()));
        assert_eq!(of("!!"), Err(MetadataError::Binary("foo-bin".to_owned())));
    }
}
