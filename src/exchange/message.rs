//! Request messages, from the JSON that a client sends.

use super::guard::Guard;
use super::refusal::too_large;
use super::settings::Settings;
use crate::grpc::{Code, Status};
use crate::http::Headers;
use crate::transcode::BytesAs;
use crate::transcode::from_json::{self, from_json};

/// Appends to `out` the message that a JSON text stands for, if it may be sent.
pub(super) fn push_message(
    settings: &Settings,
    guard: &mut Guard,
    json: &[u8],
    bytes_as: BytesAs,
    source: Source,
    out: &mut Vec<u8>,
) -> Result<(), Status> {
    let start = out.len();
    let limit = start.saturating_add(settings.max_message);
    from_json(guard.method().request, json, bytes_as, limit, out).map_err(|error| {
        if error.is_too_large() {
            too_large(settings)
        } else {
            Status::new(Code::INVALID_ARGUMENT, source.tell(&error))
        }
    })?;
    guard.judge(settings, out.get(start..).unwrap_or_default())
}

/// Where the JSON of a request message comes from, which decides how its faults are told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// The body as it was sent.
    Body {
        /// Whether it says that it is encoded, such as with gzip: then it is no JSON.
        encoded: bool,
    },
    /// The query string. Places are of no use: they are in JSON that the client has not written.
    Query,
}

impl Source {
    /// The body of a request with these headers.
    pub(super) fn body(headers: &Headers<'_>) -> Self {
        let encoding = headers.get("content-encoding").unwrap_or_default();
        let encoded = !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity");
        Self::Body { encoded }
    }

    fn tell(self, error: &from_json::Error) -> String {
        match self {
            Self::Body { encoded: false } => error.to_string(),
            Self::Body { encoded: true } => format!(
                "{error}; the request has a content-encoding, which is not undone: send the JSON as it is"
            ),
            Self::Query => format!("the query string: {}", error.without_place()),
        }
    }
}
