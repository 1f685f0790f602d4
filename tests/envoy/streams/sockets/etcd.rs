//! Sockets to real etcds, from the first version that is supported to the newest.

use envoy_tests::open::{KEEPALIVE, WATCH};
use envoy_tests::socket::Socket;
use serde_json::{Value, json};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};

/// Runs `check` against every required etcd, behind an Envoy with the example's configuration.
fn everywhere(check: impl Fn(&Gateway, Version)) {
    for version in Version::REQUIRED {
        let etcd = Etcd::start(version).unwrap();
        let gateway = Setup::example(Mode::Full, etcd.client_address()).start();
        check(&gateway, version);
    }
}

fn call(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let response = gateway.post(path, &body.to_string());
    assert_eq!(response.status, 200, "{path}: {response:?}");
    response.json()
}

#[test]
fn watches_of_one_socket_are_numbered_told_of_changes_asked_and_cancelled() {
    everywhere(|gateway, version| {
        let mut socket = Socket::open(gateway.address(), WATCH);
        // As Vitastor's monitor does: several watches on one socket.
        for (id, key) in ["YQ==", "Yg==", "Yw=="].into_iter().enumerate() {
            socket.send(&json!({"create_request": {"key": key}}).to_string());
            let created = socket.document();
            assert_eq!(created["result"]["created"], true, "{version}: {created}");
            let number = created["result"]["watch_id"].as_str().unwrap_or("0");
            assert_eq!(number, id.to_string(), "{version}: {created}");
        }
        let put = call(
            gateway,
            "/v3/kv/put",
            &json!({"key": "Yg==", "value": "MQ=="}),
        );
        let event = socket.document();
        assert_eq!(event["result"]["watch_id"], "1", "{version}: {event}");
        assert_eq!(
            event["result"]["events"][0]["kv"]["value"], "MQ==",
            "{version}: {event}"
        );
        socket.send(r#"{"progress_request":{}}"#);
        let progress = socket.document();
        assert!(
            progress["result"]["events"].is_null(),
            "{version}: {progress}"
        );
        socket.send(r#"{"cancel_request":{"watch_id":"1"}}"#);
        loop {
            let document = socket.document();
            if document["result"]["canceled"] == true {
                assert_eq!(document["result"]["watch_id"], "1", "{version}: {document}");
                break;
            }
        }
        drop(socket);
        // Back at a revision, nothing has been missed.
        call(
            gateway,
            "/v3/kv/put",
            &json!({"key": "Yg==", "value": "Mg=="}),
        );
        let revision: u64 = put["header"]["revision"].as_str().unwrap().parse().unwrap();
        let mut socket = Socket::open(gateway.address(), WATCH);
        socket.send(
            &json!({"create_request": {"key": "Yg==", "start_revision": revision}}).to_string(),
        );
        let mut values = Vec::new();
        while values.len() < 2 {
            let document = socket.document();
            let events = document["result"]["events"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            values.extend(events.iter().map(|event| event["kv"]["value"].clone()));
        }
        assert_eq!(values, ["MQ==", "Mg=="], "{version}");
    });
}

#[test]
fn leases_are_kept_alive_over_one_socket() {
    everywhere(|gateway, version| {
        let lease = call(gateway, "/v3/lease/grant", &json!({"TTL": 60}));
        let mut socket = Socket::open(gateway.address(), KEEPALIVE);
        for _ in 0..3 {
            socket.send(&json!({"ID": lease["ID"]}).to_string());
            let answer = socket.document();
            assert_eq!(answer["result"]["ID"], lease["ID"], "{version}: {answer}");
            assert_eq!(answer["result"]["TTL"], "60", "{version}: {answer}");
        }
    });
}
