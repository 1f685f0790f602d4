//! Streams of real etcds, from the first version that is supported to the newest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envoy_tests::open::{KEEPALIVE, Open, Protocol, SNAPSHOT, WATCH, assert_is_document, is_clean};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testbed::client::{Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};

/// Runs `check` against every required etcd, each behind one Envoy with the example's configuration.
fn everywhere(check: impl Fn(&Etcd, &Gateway, Version)) {
    for (index, version) in Version::REQUIRED.into_iter().enumerate() {
        let etcd = Etcd::start(version).unwrap();
        let mode = Mode::BOTH[index % 2];
        let gateway = Setup::example(mode, etcd.client_address()).start();
        check(&etcd, &gateway, version);
    }
}

/// Makes a unary call and returns its answer.
fn call(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let response = gateway.post(path, &body.to_string());
    assert_eq!(response.status, 200, "{path}: {response:?}");
    response.json()
}

/// The kind, value and previous value of a document's events.
fn events(document: &Value) -> Vec<(Value, Value, Value)> {
    let events = document["result"]["events"].as_array().unwrap();
    let of = |event: &Value| {
        let values = (
            event["kv"]["value"].clone(),
            event["prev_kv"]["value"].clone(),
        );
        (event["type"].clone(), values.0, values.1)
    };
    events.iter().map(of).collect()
}

#[test]
fn a_watch_is_created_told_of_changes_asked_for_progress_and_cancelled_on_one_stream() {
    everywhere(|_, gateway, version| {
        for protocol in Protocol::BOTH {
            let case = format!("{version} {protocol:?}");
            let mut open = Open::start(gateway.address(), protocol, WATCH);
            open.send(r#"{"create_request":{"key":"Zm9v","prev_kv":true}}"#);
            let created = open.document();
            assert_eq!(created["result"]["created"], true, "{case}: {created}");
            open.send(r#"{"create_request":{"key":"YmFy"}}"#);
            let created = open.document();
            assert_eq!(created["result"]["watch_id"], "1", "{case}: {created}");

            let null = Value::Null;
            for value in ["YQ==", "Yg=="] {
                call(
                    gateway,
                    "/v3/kv/put",
                    &json!({"key": "Zm9v", "value": value}),
                );
            }
            assert_eq!(
                events(&open.document()),
                [(null.clone(), json!("YQ=="), null.clone())],
                "{case}"
            );
            assert_eq!(
                events(&open.document()),
                [(null.clone(), json!("Yg=="), json!("YQ=="))],
                "{case}"
            );
            call(gateway, "/v3/kv/deleterange", &json!({"key": "Zm9v"}));
            assert_eq!(
                events(&open.document()),
                [(json!("DELETE"), null.clone(), json!("Yg=="))],
                "{case}"
            );
            call(
                gateway,
                "/v3/kv/put",
                &json!({"key": "YmFy", "value": "Yw=="}),
            );
            let other = open.document();
            assert_eq!(other["result"]["watch_id"], "1", "{case}: {other}");

            open.send(r#"{"progress_request":{}}"#);
            let progress = open.document();
            assert!(
                progress["result"].get("events").is_none(),
                "{case}: {progress}"
            );
            open.send(r#"{"cancel_request":{"watch_id":1}}"#);
            let cancelled = open.document();
            assert_eq!(cancelled["result"]["canceled"], true, "{case}: {cancelled}");
        }
    });
}

#[test]
fn a_lease_is_kept_alive_until_the_client_has_no_more_to_ask() {
    everywhere(|_, gateway, version| {
        call(gateway, "/v3/lease/grant", &json!({"ID": 77, "TTL": 60}));
        for protocol in Protocol::BOTH {
            let case = format!("{version} {protocol:?}");
            let mut open = Open::start(gateway.address(), protocol, KEEPALIVE);
            for _ in 0..3 {
                open.send(r#"{"ID":77}"#);
                let answer = open.document();
                assert_eq!(answer["result"]["TTL"], "60", "{case}: {answer}");
            }
            open.send(r#"{"ID":78}"#);
            let answer = open.document();
            assert_eq!(answer["result"]["ID"], "78", "{case}: {answer}");
            assert_eq!(answer["result"]["TTL"], Value::Null, "{case}: {answer}");
            open.finish();
            let response = open.rest();
            assert_eq!(
                (response.text().as_str(), is_clean(&response)),
                ("", true),
                "{case}"
            );
        }
    });
}

#[test]
fn a_snapshot_is_what_etcds_own_gateway_gives() {
    for (version, dialect) in Version::REQUIRED.into_iter().zip(["v1", "v1", "v2"]) {
        let etcd = Etcd::start(version).unwrap();
        let gateway = Setup::new(Mode::Full, etcd.client_address())
            .plugin(json!({"dialect": dialect}))
            .start();
        for key in ["YQ==", "Yg=="] {
            let value = STANDARD.encode(vec![7; 300_000]);
            call(&gateway, "/v3/kv/put", &json!({"key": key, "value": value}));
        }
        let request = Request::post(SNAPSHOT, "{}");
        let own = h1::send(etcd.client_address().parse().unwrap(), &request).unwrap();
        for protocol in Protocol::BOTH {
            let ours = match protocol {
                Protocol::Http1 => gateway.send(&request),
                Protocol::Http2 => gateway.send_h2(&request),
            };
            assert!(is_clean(&ours), "{version} {protocol:?}: {ours:?}");
            if protocol == Protocol::Http1 {
                // Whole lines; two in one chunk where a slow reader made them come together.
                assert!(
                    ours.pieces.iter().all(|piece| piece.ends_with(b"\n")),
                    "{version}"
                );
            }
            let blobs: Vec<Vec<u8>> = ours
                .text()
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).unwrap())
                .filter_map(|line| STANDARD.decode(line["result"]["blob"].as_str()?).ok())
                .collect();
            let (sum, data) = blobs.split_last().unwrap();
            assert_eq!(
                Sha256::digest(data.concat()).as_slice(),
                sum.as_slice(),
                "{version}"
            );
            // The database file's bookkeeping may have moved on in between; its size and framing have not.
            assert_eq!(
                ours.body().len(),
                own.body().len(),
                "{version} {protocol:?}"
            );
            assert_eq!(
                ours.text().lines().count(),
                own.text().lines().count(),
                "{version}"
            );
        }
    }
}

#[test]
fn an_observer_sees_each_leader() {
    everywhere(|_, gateway, version| {
        call(gateway, "/v3/lease/grant", &json!({"ID": 5, "TTL": 60}));
        let campaign = json!({"name": "ZQ==", "lease": 5, "value": "YQ=="});
        let leader = call(gateway, "/v3/election/campaign", &campaign);
        for protocol in Protocol::BOTH {
            let mut open = Open::start(gateway.address(), protocol, "/v3/election/observe");
            open.send(r#"{"name":"ZQ=="}"#);
            open.finish();
            open.document();
            let proclaim = json!({"leader": leader["leader"], "value": "Yg=="});
            call(gateway, "/v3/election/proclaim", &proclaim);
            let seen = open.document();
            assert_eq!(
                seen["result"]["kv"]["value"], "Yg==",
                "{version} {protocol:?}: {seen}"
            );
        }
    });
}

#[test]
fn a_range_is_streamed_where_etcd_can_and_unimplemented_elsewhere() {
    everywhere(|_, gateway, version| {
        let value = STANDARD.encode(vec![7; 300_000]);
        for key in 0..15_u8 {
            let key = STANDARD.encode([b'k', b'a' + key]);
            call(gateway, "/v3/kv/put", &json!({"key": key, "value": value}));
        }
        let request = Request::post("/v3/kv/rangestream", r#"{"key":"aw==","range_end":"bA=="}"#);
        let response = gateway.send(&request);
        if version != Version::V3_7_3 {
            assert_eq!(response.status, 501, "{version}: {response:?}");
            assert_eq!(
                response.json()["error"]["code"],
                12,
                "{version}: {response:?}"
            );
            return;
        }
        let lines: Vec<Value> = response
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let part = |line: &Value| {
            line["result"]["range_response"]["kvs"]
                .as_array()
                .map_or(0, Vec::len)
        };
        assert_eq!(
            lines.iter().map(part).sum::<usize>(),
            15,
            "{version}: {response:?}"
        );
        assert!(lines.len() > 1, "{version}: {response:?}");
        response
            .pieces
            .iter()
            .for_each(|piece| assert_is_document(piece));
    });
}
