//! An ingress gateway's Envoy under Istio's control plane, in front of a real etcd.

use std::fs;

use anyhow::{Context, Result};
use serde_json::json;
use testbed::envoy::Envoy;
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{Etcd, Version};
use testbed::gateway::Gateway;
use testbed::tls::Authority;
use testbed::{module, project_root};

use crate::istio::Istio;

/// An edge, its control plane and its etcd.
pub struct Edge {
    pub gateway: Gateway,
    pub istio: Istio,
    pub etcd: Etcd,
    _authority: Authority,
}

impl Edge {
    /// With these files of `envoy/istio`, in front of an etcd in plain.
    pub fn start(files: &[&str]) -> Result<Edge> {
        let etcd = Etcd::start(Version::V3_7_3)?;
        let mut manifests = surroundings(&etcd)?;
        for file in files {
            manifests += "\n---\n";
            manifests += &manifest(file)?;
        }
        let authority = Authority::new()?;
        authority.client(None)?;
        let istio = Istio::start(&manifests, &authority)?;
        let gateway = Gateway::around(envoy(&istio)?)?;
        Ok(Edge {
            gateway,
            istio,
            etcd,
            _authority: authority,
        })
    }
}

/// A file of `envoy/istio` as it is, but for where the module is.
pub fn manifest(file: &str) -> Result<String> {
    let text = fs::read_to_string(project_root().join("envoy/istio").join(file))?;
    let module = format!("file://{}", module::path()?.display());
    Ok(text.replace(
        "oci://registry.example.com/etcd-json-gateway:0.1.0",
        &module,
    ))
}

/// What a cluster has beside our files: the gateway's own workload, and etcd's endpoint.
fn surroundings(etcd: &Etcd) -> Result<String> {
    let text = fs::read_to_string(project_root().join("tests/mesh/surroundings.yaml"))?;
    Ok(text.replace("ETCD_PORT", &etcd.client_port().to_string()))
}

fn envoy(istio: &Istio) -> Result<Envoy> {
    let mut config = EnvoyConfig::from_yaml(&project_root().join("tests/mesh/bootstrap.yaml"))?;
    let port: u16 = istio.xds.rsplit(':').next().unwrap_or_default().parse()?;
    let agent = config.cluster("xds-grpc")?;
    let socket = agent
        .pointer_mut("/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address");
    socket.context("no address")?["port_value"] = json!(port);
    let mut secrets = agent.clone();
    secrets["name"] = json!("sds-grpc");
    let clusters = &mut config.bootstrap()["static_resources"]["clusters"];
    clusters
        .as_array_mut()
        .context("no clusters")?
        .push(secrets);
    Envoy::start(&config)
}
