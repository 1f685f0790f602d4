//! Status codes and messages, and how HTTP's own codes map to them.

use crate::percent;

/// A gRPC status code. Values outside 0 to 16 are kept as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(pub u32);

impl Code {
    /// 0
    pub const OK: Self = Self(0);
    /// 1
    pub const CANCELLED: Self = Self(1);
    /// 2
    pub const UNKNOWN: Self = Self(2);
    /// 3
    pub const INVALID_ARGUMENT: Self = Self(3);
    /// 4
    pub const DEADLINE_EXCEEDED: Self = Self(4);
    /// 5
    pub const NOT_FOUND: Self = Self(5);
    /// 7
    pub const PERMISSION_DENIED: Self = Self(7);
    /// 8
    pub const RESOURCE_EXHAUSTED: Self = Self(8);
    /// 12
    pub const UNIMPLEMENTED: Self = Self(12);
    /// 13
    pub const INTERNAL: Self = Self(13);
    /// 14
    pub const UNAVAILABLE: Self = Self(14);
    /// 16
    pub const UNAUTHENTICATED: Self = Self(16);

    /// The code that stands for an HTTP status of an answer that is not gRPC.
    ///
    /// gRPC's `http-grpc-status-mapping.md`, but for three codes whose meaning is plain where the
    /// HTTP status comes from a proxy: 408 and 504 are a passed deadline, 413 is a limit.
    #[must_use]
    pub fn from_http(status: u16) -> Self {
        match status {
            400 | 431 => Self::INTERNAL,
            401 => Self::UNAUTHENTICATED,
            403 => Self::PERMISSION_DENIED,
            404 => Self::UNIMPLEMENTED,
            408 | 504 => Self::DEADLINE_EXCEEDED,
            413 => Self::RESOURCE_EXHAUSTED,
            429 | 502 | 503 => Self::UNAVAILABLE,
            _ => Self::UNKNOWN,
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The code.
    pub code: Code,
    /// The message, percent-decoded. Bytes that are not UTF-8 are replaced.
    pub message: String,
}

impl Status {
    /// A status of our own.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// With a message that is percent-encoded, as on the wire.
    #[must_use]
    pub fn encoded(code: Code, message: &[u8]) -> Self {
        Self::new(code, percent_decode(message))
    }

    /// Reads `grpc-status` and `grpc-message`; `None` where there is no `grpc-status`.
    ///
    /// A `grpc-status` that is not a number is `UNKNOWN`, as gRPC has it.
    #[must_use]
    pub fn from_headers(status: Option<&[u8]>, message: Option<&[u8]>) -> Option<Self> {
        let code = std::str::from_utf8(status?)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let message = percent_decode(message.unwrap_or_default());
        Some(Self {
            code: code.map_or(Code::UNKNOWN, Code),
            message,
        })
    }
}

/// `grpc-message` as it was before its bytes were percent-encoded; what is not an escape stays.
fn percent_decode(encoded: &[u8]) -> String {
    let (bytes, _) = percent::decode(encoded, |byte| byte);
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_percent_decoded_and_broken_escapes_kept() {
        for (encoded, decoded) in [
            (&b"plain"[..], "plain"),
            (b"a%20b%0A", "a b\n"),
            (b"%E6%97%A5", "\u{65e5}"),
            (b"50%", "50%"),
            (b"%4", "%4"),
            (b"%zz%41", "%zzA"),
            (b"\xff%ff", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(percent_decode(encoded), decoded);
        }
    }

    #[test]
    fn a_status_that_is_no_number_is_unknown() {
        assert_eq!(
            Status::from_headers(Some(b"x"), None),
            Some(Status::new(Code::UNKNOWN, ""))
        );
        assert_eq!(
            Status::from_headers(Some(b"4294967296"), None),
            Some(Status::new(Code::UNKNOWN, ""))
        );
        assert_eq!(
            Status::from_headers(Some(b"99"), Some(b"m")),
            Some(Status::new(Code(99), "m"))
        );
        assert_eq!(Status::from_headers(None, Some(b"m")), None);
    }
}
