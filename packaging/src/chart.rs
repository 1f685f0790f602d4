//! The Helm chart, rendered as Helm does it.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::Value;
use testbed::{go, process, project_root, scratch, yaml};

/// The chart's folder in the project.
pub const FOLDER: &str = "deploy/helm/etcd-json-gateway";

/// The manifests that the chart makes of these values, in JSON or YAML. An error where Helm's lint warns of something, or where
/// one is no manifest of Kubernetes.
pub fn manifests(values: &str) -> Result<Vec<Value>> {
    let folder = scratch::folder("chart")?;
    let file = folder.path().join("values.yaml");
    fs::write(&file, values)?;
    let mut command = Command::new(go::packaging()?.join("chart"));
    command
        .arg(project_root().join(FOLDER))
        .arg(&file)
        .arg("gateways");
    let output = process::output(command)?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{error}");
    let documents = yaml::documents(&String::from_utf8(output.stdout)?)?;
    Ok(documents
        .into_iter()
        .filter(|document| !document.is_null())
        .collect())
}
