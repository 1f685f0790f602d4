//! A policy for reads only: nothing that is no read gets by it, however it is written.

use anyhow::Result;
use etcd_json_gateway::schema::tables::ROUTES;
use mesh_tests::edge::{Edge, Speaks};
use mesh_tests::traffic::native;
use testbed::client::{Body, Request, h2};
use testbed::wire::bytes_field;

use crate::with_filter;

const PREFIXES: [&str; 3] = ["/v3", "/v3beta", "/v3alpha"];

const READS: [&str; 8] = [
    "/etcdserverpb.KV/Range",
    "/etcdserverpb.KV/RangeStream",
    "/etcdserverpb.Watch/Watch",
    "/etcdserverpb.Lease/LeaseTimeToLive",
    "/etcdserverpb.Lease/LeaseLeases",
    "/etcdserverpb.Cluster/MemberList",
    "/etcdserverpb.Maintenance/Status",
    "/etcdserverpb.Auth/Authenticate",
];

/// A key that must never be.
const PUT: &str = r#"{"key":"bm8=","value":"bm8="}"#;

/// A JSON call in several ways of writing it.
fn ways(path: &str) -> Vec<Request> {
    let slash = path.rfind('/').unwrap_or_default();
    let (before, after) = path.split_at(slash);
    let escaped = format!("{before}%2F{}", after.trim_start_matches('/'));
    vec![
        Request::post(path, PUT),
        Request::new("POST", path),
        Request::new("POST", path).body(Body::Pieces(vec![PUT.into()])),
        Request::post(path, PUT).header("Content-Type", "application/grpc"),
        Request::post(path, PUT).method("GET"),
        Request::new("GET", path).header("Accept", "text/event-stream"),
        Request::post(&format!("{path}?x=/v3/kv/range"), PUT),
        Request::post(&escaped, PUT),
        Request::post(&format!("/v3/kv/range/../../..{path}"), PUT),
        Request::post(&format!("/{path}"), PUT),
    ]
}

#[test]
fn what_is_no_read_is_403_however_it_is_written() -> Result<()> {
    let edge = Edge::start(&with_filter(&["read-only.yaml"]), Speaks::Plain)?;
    let mut denied = 0;
    for route in ROUTES.iter() {
        if READS.contains(&route.method.path) {
            continue;
        }
        for prefix in PREFIXES {
            for request in ways(&format!("{prefix}{}", route.path)) {
                let answer = edge.send(&request);
                // One that Istio and we take for no path of etcd's at all is 404.
                let kept = matches!(answer.status, 403 | 404 | 400);
                // A gRPC client is told by gRPC's own status.
                let grpc = answer
                    .header("grpc-status")
                    .is_some_and(|status| status == "7");
                assert!(kept || grpc, "{request:?}: {answer:?}");
                denied += usize::from(answer.status == 403 || grpc);
            }
        }
        let message = [bytes_field(1, b"no"), bytes_field(2, b"no")].concat();
        let answer = h2::send(edge.gateway.address(), &native(route.method.path, &message))?;
        assert_eq!(
            answer.header("grpc-status").as_deref(),
            Some("7"),
            "{answer:?}"
        );
    }
    assert!(denied > 500, "{denied}");
    let range = edge.send(&Request::post(
        "/v3/kv/range",
        r#"{"key":"AA==","range_end":"AA=="}"#,
    ));
    let header = &range.json()["header"];
    assert_eq!(header["revision"], "1", "something was written: {range:?}");
    Ok(())
}

#[test]
fn reads_are_served_with_and_without_a_body() -> Result<()> {
    let edge = Edge::start(&with_filter(&["read-only.yaml"]), Speaks::Plain)?;
    for path in ["/version", "/health"] {
        assert_eq!(edge.send(&Request::new("GET", path)).status, 200, "{path}");
    }
    for route in ROUTES
        .iter()
        .filter(|route| READS.contains(&route.method.path))
    {
        if route.method.server_streaming {
            continue;
        }
        for prefix in PREFIXES {
            let path = format!("{prefix}{}", route.path);
            for request in [Request::post(&path, "{}"), Request::new("POST", &path)] {
                let answer = edge.send(&request);
                // As etcd answers what is empty: well, or that something is missing.
                assert!(
                    matches!(answer.status, 200 | 400 | 404),
                    "{path}: {answer:?}"
                );
                assert_eq!(
                    answer.header("content-type").as_deref(),
                    Some("application/json")
                );
            }
        }
    }
    let answer = h2::send(
        edge.gateway.address(),
        &native("/etcdserverpb.KV/Range", &bytes_field(1, b"a")),
    )?;
    assert_eq!(answer.trailers.len(), 2, "{answer:?}");
    Ok(())
}
