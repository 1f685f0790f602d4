//! What goes wrong where an installation differs, as docs/istio.md says it looks.

use std::time::Duration;
use std::{fs, thread};

use anyhow::{Result, ensure};
use mesh_tests::edge::{self, Edge, Speaks};
use mesh_tests::traffic::to;
use testbed::client::{Body, Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::project_root;
use testbed::tls::Authority;

use crate::with_filter;

fn manifests(change: impl Fn(&str, String) -> String) -> Result<Vec<String>> {
    let files = with_filter(&[]).into_iter();
    files
        .map(|file| Ok(change(file, edge::manifest(file)?)))
        .collect()
}

/// The file with `part` of it replaced, which must be there.
fn replaced(file: &str, part: &str, by: &str) -> String {
    assert!(file.contains(part), "no {part} in {file}");
    file.replace(part, by)
}

#[test]
fn a_port_that_does_not_say_grpc_is_502_that_says_so() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let name = |text: String| replaced(&text, "grpc-etcd", "http-etcd");
    let mut manifests = manifests(|file, text| match file {
        "etcd-service.yaml" => replaced(&name(text), "      appProtocol: grpc\n", ""),
        _ => text,
    })?;
    let surroundings = fs::read_to_string(project_root().join("tests/mesh/surroundings.yaml"))?;
    let slice = surroundings.rsplit("---\n").next().unwrap_or_default();
    let slice =
        replaced(slice, "etcd-0", "etcd-1").replace("ETCD_PORT", &etcd.client_port().to_string());
    manifests.push(name(slice));
    let edge = Edge::before(etcd.client_port(), &manifests, Authority::new()?)?;
    let answer = edge.send(&Request::post("/v3/kv/range", r#"{"key":"YQ=="}"#));
    assert_eq!(
        (answer.status, answer.json_error()),
        (502, Some(12)),
        "{answer:?}"
    );
    assert!(answer.text().contains("not with gRPC"), "{answer:?}");
    Ok(())
}

#[test]
fn an_image_of_another_digest_denies_everything() -> Result<()> {
    let wrong = format!("sha256: \"{}\"\n  failStrategy", "0".repeat(64));
    let files = ["etcd-service.yaml", "gateway.yaml"].map(edge::manifest);
    let mut manifests = files.into_iter().collect::<Result<Vec<_>>>()?;
    let plugin = edge::manifest("wasmplugin.yaml")?;
    manifests.push(replaced(&plugin, "failStrategy", &wrong));
    let edge = Edge::with(&manifests, Speaks::Plain)?;
    let answer = edge.send(&Request::post("/v3/kv/range", r#"{"key":"YQ=="}"#));
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (403, "RBAC: access denied")
    );
    Ok(())
}

/// JSON has a route then, and what the filter makes of it has none.
#[test]
fn beside_a_grpc_route_for_the_same_host_the_paths_of_one_kind_are_404() -> Result<()> {
    let route = r#"
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: etcd-grpc, namespace: default }
spec:
  parentRefs: [{ name: etcd, namespace: istio-system }]
  hostnames: [etcd.example.com]
  rules:
    - matches: [{ method: { service: etcdserverpb.KV } }]
      backendRefs: [{ name: etcd, port: 2379 }]
"#;
    let routes = edge::manifest("gateway-api.yaml")?;
    let kv = "        - path: { type: PathPrefix, value: /etcdserverpb.KV }\n";
    let manifests = [
        edge::manifest("etcd-service.yaml")?,
        edge::manifest("filter.yaml")?,
        replaced(&routes, kv, ""),
        route.to_owned(),
    ];
    let edge = Edge::with(&manifests, Speaks::Plain)?;
    let answer = edge.send(&Request::post("/v3/kv/range", r#"{"key":"YQ=="}"#));
    assert_eq!(answer.status, 404, "{answer:?}");
    let answer = edge.send(&Request::post("/v3/lease/leases", "{}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    Ok(())
}

/// Of a watch; a call that answers once ends with it.
#[test]
fn the_timeout_of_a_route_does_not_end_a_stream() -> Result<()> {
    let manifests = manifests(|file, text| match file {
        "gateway.yaml" => replaced(&text, "      route:\n", "      timeout: 1s\n      route:\n"),
        _ => text,
    })?;
    let edge = Edge::with(&manifests, Speaks::Plain)?;
    let mut watch = h1::Connection::open(edge.gateway.address())?;
    watch.send_head(&to(
        Request::new("POST", "/v3/watch").body(Body::Pieces(Vec::new()))
    ))?;
    watch.send_chunk(br#"{"create_request":{"key":"YQ=="}}"#)?;
    let mut head = watch.read_head()?;
    ensure!(watch.read_piece(&mut head)?.is_some(), "no watch");
    thread::sleep(Duration::from_secs(2));
    let put = edge.send(&Request::post("/v3/kv/put", r#"{"key":"YQ=="}"#));
    assert_eq!(put.status, 200, "{put:?}");
    let event = watch.read_piece(&mut head)?.unwrap_or_default();
    let event = String::from_utf8(event)?;
    assert!(event.contains(r#""events":[{"#), "{event}");
    Ok(())
}
