//! The files of `envoy/envoy-gateway`, translated by Envoy Gateway's own code, in a real Envoy in front of a real etcd.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use mesh_tests::envoy_gateway::Gateway;
use mesh_tests::traffic::{self, Expected};
use mesh_tests::{bounds, istio};
use testbed::project_root;

fn files() -> Result<Vec<PathBuf>> {
    let folder = project_root().join("envoy/envoy-gateway");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

#[test]
fn an_api_server_takes_every_manifest() -> Result<()> {
    let mut files = files()?;
    assert!(files.len() >= 4, "{files:?}");
    // A kind of Kubernetes' own.
    files.retain(|path| !path.ends_with("etcd-service.yaml"));
    istio::check(&files)
}

#[test]
fn the_filter_with_held_heads_and_the_bounds_serves() -> Result<()> {
    let mut gateway = Gateway::start(&files()?)?;
    bounds::have_arrived(&mut gateway.gateway, "httproute/default/etcd/rule/0")?;
    let expected = Expected {
        body_for_bodyless: true,
        held: true,
    };
    traffic::serves(&gateway.gateway, expected)
}
