//! What several of the tests in real Envoy need, and nothing else does.

pub mod answers;
pub mod flood;
pub mod follow;
pub mod frames;
pub mod open;
pub mod raw_client;
pub mod raw_upstream;
pub mod socket;
pub mod verdict;
pub mod world;
