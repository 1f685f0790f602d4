//! What calls of every kind refuse alike: requests that cannot be sent, answers that are not gRPC.

use super::deadline::{self, Deadline};
use super::settings::Settings;
use crate::grpc::{Code, Status};
use crate::http::{self, Headers, Reason, Reply};

/// An error of our own.
pub(super) fn error(
    settings: &Settings,
    code: Code,
    message: impl Into<String>,
    reason: Reason,
) -> Reply {
    http::error_reply(settings.dialect, &Status::new(code, message), reason)
}

/// The reply to a request that cannot be sent; a limit that it exceeds is 413.
pub(super) fn bad_request(settings: &Settings, status: &Status) -> Reply {
    match status.code {
        Code::RESOURCE_EXHAUSTED => {
            http::error_reply_as(settings.dialect, 413, status, Reason::TooLarge)
        }
        Code::PERMISSION_DENIED => http::error_reply(settings.dialect, status, Reason::Policy),
        _ => http::error_reply(settings.dialect, status, Reason::BadJson),
    }
}

/// The refusal of a call without a body: a filter cannot give it one.
pub(super) fn no_body(settings: &Settings) -> Reply {
    let status = Status::new(
        Code::INVALID_ARGUMENT,
        "this call needs a body, at least {}",
    );
    http::error_reply_as(settings.dialect, 411, &status, Reason::NoBody)
}

/// The refusal of a body that trailers follow and that is too long to be held for them.
pub(super) fn no_length(settings: &Settings) -> Reply {
    let status = Status::new(
        Code::INVALID_ARGUMENT,
        "a body with trailers behind it needs a content-length",
    );
    http::error_reply_as(settings.dialect, 411, &status, Reason::NoLength)
}

/// What a request is told that finds as much held as may be.
pub(super) fn full() -> Status {
    let message = "the gateway holds as many requests as it may: try again later";
    Status::new(Code::RESOURCE_EXHAUSTED, message)
}

/// The refusal of a request whose body has begun, or should have, and does not come.
pub(super) fn overdue(settings: &Settings) -> Reply {
    http::error_reply_as(settings.dialect, 408, &overdue_status(), Reason::Overdue)
}

/// The same as a status.
pub(super) fn overdue_status() -> Status {
    let message = "the rest of the request has not come in time";
    Status::new(Code::DEADLINE_EXCEEDED, message)
}

/// What a request is told that is larger than the configuration allows.
pub(super) fn too_large(settings: &Settings) -> Status {
    let message = format!(
        "the request is larger than max_request_bytes ({}) allows",
        settings.max_message
    );
    Status::new(Code::RESOURCE_EXHAUSTED, message)
}

/// How a call ended, as its headers or trailers say.
pub(super) fn status_of(headers: &Headers<'_>) -> Status {
    Status::from_headers(headers.get("grpc-status"), headers.get("grpc-message")).unwrap_or_else(
        || {
            Status::new(
                Code::UNKNOWN,
                "upstream ended its answer without a gRPC status",
            )
        },
    )
}

/// Refuses an answer that is not gRPC: the proxy's own, or that of a server that is not etcd.
pub(super) fn check_grpc(
    settings: &Settings,
    headers: &Headers<'_>,
    origin: impl FnOnce() -> Option<String>,
    deadline: Deadline,
) -> Result<(), Reply> {
    let content_type = headers.get("content-type").unwrap_or_default();
    let status = headers
        .get(":status")
        .and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    let status: u16 = status.unwrap_or_default();
    if status == 200 && content_type.starts_with(b"application/grpc") {
        return Ok(());
    }
    if deadline.has_passed(settings) {
        let status = deadline::exceeded();
        return Err(http::error_reply(
            settings.dialect,
            &status,
            Reason::Deadline,
        ));
    }
    let code = Code::from_http(status);
    let (http_status, message, reason) = match origin() {
        Some(origin) => (
            if status >= 400 { status } else { 502 },
            origin,
            Reason::Proxy,
        ),
        None => {
            let content_type = String::from_utf8_lossy(content_type);
            let message = format!(
                "upstream answered with HTTP status {status} and content type {content_type:?}, not with gRPC"
            );
            (
                if matches!(status, 503 | 504) {
                    status
                } else {
                    502
                },
                message,
                Reason::NotGrpc,
            )
        }
    };
    Err(http::error_reply_as(
        settings.dialect,
        http_status,
        &Status::new(code, message),
        reason,
    ))
}
