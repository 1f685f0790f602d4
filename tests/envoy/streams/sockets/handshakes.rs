//! Handshakes: which are taken, and how others are refused.

use envoy_tests::open::WATCH;
use envoy_tests::socket::Socket;
use serde_json::{Value, json};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Step, Upstream};

/// What comes back for a handshake to a gateway with these settings.
pub fn refused(gateway: &Gateway, path: &str, more: &str) -> (u16, Value) {
    let mut socket = Socket::ask(gateway.address(), path, more);
    let answer = socket.answer();
    let body = socket.body(&answer);
    (
        answer.status,
        serde_json::from_str(&body).unwrap_or(Value::String(body)),
    )
}

#[test]
fn without_held_heads_a_socket_is_refused_with_the_setting_that_is_missing() {
    let upstream = Upstream::start().unwrap();
    let gateway = Gateway::start(Mode::Plain, json!({}), &upstream);
    let (status, error) = refused(&gateway, WATCH, "");
    assert_eq!((status, &error["code"]), (501, &json!(12)), "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("allow_on_headers_stop_iteration"),
        "{message}"
    );
    assert_eq!(upstream.requests().len(), 0);
}

#[test]
fn what_is_no_handshake_is_answered_as_etcd_answers_it() {
    let upstream = Upstream::start().unwrap();
    let gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let head = |method: &str, fields: &str| {
        format!(
            "{method} /v3/watch HTTP/1.1\r\nHost: etcd\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{fields}\r\n"
        )
    };
    let key = "Sec-WebSocket-Key: eA==\r\n";
    for (head, status, text) in [
        (
            head("POST", &format!("{key}Sec-WebSocket-Version: 13\r\n")),
            405,
            "Method Not Allowed\n",
        ),
        (head("GET", key), 400, "Bad Request\n"),
        (
            head("GET", &format!("{key}Sec-WebSocket-Version: 12\r\n")),
            400,
            "Bad Request\n",
        ),
        (
            head("GET", "Sec-WebSocket-Version: 13\r\n"),
            400,
            "Bad Request\n",
        ),
    ] {
        let mut socket = Socket::ask_with(gateway.address(), &head);
        let answer = socket.answer();
        assert_eq!(
            (answer.status, socket.body(&answer).as_str()),
            (status, text),
            "{head}"
        );
        let version = "sec-websocket-version: 13";
        assert!(
            answer.head.to_ascii_lowercase().contains(version),
            "{}",
            answer.head
        );
    }
    assert_eq!(refused(&gateway, "/v3/nowhere", "").0, 404);
    assert_eq!(refused(&gateway, "/v3/kv/range", "").0, 501);
    assert_eq!(upstream.requests().len(), 0);
}

#[test]
fn a_page_of_another_origin_gets_no_socket() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::default().step(Step::AwaitMessages(1)).head());
    let cors = json!({"cors": ["https://good"]});
    let gateway = Gateway::start(Mode::Full, cors, &upstream);
    let (status, error) = refused(&gateway, WATCH, "Origin: https://bad\r\n");
    assert_eq!((status, &error["code"]), (403, &json!(7)), "{error}");
    assert_eq!(upstream.requests().len(), 0);
    let own = format!("http://{}", gateway.address());
    for origin in ["https://good", &own] {
        Socket::ask(gateway.address(), WATCH, &format!("Origin: {origin}\r\n")).opens();
    }
}

#[test]
fn an_error_of_etcd_s_before_a_socket_is_open_is_its_http_status() {
    let upstream = Upstream::start().unwrap();
    let head = Step::Head {
        status: 200,
        headers: vec![
            ("content-type".into(), b"application/grpc".to_vec()),
            ("grpc-status".into(), b"16".to_vec()),
            ("grpc-message".into(), b"invalid auth token".to_vec()),
        ],
        end: true,
    };
    upstream.always(Script::default().step(head));
    let gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let (status, error) = refused(&gateway, "/v3/lease/keepalive", "");
    assert_eq!(
        (status, &error["error"]["grpc_code"]),
        (401, &json!(16)),
        "{error}"
    );
    let away = testbed::gateway::Setup::new(Mode::Full, upstream.address())
        .without_upstream()
        .start();
    assert_eq!(refused(&away, WATCH, "").0, 503);
}

#[test]
fn a_token_in_the_subprotocols_or_in_a_cookie_reaches_etcd_without_its_scheme() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::default().step(Step::AwaitMessages(1)).head());
    let gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let token = |more: &str| {
        upstream.take();
        let answer = Socket::ask(gateway.address(), WATCH, more).opens();
        let bearer = answer
            .head
            .to_ascii_lowercase()
            .contains("sec-websocket-protocol: bearer\r\n");
        (upstream.take()[0].header("authorization"), bearer)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(token(""), (None, false));
    assert_eq!(
        token("Sec-WebSocket-Protocol: Bearer, t.1\r\n"),
        (some("t.1"), true)
    );
    assert_eq!(token("Cookie: a=b; token=t.2\r\n"), (some("t.2"), false));
    assert_eq!(
        token("Cookie: token=t.2\r\nOrigin: https://b\r\n"),
        (None, false)
    );
    assert_eq!(token("Authorization: Bearer t.3\r\n"), (some("t.3"), false));
}
