//! An example in front of a real etcd, and clients of every kind.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use testbed::client::{Body, Request, h1, h2};
use testbed::envoy::{Envoy, Options};
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::Etcd;
use testbed::wire::{bytes_field, frame, varint_field};

/// `envoy/envoy.yaml` with addresses of this run.
pub fn example(etcd: &Etcd) -> Result<EnvoyConfig> {
    let mut config = EnvoyConfig::example()?;
    config.listen("127.0.0.1", 0)?.admin_port(0)?;
    config
        .upstream(&etcd.client_address())?
        .module(&testbed::module::path()?)?;
    Ok(config)
}

/// With a line of the access log for every request.
pub fn log_all(config: &mut EnvoyConfig) -> Result<()> {
    config.connection_manager()?["access_log"][0]["filter"] = Value::Null;
    Ok(())
}

/// The example in an Envoy with more than one worker, as Envoys are.
pub fn start(config: &EnvoyConfig) -> Result<Envoy> {
    let options = Options {
        concurrency: Some(2),
        ..Options::default()
    };
    Envoy::start_with(config, &options)
}

/// Clients that are right, wrong, and gone.
pub fn play(address: SocketAddr) -> Result<()> {
    for _ in 0..3 {
        ask(
            address,
            "/v3/kv/put",
            r#"{"key":"YQ==","value":"Yg=="}"#,
            200,
        )?;
        ask(address, "/v3/kv/range", r#"{"key":"YQ=="}"#, 200)?;
    }
    ask(address, "/v3/kv/range", r#"{"key":"YQ"#, 400)?;
    ask(address, "/v3/kv/nothing", "{}", 404)?;
    ask(address, "/v3/lease/revoke", r#"{"ID":"7"}"#, 404)?;
    native(address, "/etcdserverpb.KV/Range", &bytes_field(1, b"a"))?;
    native(
        address,
        "/etcdserverpb.Lease/LeaseRevoke",
        &varint_field(1, 7),
    )?;
    leave_a_watch(address)
}

fn ask(address: SocketAddr, path: &str, body: &str, status: u16) -> Result<()> {
    let answer = h1::send(address, &Request::post(path, body))?;
    anyhow::ensure!(answer.status == status, "{path}: {answer:?}");
    Ok(())
}

/// A gRPC client.
fn native(address: SocketAddr, path: &str, message: &[u8]) -> Result<()> {
    let request = Request::new("POST", path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::Sized(frame(message)));
    let answer = h2::send(address, &request)?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    Ok(())
}

/// A client that opens a watch, reads that it is there, and goes.
fn leave_a_watch(address: SocketAddr) -> Result<()> {
    let mut connection = h1::Connection::open(address)?;
    let create = r#"{"create_request":{"key":"YQ=="}}"#;
    connection.send(&Request::post("/v3/watch", create))?;
    let mut answer = connection.read_head()?;
    let line = connection.read_piece(&mut answer)?;
    line.context("a watch without a line")?;
    Ok(())
}

/// A call that Envoy cannot send to any etcd.
pub fn fail(address: SocketAddr) -> Result<()> {
    ask(address, "/v3/kv/range", r#"{"key":"YQ=="}"#, 503)
}

/// Waits until an etcd that has come back is found.
pub fn wait_until_served(address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while ask(address, "/v3/kv/range", r#"{"key":"YQ=="}"#, 200).is_err() {
        anyhow::ensure!(Instant::now() < deadline, "etcd is not found again");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
