//! Watches over WebSocket, beside the lines of an answer and etcd's own gateway: `cargo bench --bench sockets`.
//!
//! How long after a put its event arrives, and what many quiet sockets cost Envoy beside its own streams. Times depend on
//! the machine: what counts is how the ways compare, measured in turns in one run.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoy_tests::open::{Open, Protocol, WATCH};
use envoy_tests::socket::Socket;
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream};
use testbed::usage;
use testbed::wire::{bytes_field, frame, varint_field};

/// Puts whose event is awaited, for each way.
const DELAYS: usize = 3000;
/// Of them, so many in a row by one way.
const STRETCH: usize = 50;
/// Put before the first that counts: everything is warm then.
const WARM_UP: usize = 200;

/// Watches that are open at once.
const WATCHES: usize = 1000;
/// Open before these, so that what Envoy makes once is there.
const OPEN_BEFORE: usize = 250;
/// Times that their memory is measured, for each way: it comes in pages.
const MEASURED: usize = 3;

const KEY: &str = "/socket";

fn main() {
    println!("{}", usage::machine());
    delays();
    memory();
}

/// A watch that is read a document at a time.
enum Watch {
    Lines(Open),
    Socket(Socket),
}

impl Watch {
    fn lines(address: SocketAddr) -> Self {
        let create = create();
        // etcd's own gateway answers behind the end of the body alone, over HTTP/1.1.
        let mut open = Open::start(address, Protocol::Http1, WATCH);
        open.send(create);
        open.finish();
        Self::Lines(open).created()
    }

    fn socket(address: SocketAddr) -> Self {
        let mut socket = Socket::open(address, WATCH);
        socket.send(&create());
        Self::Socket(socket).created()
    }

    fn created(mut self) -> Self {
        assert_eq!(self.document()["result"]["created"], true);
        self
    }

    fn document(&mut self) -> Value {
        match self {
            Self::Lines(open) => open.document(),
            Self::Socket(socket) => socket.document(),
        }
    }
}

fn create() -> String {
    json!({"create_request": {"key": BASE64_STANDARD.encode(KEY)}}).to_string()
}

/// Opens a watch that is told of changes.
type OpenWatch = fn(SocketAddr) -> Watch;

/// From just before a put to its event, parsed, by each way.
fn delays() {
    let etcd = Etcd::start_with(Options {
        version: Version::V3_7_3,
        // A disk's moods are not what is measured.
        arguments: vec!["--unsafe-no-fsync".to_owned()],
        ..Options::default()
    })
    .expect("an etcd");
    let own: SocketAddr = etcd.client_address().parse().expect("an address");
    let gateway = Setup::example(Mode::Full, etcd.client_address()).start();
    let filter = gateway.address();
    let ways: [(&str, OpenWatch, SocketAddr); 4] = [
        ("the filter, lines", Watch::lines, filter),
        ("the filter, WebSocket", Watch::socket, filter),
        ("etcd's own, lines", Watch::lines, own),
        ("etcd's own, WebSocket", Watch::socket, own),
    ];
    let mut writer = h1::Connection::open(own).expect("a connection");
    let put = json!({"key": BASE64_STANDARD.encode(KEY), "value": "dmFsdWU="}).to_string();
    let put = Request::post("/v3/kv/put", put);
    let mut order: Vec<usize> = (0..ways.len()).collect();
    let mut times = vec![Vec::with_capacity(DELAYS); ways.len()];
    // All at once would be told in turn, and each wait for those before it: one is open at a time, for a stretch.
    for round in 0..(WARM_UP + DELAYS) / STRETCH {
        fastrand::shuffle(&mut order);
        for &way in &order {
            let (_, open, address) = ways[way];
            let mut watch = open(address);
            for _ in 0..STRETCH {
                let start = Instant::now();
                writer.send(&put).expect("a request that is taken");
                let event = watch.document();
                let time = start.elapsed();
                assert!(event["result"]["events"].is_array(), "{event}");
                let response = writer.response().expect("an answer");
                assert_eq!(response.status, 200, "{response:?}");
                if round * STRETCH >= WARM_UP {
                    times[way].push(time);
                }
            }
        }
    }
    println!(
        "\n{:<22} {:>8} {:>8} {:>8}",
        "put to event", "median", "p90", "more"
    );
    let lines = quantile(&times[0], 0.5);
    for ((name, ..), times) in ways.iter().zip(&times) {
        let median = quantile(times, 0.5);
        println!(
            "{name:<22} {median:>8.0?} {:>8.0?} {:>5.0} us",
            quantile(times, 0.9),
            (median.as_secs_f64() - lines.as_secs_f64()) * 1e6,
        );
    }
}

/// A quiet watch of one kind.
#[expect(dead_code, reason = "what is held open")]
enum Quiet {
    Lines(Watch),
    Socket(Socket),
    Native(h1::Connection),
}

/// The scripted etcd answers what opens the socket, and no more.
fn quiet_socket(address: SocketAddr) -> Quiet {
    let mut socket = Socket::open(address, WATCH);
    socket.send(&create());
    Quiet::Socket(socket)
}

/// Plain gRPC, as Envoy itself passes it on.
fn native(address: SocketAddr) -> Quiet {
    let request = Request::new("POST", "/etcdserverpb.Watch/Watch")
        .header("content-type", "application/grpc")
        .body(testbed::client::Body::Pieces(Vec::new()));
    let mut connection = h1::Connection::open(address).expect("a connection");
    connection.send_head(&request).expect("a head");
    let create = frame(&bytes_field(1, &bytes_field(1, KEY.as_bytes())));
    connection.send_chunk(&create).expect("a message");
    let mut head = connection.read_head().expect("an answer");
    let piece = connection.read_piece(&mut head).expect("an answer");
    assert!(piece.is_some());
    Quiet::Native(connection)
}

/// Opens a watch that stays quiet.
type OpenQuiet = fn(SocketAddr) -> Quiet;

/// What each of many quiet watches costs Envoy.
fn memory() {
    let ways: [(&str, bool, OpenQuiet); 4] = [
        ("gRPC, no filter", false, native),
        ("gRPC", true, native),
        ("lines", true, |address| Quiet::Lines(Watch::lines(address))),
        ("WebSocket", true, quiet_socket),
    ];
    println!("\n{:<22} {:>8} {:>8}", "a quiet watch", "bytes", "more");
    let mut least = None;
    for (name, filter, open) in ways {
        let mut costs: Vec<u64> = (0..MEASURED).map(|_| cost(filter, open)).collect();
        costs.sort_unstable();
        let cost = costs[MEASURED / 2];
        let least = *least.get_or_insert(cost);
        println!("{name:<22} {cost:>8} {:>8}", cost.saturating_sub(least));
    }
}

fn cost(filter: bool, open: OpenQuiet) -> u64 {
    let upstream = Upstream::start().expect("an upstream");
    let created = frame(&varint_field(3, 1));
    let script = Script::default().step(Step::AwaitMessages(1)).head();
    upstream.always(script.data(created));
    let setup = Setup::new(Mode::Full, upstream.address());
    let setup = if filter {
        setup
    } else {
        setup.without_filter()
    };
    let mut gateway: Gateway = setup.start();
    let address = gateway.address();
    let some = |count: usize| (0..count).map(|_| open(address)).collect::<Vec<_>>();
    let before = some(OPEN_BEFORE);
    let rss = |gateway: &mut Gateway| gateway.process().usage().expect("its usage").rss;
    let start = rss(&mut gateway);
    let watches = some(WATCHES);
    let end = rss(&mut gateway);
    drop((before, watches));
    end.saturating_sub(start) / WATCHES as u64
}

fn quantile(times: &[Duration], part: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[(sorted.len() as f64 * part) as usize]
}
