//! The filter's configuration is changed while it serves, by way of Istio (ECDS).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mesh_tests::edge::{self, Edge, Speaks};
use mesh_tests::traffic::to;
use testbed::client::{Body, End, Request, h1};

use crate::with_filter;

const CHANGES: usize = 10;
/// Clients that call without a pause.
const CLIENTS: usize = 4;
/// Calls from one change to the next, at least.
const CALLS_BETWEEN: usize = 100;
/// By when a change has arrived.
const ARRIVAL: Duration = Duration::from_secs(60);

const CONFIGURATION: &str = r#""allow_on_headers_stop_iteration": true,"#;

/// The filter's file with more in its configuration.
fn filter(more: &str) -> Result<String> {
    let file = edge::manifest("filter.yaml")?;
    ensure!(file.contains(CONFIGURATION), "another configuration");
    Ok(file.replace(CONFIGURATION, &format!("{CONFIGURATION} {more},")))
}

/// Whether the dialect that is in force is the second.
fn is_v2(edge: &Edge) -> bool {
    let answer = edge.send(&Request::post("/v3/kv/range", "{}"));
    assert_eq!(answer.json_error(), Some(3), "{answer:?}");
    answer.json().get("error").is_none()
}

fn wait_for(what: &str, mut condition: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + ARRIVAL;
    while !condition()? {
        ensure!(Instant::now() < deadline, "{what} has not come");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// What clients have been served, and whether they are to stop.
#[derive(Default)]
struct Load {
    served: AtomicUsize,
    stop: AtomicBool,
}

/// Calls until told to stop.
fn client(address: SocketAddr, load: &Load) -> Result<()> {
    let mut connection = h1::Connection::open(address)?;
    let mut round = 0;
    while !load.stop.load(Ordering::Relaxed) {
        let put = format!(r#"{{"key":"bG9hZA==","value":"{}"}}"#, "AAAA".repeat(round));
        for (path, body) in [
            ("/v3/kv/put", put.as_str()),
            ("/v3/kv/range", r#"{"key":"bG9hZA=="}"#),
        ] {
            let answer = connection.exchange(&to(Request::post(path, body)))?;
            ensure!(
                (answer.status, answer.end) == (200, End::Clean),
                "{answer:?}"
            );
            load.served.fetch_add(1, Ordering::Relaxed);
        }
        round = (round + 1) % 50;
    }
    Ok(())
}

#[test]
fn no_call_is_lost_and_a_watch_goes_on_while_the_configuration_changes() -> Result<()> {
    let mut edge = Edge::start(&with_filter(&[]), Speaks::Plain)?;
    let address = edge.gateway.address();
    let mut watch = h1::Connection::open(address)?;
    watch.send_head(&to(
        Request::new("POST", "/v3/watch").body(Body::Pieces(Vec::new()))
    ))?;
    watch.send_chunk(br#"{"create_request":{"key":"d2F0Y2hlZA=="}}"#)?;
    let mut head = watch.read_head()?;
    ensure!(watch.read_piece(&mut head)?.is_some(), "no watch");

    let load = Arc::new(Load::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let load = Arc::clone(&load);
            thread::spawn(move || client(address, &load))
        })
        .collect();
    for change in 0..CHANGES {
        let dialect = if change % 2 == 0 { "v2" } else { "v1" };
        edge.apply(&filter(&format!(r#""dialect": "{dialect}""#))?)?;
        wait_for("the change", || Ok(is_v2(&edge) == (dialect == "v2")))?;
        // Before the next they call on.
        let served = load.served.load(Ordering::Relaxed);
        wait_for("calls", || {
            ensure!(
                !clients.iter().any(JoinHandle::is_finished),
                "a client has failed"
            );
            Ok(load.served.load(Ordering::Relaxed) >= served + CALLS_BETWEEN)
        })?;
    }
    // What the filter does not take is refused, and the old one goes on.
    edge.apply(&filter(r#""dialekt": "v2""#)?)?;
    wait_for("the refusal", || {
        let stats = edge.gateway.envoy().stats()?;
        let mut refused = stats.iter().filter(|(name, _)| {
            name.ends_with("etcd_json_gateway.update_rejected")
                || name.ends_with("etcd_json_gateway.config_fail")
        });
        Ok(refused.any(|(_, count)| *count > 0))
    })?;
    assert!(!is_v2(&edge));
    edge.apply(&filter(r#""dialect": "v2""#)?)?;
    wait_for("the next change", || Ok(is_v2(&edge)))?;

    load.stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().unwrap()?;
    }
    let put = edge.send(&Request::post("/v3/kv/put", r#"{"key":"d2F0Y2hlZA=="}"#));
    assert_eq!(put.status, 200, "{put:?}");
    let event = watch.read_piece(&mut head)?.unwrap_or_default();
    assert!(
        String::from_utf8_lossy(&event).contains(r#""events":[{"#),
        "{event:?}"
    );
    let served = load.served.load(Ordering::Relaxed);
    eprintln!("{served} calls during {} changes, none lost", CHANGES + 2);
    edge.gateway.accept_vms()
}
