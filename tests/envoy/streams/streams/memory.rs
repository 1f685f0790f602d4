//! What streams cost Envoy in memory: slow readers, bursts, thousands of quiet watches.

use std::time::{Duration, Instant};

use envoy_tests::open::{Open, Protocol, REQUEST, SNAPSHOT, WATCH};
use serde_json::json;
use testbed::client::{Request, h2};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

/// What Envoy may hold for a reader that has stopped: its own windows and buffers, and ours.
/// Over HTTP/2 that is 16 MiB of lines, the window that Envoy allows its clients, in slices of at least 4 KiB.
const SLOW_READER: u64 = 96 << 20;

/// For how long Envoy's memory must not have grown.
const QUIET: Duration = Duration::from_millis(700);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Watches in the test of many.
const WATCHES: usize = 2000;

/// Most bytes that a watch may cost more than the same stream without the filter: twice what is measured on an idle
/// machine, because memory comes in pages.
const WATCH_COST: u64 = 8192;

/// Watches on one connection: Envoy's default limit on streams is above it.
const PER_CONNECTION: usize = 100;

fn rss(gateway: &mut Gateway) -> u64 {
    gateway.process().usage().unwrap().rss
}

/// Waits until Envoy's memory has not grown for a while, as when it has stopped reading, and returns it.
fn settled(gateway: &mut Gateway) -> u64 {
    let mut last = (rss(gateway), Instant::now());
    while last.1.elapsed() < QUIET {
        std::thread::sleep(POLL_INTERVAL);
        let now = rss(gateway);
        if now > last.0 {
            last = (now, Instant::now());
        }
    }
    last.0
}

/// The total of the answers that a slow reader gets, and Envoy's growth while it did not read.
fn held_back(path: &str, message: &[u8], count: usize) {
    let upstream = Upstream::start().unwrap();
    for (mode, protocol) in [
        (Mode::Full, Protocol::Http1),
        (Mode::Plain, Protocol::Http2),
    ] {
        let mut gateway = Gateway::start(mode, json!({}), &upstream);
        let step = Step::Data(frame(message));
        let start = Script::default().step(Step::AwaitMessages(1)).head();
        let script = (0..count).fold(start, |script, _| script.step(step.clone()));
        upstream.always(script.status(0, ""));
        let before = rss(&mut gateway);
        let mut open = Open::start(gateway.address(), protocol, path);
        open.send(REQUEST);
        open.finish();
        open.piece().unwrap();
        let held = settled(&mut gateway).saturating_sub(before);
        let mut lines = 1;
        while let Some(piece) = open.piece() {
            lines += piece.iter().filter(|byte| **byte == b'\n').count();
        }
        let peak = gateway
            .process()
            .usage()
            .unwrap()
            .peak_rss
            .saturating_sub(before);
        eprintln!("{mode:?} {protocol:?} {path}: held {held} bytes, at most {peak}");
        assert!(
            peak < SLOW_READER,
            "{mode:?} {protocol:?} {path}: {peak} bytes"
        );
        assert!(
            (count..=count + 1).contains(&lines),
            "{mode:?} {protocol:?} {path}: {lines} lines"
        );
        upstream.always(Script::message(b""));
    }
}

#[test]
fn a_snapshot_of_200_mb_waits_in_etcd_for_its_reader() {
    let message = [varint_field(2, 7), bytes_field(3, &vec![9; 32 << 10])].concat();
    held_back(SNAPSHOT, &message, 6400);
}

#[test]
fn a_burst_of_events_waits_in_etcd_for_its_reader() {
    let value = bytes_field(2, &bytes_field(5, &[9; 1500]));
    held_back(WATCH, &bytes_field(11, &value), 120_000);
}

/// What each of many open watches costs Envoy, by JSON or as plain gRPC.
fn cost_of_a_watch(json: bool) -> u64 {
    let upstream = Upstream::start().unwrap();
    let created = frame(&varint_field(3, 1));
    upstream.always(
        Script::default()
            .step(Step::AwaitMessages(1))
            .head()
            .data(created),
    );
    let mut gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let (request, body) = if json {
        (
            Request::new("POST", WATCH),
            br#"{"create_request":{"key":"Zm9v"}}"#.to_vec(),
        )
    } else {
        let request = Request::new("POST", "/etcdserverpb.Watch/Watch")
            .header("content-type", "application/grpc");
        (request, frame(&bytes_field(1, &bytes_field(1, b"foo"))))
    };
    let address = gateway.address();
    let open_some = |count: usize| {
        let mut streams = Vec::new();
        for _ in 0..count / PER_CONNECTION {
            let connection = h2::Connection::open(address).unwrap();
            for _ in 0..PER_CONNECTION {
                let request = request
                    .clone()
                    .body(testbed::client::Body::Pieces(Vec::new()));
                let mut stream = connection.begin(&request).unwrap();
                stream.send_data(&body, false).unwrap();
                let mut head = stream.read_head().unwrap();
                assert!(stream.read_piece(&mut head).unwrap().is_some());
                streams.push(stream);
            }
        }
        streams
    };
    // The first make the heaps grow to a size that later ones fit into.
    let warm = open_some(WATCHES / 4);
    let before = gateway.envoy().process().usage().unwrap().rss;
    let streams = open_some(WATCHES);
    let after = gateway.envoy().process().usage().unwrap().rss;
    drop((warm, streams));
    after.saturating_sub(before) / WATCHES as u64
}

#[test]
fn a_watch_costs_little_more_than_envoys_own_stream() {
    let (ours, plain) = (cost_of_a_watch(true), cost_of_a_watch(false));
    eprintln!("a watch costs {ours} bytes, as plain gRPC {plain}");
    assert!(ours < plain + WATCH_COST, "{ours} bytes, plain {plain}");
}
