//! Streams as server-sent events, by GET and by POST, up to a browser's `EventSource`.

mod answers;
mod browser;
mod errors;
mod events;
mod limits;
