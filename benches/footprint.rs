//! What the filter costs an Envoy before and after a million requests: `cargo bench --bench footprint`.
//!
//! Prints the module's size, how much longer Envoy takes to start with it, and Envoy's memory without it, with it and
//! after every hundred thousand requests, good and bad ones.
// A benchmark may panic: that is how it fails.
#![allow(clippy::expect_used, clippy::arithmetic_side_effects)]
#![allow(missing_docs)]

use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use testbed::client::{Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::module;

/// Times that each Envoy is started; the fastest counts.
const STARTS: u32 = 5;

/// Requests that are under way at once, each over a connection of its own.
const CONNECTIONS: usize = 16;

/// Requests between two looks at the memory, and how many times.
const STEP: usize = 100_000;
const STEPS: usize = 10;

/// What is asked for in turns, and the status of the answer.
const REQUESTS: [(&str, &str, u16); 4] = [
    ("/v3/kv/range", r#"{"key":"a2V5"}"#, 200),
    ("/v3/kv/put", r#"{"key":"a2V5","value":"dmFsdWU="}"#, 200),
    ("/v3/kv/range", r#"{"key":7}"#, 400),
    ("/v3/kv/nothing", "{}", 404),
];

fn main() {
    let etcd = Etcd::start(Version::V3_7_3).expect("an etcd");
    let setup = || Setup::example(Mode::Full, etcd.client_address());
    let (without, mut plain) = start(|| setup().without_filter());
    let (with, mut gateway) = start(setup);
    let size = fs::metadata(module::path().expect("a module"))
        .expect("a module")
        .len();
    println!("module: {} KB", size / 1000);
    println!("start of Envoy: {without:.0?} without the filter, {with:.0?} with it");
    println!(
        "memory: {} MB without the filter, {} MB with it",
        megabytes(&mut plain),
        megabytes(&mut gateway)
    );
    drop(plain);
    let mut connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| Client::new(gateway.address()))
        .collect();
    for step in 1..=STEPS {
        for _ in 0..STEP / CONNECTIONS / REQUESTS.len() {
            for request in REQUESTS {
                connections
                    .iter_mut()
                    .for_each(|client| client.send(request));
                connections
                    .iter_mut()
                    .for_each(|client| client.read(request));
            }
        }
        println!(
            "after {} requests: {} MB",
            step * STEP,
            megabytes(&mut gateway)
        );
    }
}

/// The fastest start, and the Envoy of the last.
fn start(setup: impl Fn() -> Setup) -> (Duration, Gateway) {
    let timed = || {
        let begin = Instant::now();
        let gateway = setup().start();
        (begin.elapsed(), gateway)
    };
    let best = (1..STARTS).map(|_| timed().0).min();
    let (last, gateway) = timed();
    (best.map_or(last, |best| best.min(last)), gateway)
}

fn megabytes(gateway: &mut Gateway) -> u64 {
    gateway.process().usage().expect("what Envoy has used").rss / 1_000_000
}

/// A connection that is opened anew where Envoy has closed it behind a refusal.
struct Client {
    address: SocketAddr,
    connection: h1::Connection,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let connection = h1::Connection::open(address).expect("a connection");
        Self {
            address,
            connection,
        }
    }

    fn send(&mut self, (path, body, _): (&str, &str, u16)) {
        let request = Request::post(path, body);
        self.connection
            .send(&request)
            .expect("a request that is taken");
    }

    fn read(&mut self, (path, _, status): (&str, &str, u16)) {
        let response = self.connection.response().expect("an answer");
        assert_eq!(response.status, status, "{path}: {response:?}");
        if response.header("connection").as_deref() == Some("close") {
            *self = Self::new(self.address);
        }
    }
}
