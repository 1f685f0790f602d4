//! What the Helm chart makes for an Istio gateway, as an API server with Istio's CRDs takes it.

use std::fs;

use anyhow::Result;
use mesh_tests::istio;
use packaging::chart;
use serde_json::json;
use testbed::scratch;

#[test]
fn istio_s_crds_take_what_the_chart_makes() -> Result<()> {
    let values = json!({
        "mode": "istio",
        "etcd": {"members": ["etcd-1.example", "etcd-2.example"]},
        "plugin": {"dialect": "v1"},
    });
    let manifests = chart::manifests(&values.to_string())?;
    assert_eq!(manifests.len(), 3);
    let folder = scratch::folder("chart")?;
    let mut files = Vec::new();
    for (number, manifest) in manifests.iter().enumerate() {
        let file = folder.path().join(format!("{number}.yaml"));
        // JSON is YAML.
        fs::write(&file, manifest.to_string())?;
        files.push(file);
    }
    istio::check(&files)
}
