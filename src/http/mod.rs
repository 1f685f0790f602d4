//! HTTP as the client sees it: heads, paths, CORS, error bodies, and what stands between messages.
//!
//! This room knows neither protobuf nor Envoy. Of [`grpc`](crate::grpc) it knows how a call ends.

mod bytes;
mod changes;
mod cors;
mod error;
mod event_stream;
mod framing;
mod head;
mod path;
mod reason;
mod stream_error;
pub mod websocket;

pub use bytes::{BytesError, asked_bytes};
pub use changes::{Change, changes};
pub use cors::{Cors, Origin, allow_asked_headers, cors_headers};
pub use error::{Dialect, error_reply, error_reply_as, method_not_allowed, not_found};
pub use event_stream::{HEARTBEAT, accepts_events, error_event, push_event_end, resume_revision};
pub(crate) use framing::Framing;
pub use head::{Reply, response_headers, set_event_stream, set_timeout, success};
pub use path::{Path, Prefixes, before};
pub use reason::{REASONS, Reason, Side};
pub use stream_error::{error_line, stream_error_reply};

pub use crate::headers::{Header, Headers, size};
pub use crate::json_text::push_json_string;
