//! Real parts for tests, benchmarks and the local stack: getting and starting Envoy, etcd and a scripted gRPC upstream.
//!
//! - [`artifact`]: what is downloaded, pinned by version and hash, and [`go`]: what is built from Go modules;
//! - [`module`]: where our own Wasm module is;
//! - [`process`]: a child that cannot outlive us, and [`scratch`]: files that do not outlive us either;
//! - [`etcd`] and [`envoy`]: the two servers, the latter with the configurations that users copy ([`envoy_config`]);
//! - [`loopback`]: ports and plain HTTP to ask whether something serves.
//! - [`upstream`]: an etcd by script, and [`wire`]: what it speaks;
//! - [`gateway`]: Envoy with the filter in front of either, and [`client`]: HTTP to the byte;
//! - [`values`]: values that make an etcd's answers large;
//! - [`vectors`]: the golden vectors, and [`exceptions`]: where we differ from them.

pub mod artifact;
mod cache;
pub mod client;
mod download;
pub mod envoy;
pub mod envoy_config;
pub mod etcd;
pub mod exceptions;
pub mod gateway;
pub mod go;
pub mod loopback;
pub mod module;
pub mod process;
pub mod progress;
mod runtime;
pub mod scratch;
mod unpack;
pub mod upstream;
mod usage;
pub mod values;
pub mod vectors;
pub mod wire;

use std::path::{Path, PathBuf};

/// The project's folder, as it was when this crate was compiled.
pub fn project_root() -> PathBuf {
    let testbed = Path::new(env!("CARGO_MANIFEST_DIR"));
    testbed.ancestors().nth(2).unwrap_or(testbed).to_path_buf()
}
