//! Real parts for tests, benchmarks and the local stack: getting and starting Envoy, etcd and a scripted gRPC upstream.

pub mod client;
mod runtime;
pub mod upstream;
pub mod wire;
