//! The error object that ends a stream (`docs/decisions.md`, "Dialects"; `docs/gateways.md`, "Errors of streams").

use super::error::Dialect;
use super::head::Reply;
use super::reason::Reason;
use crate::grpc::Status;
use crate::json_text::push_json_string;

/// The line that ends a stream after its first message.
#[must_use]
pub fn error_line(dialect: Dialect, status: &Status) -> Vec<u8> {
    let http = dialect.http_status(status.code);
    let mut line = b"{\"error\":{".to_vec();
    let mut member = |name: &str, value: Value<'_>| {
        match value {
            Value::Number(0) | Value::Text("") => return, // left out, as both gateways leave them out
            _ => {}
        }
        if !line.ends_with(b"{") {
            line.push(b',');
        }
        line.extend_from_slice(format!("\"{name}\":").as_bytes());
        match value {
            Value::Number(number) => line.extend_from_slice(number.to_string().as_bytes()),
            Value::Text(text) => push_json_string(text, true, &mut line),
        }
    };
    if dialect == Dialect::V2 {
        member("code", Value::Number(status.code.0));
        member("message", Value::Text(&status.message));
    } else {
        member("grpc_code", Value::Number(status.code.0));
        member("http_code", Value::Number(u32::from(http)));
        member("message", Value::Text(&status.message));
        member("http_status", Value::Text(reason(http)));
    }
    if dialect == Dialect::Compatible {
        member("code", Value::Number(status.code.0));
    }
    line.extend_from_slice(if dialect == Dialect::V1 {
        b"}}"
    } else {
        b"}}\n"
    });
    line
}

/// The answer to a stream that ends with an error before its first message.
#[must_use]
pub fn stream_error_reply(dialect: Dialect, status: &Status, reason: Reason) -> Reply {
    Reply::new(
        dialect.http_status(status.code),
        "application/json",
        error_line(dialect, status),
    )
    .of(status.code, reason)
}

enum Value<'a> {
    Number(u32),
    Text(&'a str),
}

/// The reason phrase that Go's server has for a status; none for 499, which it does not know.
fn reason(http_status: u16) -> &'static str {
    match http_status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::Code;

    fn line(dialect: Dialect, code: u32, message: &str) -> String {
        String::from_utf8(error_line(dialect, &Status::new(Code(code), message))).unwrap()
    }

    #[test]
    fn each_dialect_has_its_error_line() {
        assert_eq!(
            line(Dialect::Compatible, 7, "<x>"),
            "{\"error\":{\"grpc_code\":7,\"http_code\":403,\"message\":\"\\u003cx\\u003e\",\"http_status\":\"Forbidden\",\"code\":7}}\n"
        );
        assert_eq!(
            line(Dialect::V1, 1, "gone"),
            "{\"error\":{\"grpc_code\":1,\"http_code\":408,\"message\":\"gone\",\"http_status\":\"Request Timeout\"}}"
        );
        assert_eq!(line(Dialect::V2, 14, ""), "{\"error\":{\"code\":14}}\n");
    }
}
