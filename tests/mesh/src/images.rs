//! The image that manifests name, and who fetches it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testbed::{go, module, process, scratch};

/// What the image says of itself, and nobody looks at.
const VERSION: &str = "0.0.0";

/// Who fetches images.
#[derive(Clone, Copy, Debug)]
pub enum Fetcher {
    /// Istio's agent.
    Istio,
    /// Envoy Gateway.
    EnvoyGateway,
}

impl Fetcher {
    /// Both.
    pub const ALL: [Fetcher; 2] = [Fetcher::Istio, Fetcher::EnvoyGateway];

    /// The SHA-256 of the module that it gets from an OCI layout by way of a registry, by tag and by digest.
    pub fn fetch(self, layout: &Path) -> Result<Vec<String>> {
        let folder = scratch::folder("fetched")?;
        let program = match self {
            Fetcher::Istio => "istio",
            Fetcher::EnvoyGateway => "gateway",
        };
        let mut command = Command::new(go::mesh()?.join(program));
        command.arg("fetch").arg("--layout").arg(layout);
        command.arg("--folder").arg(folder.path());
        let output = run(command)?;
        let hashes = output.lines().filter(|line| line.len() == 64);
        Ok(hashes.map(str::to_owned).collect())
    }
}

/// An OCI layout with the module that is tested, as a release has it, made once for all tests of a process.
pub fn layout() -> Result<PathBuf> {
    static LAYOUT: OnceLock<TempDir> = OnceLock::new();
    if let Some(layout) = LAYOUT.get() {
        return Ok(layout.path().to_owned());
    }
    let folder = scratch::folder("layout")?;
    let module = fs::read(module::path()?)?;
    packaging::image::write(&module, VERSION.to_owned(), folder.path())?;
    Ok(LAYOUT.get_or_init(|| folder).path().to_owned())
}

/// What a program says that must succeed.
pub(crate) fn run(command: Command) -> Result<String> {
    let output = process::output(command)?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).context("no text")
}
