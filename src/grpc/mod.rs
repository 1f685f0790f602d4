//! gRPC over HTTP/2 as far as a gateway needs it: frames, status codes, metadata, timeouts.
//!
//! This room knows neither JSON nor Envoy, nor what [`http`](crate::http) shows of it to the client. Source of the wire rules: gRPC's `PROTOCOL-HTTP2.md`.

mod frame;
mod metadata;
mod request;
mod status;
mod timeout;

pub use frame::{Frame, FrameError, Frames, HEADER_LEN, seal};
pub use metadata::{MetadataError, Settable, is_metadata_name};
pub use request::{GATEWAY_MARK, request_headers};
pub use status::{Code, Status};
pub use timeout::{Timeout, TimeoutError};
