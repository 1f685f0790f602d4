//! Real parts for tests, benchmarks and the local stack: getting and starting Envoy, etcd and a scripted gRPC upstream.
//!
//! - [`artifact`]: what is downloaded, pinned by version and hash, and [`go`]: what is built from Go modules;
//! - [`python`]: what is installed from PyPI, pinned likewise: clients that are written in Python;
//! - [`module`]: where our own Wasm module is;
//! - [`process`]: a child that cannot outlive us, and [`scratch`]: files that do not outlive us either;
//! - [`tls`]: certificates for an etcd that speaks TLS, and [`etc_envoy`]: the folder that the examples have theirs in;
//! - [`etcd`], alone or as three [`members`], and [`envoy`]: the two servers, the latter with the configurations that users copy ([`envoy_config`]), in the versions that are run ([`envoy_version`]);
//! - [`usage`]: what a process or a thread has used, and what machine this is;
//! - [`loopback`]: ports and plain HTTP to ask whether something serves, and [`yaml`]: files that are not for Envoy;
//! - [`upstream`]: an etcd by script, and [`wire`]: what it speaks;
//! - [`gateway`]: Envoy with the filter in front of either, and [`client`]: HTTP to the byte;
//! - [`browser`]: a real browser on a page of the test's own;
//! - [`api`]: etcd's API, compiled;
//! - [`values`]: values that make an etcd's answers large;
//! - [`vectors`]: the golden vectors, and [`exceptions`]: where we differ from them.
//!
//! The last six lines are the feature `scripts`, which the local stack does without.

#[cfg(feature = "scripts")]
pub mod api;
pub mod artifact;
#[cfg(feature = "scripts")]
pub mod browser;
mod cache;
#[cfg(feature = "scripts")]
pub mod client;
#[cfg(feature = "scripts")]
pub mod devtools;
mod download;
pub mod envoy;
pub mod envoy_config;
pub mod envoy_version;
#[cfg(feature = "scripts")]
pub mod etc_envoy;
pub mod etcd;
#[cfg(feature = "scripts")]
pub mod exceptions;
#[cfg(feature = "scripts")]
pub mod gateway;
pub mod go;
pub mod loopback;
pub mod members;
pub mod module;
pub mod process;
pub mod progress;
#[cfg(feature = "scripts")]
pub mod prometheus;
pub mod python;
#[cfg(feature = "scripts")]
mod runtime;
pub mod scratch;
#[cfg(feature = "scripts")]
pub mod tls;
mod unpack;
#[cfg(feature = "scripts")]
pub mod upstream;
pub mod usage;
#[cfg(feature = "scripts")]
pub mod values;
#[cfg(feature = "scripts")]
pub mod vectors;
#[cfg(feature = "scripts")]
pub mod wire;
pub mod yaml;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps the others that ask for it from running, for a test that needs the machine: a flood, or one that measures.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one of `all` that is called so; an error names all that there are.
pub(crate) fn named<T: Copy, const N: usize>(
    what: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
    wanted: &str,
) -> anyhow::Result<T> {
    let found = all.into_iter().find(|one| name(*one) == wanted);
    found.ok_or_else(|| {
        let known = all.map(name).join(", ");
        anyhow::anyhow!("unknown {what} {wanted}; known: {known}")
    })
}

/// The project's folder, as it was when this crate was compiled.
pub fn project_root() -> PathBuf {
    let testbed = Path::new(env!("CARGO_MANIFEST_DIR"));
    testbed.ancestors().nth(2).unwrap_or(testbed).to_path_buf()
}
