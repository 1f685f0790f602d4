//! Istio sends calls again by default, and the filter decides which.

use anyhow::Result;
use mesh_tests::edge::{self, Edge};
use testbed::client::Request;
use testbed::tls::Authority;
use testbed::upstream::{Script, Upstream};

use crate::with_filter;

#[test]
fn a_write_that_etcd_may_have_done_is_not_sent_again_and_a_read_is() -> Result<()> {
    let manifests: Result<Vec<String>> = with_filter(&[]).into_iter().map(edge::manifest).collect();
    let upstream = Upstream::start()?;
    upstream.always(Script::error(14, "etcdserver: leader changed"));
    let port = upstream.address().port();
    let edge = Edge::before(port, &manifests?, Authority::new()?)?;
    for (path, body, times) in [
        ("/v3/kv/put", r#"{"key":"YQ=="}"#, 1),
        ("/v3/kv/txn", "{}", 1),
        ("/v3/lease/grant", "{}", 1),
        // Istio's two retries.
        ("/v3/kv/range", r#"{"key":"YQ=="}"#, 3),
    ] {
        let answer = edge.send(&Request::post(path, body));
        assert_eq!(
            (answer.status, answer.json_error()),
            (503, Some(14)),
            "{path}: {answer:?}"
        );
        assert_eq!(upstream.take().len(), times, "{path}");
    }
    Ok(())
}
