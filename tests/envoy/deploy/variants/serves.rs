//! Each serves JSON, streams and gRPC to the clients that it is for.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use testbed::artifact;
use testbed::process::Process;

use crate::place::{self, Place, post, run};

const PATIENCE: Duration = Duration::from_secs(30);

fn serves(example: &'static str) -> Place {
    let place = Place::start(example);
    let url = place.url();
    let agent = place.agent();

    // JSON, and what etcd says of errors.
    let put = json!({"key": "YQ==", "value": "Yg=="});
    let (status, _) = post(&agent, &format!("{url}/v3/kv/put"), &put).unwrap();
    assert_eq!(status, 200, "{example}");
    let (_, range) = post(
        &agent,
        &format!("{url}/v3/kv/range"),
        &json!({"key": "YQ=="}),
    )
    .unwrap();
    assert_eq!(range["kvs"][0]["value"], "Yg==", "{example}: {range}");
    let (status, error) = post(
        &agent,
        &format!("{url}/v3/lease/revoke"),
        &json!({"ID": "7"}),
    )
    .unwrap();
    assert_eq!(
        (status, &error["code"]),
        (404, &json!(5)),
        "{example}: {error}"
    );

    // gRPC on the same port.
    let mut etcdctl = place.etcdctl();
    etcdctl.args(["get", "a", "--print-value-only"]);
    assert_eq!(run(etcdctl), "b\n", "{example}");

    // What etcd serves beside gRPC.
    for (path, part) in [
        ("/version", r#""etcdserver":"3.7.3""#),
        ("/health", r#""health":"true""#),
    ] {
        let mut curl = place.curl();
        curl.args(["--fail", &format!("{url}{path}")]);
        let answer = run(curl);
        assert!(answer.contains(part), "{example} {path}: {answer}");
    }

    // A watch, over HTTP/2 where the port speaks TLS.
    let folder = place::folder();
    let log = folder.path().join("watch");
    let mut curl = place.curl();
    let create = json!({"create_request": {"key": "dw=="}}).to_string();
    curl.args(["--http2", "--data", &create, &format!("{url}/v3/watch")]);
    let mut watch = Process::start("curl", curl, &log).unwrap();
    let said = |text: &str| {
        fs::read_to_string(&log)
            .ok()
            .filter(|log| log.contains(text))
    };
    watch
        .wait_until(PATIENCE, || said(r#""created":true"#))
        .unwrap();
    let put = json!({"key": "dw==", "value": "ZXZlbnQ="});
    post(&agent, &format!("{url}/v3/kv/put"), &put).unwrap();
    watch.wait_until(PATIENCE, || said("ZXZlbnQ=")).unwrap();
    place
}

#[test]
fn three_members_are_served_in_plain() {
    serves("three-members.yaml");
}

#[test]
fn an_application_is_served_by_its_sidecar() {
    serves("sidecar-application.yaml");
}

#[test]
fn the_edge_serves_over_tls() {
    let place = serves("edge.yaml");
    speaks_http2(&place);

    // What docs/deploy.md has a user do.
    let program = artifact::ETCDCTL_3_5_1.program().unwrap();
    let commands = place::fence("edge")
        .replace(
            "ca.crt",
            &place.authority.certificate().display().to_string(),
        )
        .replace("https://etcd.example.com:8379", &place.url())
        .replace("etcdctl", &program.display().to_string());
    let mut shell = Command::new("bash");
    shell.args(["-euc", &commands]).env("no_proxy", "*");
    let said = run(shell);
    assert!(said.ends_with("hello\nworld\n"), "{said}");
}

#[test]
fn the_edge_serves_three_members_over_tls_on_both_sides() {
    speaks_http2(&serves("edge-three-members.yaml"));
}

#[test]
fn the_sidecar_of_an_etcd_serves_clients_with_certificates_alone() {
    let place = serves("sidecar-etcd.yaml");
    speaks_http2(&place);
    let stranger = place::agent(&place.authority, None);
    let url = format!("{}/v3/kv/range", place.url());
    let answer = post(&stranger, &url, &json!({"key": "YQ=="}));
    assert!(answer.is_err(), "{answer:?}");
}

fn speaks_http2(place: &Place) {
    let mut curl = place.curl();
    let range = json!({"key": "YQ=="}).to_string();
    let url = format!("{}/v3/kv/range", place.url());
    curl.args(["--output", "/dev/null", "--data", &range, &url]);
    curl.args(["--write-out", "%{http_version} %{http_code}"]);
    assert_eq!(run(curl), "2 200", "{}", place.example);
}
