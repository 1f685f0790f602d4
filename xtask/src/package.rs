//! `cargo xtask package`: what a release has.

use std::path::PathBuf;

use anyhow::Result;
use packaging::compile::Build;
use testbed::progress::say;
use testbed::{module, project_root};

use crate::target;

/// Build the module as a release has it, and what belongs to it: hash, OCI image, bill of materials
///
/// The bytes are the same whoever builds them and where. The folder is made anew.
#[derive(clap::Args)]
pub struct Arguments {
    /// Where to leave it [default: target/package]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Builds everything and says what there is.
pub fn run(arguments: &Arguments) -> Result<()> {
    target::ensure_installed()?;
    let folder = module::target_directory()?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| folder.join("package"));
    say("package", "compiling the module (a minute)");
    let build = Build::new(&project_root(), &folder.join("packaged"), None)?;
    let package = packaging::package(&build, &out)?;
    say(
        "module",
        &format!(
            "{}, sha256:{}",
            package.module.display(),
            package.module_sha256
        ),
    );
    say(
        "image",
        &format!("{}, {}", package.image.display(), package.image_digest),
    );
    say("bill of materials", &package.bill.display().to_string());
    Ok(())
}
