//! What a release has: the module, and what tells where it is from.
//!
//! - [`compile`]: the module, the same bytes whoever builds it;
//! - [`image`]: an OCI image of it, as a layout in a folder;
//! - [`bill`]: what it is made of, as CycloneDX;
//! - [`package`]: all of these in one folder;
//! - [`chart`]: the Helm chart, rendered.

pub mod bill;
pub mod chart;
pub mod compile;
mod hash;
pub mod image;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::compile::Build;

/// The module's name in a release.
pub const MODULE: &str = "etcd_json_gateway.wasm";

/// A release's files.
pub struct Package {
    /// The module.
    pub module: PathBuf,
    /// The SHA-256 of the module, which a `WasmPlugin` or Envoy names that gets it over HTTP.
    pub module_sha256: String,
    /// The folder of the OCI image layout.
    pub image: PathBuf,
    /// The digest of the image's manifest, which a `WasmPlugin` names that gets it from a registry.
    pub image_digest: String,
    /// The bill of materials.
    pub bill: PathBuf,
}

/// Builds the module and leaves all that a release has in the folder `out`, nothing else.
pub fn package(build: &Build, out: &Path) -> Result<Package> {
    let compiled = compile::module(build)?;
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("removing {}", out.display()))?;
    }
    fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    let module = out.join(MODULE);
    let bytes = fs::read(&compiled).with_context(|| format!("reading {}", compiled.display()))?;
    fs::write(&module, &bytes)?;
    let module_sha256 = hash::sha256(&bytes);
    let line = format!("{module_sha256}  {MODULE}\n");
    fs::write(out.join(format!("{MODULE}.sha256")), line)?;

    let image = out.join("image");
    let image_digest = image::write(&bytes, build.version()?, &image)?;
    fs::write(out.join("image.digest"), format!("{image_digest}\n"))?;

    let bill = out.join("etcd_json_gateway.cdx.json");
    fs::write(&bill, bill::of(build, &module_sha256)?)?;
    Ok(Package {
        module,
        module_sha256,
        image,
        image_digest,
        bill,
    })
}
