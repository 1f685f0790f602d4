//! An answer of 85 MB, etcd's own gateway beside Envoy with the filter: `cargo bench --bench large_range`.
//!
//! Fails if the answers differ. Times depend on the machine: what counts is their ratio, measured in
//! turns.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use testbed::client::{End, Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::process::Process;
use testbed::values::{self, RANGE_ALL};

const VALUES: u32 = 64;
const VALUE_LEN: usize = 1_000_000;

/// Times that each way is asked; the median counts.
const ROUNDS: usize = 9;

/// A way to the answer.
struct Way {
    name: &'static str,
    address: SocketAddr,
    /// None for etcd itself.
    gateway: Option<Gateway>,
    /// Envoy's memory before its first request, in bytes.
    memory: u64,
    samples: Vec<Sample>,
}

/// What one answer took.
struct Sample {
    time: Duration,
    etcd: Duration,
    envoy: Duration,
}

fn main() {
    let mut etcd = Etcd::start(Version::V3_7_3).expect("an etcd");
    values::put(&etcd, VALUES, VALUE_LEN).expect("values in etcd");
    let mut ways = [
        Way::new("etcd's own gateway", etcd.client_address()),
        Way::filter("Envoy and the filter", Mode::Full, &etcd),
        Way::filter("  heads not held back", Mode::Plain, &etcd),
    ];
    compare(&ways);
    for _ in 0..ROUNDS {
        for way in &mut ways {
            way.measure(etcd.process());
        }
    }
    let own = ways[0].medians();
    println!(
        "{:<22} {:>9} {:>6} {:>9} {:>9} {:>6} {:>9}",
        "", "time", "ratio", "etcd CPU", "Envoy CPU", "ratio", "memory"
    );
    for way in &mut ways {
        way.report(&own);
    }
}

/// Makes sure that all ways lead to the same bytes.
fn compare(ways: &[Way]) {
    let mut expected = Vec::new();
    ask(ways[0].address, |piece| expected.extend_from_slice(piece));
    println!(
        "{VALUES} values of {VALUE_LEN} bytes: an answer of {} bytes",
        expected.len()
    );
    // protojson puts a space behind each comma in some builds and in others not, on purpose.
    if expected.contains(&b' ') {
        expected.retain(|&byte| byte != b' ');
        println!("(this etcd's own gateway puts a space behind each comma: compared without)");
    }
    for way in &ways[1..] {
        let (mut rest, mut same) = (expected.as_slice(), true);
        ask(way.address, |piece| {
            let (next, behind) = rest.split_at(piece.len().min(rest.len()));
            same &= next == piece;
            rest = behind;
        });
        assert!(same && rest.is_empty(), "{} answers otherwise", way.name);
    }
}

/// Asks for all values over a connection of its own.
fn ask(address: SocketAddr, piece: impl FnMut(&[u8])) {
    let request = Request::post("/v3/kv/range", RANGE_ALL);
    let mut connection = h1::Connection::open(address).expect("a connection");
    connection.send(&request).expect("a request that is taken");
    let mut response = connection.read_head().expect("an answer");
    assert_eq!(response.status, 200, "{response:?}");
    connection.drain(&mut response, piece).expect("a body");
    assert_eq!(response.end, End::Clean, "{response:?}");
}

impl Way {
    fn new(name: &'static str, address: String) -> Self {
        Self {
            name,
            address: address.parse().expect("an address"),
            gateway: None,
            memory: 0,
            samples: Vec::new(),
        }
    }

    /// Through an Envoy with the configuration that users copy.
    fn filter(name: &'static str, mode: Mode, etcd: &Etcd) -> Self {
        let mut gateway = Setup::example(mode, etcd.client_address()).start();
        Self {
            memory: usage(gateway.process()).rss,
            address: gateway.address(),
            gateway: Some(gateway),
            ..Self::new(name, etcd.client_address())
        }
    }

    fn measure(&mut self, etcd: &Process) {
        let mut cpu = || {
            let envoy = self
                .gateway
                .as_mut()
                .map(|gateway| usage(gateway.process()).cpu);
            (usage(etcd).cpu, envoy.unwrap_or_default())
        };
        let (etcd_before, envoy_before) = cpu();
        let start = Instant::now();
        ask(self.address, |_| {});
        let time = start.elapsed();
        let (etcd_after, envoy_after) = cpu();
        self.samples.push(Sample {
            time,
            etcd: etcd_after - etcd_before,
            envoy: envoy_after - envoy_before,
        });
    }

    fn medians(&self) -> Sample {
        let median = |of: fn(&Sample) -> Duration| {
            let mut sorted: Vec<Duration> = self.samples.iter().map(of).collect();
            sorted.sort();
            sorted[sorted.len() / 2]
        };
        Sample {
            time: median(|sample| sample.time),
            etcd: median(|sample| sample.etcd),
            envoy: median(|sample| sample.envoy),
        }
    }

    fn report(&mut self, own: &Sample) {
        let Sample { time, etcd, envoy } = self.medians();
        let ratio = |ours: Duration, theirs: Duration| ours.as_secs_f64() / theirs.as_secs_f64();
        let memory = match &mut self.gateway {
            Some(gateway) => {
                let peak = usage(gateway.process()).peak_rss;
                format!("+{:.1} MB", peak.saturating_sub(self.memory) as f64 / 1e6)
            }
            None => String::new(),
        };
        println!(
            "{:<22} {:>6} ms {:>6.2} {:>6} ms {:>6} ms {:>6.2} {memory:>9}",
            self.name,
            time.as_millis(),
            ratio(time, own.time),
            etcd.as_millis(),
            envoy.as_millis(),
            ratio(etcd + envoy, own.etcd + own.envoy),
        );
    }
}

fn usage(process: &Process) -> testbed::process::Usage {
    process.usage().expect("what a process has used")
}
