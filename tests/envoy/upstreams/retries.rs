//! How often a call reaches etcd under Istio's default retry policy.

use serde_json::{Value, json};
use testbed::client::Request;
use testbed::gateway::{Mode, Setup};
use testbed::upstream::{Script, Upstream};

/// As Istio has it by default (`docs/envoy.md`, "Retries").
fn istio_default() -> Value {
    let retry_on = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";
    json!({"retry_policy": {
        "retry_on": retry_on, "num_retries": 2, "retry_back_off": {"base_interval": "0.001s", "max_interval": "0.002s"},
    }})
}

/// How many times each call reaches an upstream that is unavailable.
fn attempts(mode: Mode, plugin: Value, calls: &[Request]) -> Vec<usize> {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::error(14, "etcdserver: leader changed"));
    let gateway = Setup::new(mode, upstream.address())
        .plugin(plugin)
        .callouts()
        .route(istio_default())
        .start();
    let count = |call: &Request| {
        let response = gateway.send(call);
        assert_eq!(
            (response.status, response.json()["code"].clone()),
            (503, json!(14)),
            "{mode:?} {call:?}"
        );
        upstream.take().len()
    };
    calls.iter().map(count).collect()
}

#[test]
fn a_call_that_can_change_something_is_sent_once() {
    let writes = [
        "kv/put",
        "kv/deleterange",
        "kv/txn",
        "kv/compaction",
        "lease/grant",
        "lease/revoke",
        "kv/lease/revoke",
        "cluster/member/add",
        "cluster/member/remove",
        "cluster/member/update",
        "cluster/member/promote",
        "maintenance/alarm",
        "maintenance/defragment",
        "maintenance/transfer-leadership",
        "maintenance/downgrade",
        "auth/enable",
        "auth/disable",
        "auth/user/add",
        "auth/user/delete",
        "auth/user/changepw",
        "auth/user/grant",
        "auth/user/revoke",
        "auth/role/add",
        "auth/role/delete",
        "auth/role/grant",
        "auth/role/revoke",
        "lock/lock",
        "lock/unlock",
        "election/campaign",
        "election/proclaim",
        "election/resign",
    ];
    let mut calls: Vec<Request> = writes
        .iter()
        .map(|path| Request::post(&format!("/v3/{path}"), "{}"))
        .collect();
    calls.push(Request::new("POST", "/v3/auth/disable"));
    // What a client asks for does not matter.
    calls.push(
        Request::post("/v3/kv/put", "{}")
            .header("x-envoy-max-retries", "3")
            .header("x-envoy-retry-on", "5xx"),
    );
    for mode in Mode::BOTH {
        let reached = attempts(mode, json!({}), &calls);
        let repeated: Vec<_> = calls
            .iter()
            .zip(&reached)
            .filter(|&(_, &count)| count != 1)
            .collect();
        assert!(repeated.is_empty(), "{mode:?}: {repeated:?}");
    }
}

#[test]
fn a_call_that_only_reads_is_sent_again_as_the_route_says() {
    let reads = [
        "kv/range",
        "lease/timetolive",
        "kv/lease/timetolive",
        "lease/leases",
        "kv/lease/leases",
        "cluster/member/list",
        "maintenance/status",
        "maintenance/hash",
        "maintenance/hashkv",
        "auth/status",
        "auth/user/get",
        "auth/user/list",
        "auth/role/get",
        "auth/role/list",
        "auth/authenticate",
        "election/leader",
    ];
    let calls: Vec<Request> = reads
        .iter()
        .map(|path| Request::post(&format!("/v3/{path}"), "{}"))
        .collect();
    for mode in Mode::BOTH {
        let reached = attempts(mode, json!({}), &calls);
        let other: Vec<_> = reads
            .iter()
            .zip(&reached)
            .filter(|&(_, &count)| count != 3)
            .collect();
        assert!(other.is_empty(), "{mode:?}: {other:?}");
    }
}

#[test]
fn write_retries_route_leaves_writes_to_the_route() {
    for mode in Mode::BOTH {
        let calls = [
            Request::post("/v3/kv/put", "{}"),
            Request::post("/v3/kv/range", "{}"),
        ];
        assert_eq!(
            attempts(mode, json!({"write_retries": "route"}), &calls),
            [3, 3],
            "{mode:?}"
        );
    }
}

#[test]
fn a_read_that_succeeds_at_the_third_attempt_succeeds() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .route(istio_default())
            .start();
        for _ in 0..2 {
            upstream.once(Script::error(14, "etcdserver: leader changed"));
        }
        let response = gateway.post("/v3/kv/range", r#"{"key":"Zm9v"}"#);
        assert_eq!(
            (response.status, response.text().as_str()),
            (200, "{}"),
            "{mode:?}"
        );
        let messages: Vec<_> = upstream
            .take()
            .iter()
            .flat_map(|request| request.messages())
            .collect();
        assert_eq!(
            messages,
            vec![testbed::wire::bytes_field(1, b"foo"); 3],
            "{mode:?}"
        );
    }
}
