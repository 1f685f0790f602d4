//! Each way of installing the filter serves.

use std::fs;

use anyhow::Result;
use mesh_tests::edge::{Edge, Speaks};
use mesh_tests::traffic::{self, Expected};
use mesh_tests::{edge, istio};
use testbed::{project_root, scratch};

#[test]
fn an_api_server_takes_every_manifest() -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(project_root().join("envoy/istio"))? {
        files.push(entry?.path());
    }
    // A kind of Kubernetes' own.
    files.retain(|path| !path.ends_with("etcd-service.yaml"));
    assert!(files.len() >= 9, "{files:?}");
    istio::check(&files)?;
    // It would say what is wrong.
    let folder = scratch::folder("manifests")?;
    let wrong = folder.path().join("wrong.yaml");
    let text = edge::manifest("wasmplugin.yaml")?.replace("FAIL_RELOAD", "FAIL_LATER");
    fs::write(&wrong, text)?;
    let refused = istio::check(&[wrong]);
    assert!(
        format!("{refused:?}").contains("failStrategy"),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn the_filter_with_held_heads_serves_an_etcd_in_plain() -> Result<()> {
    let files = [
        "etcd-service.yaml",
        "gateway.yaml",
        "filter.yaml",
        "body-for-bodyless.yaml",
    ];
    let edge = Edge::start(&files, Speaks::Plain)?;
    let expected = Expected {
        body_for_bodyless: true,
        held: true,
    };
    traffic::serves(&edge.gateway, expected)
}

#[test]
fn the_filter_with_held_heads_serves_an_etcd_behind_tls() -> Result<()> {
    let files = [
        "etcd-service.yaml",
        "gateway-api.yaml",
        "filter.yaml",
        "body-for-bodyless-trafficextension.yaml",
        "tls.yaml",
        "limits.yaml",
    ];
    let edge = Edge::start(&files, Speaks::Tls)?;
    let expected = Expected {
        body_for_bodyless: true,
        held: true,
    };
    traffic::serves(&edge.gateway, expected)
}

#[test]
fn the_plugin_serves_an_etcd_in_plain() -> Result<()> {
    let files = ["etcd-service.yaml", "gateway.yaml", "wasmplugin.yaml"];
    let edge = Edge::start(&files, Speaks::Plain)?;
    let expected = Expected {
        body_for_bodyless: false,
        held: false,
    };
    traffic::serves(&edge.gateway, expected)
}

#[test]
fn the_extension_serves_an_etcd_in_plain() -> Result<()> {
    let files = [
        "etcd-service.yaml",
        "gateway.yaml",
        "trafficextension.yaml",
        "body-for-bodyless-trafficextension.yaml",
    ];
    let edge = Edge::start(&files, Speaks::Plain)?;
    let expected = Expected {
        body_for_bodyless: true,
        held: false,
    };
    traffic::serves(&edge.gateway, expected)
}
