//! A program of `control` that serves configurations.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;
use testbed::process::Process;
use testbed::{go, scratch};

use crate::images;

const START_TIMEOUT: Duration = Duration::from_secs(120);

/// A running program, ended when dropped.
pub struct Control {
    _process: Process,
    /// What it has said of where it serves.
    addresses: Value,
    _folder: TempDir,
}

impl Control {
    /// Starts `program serve` with these manifests, and with what `more` adds, and waits until it serves.
    pub fn start(
        program: &str,
        manifests: &str,
        more: impl FnOnce(&mut Command),
    ) -> Result<Control> {
        let folder = scratch::folder(program)?;
        let file = |name: &str| folder.path().join(name);
        fs::write(file("manifests.yaml"), manifests)?;
        let mut command = Command::new(go::mesh()?.join(program));
        command.arg("serve").arg("--folder").arg(folder.path());
        command.arg("--config").arg(file("manifests.yaml"));
        command.arg("--layout").arg(images::layout()?);
        command.arg("--ready").arg(file("ready"));
        more(&mut command);
        let mut process = Process::start(program, command, &file("log"))?;
        let ready = process.wait_until(START_TIMEOUT, || fs::read(file("ready")).ok())?;
        Ok(Control {
            _process: process,
            addresses: serde_json::from_slice(&ready)?,
            _folder: folder,
        })
    }

    /// One thing that it has said.
    pub fn said(&self, name: &str) -> Result<&str> {
        self.addresses[name].as_str().context("no address")
    }
}
