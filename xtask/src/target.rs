//! Rust's standard library for Wasm, which a toolchain may come without.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use testbed::progress::say;
use testbed::{module::TARGET, process, project_root};

/// Makes sure that the toolchain can compile the module: asks rustup for what is missing, which does nothing by itself
/// where its automatic installation is off (`RUSTUP_AUTO_INSTALL=0`).
pub fn ensure_installed() -> Result<()> {
    if is_installed()? {
        return Ok(());
    }
    say("rustup", &format!("installs Rust's target {TARGET}"));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    let output = run(rustup).with_context(|| {
        format!(
            "this Rust cannot compile for {TARGET}, and there is no rustup to install that with: \
             get rustup from https://rustup.rs, or your distribution's package of Rust's standard library for {TARGET}"
        )
    })?;
    ensure!(
        output.status.success() && is_installed()?,
        "`rustup target add {TARGET}` failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

fn is_installed() -> Result<bool> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    let output = run(rustc).context("running rustc")?;
    // It says where the library would be, whether or not it is there.
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(folder.trim()).is_dir())
}

/// Runs one of Rust's programs in the project's folder, where rustup chooses the pinned toolchain.
fn run(mut command: Command) -> Result<Output> {
    command.current_dir(project_root());
    Ok(process::output(command)?)
}
