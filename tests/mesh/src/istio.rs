//! Istio's control plane and agent, as `control/istio` runs them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use testbed::tls::Authority;
use testbed::{go, loopback};

use crate::control::Control;
use crate::images;

/// What Istio does for its own build of Envoy only.
const FOR_ISTIOS_ENVOY: [&str; 2] = ["PILOT_ENABLE_METADATA_EXCHANGE", "PILOT_ENABLE_ALPN_FILTER"];

/// A running control plane, ended when dropped.
pub struct Istio {
    control: Control,
}

impl Istio {
    /// Starts one with these manifests and waits until it serves. The edge has the client certificate of this authority.
    pub fn start(manifests: &str, authority: &Authority) -> Result<Istio> {
        let certificates = authority.certificate();
        let certificates = certificates.parent().context("no folder")?;
        let control = Control::start("istio", manifests, |command| {
            command.arg("--certificates").arg(certificates);
            command.envs(FOR_ISTIOS_ENVOY.map(|name| (name, "false")));
        })?;
        Ok(Istio { control })
    }

    /// Where Envoy asks for its configuration.
    pub fn xds(&self) -> Result<&str> {
        self.control.said("xds")
    }

    /// Creates or changes what these manifests say, as `kubectl apply` would.
    pub fn apply(&self, manifests: &str) -> Result<()> {
        let url = format!("http://{}/", self.control.said("control")?);
        loopback::post(&url, manifests)?;
        Ok(())
    }
}

/// Checks files by the CRDs of Istio, Gateway API and Envoy Gateway. An error is the validator's own.
pub fn check(files: &[PathBuf]) -> Result<()> {
    let mut command = Command::new(go::mesh()?.join("istio"));
    command.arg("check").args(files);
    images::run(command).map(drop)
}
