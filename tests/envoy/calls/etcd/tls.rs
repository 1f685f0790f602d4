//! An etcd that speaks TLS is another etcd: its gRPC goes through Go's own HTTP server, so that the status of an error never
//! comes in the head, and etcd's own CORS headers stand on every answer. And a client certificate can be a user.

use envoy_tests::follow;
use serde_json::{Value, json};
use testbed::client::{Body, End, Request};
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::tls::{Authority, Upstream};
use testbed::vectors::Differences;
use testbed::wire::{bytes_field, frame};

use crate::{calls, enable_auth};

const VERSIONS: [Version; 2] = [Version::V3_5_1, Version::V3_7_3];

/// What Envoy shows an etcd that asks for a certificate.
#[derive(Clone, Copy, Debug)]
enum Shown {
    /// Nothing: etcd does not ask.
    Nothing,
    /// A certificate with this common name, or without one.
    Certificate(Option<&'static str>),
}

/// An etcd that speaks TLS, with the certificates that go when it does.
struct TlsEtcd {
    etcd: Etcd,
    upstream: Upstream,
    _authority: Authority,
}

impl TlsEtcd {
    fn start(version: Version, shown: Shown, arguments: &[&str]) -> Self {
        let authority = Authority::new().unwrap();
        let (clients, identity) = match shown {
            Shown::Nothing => (None, None),
            Shown::Certificate(name) => (Some(&authority), Some(authority.client(name).unwrap())),
        };
        let tls = authority.server().unwrap().for_etcd(clients);
        let etcd = Etcd::start_with(Options {
            version,
            tls: Some(tls),
            arguments: arguments
                .iter()
                .map(|&argument| argument.to_owned())
                .collect(),
            ..Options::default()
        })
        .unwrap();
        let upstream = Upstream::new(&authority, identity);
        Self {
            etcd,
            upstream,
            _authority: authority,
        }
    }

    fn gateway(&self, mode: Mode) -> Setup {
        Setup::example(mode, self.etcd.client_address()).tls(self.upstream.clone())
    }
}

/// Auth is a part of these calls: an anonymous caller must never be the user that Envoy's certificate names.
#[test]
fn every_unary_call_is_answered_over_tls() {
    let mut found = Differences::default();
    for version in VERSIONS {
        for shown in [
            Shown::Nothing,
            Shown::Certificate(None),
            Shown::Certificate(Some("root")),
        ] {
            let etcd = TlsEtcd::start(version, shown, &[]);
            let gateway = etcd.gateway(Mode::Full).start();
            calls::replay(
                &gateway,
                version,
                &format!("{version} {shown:?}"),
                &mut found,
            );
        }
    }
}

/// With `--listen-client-http-urls` the client port is gRPC's alone, and speaks it as in plain.
#[test]
fn every_unary_call_is_answered_over_tls_without_held_heads_where_etcd_serves_http_elsewhere() {
    let mut found = Differences::default();
    let etcd = TlsEtcd::start(
        Version::V3_7_3,
        Shown::Certificate(Some("root")),
        &["--listen-client-http-urls", "https://127.0.0.1:0"],
    );
    let gateway = etcd.gateway(Mode::Plain).start();
    calls::replay(&gateway, Version::V3_7_3, "split", &mut found);
}

fn lines(body: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(body).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn streams_and_large_answers_are_served_over_tls() {
    for version in VERSIONS {
        let etcd = TlsEtcd::start(version, Shown::Certificate(None), &[]);
        for mode in Mode::BOTH {
            let case = format!("{version} {mode:?}");
            let gateway = etcd.gateway(mode).start();
            let ok = |path: &str, body: &str| {
                let answer = gateway.post(path, body);
                assert_eq!(
                    (answer.status, answer.end),
                    (200, End::Clean),
                    "{case} {path}: {answer:?}"
                );
                answer
            };
            let value = "A".repeat(1_200_000);
            for key in 0..8 {
                ok(
                    "/v3/kv/put",
                    &format!(r#"{{"key":"bGFyZ2U{key}","value":"{value}"}}"#),
                );
            }
            let range = ok(
                "/v3/kv/range",
                r#"{"key":"bGFyZ2U=","range_end":"bGFyZ2Y="}"#,
            );
            assert!(range.body().len() > 9_000_000, "{case}");
            assert_eq!(range.json()["count"], "8", "{case}");

            let snapshot = ok("/v3/maintenance/snapshot", "{}");
            let last = lines(&snapshot.body()).pop().unwrap();
            assert!(last["result"]["blob"].is_string(), "{case}");

            let lease = ok("/v3/lease/grant", r#"{"TTL":600}"#).json()["ID"].clone();
            let lock = json!({"name": "bG9jaw==", "lease": lease}).to_string();
            assert!(
                ok("/v3/lock/lock", &lock).json()["key"].is_string(),
                "{case}"
            );
            let alive = ok("/v3/lease/keepalive", &format!(r#"{{"ID":{lease}}}"#));
            assert_eq!(lines(&alive.body())[0]["result"]["ID"], lease, "{case}");
            ok("/v3/lease/revoke", &json!({"ID": lease}).to_string());

            for accept in ["*/*", "text/event-stream"] {
                follow::a_put(&gateway, accept, &case);
            }
        }
    }
}

#[test]
fn cors_is_ours_to_say_over_tls() {
    let origin = "http://page.example";
    for version in VERSIONS {
        let etcd = TlsEtcd::start(version, Shown::Nothing, &[]);
        for (cors, allowed) in [
            (json!(["*"]), Some("*")),
            (json!([origin]), Some(origin)),
            (json!([]), None),
        ] {
            let gateway = etcd
                .gateway(Mode::Full)
                .plugin(
                    json!({"cors": cors, "local_endpoints": false, "listener_buffer_bytes": 65536}),
                )
                .start();
            for request in [
                Request::post("/v3/kv/range", r#"{"key":"YQ=="}"#),
                Request::post("/v3/kv/range", "{}"),
                Request::post("/v3/maintenance/snapshot", "{}"),
                Request::post("/v3/maintenance/snapshot", "{}")
                    .header("Accept", "text/event-stream"),
            ] {
                // With an empty list a page's own request does not come so far.
                let request = if cors == json!([]) {
                    request
                } else {
                    request.header("Origin", origin)
                };
                let answer = gateway.send(&request);
                let case = format!("{version} {cors} {request:?}");
                let values = answer.values("access-control-allow-origin");
                let expected: Vec<&[u8]> = allowed.iter().map(|value| value.as_bytes()).collect();
                assert_eq!(values, expected, "{case}");
                let methods = answer.values("access-control-allow-methods").len();
                assert_eq!(methods, expected.len(), "{case}");
            }
        }
    }
}

/// An empty range as native gRPC, without a token: what it ends with.
fn native_status(gateway: &Gateway) -> Option<String> {
    let range = frame(&bytes_field(1, b"a"));
    let request = Request::new("POST", "/etcdserverpb.KV/Range")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::Pieces(vec![range]));
    let answer = gateway.send_h2(&request);
    let trailer = answer
        .trailers
        .iter()
        .find(|(name, _)| name == "grpc-status");
    let trailer = trailer.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    trailer.or(answer.header("grpc-status"))
}

#[test]
fn nobody_becomes_the_user_that_envoys_certificate_names() {
    for version in VERSIONS {
        let etcd = TlsEtcd::start(version, Shown::Certificate(Some("root")), &[]);
        let gateway = etcd.gateway(Mode::Full).start();
        enable_auth(&gateway);
        let list = gateway.post("/v3/auth/user/list", "{}");
        assert_eq!(list.json_error(), Some(3), "{version}: {list:?}");
        assert_eq!(native_status(&gateway).as_deref(), Some("3"), "{version}");
        // Only who asks for it is: so the test would see it.
        let gateway = etcd
            .gateway(Mode::Full)
            .plugin(json!({"native_grpc": "as_certificate", "listener_buffer_bytes": 65536}))
            .start();
        assert_eq!(native_status(&gateway).as_deref(), Some("0"), "{version}");
        let list = gateway.post("/v3/auth/user/list", "{}");
        assert_eq!(list.json_error(), Some(3), "{version}: {list:?}");
    }
}

#[test]
fn where_heads_cannot_be_held_an_error_cuts_the_answer_off_and_the_log_says_so_once() {
    let etcd = TlsEtcd::start(Version::V3_7_3, Shown::Nothing, &[]);
    let mut gateway = etcd.gateway(Mode::Plain).start();
    for _ in 0..3 {
        let answer = gateway.post("/v3/kv/range", "{}");
        assert_eq!((answer.status, answer.end), (200, End::Cut), "{answer:?}");
    }
    assert_eq!(
        gateway.post("/v3/kv/range", r#"{"key":"YQ=="}"#).status,
        200
    );
    let log = gateway.process().log_tail();
    let said = log.matches("an error came behind the head").count();
    assert_eq!(said, 1, "{log}");
}
