//! Clients that do not read, and a bystander on the same connection to etcd: what limits.yaml is for.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mesh_tests::bounds;
use mesh_tests::edge::{Edge, Speaks};
use mesh_tests::traffic::to;
use testbed::client::{Request, h1};

use crate::with_filter;

/// Values of one megabyte, of which a range takes all: far more than the sockets between hold.
const VALUES: usize = 24;
const VALUE: usize = 1 << 20;

/// Clients that ask for all of them and read nothing.
const STALLED: usize = 20;

/// How long a put of the bystander's may take, on a machine that is busy with other things too.
const PATIENCE: Duration = Duration::from_secs(5);

/// By when a crowd has filled what there is to fill.
const FILLING: Duration = Duration::from_secs(30);

/// An edge with something large behind it.
fn edge(more: &[&str]) -> Result<Edge> {
    let edge = Edge::start(&with_filter(more), Speaks::Plain)?;
    let value = "AAAA".repeat(VALUE / 3);
    for number in 0..VALUES {
        let key = BASE64_STANDARD.encode(format!("large/{number}"));
        let body = format!(r#"{{"key":"{key}","value":"{value}"}}"#);
        let answer = edge.send(&Request::post("/v3/kv/put", body));
        ensure!(answer.status == 200, "{answer:?}");
    }
    Ok(edge)
}

/// Clients who do not read what they have asked for.
fn crowd(edge: &Edge) -> Result<Vec<h1::Connection>> {
    (0..STALLED)
        .map(|_| {
            let mut connection = h1::Connection::open(edge.gateway.address())?;
            connection.send(&to(Request::post(
                "/v3/kv/range",
                r#"{"key":"AA==","range_end":"AA=="}"#,
            )))?;
            Ok(connection)
        })
        .collect()
}

#[test]
fn clients_that_do_not_read_stop_nobody_else() -> Result<()> {
    let edge = edge(&["limits.yaml"])?;
    let mut crowd = crowd(&edge)?;
    // All their answers have begun.
    for connection in &mut crowd {
        connection.read_head()?;
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let started = Instant::now();
        let put = edge.send(&Request::post(
            "/v3/kv/put",
            r#"{"key":"eA==","value":"eA=="}"#,
        ));
        assert_eq!(put.status, 200, "{put:?}");
        slowest = slowest.max(started.elapsed());
    }
    eprintln!("{STALLED} clients that do not read: the slowest put {slowest:?}");
    assert!(slowest < PATIENCE, "{slowest:?}");
    drop(crowd);
    Ok(())
}

/// So the bounds are what keeps them apart, and the crowd above is one that presses.
#[test]
fn without_the_bounds_they_stop_everybody() -> Result<()> {
    let edge = edge(&[])?;
    let crowd = crowd(&edge)?;
    let address = edge.gateway.address();
    let (answered, answers) = mpsc::channel();
    let bystander = thread::spawn(move || {
        let put = to(Request::post(
            "/v3/kv/put",
            r#"{"key":"eA==","value":"eA=="}"#,
        ));
        // Until nobody listens any more.
        while answered.send(h1::send(address, &put)).is_ok() {}
    });
    // Until the window to etcd is full he is served.
    let deadline = Instant::now() + FILLING;
    while let Ok(answer) = answers.recv_timeout(PATIENCE) {
        assert_eq!(answer?.status, 200);
        assert!(Instant::now() < deadline, "he is served");
    }
    drop(crowd);
    assert_eq!(answers.recv()??.status, 200);
    drop(answers);
    bystander.join().unwrap();
    Ok(())
}

#[test]
fn the_bounds_arrive_in_envoy() -> Result<()> {
    let mut edge = Edge::start(&with_filter(&["limits.yaml"]), Speaks::Plain)?;
    bounds::have_arrived(
        &mut edge.gateway,
        "outbound|2379||etcd.default.svc.cluster.local",
    )
}
