//! The metadata that a client sets by headers (`docs/gateways.md`, "Headers and metadata").

use std::borrow::Cow;

use super::timeout::TimeoutError;
use crate::envoy;
use crate::headers::Header;

/// Metadata that etcd reads, which clients may set by `Grpc-Metadata-<name>`.
pub(super) const READ_BY_ETCD: [&[u8]; 6] = [
    b"authorization",
    b"client-api-version",
    b"hasleader",
    b"token",
    b"traceparent",
    b"tracestate",
];

/// Names that `Grpc-Metadata-` can never set: gRPC's and HTTP's own. So are those that begin as [`RESERVED_PREFIXES`].
const RESERVED: [&[u8]; 18] = [
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
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
    b"user-agent",
    b"x-request-id",
];

/// HTTP/2's own names, those that proxies trust, and the mark of etcd's own gateway.
const RESERVED_PREFIXES: [&[u8]; 4] = [b":", b"grpcgateway-", envoy::PREFIX, b"x-forwarded-"];

/// Which metadata clients may set by `Grpc-Metadata-<name>`.
#[derive(Debug, Clone, Default)]
pub struct Settable {
    /// Whether every name that is not reserved.
    any: bool,
    /// Names beside those that etcd reads.
    names: Vec<Vec<u8>>,
}

impl Settable {
    /// What etcd reads and these names, of which `*` stands for every one that is not reserved.
    #[must_use]
    pub fn new(names: &[String]) -> Self {
        Self {
            any: names.iter().any(|name| name == "*"),
            names: names.iter().map(|name| name.clone().into_bytes()).collect(),
        }
    }

    /// Whether this name may be set.
    #[must_use]
    pub fn allows(&self, name: &[u8]) -> bool {
        READ_BY_ETCD.contains(&name)
            || self.names.iter().any(|allowed| allowed == name)
            || (self.any && is_metadata_name(name))
    }
}

/// Whether clients may be allowed to set metadata of this name: gRPC can carry it, and it is not reserved.
#[must_use]
pub fn is_metadata_name(name: &[u8]) -> bool {
    let carried = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'_' | b'.');
    let reserved = RESERVED.binary_search(&name).is_ok() || has_prefix(name, &RESERVED_PREFIXES);
    !name.is_empty() && name.iter().all(carried) && !reserved
}

/// Why a request's headers start no call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataError {
    /// `Grpc-Timeout` is malformed or negative.
    Timeout(TimeoutError, String),
    /// A `Grpc-Metadata-…-Bin` header is not base64.
    Binary(String),
}

/// What the name of a header begins with that sets metadata.
pub(super) const GRPC_METADATA: &[u8] = b"grpc-metadata-";

pub(super) fn has_prefix(name: &[u8], prefixes: &[&[u8]]) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Hands on `Grpc-Metadata-<key>: <value>` as `<key>: <value>`.
pub(super) fn push_metadata<'a>(
    name: &'a [u8],
    value: &'a [u8],
    settable: &Settable,
    list: &mut Vec<Header<'a>>,
) -> Result<(), MetadataError> {
    let key = name.strip_prefix(GRPC_METADATA).unwrap_or_default();
    let binary = key.ends_with(b"-bin");
    if binary && !is_base64(value) {
        return Err(MetadataError::Binary(text(key)));
    }
    if !settable.allows(key) {
        return Ok(());
    }
    if binary {
        // gRPC's own encoding of binary values has no padding.
        let padded = value.iter().rev().take_while(|b| **b == b'=').count();
        let digits = value.get(..value.len().saturating_sub(padded));
        list.push((key.into(), digits.unwrap_or_default().into()));
    } else if value.iter().all(|b| matches!(b, 0x20..=0x7e)) {
        list.push((key.into(), value.into()));
    }
    Ok(())
}

/// Whether this is base64 of the standard alphabet, with padding or without, and its last digit has no bits to spare.
pub(super) fn is_base64(value: &[u8]) -> bool {
    let without = |padding: &[u8]| value.strip_suffix(padding);
    let digits = if value.len().is_multiple_of(4) {
        without(b"==").or_else(|| without(b"=")).unwrap_or(value)
    } else {
        value
    };
    let spare = match digits.len() % 4 {
        0 => 0,
        2 => 0b1111,
        3 => 0b11,
        _ => return false,
    };
    let mut values = digits.iter().map(|digit| sextet(*digit));
    values.clone().all(|value| value.is_some())
        && values
            .next_back()
            .flatten()
            .is_none_or(|last| last & spare == 0)
}

/// What a digit of base64 stands for.
fn sextet(digit: u8) -> Option<u8> {
    let above = |first: u8, least: u8| Some(digit.wrapping_sub(first).wrapping_add(least));
    match digit {
        b'A'..=b'Z' => above(b'A', 0),
        b'a'..=b'z' => above(b'a', 26),
        b'0'..=b'9' => above(b'0', 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

pub(super) fn text(value: &[u8]) -> String {
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

    #[test]
    fn base64_is_what_the_base64_crate_takes_padded_or_not() {
        use base64::Engine;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

        let mut good = 0;
        for round in 0..200_000 {
            let length = round % 10;
            let digit = || b"AAABQgw89+/===-\n"[fastrand::usize(..16)];
            let value: Vec<u8> = std::iter::repeat_with(digit).take(length).collect();
            let padded = value.len().is_multiple_of(4);
            let engine = if padded { STANDARD } else { STANDARD_NO_PAD };
            let taken = engine.decode(&value).is_ok();
            assert_eq!(is_base64(&value), taken, "{:?}", text(&value));
            good += usize::from(taken);
        }
        assert!(good > 1000, "{good}");
        let all: Vec<u8> = (0..=255).collect();
        assert!(is_base64(STANDARD.encode(&all).as_bytes()));
    }

    #[test]
    fn the_table_can_be_searched() {
        assert!(RESERVED.is_sorted());
    }
}
