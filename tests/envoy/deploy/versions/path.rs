//! The main path: the walk-through of etcd's API, and the streams that it has not.

use std::process::Command;

use envoy_tests::follow;
use serde_json::{Value, json};
use testbed::client::{End, Response};
use testbed::gateway::Gateway;
use testbed::{process, project_root};

/// Keys, ranges, a watch, transactions, users, roles, tokens and what is refused without one; errors, large answers, locks,
/// keepalives, snapshots and event streams.
pub fn walk(gateway: &Gateway, case: &str) {
    walk_through(gateway, case);
    errors(gateway, case);
    large(gateway, case);
    lease(gateway, case);
    for accept in ["*/*", "text/event-stream"] {
        follow::a_put(gateway, accept, case);
    }
}

/// `deploy/walkthrough.sh`, which checks each of its steps.
fn walk_through(gateway: &Gateway, case: &str) {
    let mut walk = Command::new("bash");
    walk.arg(project_root().join("deploy/walkthrough.sh"))
        .arg(gateway.url())
        .env("no_proxy", "*");
    let output = process::output(walk).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{case}: {said}\n{shown}");
    assert!(said.ends_with("All of it works.\n"), "{case}: {said}");
}

fn ok(gateway: &Gateway, path: &str, body: &str, case: &str) -> Response {
    let answer = gateway.post(path, body);
    assert_eq!(
        (answer.status, answer.end),
        (200, End::Clean),
        "{case} {path}: {answer:?}"
    );
    answer
}

/// The filter's own and etcd's.
fn errors(gateway: &Gateway, case: &str) {
    for (path, body, status, code) in [
        ("/v3/kv/range", r#"{"limit":"abc"}"#, 400, 3),
        ("/v3/kv/range", "{}", 400, 3),
        ("/v3/lease/timetolive", r#"{"ID":"7","keys":"?"}"#, 400, 3),
        ("/v3/lease/revoke", r#"{"ID":"7"}"#, 404, 5),
        ("/v3/no/such", "{}", 404, 5),
    ] {
        let answer = gateway.post(path, body);
        assert_eq!(
            (answer.status, answer.json()["code"].as_i64()),
            (status, Some(code)),
            "{case} {path} {body}: {answer:?}"
        );
    }
}

/// An answer that no message of gRPC's frames or windows holds, and the same data as a stream.
fn large(gateway: &Gateway, case: &str) {
    let value = "A".repeat(1_200_000);
    for key in 0..4 {
        let put = format!(r#"{{"key":"bGFyZ2U{key}","value":"{value}"}}"#);
        ok(gateway, "/v3/kv/put", &put, case);
    }
    let all = r#"{"key":"bGFyZ2U=","range_end":"bGFyZ2Y="}"#;
    let range = ok(gateway, "/v3/kv/range", all, case);
    assert!(range.body().len() > 4_800_000, "{case}");
    assert_eq!(range.json()["count"], "4", "{case}");
    let snapshot = ok(gateway, "/v3/maintenance/snapshot", "{}", case);
    let text = snapshot.text();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(last["result"]["blob"].is_string(), "{case}");
    ok(gateway, "/v3/kv/deleterange", all, case);
}

fn lease(gateway: &Gateway, case: &str) {
    let lease = ok(gateway, "/v3/lease/grant", r#"{"TTL":600}"#, case).json()["ID"].clone();
    let lock = json!({"name": "bG9jaw==", "lease": lease}).to_string();
    let lock = ok(gateway, "/v3/lock/lock", &lock, case);
    assert!(lock.json()["key"].is_string(), "{case}");
    let id = json!({"ID": lease}).to_string();
    let alive = ok(gateway, "/v3/lease/keepalive", &id, case);
    assert_eq!(alive.json()["result"]["ID"], lease, "{case}");
    ok(gateway, "/v3/lease/revoke", &id, case);
}
