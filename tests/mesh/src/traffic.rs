//! What every installation must serve, whoever has configured it.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use testbed::client::{Body, End, Request, Response, h1, h2};
use testbed::gateway::Gateway;
use testbed::wire::{bytes_field, frame, messages};

use crate::edge::HOST;

/// What an installation has beside the filter.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Whether calls without a body get one.
    pub body_for_bodyless: bool,
    /// Whether heads are held.
    pub held: bool,
}

/// Sends one of everything.
pub fn serves(gateway: &Gateway, expected: Expected) -> Result<()> {
    calls(gateway, expected)?;
    errors(gateway)?;
    watch(gateway)?;
    without_a_body(gateway, expected)?;
    grpc(gateway)
}

/// A request for the gateway's name.
pub fn to(request: Request) -> Request {
    request.header("Host", HOST)
}

fn post(gateway: &Gateway, path: &str, body: &str) -> Response {
    gateway.send(&to(Request::post(path, body)))
}

fn calls(gateway: &Gateway, expected: Expected) -> Result<()> {
    for prefix in ["/v3", "/v3beta", "/v3alpha"] {
        let encoded = BASE64_STANDARD.encode(prefix);
        let put = format!(r#"{{"key":"YQ==","value":"{encoded}"}}"#);
        let answer = post(gateway, &format!("{prefix}/kv/put"), &put);
        ensure!(answer.status == 200, "{prefix}: {answer:?}");
        let answer = post(gateway, &format!("{prefix}/kv/range"), r#"{"key":"YQ=="}"#);
        let value = &answer.json()["kvs"][0]["value"];
        ensure!(value == &json!(encoded), "{prefix}: {answer:?}");
        let sized = answer.header("content-length").is_some();
        ensure!(sized == expected.held, "{answer:?}");
    }
    for (path, part) in [
        ("/version", r#""etcdserver":"3.7.3""#),
        ("/health", r#""health":"true""#),
    ] {
        let answer = gateway.send(&to(Request::new("GET", path)));
        let right = answer.status == 200 && answer.text().contains(part);
        ensure!(right, "{path}: {answer:?}");
    }
    Ok(())
}

/// Whole, with etcd's status and the code.
fn errors(gateway: &Gateway) -> Result<()> {
    for (path, body, status, code) in [
        ("/v3/kv/range", "{}", 400, 3),
        ("/v3/lease/revoke", r#"{"ID":"7"}"#, 404, 5),
        ("/v3/kv/range", r#"{"key":1}"#, 400, 3),
        ("/v3/kv/nothing", "{}", 404, 5),
        ("/v3/kv%2Frange", "{}", 404, 5),
    ] {
        let answer = post(gateway, path, body);
        let whole = (answer.status, answer.json_error()) == (status, Some(code));
        ensure!(whole, "{path} {body}: {answer:?}");
    }
    Ok(())
}

fn watch(gateway: &Gateway) -> Result<()> {
    let mut connection = h1::Connection::open(gateway.address())?;
    connection.send_head(&to(
        Request::new("POST", "/v3/watch").body(Body::Pieces(Vec::new()))
    ))?;
    connection.send_chunk(br#"{"create_request":{"key":"Yg=="}}"#)?;
    let mut head = connection.read_head()?;
    let mut line = || -> Result<Value> {
        let piece = connection.read_piece(&mut head)?.context("it has ended")?;
        Ok(serde_json::from_slice(&piece)?)
    };
    let created = line()?;
    ensure!(created["result"]["created"] == json!(true), "{created}");
    let put = post(gateway, "/v3/kv/put", r#"{"key":"Yg==","value":"Yw=="}"#);
    ensure!(put.status == 200, "{put:?}");
    let event = line()?;
    ensure!(
        event["result"]["events"][0]["kv"]["value"] == json!("Yw=="),
        "{event}"
    );
    Ok(())
}

fn without_a_body(gateway: &Gateway, expected: Expected) -> Result<()> {
    let answer = gateway.send(&to(Request::new("POST", "/v3/cluster/member/list")));
    let status = if expected.body_for_bodyless { 200 } else { 411 };
    ensure!(answer.status == status, "{answer:?}");

    let mut events = h1::Connection::open(gateway.address())?;
    let path = "/v3/watch?create_request.key=Yg==";
    events.send(&to(
        Request::new("GET", path).header("Accept", "text/event-stream")
    ))?;
    let mut head = events.read_head()?;
    if !expected.body_for_bodyless {
        ensure!(head.status == 501, "{head:?}");
        return Ok(());
    }
    ensure!(head.status == 200, "{head:?}");
    let event = events.read_piece(&mut head)?.context("it has ended")?;
    let event = String::from_utf8(event)?;
    ensure!(event.contains(r#"data: {"result":"#), "{event}");
    Ok(())
}

fn grpc(gateway: &Gateway) -> Result<()> {
    let answer = h2::send(
        gateway.address(),
        &native("/etcdserverpb.KV/Range", &bytes_field(1, b"b")),
    )?;
    let body = answer.body();
    let (found, rest) = messages(&body);
    let status = answer
        .trailers
        .iter()
        .find(|(name, _)| name == "grpc-status");
    let status = status.map(|(_, value)| value.as_slice());
    let right = (answer.end, found.len(), rest.len(), status) == (End::Clean, 1, 0, Some(b"0"));
    ensure!(right, "{answer:?}");
    Ok(())
}

/// A native gRPC call to the gateway's name.
pub fn native(path: &str, message: &[u8]) -> Request {
    Request::new("POST", path)
        .header(":authority", HOST)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::Pieces(vec![frame(message)]))
}
