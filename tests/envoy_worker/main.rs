//! A worker that holds as much as it may, whatever it is that clients have it hold: it refuses more, ends nobody's
//! streams, and serves who wants little.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

mod bodies;
mod flood;
#[path = "../envoy_hostile/frames.rs"]
#[allow(dead_code)] // shared with tests/envoy_hostile, which needs more of it
mod frames;
mod half_sent;
mod heads;
mod values;
