//! Streams as server-sent events, by GET and by POST, up to a browser's `EventSource`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

mod answers;
mod browser;
mod errors;
mod events;
mod limits;
