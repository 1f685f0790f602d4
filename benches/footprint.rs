//! What the filter costs an Envoy before and after a million requests: `cargo bench --bench footprint`.
//!
//! Prints the module's size, how much longer Envoy takes to start with it, Envoy's memory without it and with it, what
//! of that is each worker's, and Envoy's memory after every hundred thousand requests, good and bad ones.

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

/// Workers over which a worker's share of the memory is measured, the connections that reach all of
/// them, and the requests over each.
const WORKERS: u32 = 8;
const SPREAD: usize = 200;
const ROUNDS: usize = 20;

/// Requests between two looks at the memory, and how many times.
const STEP: usize = 100_000;
const STEPS: usize = 10;

/// Method, path and body of a request, and the status of its answer.
type Ask = (&'static str, &'static str, &'static str, u16);

/// What is asked for in turns.
const REQUESTS: [Ask; 4] = [
    ("POST", "/v3/kv/range", r#"{"key":"a2V5"}"#, 200),
    (
        "POST",
        "/v3/kv/put",
        r#"{"key":"a2V5","value":"dmFsdWU="}"#,
        200,
    ),
    ("POST", "/v3/kv/range", r#"{"key":7}"#, 400),
    ("POST", "/v3/kv/nothing", "{}", 404),
];

/// What an Envoy without the filter can be asked for.
const VERSION: Ask = ("GET", "/version", "", 200);

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
    println!(
        "memory of each further worker: {:.1} MB without the filter, {:.1} MB with it",
        of_a_worker(|| setup().without_filter(), VERSION),
        of_a_worker(setup, REQUESTS[0])
    );
    let mut clients = Clients::new(&gateway, CONNECTIONS);
    for step in 1..=STEPS {
        clients.ask(&REQUESTS, STEP / CONNECTIONS / REQUESTS.len());
        println!(
            "after {} requests: {} MB",
            step * STEP,
            megabytes(&mut gateway)
        );
    }
}

/// What each worker but the first takes, in megabytes, once it has answered requests.
fn of_a_worker(setup: impl Fn() -> Setup, request: Ask) -> f64 {
    let used = |workers| {
        let mut gateway = setup().workers(workers).start();
        Clients::new(&gateway, SPREAD).ask(&[request], ROUNDS);
        gateway.process().usage().expect("what Envoy has used").rss as f64
    };
    (used(WORKERS) - used(1)) / f64::from(WORKERS - 1) / 1e6
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

/// Connections, each opened anew where Envoy has closed it behind a refusal.
struct Clients {
    address: SocketAddr,
    connections: Vec<h1::Connection>,
}

impl Clients {
    fn new(gateway: &Gateway, count: usize) -> Self {
        let address = gateway.address();
        let open = |_| h1::Connection::open(address).expect("a connection");
        Self {
            address,
            connections: (0..count).map(open).collect(),
        }
    }

    /// Each asks for the same at once, one thing after the other, some times over.
    fn ask(&mut self, requests: &[Ask], times: usize) {
        for (method, path, body, status) in requests.repeat(times) {
            let request = match method {
                "POST" => Request::post(path, body),
                _ => Request::new(method, path),
            };
            for connection in &mut self.connections {
                connection.send(&request).expect("a request that is taken");
            }
            for connection in &mut self.connections {
                let response = connection.response().expect("an answer");
                assert_eq!(response.status, status, "{path}: {response:?}");
                if response.header("connection").as_deref() == Some("close") {
                    *connection = h1::Connection::open(self.address).expect("a connection");
                }
            }
        }
    }
}
