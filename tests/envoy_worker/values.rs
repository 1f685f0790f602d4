//! Floods of small values on one stream of requests.

use std::thread;
use std::time::{Duration, Instant};

use testbed::client::{Body, Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Call, PATIENCE, Received, Upstream};
use testbed::wire::varint_field;

use crate::flood::{self, Flood};

/// Values of five bytes: 2.2 MB of them, and forty times as many frames as Envoy lets wait on an upstream connection by
/// default.
const VALUES: usize = 440_000;

/// Most that Envoy's memory may grow by, in bytes.
const GROWTH: u64 = 64 << 20;

const REQUEST: &str = r#"{"ID":1}"#;
const PATH: &str = "/v3/lease/keepalive";

fn start(mode: Mode, upstream: &Upstream) -> Gateway {
    let change = |config: &mut EnvoyConfig| config.without_pings().map(drop);
    Setup::new(mode, upstream.address()).change(change).start()
}

/// A stream of another client, which has had its first answer.
fn bystander(gateway: &Gateway, upstream: &Upstream) -> (h1::Connection, Call) {
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    let request = Request::new("POST", PATH).body(Body::Pieces(Vec::new()));
    connection.send_head(&request).unwrap();
    connection.send_chunk(REQUEST.as_bytes()).unwrap();
    let call = upstream.call();
    call.head();
    call.reply(&varint_field(2, 1));
    (connection, call)
}

/// The request once it is as it should be, looked at from time to time: each look copies all of it.
fn settled(call: &Call, done: impl Fn(&Received) -> bool) -> Received {
    let started = Instant::now();
    loop {
        let received = call.received();
        if done(&received) {
            return received;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "{} bytes, {} messages, {:?}",
            received.body.len(),
            received.messages().len(),
            received.reset
        );
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_flood_of_small_values_takes_little_memory_and_nobody_s_stream() {
    let _alone = testbed::alone();
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.live();
        let mut gateway = start(mode, &upstream);
        let (mut other, call) = bystander(&gateway, &upstream);
        let mut head = other.read_head().unwrap();
        assert!(other.read_piece(&mut head).unwrap().is_some());
        let before = gateway.process().usage().unwrap().peak_rss;

        let mut flood = Flood::open(gateway.address());
        let request = flood::Request {
            large: false,
            ..flood::Request::new("keepalive", PATH, Some(REQUEST))
        };
        flood.send(&request, 1);
        let flooded = upstream.call();
        flooded.message(0);
        flood.send_pieces(&vec![&b"{}   "[..]; VALUES], false);
        settled(&flooded, |received| received.body.len() >= 7 + 5 * VALUES);
        let peak = gateway.process().usage().unwrap().peak_rss;
        let growth = peak.saturating_sub(before);
        println!("{mode:?}: {growth} bytes for {VALUES} values");
        assert!(growth < GROWTH, "{mode:?}: {growth} bytes");

        call.reply(&varint_field(2, 2));
        assert!(other.read_piece(&mut head).unwrap().is_some(), "{mode:?}");
        assert_eq!(upstream.connections(), 1, "{mode:?}");
    }
}

#[test]
fn values_come_in_order_and_whole_however_fast_they_come() {
    let _alone = testbed::alone();
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.live();
        let gateway = start(mode, &upstream);
        let mut flood = Flood::open(gateway.address());
        let request = flood::Request {
            large: false,
            ..flood::Request::new("keepalive", PATH, Some(REQUEST))
        };
        flood.send(&request, 1);
        let call = upstream.call();
        let mut sent = 1;
        for round in 0..200_u64 {
            let count = [1, 2, 40, 700][round as usize % 4];
            let values = (0..count).map(|number| format!("{{\"ID\":{}}}", sent + 1 + number));
            let values: Vec<String> = values.collect();
            let pieces = values.iter().flat_map(|value| {
                let (first, rest) = value.split_at(round as usize % value.len());
                [first.as_bytes(), rest.as_bytes()]
            });
            flood.send_pieces(&pieces.collect::<Vec<_>>(), false);
            sent += count;
            if round % 3 == 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
        let received = settled(&call, |received| received.messages().len() as u64 >= sent);
        for (index, message) in (1..).zip(received.messages()) {
            assert_eq!(message, varint_field(1, index), "{mode:?}");
        }
        flood.send_pieces(&[br#"{"ID":5}"#, br#"{"ID":6}"#], true);
        let received = call.wait_for("the end", |received| received.ended);
        assert_eq!(received.messages().len() as u64, sent + 2, "{mode:?}");
    }
}

#[test]
fn a_value_that_comes_alone_is_not_delayed() {
    let _alone = testbed::alone();
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.live();
        let gateway = start(mode, &upstream);
        let (mut connection, call) = bystander(&gateway, &upstream);
        let waited = |index| {
            let started = Instant::now();
            connection.send_chunk(REQUEST.as_bytes()).unwrap();
            call.message(index);
            started.elapsed()
        };
        let mut waits: Vec<Duration> = (1..50).map(waited).collect();
        waits.sort();
        // A busy machine delays most of them.
        let tenth = waits[waits.len() / 10];
        println!("{mode:?}: {tenth:?}");
        assert!(tenth < Duration::from_millis(100), "{mode:?}: {waits:?}");
    }
}
