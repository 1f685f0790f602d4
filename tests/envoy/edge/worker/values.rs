//! Floods of small values on one stream of requests.

use std::thread;
use std::time::{Duration, Instant};

use envoy_tests::flood::{self, Flood};
use serde_json::{Value, json};
use testbed::client::{Body, Request, h1, h2};
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Call, PATIENCE, Received, Step, Upstream};
use testbed::wire::varint_field;

/// Values of five bytes: 2.2 MB of them, and forty times as many frames as Envoy lets wait on an upstream connection by
/// default.
const VALUES: usize = 440_000;

/// Most that Envoy's memory may grow by, in bytes.
const GROWTH: u64 = 64 << 20;

const REQUEST: &str = r#"{"ID":1}"#;
/// HTTP/2's error code for a stream that has not been looked at.
const REFUSED_STREAM: u32 = 7;

const PATH: &str = "/v3/lease/keepalive";

fn start(mode: Mode, upstream: &Upstream) -> Gateway {
    let change = |config: &mut EnvoyConfig| config.without_pings().map(drop);
    Setup::new(mode, upstream.address()).change(change).start()
}

/// The same with a route that allows retries.
fn start_with_retries(mode: Mode, plugin: Value, upstream: &Upstream) -> Gateway {
    let change = |config: &mut EnvoyConfig| config.without_pings().map(drop);
    let retries = json!({"retry_policy": {"retry_on": "refused-stream"}, "timeout": "0s"});
    let setup = Setup::new(mode, upstream.address()).plugin(plugin);
    setup.route(retries).change(change).start()
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
            times: 0,
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
            times: 0,
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

/// How a stream goes whose values have come before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Early {
    /// It goes on.
    On,
    /// The upstream refuses it once, and Envoy does it over again.
    Refused,
    /// The client ends it meanwhile.
    Ended,
}

#[test]
fn values_that_come_before_the_answer_come_once_and_in_order() {
    let _alone = testbed::alone();
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.live();
        let gateway = start_with_retries(mode, json!({"write_retries": "route"}), &upstream);
        for first in ["", "{", r#"{"ID":1}"#] {
            for early in [Early::On, Early::Refused, Early::Ended] {
                let what = format!("{mode:?} {first} {early:?}");
                let mut flood = Flood::open(gateway.address());
                let request = flood::Request {
                    times: 0,
                    ..flood::Request::new("keepalive", PATH, Some(first))
                };
                flood.send(&request, 1);
                let values = (1..=20).map(|number| format!("{{\"ID\":{number}}}"));
                let all: Vec<String> = values.collect();
                let mut pieces: Vec<&[u8]> = all.iter().map(|value| value.as_bytes()).collect();
                pieces[0] = &pieces[0][first.len()..];
                flood.send_pieces(&pieces, early == Early::Ended);
                let mut call = upstream.call();
                call.message(0);
                if early == Early::Refused {
                    thread::sleep(Duration::from_millis(50));
                    call.send(Step::Reset(REFUSED_STREAM));
                    call = upstream.call();
                    call.message(0);
                }
                call.head();
                let received = settled(&call, |received| received.messages().len() >= 20);
                let expected: Vec<_> = (1..=20).map(|number| varint_field(1, number)).collect();
                assert_eq!(received.messages(), expected, "{what}");
                if early != Early::Ended {
                    assert!(!received.ended, "{what}");
                    flood.send_pieces(&[br#"{"ID":5}"#, br#"{"ID":6}"#], true);
                }
                let received = call.wait_for("the end", |received| received.ended);
                let count = if early == Early::Ended { 20 } else { 22 };
                assert_eq!(received.messages().len(), count, "{what}");
            }
        }
    }
}

#[test]
fn few_values_wait_for_the_answer() {
    let _alone = testbed::alone();
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.live();
        let gateway = start_with_retries(
            mode,
            json!({"write_retries": "route", "max_request_bytes": 20_000}),
            &upstream,
        );
        let connection = h2::Connection::open(gateway.address()).unwrap();
        let request = Request::new("POST", PATH).body(Body::Pieces(Vec::new()));
        let mut stream = connection.begin(&request).unwrap();
        for _ in 0..20_000 {
            // It may have been refused meanwhile.
            let _ = stream.send_data(REQUEST.as_bytes(), false);
        }
        let answer = stream.response().unwrap();
        assert_eq!(answer.status, 429, "{mode:?}: {answer:?}");
        assert_eq!(answer.json()["code"], 8, "{mode:?}: {answer:?}");
    }
}

#[test]
fn values_go_out_behind_one_that_has_no_answer() {
    let _alone = testbed::alone();
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let plugin = json!({"write_retries": "route"});
    let gateway = start_with_retries(Mode::Full, plugin, &upstream);
    let mut flood = Flood::open(gateway.address());
    let request = flood::Request {
        times: 0,
        ..flood::Request::new("keepalive", PATH, Some(REQUEST))
    };
    flood.send(&request, 1);
    let values: Vec<String> = (2..=20)
        .map(|number| format!("{{\"ID\":{number}}}"))
        .collect();
    let pieces: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
    flood.send_pieces(&pieces, false);
    let call = upstream.call();
    // By the second tick of the filter.
    let started = Instant::now();
    while call.received().messages().len() < 20 {
        assert!(started.elapsed() < 3 * PATIENCE, "{:?}", call.received());
        thread::sleep(Duration::from_millis(100));
    }
    flood.send_pieces(&[br#"{"ID":21}"#], true);
    let received = call.wait_for("the end", |received| received.ended);
    let expected: Vec<_> = (1..=21).map(|number| varint_field(1, number)).collect();
    assert_eq!(received.messages(), expected);
}
