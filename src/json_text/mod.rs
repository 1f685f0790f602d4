//! JSON text as it is written: room for it, and strings; these also as they are read.
//!
//! This room knows neither what the text says nor to whom.

mod bytes;
mod out;
mod string;
mod unescape;

pub use bytes::BytesAs;
pub(crate) use out::{MEMBER_ROOM, Out};
pub(crate) use string::{NotUtf8, Text};
pub use string::{Style, push_json_string};
pub(crate) use unescape::unescape;
