//! The page for browsers, `envoy/page`, as the example serves it, in a real browser.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

mod calls;
mod cluster;
mod keys;
mod large;
mod live;
mod looks;
mod opened;
mod served;
mod users;
mod wire;
