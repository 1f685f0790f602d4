//! No log at any level says what is secret: keys, values, passwords, tokens, query strings.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoy_tests::socket::Socket;
use serde_json::json;
use testbed::client::{Body, Request, h1, h2};
use testbed::envoy::{Envoy, Options};
use testbed::etcd::{Etcd, Version};
use testbed::loopback;
use testbed::wire::{bytes_field, frame};

use crate::traffic;

const KEY: &str = "secret-key-8c1f";
const VALUE: &str = "secret-value-8c1f";
const PASSWORD: &str = "secret-password-8c1f";
const TOKEN: &str = "secret-token-8c1f";
const QUERY: &str = "secret-query-8c1f";

/// The last request, by whose line all others have theirs.
const LAST: &str = "/v3/kv/the-last-one";

/// Envoy writes its log some ten times a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// The part of a text's base64 that is the same wherever the text stands.
fn base64_of(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// Sends secrets in every place where a client has any; what becomes of it does not matter here. The token that etcd
/// has given.
fn send_secrets(address: SocketAddr) -> Result<String> {
    let (key, value) = (base64_of(KEY), base64_of(VALUE));
    let requests = [
        (
            "/v3/kv/put",
            format!(r#"{{"key":"{key}","value":"{value}"}}"#),
        ),
        ("/v3/kv/put", format!(r#"{{"key":"{key}","value":"{value}"#)),
        (
            "/v3/kv/put",
            format!(r#"{{"key":["{KEY}"],"lease":"{VALUE}"}}"#),
        ),
        ("/v3/kv/put", format!(r#"{{"lease":"{VALUE}"}}"#)),
        (
            "/v3/kv/range",
            format!(r#"{{"key":"{key}","sort_order":"{KEY}"}}"#),
        ),
        (
            "/v3/watch",
            format!(r#"{{"create_request":{{"key":"{KEY}!"}}}}"#),
        ),
        (
            "/v3/auth/user/add",
            format!(r#"{{"name":"root","password":"{PASSWORD}"}}"#),
        ),
        (
            "/v3/auth/user/add",
            format!(r#"{{"name":"{PASSWORD}","password":5}}"#),
        ),
        ("/v3/auth/role/add", r#"{"name":"root"}"#.to_owned()),
        (
            "/v3/auth/user/grant",
            r#"{"user":"root","role":"root"}"#.to_owned(),
        ),
        ("/v3/auth/enable", "{}".to_owned()),
        (
            "/v3/auth/authenticate",
            format!(r#"{{"name":"root","password":"{PASSWORD}?"}}"#),
        ),
    ];
    for (path, body) in requests {
        let path = format!("{path}?token={QUERY}");
        let request = Request::post(&path, body)
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("grpc-metadata-token", TOKEN)
            .header("cookie", format!("token={TOKEN}"));
        h1::send(address, &request)?;
    }
    for name in ["grpc-timeout", "grpc-metadata-x-bin"] {
        let bad = Request::post("/v3/kv/put", "{}").header(name, TOKEN);
        let answer = h1::send(address, &bad)?;
        ensure!(answer.status == 400, "{answer:?}");
    }
    let login = format!(r#"{{"name":"root","password":"{PASSWORD}"}}"#);
    let answer = h1::send(address, &Request::post("/v3/auth/authenticate", login))?;
    let token = answer.json()["token"].as_str().map(str::to_owned);
    let token = token.with_context(|| format!("no token: {answer:?}"))?;
    let put = format!(r#"{{"key":"{key}","value":"{value}"}}"#);
    let put = Request::post("/v3/kv/put", put).header("authorization", &token);
    let answer = h1::send(address, &put)?;
    ensure!(answer.status == 200, "{answer:?}");
    // Event streams, whose requests are in the query string; a gRPC client; and one that comes and goes.
    for query in [
        format!("create_request.key={}", base64_of(QUERY)),
        format!("create_request.filters={QUERY}&x={QUERY}"),
    ] {
        let path = format!("/v3/watch?{query}");
        let events = Request::new("GET", &path).header("accept", "text/event-stream");
        let mut connection = h1::Connection::open(address)?;
        connection.send(&events)?;
        connection.read_head()?;
    }
    let message = [
        bytes_field(1, KEY.as_bytes()),
        bytes_field(2, VALUE.as_bytes()),
    ]
    .concat();
    let native = Request::new("POST", "/etcdserverpb.KV/Put")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("token", TOKEN)
        .body(Body::Sized(frame(&message)));
    h2::send(address, &native)?;
    Ok(token)
}

/// Plain text, good and bad, and what a policy denies.
fn send_texts(address: SocketAddr) -> Result<()> {
    let (key, value) = (base64_of(KEY), base64_of(VALUE));
    let text = ("x-etcd-bytes", "text");
    let closed = ("x-tenant", "closed");
    let put = format!(r#"{{"key":"{KEY}","value":"{VALUE}"}}"#);
    let in_base64 = format!(r#"{{"key":"{key}","value":"{value}"}}"#);
    let watch = format!(r#"{{"create_request":{{"key":"{key}"}}}}"#);
    let txn = format!(r#"{{"success":[{{"request_put":{in_base64}}}]}}"#);
    let bad = format!(r#"{{"key":{{"base64":"{KEY}!"}},"value":"{VALUE}"}}"#);
    for (status, header, path, body) in [
        (200, text, "/v3/kv/put", &put),
        (400, text, "/v3/kv/put", &put.replace('}', "")),
        (400, text, "/v3/kv/put", &bad),
        (403, closed, "/v3/kv/put", &in_base64),
        (403, closed, "/v3/kv/txn", &txn),
        (403, closed, "/v3/watch", &watch),
    ] {
        let request = Request::post(path, body.as_str()).header(header.0, header.1);
        let answer = h1::send(address, &request)?;
        ensure!(answer.status == status, "{path} {body}: {answer:?}");
    }
    let query = format!("x-etcd-bytes=text&create_request.key={QUERY}");
    let events = Request::new("GET", &format!("/v3/watch?{query}"))
        .header("accept", "text/event-stream")
        .header(closed.0, closed.1);
    let answer = h1::send(address, &events)?;
    ensure!(answer.status == 403, "{answer:?}");
    Ok(())
}

/// Sockets: one that is good until it breaks the rules, and one that a policy denies.
fn send_messages(address: SocketAddr) -> Result<()> {
    let watch = format!(r#"{{"create_request":{{"key":"{}"}}}}"#, base64_of(KEY));
    let path = format!("/v3/watch?{QUERY}={QUERY}");
    let token = format!(
        "Origin: http://{address}\r\nCookie: token={TOKEN}\r\nSec-WebSocket-Protocol: Bearer, {TOKEN}\r\n"
    );
    let mut socket = Socket::ask(address, &path, &token);
    socket.opens();
    socket.send(&watch);
    let created = socket.document();
    ensure!(created["result"]["created"] == true, "{created}");
    socket.send(&format!(r#"{{"create_request":{{"key":"{KEY}!"}}}}"#));
    ensure!(socket.document()["error"].is_object(), "no error");
    ensure!(socket.closed() == Some(1011), "no close");

    let mut socket = Socket::ask(address, &path, "X-Tenant: closed\r\n");
    socket.opens();
    socket.send(&watch);
    let denied = socket.document();
    ensure!(denied["error"]["grpc_code"] == 7, "{denied}");
    Ok(())
}

#[test]
fn no_log_at_any_level_says_a_key_a_value_a_password_or_a_token() -> Result<()> {
    let mut etcd = Etcd::start(Version::V3_7_3)?;
    let mut options = Options::default();
    let all = [
        "--component-log-level",
        "wasm:trace,lua:trace,filter:trace,misc:trace",
    ];
    options.arguments = all.map(str::to_owned).into();
    let mut config = traffic::example(&etcd)?;
    traffic::log_all(&mut config)?;
    let policies = json!([
        {"name": "closed", "header": "x-tenant: closed", "keys": ["/open/"]},
        {"name": "others", "allow": ["*"]},
    ]);
    config.configuration_key("policies", policies)?;
    let mut envoy = Envoy::start_with(&config, &options)?;
    let address = envoy.address().parse()?;
    send_texts(address)?;
    send_messages(address)?;
    let token = send_secrets(address)?;
    // What is said of an etcd that goes.
    etcd.kill()?;
    h1::send(
        address,
        &Request::post("/v3/kv/put", format!(r#"{{"key":"{}"}}"#, base64_of(KEY))),
    )?;
    h1::send(address, &Request::post(LAST, "{}"))?;

    let log = envoy.process().log().to_path_buf();
    let text = envoy.process().wait_until(PATIENCE, || {
        let text = fs::read_to_string(&log).ok()?;
        text.contains(LAST).then_some(text)
    })?;
    // That is all of the log: every request has its line, and the filter's component says much.
    assert!(text.matches(r#""path":"/v3/"#).count() >= 27, "{text}");
    assert!(text.contains("[trace][wasm]"), "{text}");
    let statistics = loopback::get(&format!("{}/stats", envoy.admin_url()))?;
    let secrets = [KEY, VALUE, PASSWORD, TOKEN, QUERY];
    let encoded = secrets.map(base64_of);
    let encoded = encoded.iter().map(|text| text.trim_end_matches('='));
    for secret in secrets.into_iter().chain(encoded).chain([token.as_str()]) {
        for (name, text) in [("log", &text), ("statistics", &statistics)] {
            let found = text.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "{secret} is in the {name}");
        }
    }
    Ok(())
}
