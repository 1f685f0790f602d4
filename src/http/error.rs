//! Errors as the client sees them, per dialect (`docs/decisions.md`, "Dialects").

use super::cors::{Origin, cors_headers};
use super::head::Reply;
use super::reason::Reason;
use crate::grpc::{Code, Status};
use crate::json_text::push_json_string;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// Whose bodies the gateway answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[cfg_attr(test, serde(rename_all = "lowercase"))]
pub enum Dialect {
    /// Bodies of etcd 3.6 and 3.7, and errors that clients of every version understand.
    #[default]
    Compatible,
    /// As etcd 3.4 and 3.5.
    V1,
    /// As etcd 3.6 and 3.7.
    V2,
}

impl Dialect {
    /// Whether `<`, `>`, `&`, U+2028 and U+2029 are escaped in a unary body.
    #[must_use]
    pub fn escapes_html(self) -> bool {
        self == Self::V1
    }

    /// The HTTP status that a gRPC code is answered with (`docs/gateways.md`, "Status codes").
    #[must_use]
    pub fn http_status(self, code: Code) -> u16 {
        match code.0 {
            0 => 200,
            1 if self == Self::V1 => 408,
            1 => 499,
            3 | 9 | 11 => 400,
            4 => 504,
            5 => 404,
            6 | 10 => 409,
            7 => 403,
            8 => 429,
            12 => 501,
            14 => 503,
            16 => 401,
            _ => 500,
        }
    }

    /// The body of a unary error. An empty message is left out, as etcd leaves it out.
    fn error_body(self, status: &Status) -> Vec<u8> {
        let escape_html = self.escapes_html();
        let mut body =
            Vec::with_capacity(status.message.len().saturating_mul(2).saturating_add(64));
        let member = |name: &str, body: &mut Vec<u8>| {
            body.extend_from_slice(name.as_bytes());
            push_json_string(&status.message, escape_html, body);
        };
        body.push(b'{');
        if self != Self::V2 && !status.message.is_empty() {
            member("\"error\":", &mut body);
            body.push(b',');
        }
        body.extend_from_slice(format!("\"code\":{}", status.code.0).as_bytes());
        if !status.message.is_empty() {
            member(",\"message\":", &mut body);
        }
        body.push(b'}');
        body
    }
}

/// A call's error.
#[must_use]
pub fn error_reply(dialect: Dialect, status: &Status, reason: Reason) -> Reply {
    error_reply_as(dialect, dialect.http_status(status.code), status, reason)
}

/// An error whose HTTP status is not the one that its gRPC code maps to.
#[must_use]
pub fn error_reply_as(
    dialect: Dialect,
    http_status: u16,
    status: &Status,
    reason: Reason,
) -> Reply {
    let reply = Reply::new(http_status, JSON, dialect.error_body(status)).of(status.code, reason);
    match dialect {
        Dialect::Compatible | Dialect::V2 if status.code == Code::UNAUTHENTICATED => {
            reply.with("www-authenticate", &status.message)
        }
        _ => reply,
    }
}

/// A path under a prefix that is no route.
#[must_use]
pub fn not_found(dialect: Dialect) -> Reply {
    let status = Status::new(Code::NOT_FOUND, "Not Found");
    match dialect {
        Dialect::V1 => Reply::new(404, TEXT, "Not Found\n")
            .with("x-content-type-options", "nosniff")
            .of(status.code, Reason::NoRoute),
        _ => error_reply(dialect, &status, Reason::NoRoute),
    }
}

/// A route with a method that it does not have; `allow` lists those that it has.
#[must_use]
pub fn method_not_allowed(dialect: Dialect, allow: &'static str) -> Reply {
    let status = Status::new(Code::UNIMPLEMENTED, "Method Not Allowed");
    let reason = Reason::HttpMethod;
    match dialect {
        Dialect::Compatible => error_reply_as(dialect, 405, &status, reason).with("allow", allow),
        Dialect::V1 => Reply::new(405, TEXT, "Method Not Allowed\n")
            .with("x-content-type-options", "nosniff")
            .of(status.code, reason),
        Dialect::V2 => error_reply(dialect, &status, reason),
    }
}

impl Reply {
    /// Adds the cross-origin headers for `origin`, if it is allowed one.
    #[must_use]
    pub fn with_cors(mut self, origin: Option<&Origin>) -> Self {
        for header in cors_headers(origin) {
            self.headers.push(header);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(dialect: Dialect, code: u32, message: &str) -> String {
        let status = Status::new(Code(code), message);
        String::from_utf8(error_reply(dialect, &status, Reason::Etcd).body).unwrap()
    }

    #[test]
    fn each_dialect_has_its_error_body() {
        assert_eq!(
            body(Dialect::Compatible, 5, "a<b"),
            r#"{"error":"a<b","code":5,"message":"a<b"}"#
        );
        assert_eq!(
            body(Dialect::V1, 5, "a<b"),
            r#"{"error":"a\u003cb","code":5,"message":"a\u003cb"}"#
        );
        assert_eq!(body(Dialect::V2, 5, "a<b"), r#"{"code":5,"message":"a<b"}"#);
    }

    #[test]
    fn an_empty_message_is_left_out() {
        for dialect in [Dialect::Compatible, Dialect::V1, Dialect::V2] {
            assert_eq!(body(dialect, 3, ""), r#"{"code":3}"#);
        }
    }

    #[test]
    fn an_unauthenticated_call_says_how_to_authenticate_but_in_v1() {
        let challenge = |dialect| {
            let status = Status::new(Code::UNAUTHENTICATED, "bad\ntoken");
            let reply = error_reply(dialect, &status, Reason::Etcd);
            reply
                .headers
                .into_iter()
                .find(|(name, _)| &**name == b"www-authenticate")
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(challenge(Dialect::V2), Some(b"bad token".to_vec()));
        assert_eq!(challenge(Dialect::V1), None);
    }
}
