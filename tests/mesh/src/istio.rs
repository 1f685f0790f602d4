//! Istio's control plane and agent, as `tests/mesh/control` runs them.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use testbed::process::Process;
use testbed::tls::Authority;
use testbed::{go, scratch};

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// What Istio would do in its own build of Envoy only.
const ISTIO_ENVOY_ONLY: [&str; 2] = ["PILOT_ENABLE_METADATA_EXCHANGE", "PILOT_ENABLE_ALPN_FILTER"];

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
        let mut command = Command::new(go::mesh()?.join("istio"));
        command.arg("serve").arg("--folder").arg(folder.path());
        command.arg("--config").arg(file("manifests.yaml"));
        let certificates = authority.certificate();
        command
            .arg("--certificates")
            .arg(certificates.parent().context("no folder")?);
        command.arg("--ready").arg(file("ready"));
        command.envs(ISTIO_ENVOY_ONLY.map(|name| (name, "false")));
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
        testbed::loopback::post(&format!("http://{}/", self.control), manifests)?;
        Ok(())
    }

    /// The process, for its log.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// Checks manifests by the CRDs of Istio, Gateway API and Envoy Gateway. An error is the validator's own.
pub fn check(manifests: &str) -> Result<()> {
    let folder = scratch::folder("manifests")?;
    let file = folder.path().join("manifests.yaml");
    fs::write(&file, manifests)?;
    let mut command = Command::new(go::mesh()?.join("istio"));
    command.arg("check").arg(&file);
    let output = testbed::process::output(command)?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
