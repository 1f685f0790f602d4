//! Istio's control plane and agent, as `control/istio` runs them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;
use testbed::process::Process;
use testbed::tls::Authority;
use testbed::{go, loopback, scratch};

use crate::images;

const START_TIMEOUT: Duration = Duration::from_secs(120);

/// What Istio does for its own build of Envoy only.
const FOR_ISTIOS_ENVOY: [&str; 2] = ["PILOT_ENABLE_METADATA_EXCHANGE", "PILOT_ENABLE_ALPN_FILTER"];

/// A running control plane, ended when dropped.
pub struct Istio {
    process: Process,
    /// Where Envoy asks for its configuration.
    pub xds: String,
    control: String,
    _folder: TempDir,
}

impl Istio {
    /// Starts one with these manifests and waits until it serves. The edge has the client certificate of this authority.
    pub fn start(manifests: &str, authority: &Authority) -> Result<Istio> {
        let folder = scratch::folder("istio")?;
        let file = |name: &str| folder.path().join(name);
        fs::write(file("manifests.yaml"), manifests)?;
        let certificates = authority.certificate();
        let certificates = certificates.parent().context("no folder")?;
        let mut command = Command::new(go::mesh()?.join("istio"));
        command.arg("serve").arg("--folder").arg(folder.path());
        command.arg("--config").arg(file("manifests.yaml"));
        command.arg("--certificates").arg(certificates);
        command.arg("--layout").arg(images::layout()?);
        command.arg("--ready").arg(file("ready"));
        command.envs(FOR_ISTIOS_ENVOY.map(|name| (name, "false")));
        let mut process = Process::start("istio", command, &file("log"))?;
        let ready = process.wait_until(START_TIMEOUT, || fs::read(file("ready")).ok())?;
        let ready: Value = serde_json::from_slice(&ready)?;
        let address = |name: &str| {
            ready[name]
                .as_str()
                .map(str::to_owned)
                .context("no address")
        };
        Ok(Istio {
            process,
            xds: address("xds")?,
            control: address("control")?,
            _folder: folder,
        })
    }

    /// Creates or changes what these manifests say, as `kubectl apply` would.
    pub fn apply(&self, manifests: &str) -> Result<()> {
        loopback::post(&format!("http://{}/", self.control), manifests)?;
        Ok(())
    }

    /// The process, for its log.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// Checks files by the CRDs of Istio, Gateway API and Envoy Gateway. An error is the validator's own.
pub fn check(files: &[PathBuf]) -> Result<()> {
    let mut command = Command::new(go::mesh()?.join("istio"));
    command.arg("check").args(files);
    images::run(command).map(drop)
}
