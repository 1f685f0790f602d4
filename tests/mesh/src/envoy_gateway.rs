//! Envoy Gateway's translation, as `control/gateway` runs it, in front of a real etcd.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;
use testbed::etcd::{Etcd, Version};
use testbed::gateway;

use crate::control::Control;
use crate::edge;

/// Where etcd is in a cluster.
const ENDPOINT: &str = r#"
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: etcd-0
  namespace: default
  labels: { kubernetes.io/service-name: etcd }
addressType: IPv4
endpoints: [{ addresses: [127.0.0.1], conditions: { ready: true } }]
ports: [{ name: client, port: ETCD_PORT, protocol: TCP }]
"#;

/// An Envoy that Envoy Gateway has configured, and its etcd.
pub struct Gateway {
    pub gateway: gateway::Gateway,
    _control: Control,
    _etcd: Etcd,
}

impl Gateway {
    /// With the manifests in these files.
    pub fn start(files: &[PathBuf]) -> Result<Gateway> {
        let etcd = Etcd::start(Version::V3_7_3)?;
        let mut manifests = ENDPOINT.replace("ETCD_PORT", &etcd.client_port().to_string());
        for file in files {
            manifests += "\n---\n";
            manifests += &fs::read_to_string(file)?;
        }
        let control = Control::start("gateway", &manifests, |_| {})?;
        let node = json!({"id": "edge", "cluster": control.said("cluster")?});
        let envoy = edge::envoy(control.said("xds")?, Some(node))?;
        Ok(Gateway {
            gateway: gateway::Gateway::around(envoy)?,
            _control: control,
            _etcd: etcd,
        })
    }
}
