//! What several of the tests in real Envoy need, and nothing else does.

pub mod flood;
pub mod frames;
