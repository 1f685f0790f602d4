//! etcd's own `grpc-proxy`, which takes the end of a request's body for the end of a watch or keepalive.

use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use testbed::client::{End, Request, Response, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::process::Process;
use testbed::{loopback, scratch};

const START_TIMEOUT: Duration = Duration::from_secs(20);

/// Starts a proxy of this etcd on a free port, and waits until it accepts.
fn proxy(etcd: &Etcd) -> (Process, String) {
    let address = format!("127.0.0.1:{}", loopback::free_port().unwrap());
    let mut command = Command::new(Version::V3_7_3.program().unwrap());
    command.args(["grpc-proxy", "start"]);
    command.arg(format!("--endpoints={}", etcd.client_address()));
    command.arg(format!("--listen-addr={address}"));
    command.arg(format!("--advertise-client-url={address}"));
    let folder = scratch::folder("grpc-proxy").unwrap();
    let mut process = Process::start("grpc-proxy", command, &folder.path().join("log")).unwrap();
    let accepts = || TcpStream::connect(&address).ok().map(drop);
    process.wait_until(START_TIMEOUT, accepts).unwrap();
    (process, address)
}

fn lines(response: &Response) -> Vec<Value> {
    let text = response.text();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// As `curl -d` does: a length, and an end right behind the body.
fn watch(gateway: &Gateway, mode: Mode) {
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    let body = r#"{"create_request":{"key":"YQ=="}}"#;
    connection.send(&Request::post("/v3/watch", body)).unwrap();
    let mut head = connection.read_head().unwrap();
    assert_eq!(head.status, 200, "{mode:?}");
    let mut next = || {
        let piece = connection.read_piece(&mut head).unwrap();
        String::from_utf8(piece.unwrap_or_default()).unwrap()
    };
    assert!(next().contains(r#""created":true"#), "{mode:?}");
    let put = gateway.post("/v3/kv/put", r#"{"key":"YQ==","value":"Yg=="}"#);
    assert_eq!(put.status, 200, "{mode:?}");
    assert!(next().contains(r#""value":"Yg==""#), "{mode:?}");
}

#[test]
fn watches_and_keepalives_are_served_by_grpc_proxy() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let (_process, address) = proxy(&etcd);
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, &address)
            .plugin(json!({"grpc_proxy": true}))
            .route(json!({"timeout": "0s"}))
            .start();
        watch(&gateway, mode);
        let lease = gateway.post("/v3/lease/grant", r#"{"TTL":600}"#).json()["ID"].clone();
        let body = format!(r#"{{"ID":{lease}}}{{"ID":{lease}}} {{"ID":"1"}}"#);
        let alive = gateway.post("/v3/lease/keepalive", &body);
        assert_eq!(
            (alive.status, alive.end),
            (200, End::Clean),
            "{mode:?}: {alive:?}"
        );
        let ids: Vec<Value> = lines(&alive)
            .iter()
            .map(|line| line["result"]["ID"].clone())
            .collect();
        assert_eq!(ids, [lease.clone(), lease, json!("1")], "{mode:?}");
    }
}

/// With an etcd behind it the setting does no harm.
#[test]
fn the_setting_for_grpc_proxy_serves_etcd_too() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, etcd.client_address())
            .plugin(json!({"grpc_proxy": true}))
            .route(json!({"timeout": "0s"}))
            .start();
        watch(&gateway, mode);
        let request = Request::post("/v3/lease/keepalive", r#"{"ID":5}{"ID":6}"#);
        for answer in [gateway.send(&request), gateway.send_h2(&request)] {
            assert_eq!(
                (answer.status, answer.end),
                (200, End::Clean),
                "{mode:?}: {answer:?}"
            );
            assert_eq!(lines(&answer).len(), 2, "{mode:?}: {answer:?}");
        }
    }
}
