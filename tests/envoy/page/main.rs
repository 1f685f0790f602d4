//! The page for browsers, `envoy/page`, as the example serves it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

mod served;
