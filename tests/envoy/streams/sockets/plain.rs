//! Keys and values as plain text over sockets, with a real etcd.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoy_tests::open::WATCH;
use envoy_tests::socket::Socket;
use serde_json::{Value, json};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};

use super::handshakes::refused;

const HEADER: &str = "X-Etcd-Bytes: text\r\n";
const QUERY: &str = "/v3/watch?x-etcd-bytes=text";

fn put(gateway: &Gateway, key: &str, value: &[u8]) {
    let bytes = |bytes: &[u8]| json!({"base64": BASE64_STANDARD.encode(bytes)});
    let put = json!({"key": bytes(key.as_bytes()), "value": bytes(value)});
    let answer = gateway.post("/v3/kv/put?x-etcd-bytes=text", &put.to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// A watch of all below `/ä/`, in text.
fn watch(gateway: &Gateway, path: &str, more: &str) -> Socket {
    let mut socket = Socket::ask(gateway.address(), path, more);
    socket.opens();
    socket.send(r#"{"create_request":{"key":"/ä/","range_end":{"prefix":true},"prev_kv":true}}"#);
    let created = socket.document();
    assert_eq!(created["result"]["created"], true, "{created}");
    assert!(created["result"]["canceled"].is_null(), "{created}");
    socket
}

fn event(socket: &mut Socket) -> Value {
    let document = socket.document();
    let events = document["result"]["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{document}");
    events[0].clone()
}

#[test]
fn by_header_query_and_configuration_keys_and_values_are_text_and_a_prefix_is_a_range() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let usual = Setup::example(Mode::Full, etcd.client_address()).start();
    let text = Setup::new(Mode::Full, etcd.client_address())
        .plugin(json!({"bytes": "text"}))
        .route(json!({"timeout": "0s"}))
        .start();
    let mut sockets = [
        watch(&usual, WATCH, HEADER),
        watch(&usual, QUERY, ""),
        watch(&text, WATCH, ""),
    ];
    put(&usual, "/ö/not below", b"1");
    put(&usual, "/ä/key", "grüße \"\\\u{0}\u{2028}".as_bytes());
    put(&usual, "/ä/key", b"\xff\0");
    put(&usual, "/ä/large", &[b'x'; 70_000]);
    for socket in &mut sockets {
        let first = event(socket);
        assert_eq!(first["kv"]["key"], "/ä/key");
        assert_eq!(first["kv"]["value"], "grüße \"\\\u{0}\u{2028}");
        let second = event(socket);
        assert_eq!(second["kv"]["value"], json!({"base64": "/wA="}));
        assert_eq!(second["prev_kv"]["value"], first["kv"]["value"]);
        // What is larger than a string may be is base64 too.
        let third = event(socket);
        let base64 = third["kv"]["value"]["base64"].as_str().unwrap();
        assert_eq!(base64.len(), 70_000_usize.div_ceil(3) * 4);
    }
    // Bytes that are no text are asked for likewise, on a socket that has other watches.
    let [socket, ..] = &mut sockets;
    socket.send(r#"{"create_request":{"key":{"base64":"/wA="}}}"#);
    assert_eq!(socket.document()["result"]["created"], true);
    let binary = json!({"key": {"base64": "/wA="}, "value": "v"}).to_string();
    assert_eq!(
        usual
            .post(&QUERY.replace("watch", "kv/put"), &binary)
            .status,
        200
    );
    let event = event(socket);
    assert_eq!(event["kv"]["key"], json!({"base64": "/wA="}));
    assert_eq!(event["kv"]["value"], "v");
}

#[test]
fn where_text_is_the_rule_a_socket_can_ask_for_base64_and_another_word_is_refused() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let gateway = Setup::new(Mode::Full, etcd.client_address())
        .plugin(json!({"bytes": "text"}))
        .route(json!({"timeout": "0s"}))
        .start();
    let mut socket = Socket::ask(gateway.address(), WATCH, "X-Etcd-Bytes: base64\r\n");
    socket.opens();
    socket.send(r#"{"create_request":{"key":"YQ=="}}"#);
    assert_eq!(socket.document()["result"]["created"], true);
    put(&gateway, "a", b"value");
    assert_eq!(event(&mut socket)["kv"]["value"], "dmFsdWU=");
    // There it is no other than without text: a string that is no base64 is no key.
    socket.send(r#"{"create_request":{"key":"no base64"}}"#);
    let error = socket.document();
    assert_eq!(error["error"]["grpc_code"], 3, "{error}");
    assert_eq!(socket.closed(), Some(1011));
    let (status, body) = refused(&gateway, WATCH, "X-Etcd-Bytes: hex\r\n");
    assert_eq!((status, &body["code"]), (400, &json!(3)), "{body}");
}
