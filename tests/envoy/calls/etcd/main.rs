//! Real etcds through a real Envoy: every unary call ([`calls`]), what etcd serves beside its gateway, and etcds that speak
//! TLS ([`tls`]).

mod calls;
mod grpc_proxy;
mod tls;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use etcd_json_gateway::schema::tables::ROUTES;
use serde_json::json;
use testbed::client::{Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::vectors::Differences;

fn replay(version: Version) {
    let mut found = Differences::default();
    for mode in Mode::BOTH {
        let etcd = Etcd::start(version).unwrap();
        let gateway = Setup::example(mode, etcd.client_address()).start();
        calls::replay(
            &gateway,
            version,
            &format!("{version} {mode:?}"),
            &mut found,
        );
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
fn every_unary_call_is_answered_by_etcd_3_5_35() {
    replay(Version::V3_5_35);
}

#[test]
fn every_unary_call_is_answered_by_etcd_3_6_16() {
    replay(Version::V3_6_16);
}

#[test]
fn every_unary_call_is_answered_by_etcd_3_7_3() {
    replay(Version::V3_7_3);
}

#[test]
fn no_unary_route_is_left_out() {
    let called: BTreeSet<String> = calls::lines()
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
