//! What one request, one stream and one worker may cost (`docs/limits.md`): memory has a bound, and time grows as the
//! input does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)] // a test fails by panicking

mod counted;
mod feed;
mod memory;
mod shapes;
mod time;

/// A frame of HTTP/2, as most senders make them.
const FRAME: usize = 16 << 10;

/// How much of a body arrives at once.
const PIECES: [(usize, &str); 2] = [(FRAME, "in frames"), (1, "byte by byte")];
