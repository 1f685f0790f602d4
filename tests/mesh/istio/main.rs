//! The files of `envoy/istio`, through Istio's own control plane into a real Envoy in front of a real etcd.

use anyhow::Result;
use mesh_tests::edge::Edge;
use testbed::client::{Request, h1};

fn host(request: Request) -> Request {
    request.header("Host", "etcd.example.com")
}

#[test]
fn the_plugin_serves_json() -> Result<()> {
    let edge = Edge::start(&["etcd-service.yaml", "gateway.yaml", "wasmplugin.yaml"])?;
    let send = |request: Request| h1::send(edge.gateway.address(), &host(request)).unwrap();
    let put = send(Request::post(
        "/v3/kv/put",
        r#"{"key":"YQ==","value":"Yg=="}"#,
    ));
    assert_eq!(put.status, 200, "{put:?}");
    let range = send(Request::post("/v3/kv/range", r#"{"key":"YQ=="}"#));
    assert_eq!(range.json()["kvs"][0]["value"], "Yg==", "{range:?}");
    Ok(())
}
