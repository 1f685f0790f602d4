//! An ingress gateway's Envoy under Istio's control plane, in front of a real etcd.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::client::{Request, Response};
use testbed::envoy::Envoy;
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::Gateway;
use testbed::project_root;
use testbed::tls::Authority;

use crate::istio::Istio;

/// The name by which the manifests say clients reach the gateway.
pub const HOST: &str = "etcd.example.com";

/// How an etcd speaks to its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// In plain.
    Plain,
    /// TLS, and asks for certificates.
    Tls,
}

/// An edge and its control plane.
pub struct Edge {
    pub gateway: Gateway,
    pub istio: Istio,
    authority: Authority,
    _etcd: Option<Etcd>,
}

impl Edge {
    /// With these files of `envoy/istio`, in front of an etcd.
    pub fn start(files: &[&str], speaks: Speaks) -> Result<Edge> {
        let manifests: Result<Vec<String>> = files.iter().map(|file| manifest(file)).collect();
        Edge::with(&manifests?, speaks)
    }

    /// With these manifests, in front of an etcd.
    pub fn with(manifests: &[String], speaks: Speaks) -> Result<Edge> {
        let authority = Authority::new()?;
        let tls = match speaks {
            Speaks::Plain => None,
            Speaks::Tls => Some(authority.server()?.for_etcd(Some(&authority))),
        };
        let etcd = Etcd::start_with(Options {
            version: Version::V3_7_3,
            tls,
            ..Options::default()
        })?;
        let port = etcd.client_port();
        let mut edge = Edge::before(port, manifests, authority)?;
        edge._etcd = Some(etcd);
        Ok(edge)
    }

    /// With these manifests, in front of whatever listens on `port` for etcd.
    pub fn before(port: u16, manifests: &[String], authority: Authority) -> Result<Edge> {
        authority.client(None)?;
        let mut all = vec![surroundings(port)?];
        all.extend_from_slice(manifests);
        let all = mounted(&all.join("\n---\n"), &authority)?;
        let istio = Istio::start(&all, &authority)?;
        let gateway = Gateway::around(envoy(istio.xds()?, None)?)?;
        Ok(Edge {
            gateway,
            istio,
            authority,
            _etcd: None,
        })
    }

    /// Sends a request for the gateway's name.
    pub fn send(&self, request: &Request) -> Response {
        self.gateway.send(&request.clone().header("Host", HOST))
    }

    /// Creates or changes what these manifests say.
    pub fn apply(&self, manifests: &str) -> Result<()> {
        self.istio.apply(&mounted(manifests, &self.authority)?)
    }
}

/// A file of `envoy/istio`.
pub fn manifest(file: &str) -> Result<String> {
    let path = project_root().join("envoy/istio").join(file);
    fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
}

/// Manifests with the certificates that a pod would have mounted, for a host that they are good for.
fn mounted(manifests: &str, authority: &Authority) -> Result<String> {
    let folder = authority.certificate();
    let folder = folder.parent().context("no folder")?.display().to_string();
    Ok(manifests
        .replace("/etc/istio/etcd-certs/tls.", &format!("{folder}/client."))
        .replace("/etc/istio/etcd-certs", &folder)
        .replace(
            "subjectAltNames: [etcd.default.svc.cluster.local]",
            "subjectAltNames: [localhost]",
        ))
}

/// What a cluster has beside our files: the gateway's own workload, and etcd's endpoint.
fn surroundings(port: u16) -> Result<String> {
    let text = fs::read_to_string(project_root().join("tests/mesh/surroundings.yaml"))?;
    Ok(text.replace("ETCD_PORT", &port.to_string()))
}

/// An Envoy that asks at `xds` for its configuration and its secrets.
pub(crate) fn envoy(xds: &str, node: Option<Value>) -> Result<Envoy> {
    let mut config = EnvoyConfig::from_yaml(&project_root().join("tests/mesh/bootstrap.yaml"))?;
    let port: u16 = xds.rsplit(':').next().unwrap_or_default().parse()?;
    let agent = config.cluster("xds-grpc")?;
    let socket = agent
        .pointer_mut("/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address");
    socket.context("no address")?["port_value"] = json!(port);
    let mut secrets = agent.clone();
    secrets["name"] = json!("sds-grpc");
    let bootstrap = config.bootstrap();
    let clusters = &mut bootstrap["static_resources"]["clusters"];
    clusters
        .as_array_mut()
        .context("no clusters")?
        .push(secrets);
    if let Some(node) = node {
        bootstrap["node"] = node;
        // As Envoy Gateway's own bootstrap has it.
        bootstrap["dynamic_resources"]["ads_config"]["api_type"] = json!("DELTA_GRPC");
    }
    Envoy::start(&config)
}
