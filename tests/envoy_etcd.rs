//! Every unary call, answered by real etcds through a real Envoy: `envoy_etcd.jsonl` in either running mode.
//!
//! A line of that file is a call in JSON: its path behind the prefix, the `body`, the `status` (200) and what the
//! answer must hold: `"*"` is any value, null is none, an object may have further members. `save` names values of the
//! answer by JSON pointer, `$name` stands for one; `as` is a token, `on` the etcds that the line is for, `note` is for the reader.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use etcd_json_gateway::schema::tables::ROUTES;
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::vectors::Differences;

fn lines() -> Vec<Value> {
    include_str!("envoy_etcd.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// `value` with every `$name` replaced by what was saved under it.
fn filled(value: &Value, saved: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => saved[name].clone(),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), filled(member, saved)))
            .collect(),
        _ => value.clone(),
    }
}

/// Where `actual` lacks what `expected` asks for.
fn mismatch(expected: &Value, actual: Option<&Value>, at: &str) -> Option<String> {
    match (expected, actual) {
        (Value::Null, None) => None,
        (Value::String(any), Some(_)) if any == "*" => None,
        (Value::Object(members), Some(Value::Object(_))) => {
            members.iter().find_map(|(name, member)| {
                mismatch(
                    member,
                    actual.and_then(|actual| actual.get(name)),
                    &format!("{at}/{name}"),
                )
            })
        }
        (Value::Array(items), Some(Value::Array(found))) if items.len() == found.len() => items
            .iter()
            .zip(found)
            .enumerate()
            .find_map(|(index, (item, found))| {
                mismatch(item, Some(found), &format!("{at}/{index}"))
            }),
        (expected, Some(actual)) if expected == actual => None,
        _ => Some(format!("{at}: expected {expected}, found {actual:?}")),
    }
}

fn replay(version: Version) {
    let mut found = Differences::default();
    for mode in Mode::BOTH {
        let etcd = Etcd::start(version).unwrap();
        let gateway = Setup::example(mode, etcd.client_address()).start();
        let mut saved = BTreeMap::from([("version".to_owned(), json!(version.as_str()))]);
        for line in lines() {
            if line["on"]
                .as_array()
                .is_some_and(|on| !on.contains(&json!(version.as_str())))
            {
                continue;
            }
            let path = format!("/v3/{}", line["call"].as_str().unwrap());
            let mut request = Request::post(&path, filled(&line["body"], &saved).to_string());
            if let Some(token) = filled(&line["as"], &saved).as_str() {
                request = request.header("Authorization", format!("Bearer {token}"));
            }
            let response = gateway.send(&request);
            let case = format!("{version} {mode:?} {line}");
            found.check(
                &case,
                "the status",
                json!(response.status),
                line.get("status").cloned().unwrap_or(json!(200)),
            );
            let answer = response.json();
            if let Some(mismatch) = mismatch(&filled(&line["answer"], &saved), Some(&answer), "") {
                found.note(format!("{case}: {mismatch} in {response:?}"));
            }
            for (name, pointer) in line["save"].as_object().into_iter().flatten() {
                let value = answer.pointer(pointer.as_str().unwrap()).unwrap();
                saved.insert(name.clone(), value.clone());
            }
        }
    }
}

#[test]
fn every_unary_call_is_answered_by_etcd_3_4_23() {
    replay(Version::V3_4_23);
}

#[test]
fn every_unary_call_is_answered_by_etcd_3_5_1() {
    replay(Version::V3_5_1);
}

#[test]
fn every_unary_call_is_answered_by_etcd_3_7_3() {
    replay(Version::V3_7_3);
}

#[test]
fn no_unary_route_is_left_out() {
    let called: BTreeSet<String> = lines()
        .iter()
        .map(|line| format!("/{}", line["call"].as_str().unwrap()))
        .collect();
    let unary = ROUTES
        .iter()
        .filter(|route| !route.method.client_streaming && !route.method.server_streaming);
    let missing: Vec<_> = unary
        .map(|route| route.path)
        .filter(|&path| !called.contains(path))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// `GET path` of etcd's own HTTP server.
fn own(etcd: &Etcd, path: &str) -> testbed::client::Response {
    h1::send(
        etcd.client_address().parse().unwrap(),
        &Request::new("GET", path),
    )
    .unwrap()
}

fn enable_auth(gateway: &Gateway) -> String {
    for (path, body) in [
        ("auth/user/add", r#"{"name":"root","password":"secret"}"#),
        ("auth/role/add", r#"{"name":"root"}"#),
        ("auth/user/grant", r#"{"user":"root","role":"root"}"#),
        ("auth/enable", "{}"),
    ] {
        assert_eq!(
            gateway.post(&format!("/v3/{path}"), body).status,
            200,
            "{path}"
        );
    }
    let answer = gateway
        .post(
            "/v3/auth/authenticate",
            r#"{"name":"root","password":"secret"}"#,
        )
        .json();
    answer["token"].as_str().unwrap().to_owned()
}

#[test]
fn version_and_health_are_answered_as_etcd_answers_them() {
    for version in [Version::V3_4_23, Version::V3_5_1, Version::V3_7_3] {
        for mode in Mode::BOTH {
            let etcd = Etcd::start(version).unwrap();
            let gateway = Setup::new(mode, etcd.client_address()).start();
            let case = format!("{version} {mode:?}");
            let get = |path: &str| gateway.send(&Request::new("GET", path));
            assert_eq!(
                get("/version").json(),
                own(&etcd, "/version").json(),
                "{case}"
            );
            let health = get("/health");
            assert_eq!(
                (health.status, health.json()["health"].clone()),
                (200, json!("true")),
                "{case}"
            );
            assert_eq!(
                health.header("content-type").unwrap(),
                "application/json",
                "{case}"
            );
            assert_eq!(
                gateway.send(&Request::post("/version", "{}")).status,
                405,
                "{case}"
            );

            let token = enable_auth(&gateway);
            let health = get("/health");
            assert_eq!(
                (health.status, health.json()["health"].clone()),
                (200, json!("true")),
                "{case} with auth"
            );
            let anonymous = get("/version").json();
            // Since the auth hardening etcd tells its version to nobody who is not logged in.
            let told = if version == Version::V3_7_3 {
                "3.5.0"
            } else {
                version.as_str()
            };
            assert_eq!(anonymous["etcdserver"], told, "{case} with auth");
            let request =
                Request::new("GET", "/version").header("Authorization", format!("Bearer {token}"));
            assert_eq!(
                gateway.send(&request).json()["etcdserver"],
                version.as_str(),
                "{case} as root"
            );
        }
    }
}

#[test]
fn an_unhealthy_etcd_is_503_and_says_why() {
    for mode in Mode::BOTH {
        let mut etcd = Etcd::start(Version::V3_5_1).unwrap();
        let gateway = Setup::new(mode, etcd.client_address()).start();
        let get = |path: &str| gateway.send(&Request::new("GET", path));
        let raised = gateway.post(
            "/v3/maintenance/alarm",
            r#"{"action":"ACTIVATE","alarm":"NOSPACE"}"#,
        );
        assert_eq!(raised.status, 200, "{mode:?}: {raised:?}");
        let health = get("/health");
        assert_eq!(
            (health.status, health.json()),
            (503, json!({"health": "false", "reason": "ALARM NOSPACE"})),
            "{mode:?}"
        );
        assert_eq!(own(&etcd, "/health").json(), health.json(), "{mode:?}");
        assert_eq!(get("/health?exclude=NOSPACE").status, 200, "{mode:?}");

        etcd.kill().unwrap();
        let health = get("/health");
        assert_eq!(
            (health.status, &health.json()["health"]),
            (503, &json!("false")),
            "{mode:?}"
        );
        assert_eq!(
            (get("/version").status, &get("/version").json()["code"]),
            (503, &json!(14)),
            "{mode:?}"
        );
    }
}

#[test]
fn the_example_routes_what_etcd_serves_beside_its_gateway_to_etcd() {
    for version in [Version::V3_4_23, Version::V3_5_1, Version::V3_7_3] {
        let etcd = Etcd::start(version).unwrap();
        let gateway = Setup::example(Mode::Full, etcd.client_address()).start();
        for path in ["/version", "/health", "/livez", "/readyz"] {
            let (here, there) = (gateway.send(&Request::new("GET", path)), own(&etcd, path));
            assert_eq!(
                (here.status, here.text()),
                (there.status, there.text()),
                "{version} {path}"
            );
        }
        assert!(
            gateway
                .send(&Request::new("GET", "/metrics"))
                .text()
                .contains("etcd_server_has_leader 1"),
            "{version}"
        );
    }
}

/// The vector instructions that the module decodes and encodes base64 with are no native code's.
#[test]
fn values_of_every_length_come_back_and_a_bad_digit_is_found_at_every_place() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let gateway = Setup::new(Mode::Full, etcd.client_address()).start();
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    let mut ask =
        |path: &str, body: String| connection.exchange(&Request::post(path, body)).unwrap();
    let key = BASE64_STANDARD.encode("/value");
    let put = |value: &str| format!(r#"{{"key":"{key}","value":"{value}"}}"#);
    let read = format!(r#"{{"key":"{key}"}}"#);
    let bytes: Vec<u8> = (0..=u8::MAX).rev().cycle().take(400).collect();
    for length in 1..=200 {
        let value = BASE64_STANDARD.encode(&bytes[length..2 * length]);
        assert_eq!(ask("/v3/kv/put", put(&value)).status, 200, "{length}");
        let answer = ask("/v3/kv/range", read.clone()).json();
        assert_eq!(answer["kvs"][0]["value"], value.as_str(), "{length}");
    }
    let good = BASE64_STANDARD.encode(&bytes[..48]);
    for place in 0..good.len() {
        for digit in ["=", " ", "-", "~", "@", "[", "`", "{", "é"] {
            let mut bad = good.clone();
            bad.replace_range(place..=place, digit);
            let answer = gateway.post("/v3/kv/put", &put(&bad));
            // At the end it is padding.
            let good = digit == "=" && place + 1 == bad.len();
            let expected = if good { 200 } else { 400 };
            assert_eq!(answer.status, expected, "{bad}: {answer:?}");
        }
    }
}
