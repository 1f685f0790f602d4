//! Policies over sockets: every message is judged, however it is framed and worded.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoy_tests::open::{KEEPALIVE, WATCH};
use envoy_tests::socket::{Socket, TEXT, frame};
use serde_json::{Value, json};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Call, Upstream};
use testbed::wire::varint_field;

use super::handshakes::refused;
use super::scripted::opened_with;

/// The messages of the filter's own that open a watch, and a keepalive.
const PRIMERS: [(&str, usize); 2] = [(WATCH, 2), (KEEPALIVE, 1)];
const TENANT: &str = "x-tenant: a\r\n";

fn policies() -> Value {
    json!({"policies": [
        {"name": "team-a", "header": "x-tenant: a", "keys": ["/a/"], "lease_ids": [1000, 1999], "max_watches": 2},
        {"name": "reader", "header": "x-tenant: r", "allow": ["KV.Range"]},
    ]})
}

fn live() -> (Upstream, Gateway) {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let gateway = Gateway::start(Mode::Full, policies(), &upstream);
    (upstream, gateway)
}

fn create(key: &str) -> String {
    let key = BASE64_STANDARD.encode(key);
    json!({"create_request": {"key": key}}).to_string()
}

/// Takes the refusal by a rule, and the close behind it.
fn denied(socket: &mut Socket, rule: &str) {
    let error = socket.document();
    assert_eq!(error["error"]["code"], 7, "{error}");
    let said = format!("denied by policy \"team-a\", rule {rule}: ");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.starts_with(&said), "{message}");
    assert_eq!(socket.closed(), Some(1011), "{message}");
}

/// How many messages of the client's etcd has got, once the call has ended.
fn reached(call: &Call, path: &str) -> usize {
    call.wait_for("the reset", |received| received.reset.is_some());
    let primers = PRIMERS.iter().find(|(of, _)| *of == path).unwrap().1;
    call.received().messages().len() - primers
}

/// Messages that ask for what is outside.
fn outside() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let text = |text: &str| frame(TEXT, text.as_bytes());
    let (first, rest) = (br#"{"create_request":{"key":"L2I"#, br#"veA=="}}"#);
    vec![
        ("a key", WATCH, text(&create("/b/x"))),
        (
            "in camelCase",
            WATCH,
            text(r#"{"createRequest":{"key":"L2IveA=="}}"#),
        ),
        (
            "in fragments",
            WATCH,
            [frame(0x01, first), frame(0x80, rest)].concat(),
        ),
        ("binary", WATCH, frame(0x82, create("/b/x").as_bytes())),
        (
            "a range beyond the prefix",
            WATCH,
            text(r#"{"create_request":{"key":"L2Ev","range_end":"L2Ix"}}"#),
        ),
        (
            "every key",
            WATCH,
            text(r#"{"create_request":{"key":"AA==","range_end":"AA=="}}"#),
        ),
        ("no key", WATCH, text(r#"{"create_request":{}}"#)),
        (
            "behind one inside",
            WATCH,
            text(&format!("{}{}", create("/a/1"), create("/b/x"))),
        ),
        (
            "as text",
            "/v3/watch?x-etcd-bytes=text",
            text(r#"{"create_request":{"key":"/","range_end":{"prefix":true}}}"#),
        ),
    ]
}

#[test]
fn a_watch_outside_is_refused_as_the_first_message_in_whatever_form() {
    let (upstream, gateway) = live();
    for (name, path, message) in outside() {
        let (mut socket, call) = opened_with(&upstream, &gateway, path, TENANT);
        socket.send_raw(&message);
        denied(&mut socket, "keys");
        let inside = usize::from(name == "behind one inside");
        assert!(reached(&call, WATCH) <= inside, "{name}");
    }
    let (mut socket, call) = opened_with(&upstream, &gateway, KEEPALIVE, TENANT);
    socket.send(r#"{"ID":7}"#);
    denied(&mut socket, "lease_ids");
    assert_eq!(reached(&call, KEEPALIVE), 0);
}

#[test]
fn a_later_message_outside_is_refused_and_ends_what_was_allowed() {
    let (upstream, gateway) = live();
    for (name, path, message) in outside() {
        let (mut socket, call) = opened_with(&upstream, &gateway, path, TENANT);
        let key = if path == WATCH { "L2EveA==" } else { "/a/x" };
        socket.send(&json!({"create_request": {"key": key}}).to_string());
        call.message(2);
        call.reply(&varint_field(3, 1));
        assert_eq!(socket.document()["result"]["created"], true, "{name}");
        socket.send(r#"{"progress_request":{}}"#);
        call.message(3);
        socket.send_raw(&message);
        denied(&mut socket, "keys");
        let inside = usize::from(name == "behind one inside");
        assert!(reached(&call, WATCH) <= 2 + inside, "{name}");
    }
}

#[test]
fn what_opens_a_socket_counts_for_no_policy_and_the_client_s_watches_do() {
    let (upstream, gateway) = live();
    let (mut socket, call) = opened_with(&upstream, &gateway, WATCH, TENANT);
    for (index, key) in ["/a/1", "/a/2"].into_iter().enumerate() {
        socket.send(&create(key));
        call.message(2 + index);
    }
    socket.send(&create("/a/3"));
    denied(&mut socket, "max_watches");
    assert_eq!(reached(&call, WATCH), 2);
}

#[test]
fn a_socket_that_may_not_be_is_refused_before_it_opens() {
    let (_upstream, gateway) = live();
    for (tenant, said) in [
        ("x-tenant: r\r\n", "denied by policy \"reader\""),
        ("x-tenant: b\r\n", "there is none for this request"),
        ("", "there is none for this request"),
    ] {
        for (path, _) in PRIMERS {
            let (status, body) = refused(&gateway, path, tenant);
            assert_eq!((status, &body["code"]), (403, &json!(7)), "{tenant} {body}");
            let message = body["message"].as_str().unwrap();
            assert!(message.contains(said), "{message}");
        }
    }
}

#[test]
fn a_tenant_of_a_real_etcd_sees_its_own_changes_and_no_other_s() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let gateway = Setup::example(Mode::Full, etcd.client_address())
        .plugin(policies())
        .start();
    let direct = Setup::example(Mode::Full, etcd.client_address()).start();
    let put = |key: &str| {
        let put = json!({"key": BASE64_STANDARD.encode(key), "value": ""}).to_string();
        assert_eq!(direct.post("/v3/kv/put", &put).status, 200);
    };
    let mut socket = Socket::ask(gateway.address(), WATCH, TENANT);
    socket.opens();
    // All that is below /a/.
    socket.send(r#"{"create_request":{"key":"L2Ev","range_end":"L2Ew"}}"#);
    assert_eq!(socket.document()["result"]["created"], true);
    put("/b/theirs");
    put("/a/ours");
    let event = socket.document();
    assert_eq!(event["result"]["events"][0]["kv"]["key"], "L2Evb3Vycw==");
    socket.send(&create("/b/theirs"));
    denied(&mut socket, "keys");
}
