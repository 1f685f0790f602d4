//! Keys and values as plain text, with a real etcd: every message with a range, streams, and values that are no text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoy_tests::open::{Open, Protocol};
use serde_json::{Value, json};
use testbed::client::{Request, Response, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};

/// The longest string that a value becomes.
const TEXT_LIMIT: usize = 64 << 10;

fn each_mode(test: impl Fn(&Gateway, Mode)) {
    for mode in Mode::BOTH {
        let etcd = Etcd::start(Version::V3_7_3).unwrap();
        let gateway = Setup::example(mode, etcd.client_address()).start();
        test(&gateway, mode);
    }
}

fn send(gateway: &Gateway, path: &str, body: &Value) -> Response {
    let request = Request::post(path, body.to_string());
    gateway.send(&request.header("X-Etcd-Bytes", "text"))
}

/// A call whose bytes are text.
fn call(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let response = send(gateway, path, body);
    assert_eq!(response.status, 200, "{path} {body}: {response:?}");
    response.json()
}

fn keys(answer: &Value) -> Vec<&str> {
    let pairs = answer["kvs"].as_array().into_iter().flatten();
    pairs.map(|pair| pair["key"].as_str().unwrap()).collect()
}

fn prefix(key: &str) -> Value {
    json!({"key": key, "range_end": {"prefix": true}})
}

#[test]
fn what_is_put_as_text_is_read_as_text_and_as_base64() {
    each_mode(|gateway, mode| {
        let binary = json!({"base64": "/wD+"});
        for value in [json!("grüße \"\\\n\u{0}\u{2028}<&>"), json!(""), binary] {
            call(
                gateway,
                "/v3/kv/put",
                &json!({"key": "/a/ü", "value": value}),
            );
            let answer = call(gateway, "/v3/kv/range", &json!({"key": "/a/ü"}));
            let found = &answer["kvs"][0];
            assert_eq!(found["key"], "/a/ü", "{mode:?}");
            let expected = if value == "" { &Value::Null } else { &value };
            assert_eq!(&found["value"], expected, "{mode:?}");
        }
        let key = BASE64_STANDARD.encode("/a/ü");
        let answer = gateway.post("/v3/kv/range", &json!({"key": key}).to_string());
        let pair = &answer.json()["kvs"][0];
        assert_eq!(
            (&pair["key"], &pair["value"]),
            (&json!(key), &json!("/wD+"))
        );
        let bad = send(gateway, "/v3/kv/put", &json!({"key": 5}));
        assert_eq!(bad.status, 400);
        let text = bad.text();
        assert!(
            text.contains("line 1, column 8: key: expected a string"),
            "{text}"
        );
        let request = Request::post("/v3/kv/range", "{}").header("X-Etcd-Bytes", "hex");
        assert_eq!(gateway.send(&request).status, 400, "{mode:?}");
        for path in ["/health", "/version"] {
            let request = Request::new("GET", path).header("X-Etcd-Bytes", "hex");
            assert_eq!(gateway.send(&request).status, 200, "{mode:?} {path}");
        }
    });
}

#[test]
fn a_prefix_has_a_range_wherever_a_range_has_an_end() {
    each_mode(|gateway, mode| {
        for key in ["a", "b/1", "b/2", "b0", "c"] {
            call(gateway, "/v3/kv/put", &json!({"key": key, "value": "v"}));
        }
        let range = call(gateway, "/v3/kv/range", &prefix("b/"));
        assert_eq!(keys(&range), ["b/1", "b/2"], "{mode:?}");
        let all = call(gateway, "/v3/kv/range", &prefix(""));
        assert_eq!(keys(&all).len(), 5, "{mode:?}");

        let mut compare = prefix("b/");
        compare["target"] = json!("VALUE");
        compare["value"] = json!("v");
        let txn = json!({
            "compare": [compare],
            "success": [{"request_range": prefix("b/")}, {"request_delete_range": prefix("b/")}],
        });
        let answer = call(gateway, "/v3/kv/txn", &txn);
        assert_eq!(answer["succeeded"], true, "{mode:?} {answer}");
        assert_eq!(
            keys(&answer["responses"][0]["response_range"]),
            ["b/1", "b/2"]
        );
        assert_eq!(
            answer["responses"][1]["response_delete_range"]["deleted"],
            "2"
        );
        let left = call(gateway, "/v3/kv/deleterange", &prefix("b"));
        assert_eq!(left["deleted"], "1", "{mode:?}");

        call(gateway, "/v3/auth/role/add", &json!({"name": "r"}));
        let mut perm = prefix("b/");
        perm["permType"] = json!("READWRITE");
        call(
            gateway,
            "/v3/auth/role/grant",
            &json!({"name": "r", "perm": perm}),
        );
        let role = call(gateway, "/v3/auth/role/get", &json!({"role": "r"}));
        perm["range_end"] = json!("b0");
        assert_eq!(role["perm"], json!([perm]), "{mode:?}");
        let mut revoked = prefix("b/");
        revoked["role"] = json!("r");
        call(gateway, "/v3/auth/role/revoke", &revoked);
        let role = call(gateway, "/v3/auth/role/get", &json!({"role": "r"}));
        assert_eq!(role["perm"], Value::Null, "{mode:?}");
    });
}

#[test]
fn lines_and_events_are_plain_text() {
    each_mode(|gateway, mode| {
        for protocol in Protocol::BOTH {
            let request = Request::new("POST", "/v3/watch").header("x-etcd-bytes", "text");
            let mut watch = Open::with(gateway.address(), protocol, &request);
            watch.send(json!({"create_request": prefix("/w/")}).to_string());
            assert_eq!(watch.document()["result"]["created"], true, "{mode:?}");
            let query =
                "x-etcd-bytes=text&create_request.key=%2Fw%2f&create_request.range_end.prefix=true";
            let mut events = h1::Connection::open(gateway.address()).unwrap();
            let request = Request::new("GET", &format!("/v3/watch?{query}"));
            events
                .send(&request.header("Accept", "text/event-stream"))
                .unwrap();
            let mut head = events.read_head().unwrap();
            let mut read = String::new();
            let mut data = || {
                while !read.contains("\n\n") {
                    let piece = events.read_piece(&mut head).unwrap().unwrap();
                    read.write_str(std::str::from_utf8(&piece).unwrap())
                        .unwrap();
                }
                let (event, rest) = read.split_once("\n\n").unwrap();
                let line = event.lines().find_map(|line| line.strip_prefix("data: "));
                let data: Value = serde_json::from_str(line.unwrap()).unwrap();
                read = rest.to_owned();
                data
            };
            assert_eq!(data()["result"]["created"], true, "{mode:?}");
            for value in [json!("ein Wert\n"), json!({"base64": "gA=="})] {
                call(
                    gateway,
                    "/v3/kv/put",
                    &json!({"key": "/w/1", "value": value}),
                );
                for event in [watch.document(), data()] {
                    let pair = &event["result"]["events"][0]["kv"];
                    assert_eq!(
                        (&pair["key"], &pair["value"]),
                        (&json!("/w/1"), &value),
                        "{mode:?}"
                    );
                }
            }
        }
    });
}

#[test]
fn a_value_is_a_string_up_to_its_limit_and_base64_beyond() {
    each_mode(|gateway, mode| {
        let text: String = "aé".repeat(TEXT_LIMIT / 3 + 1);
        for (key, bytes, is_string) in [
            ("1", text.as_bytes()[..TEXT_LIMIT].to_vec(), true),
            ("2", text.as_bytes()[..TEXT_LIMIT + 1].to_vec(), false),
            (
                "3",
                [&text.as_bytes()[..TEXT_LIMIT - 1], &[0xff]].concat(),
                false,
            ),
            ("4", "x".repeat(1_200_000).into_bytes(), false),
        ] {
            let value = String::from_utf8(bytes.clone());
            let value = value.map_or_else(
                |_| json!({"base64": BASE64_STANDARD.encode(&bytes)}),
                Value::from,
            );
            call(gateway, "/v3/kv/put", &json!({"key": key, "value": value}));
            // More than one value, so that they lie across pieces in every way.
            let answer = call(
                gateway,
                "/v3/kv/range",
                &json!({"key": "0", "range_end": "9"}),
            );
            let pairs = answer["kvs"].as_array().unwrap();
            let found = &pairs.last().unwrap()["value"];
            let expected = match is_string {
                true => value,
                false => json!({"base64": BASE64_STANDARD.encode(&bytes)}),
            };
            assert!(*found == expected, "{mode:?} {key}");
        }
    });
}
