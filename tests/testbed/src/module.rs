//! Our own Wasm module, where cargo leaves it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::project_root;

/// Names the module when it is set, as `cargo xtask` does for what it starts.
pub const MODULE_VARIABLE: &str = "ETCD_JSON_GATEWAY_MODULE";
/// Rust's target that the module is compiled for.
pub const TARGET: &str = "wasm32-wasip1";
/// The package that becomes the module.
pub const PACKAGE: &str = "etcd-json-gateway-module";
/// What leaves the module at [`built`].
pub const BUILD_ARGUMENTS: [&str; 4] = ["build", "--release", "--target", TARGET];

/// The module's path; an error says how to build it if it is not there.
pub fn path() -> Result<PathBuf> {
    let path = match env::var_os(MODULE_VARIABLE) {
        Some(path) => PathBuf::from(path),
        None => built()?,
    };
    ensure!(
        path.is_file(),
        "no module at {}: run `cargo {}`",
        path.display(),
        BUILD_ARGUMENTS.join(" ")
    );
    Ok(path)
}

/// Where cargo leaves the module, whatever target folder the user has configured.
pub fn built() -> Result<PathBuf> {
    Ok(target_directory()?
        .join(TARGET)
        .join("release/etcd_json_gateway.wasm"))
}

/// Where cargo leaves what it builds.
pub fn target_directory() -> Result<PathBuf> {
    let metadata = metadata()?;
    let target = metadata["target_directory"]
        .as_str()
        .context("cargo metadata has no target_directory")?;
    Ok(PathBuf::from(target))
}

/// The module's version.
pub fn version() -> Result<String> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array();
    let mut packages = packages.into_iter().flatten();
    let module = packages.find(|package| package["name"] == PACKAGE);
    let version = module.and_then(|module| module["version"].as_str());
    Ok(version.context("no version of the module")?.to_owned())
}

/// What cargo knows about the workspace (`cargo metadata`, without dependencies).
pub fn metadata() -> Result<Value> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version=1"])
        .output()
        .context("running cargo")?;
    ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The cargo that runs us, in the project's folder.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(project_root());
    command
}
