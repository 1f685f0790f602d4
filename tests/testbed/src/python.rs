//! Python environments for clients that are written in it: a venv in the cache, every package pinned by hash.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::cache;
use crate::process;
use crate::progress::say;

/// The oldest Python (minor version of 3) that the clients run on.
const OLDEST_MINOR: u32 = 11;
/// Prints what an environment depends on: the minor version, and which Python it is to the byte.
const DESCRIBE: &str = "import sys; print(sys.version_info[1], sys.executable, sys.version)";
/// Installed first: what builds the packages of [`REQUIREMENTS`] that have no wheel.
const BUILD_REQUIREMENTS: &str = "build-requirements.txt";
/// Everything that is installed, with the hashes of its files.
const REQUIREMENTS: &str = "requirements.txt";

/// The Python of an environment with all that `requirements.txt` in `folder` names, made first if the cache has none
/// for these requirements and this machine's Python.
pub fn program(folder: &Path) -> Result<PathBuf> {
    let description = describe()?;
    let key = key(folder, &description)?;
    let environment = cache::folder_made_by(&format!("python-{key}"), |environment| {
        make(environment, folder)
            .with_context(|| format!("making a Python environment for {}", folder.display()))
    })?;
    Ok(environment.join("bin/python"))
}

/// What the machine's own Python says of itself.
fn describe() -> Result<String> {
    let mut command = Command::new("python3");
    command.args(["-c", DESCRIBE]);
    let output = process::output(command).with_context(|| {
        format!("no python3: the clients need Python 3.{OLDEST_MINOR} or newer")
    })?;
    let description = String::from_utf8_lossy(&output.stdout).into_owned();
    let minor = description
        .split(' ')
        .next()
        .and_then(|minor| minor.parse().ok());
    let minor: u32 = minor.context("python3 does not say its version")?;
    ensure!(
        minor >= OLDEST_MINOR,
        "python3 is 3.{minor}: the clients need Python 3.{OLDEST_MINOR} or newer"
    );
    Ok(description)
}

/// Twelve hex digits of a hash of all that decides what is installed.
fn key(folder: &Path, description: &str) -> Result<String> {
    let mut hash = Sha256::new();
    for file in [BUILD_REQUIREMENTS, REQUIREMENTS] {
        let file = folder.join(file);
        hash.update(fs::read(&file).with_context(|| format!("reading {}", file.display()))?);
    }
    hash.update(description);
    let digest = hash.finalize();
    Ok(digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn make(environment: &Path, folder: &Path) -> Result<()> {
    say("python", "installing the clients (about a minute)");
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(environment);
    run(venv).context("on Debian, python3-venv may be missing")?;
    for (file, options) in [
        (BUILD_REQUIREMENTS, [].as_slice()),
        (REQUIREMENTS, &["--no-build-isolation", "--no-deps"]),
    ] {
        let mut pip = Command::new(environment.join("bin/python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        pip.args(["--require-hashes", "--requirement"])
            .arg(folder.join(file));
        pip.args(options);
        run(pip)?;
    }
    Ok(())
}

fn run(command: Command) -> Result<()> {
    let line = format!("{command:?}");
    let output = process::output(command).with_context(|| line.clone())?;
    if !output.status.success() {
        let (said, errors) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        bail!("{line}: {}\n{said}{errors}", output.status);
    }
    Ok(())
}
