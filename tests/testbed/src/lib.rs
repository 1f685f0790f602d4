//! Real parts for tests, benchmarks and the local stack: getting and starting Envoy, etcd and a scripted gRPC upstream.
//!
//! - [`artifact`]: what is downloaded, pinned by version and hash, and [`go`]: what is built from Go modules;
//! - [`module`]: where our own Wasm module is;
//! - [`process`]: a child that cannot outlive us, and [`scratch`]: files that do not outlive us either;
//! - [`etcd`] and [`envoy`]: the two servers, the latter with the configurations that users copy ([`envoy_config`]);
//! - [`loopback`]: ports and plain HTTP to ask whether something serves;
//! - [`yaml`]: files that are not for Envoy.

pub mod artifact;
mod cache;
mod download;
pub mod envoy;
pub mod envoy_config;
pub mod etcd;
pub mod go;
pub mod loopback;
pub mod module;
pub mod process;
pub mod progress;
pub mod scratch;
mod unpack;
mod usage;
pub mod yaml;

use std::path::{Path, PathBuf};

/// The project's folder, as it was when this crate was compiled.
pub fn project_root() -> PathBuf {
    let testbed = Path::new(env!("CARGO_MANIFEST_DIR"));
    testbed.ancestors().nth(2).unwrap_or(testbed).to_path_buf()
}
