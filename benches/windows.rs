//! What the windows of HTTP/2 between Envoy and etcd cost a large answer, at the distances of a LAN:
//! `cargo bench --bench windows`.
//!
//! Between the two is a proxy that hands each byte on after the delay, and no more bytes than a network of 1 Gbit/s. A
//! window of a stream is also what a client that does not read makes Envoy hold.
#![allow(missing_docs)]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::client::{Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::values::{self, RANGE_ALL};

const VALUES: u32 = 64;
const VALUE_LEN: usize = 1_000_000;

/// Windows of a stream, in bytes: the example's first.
const WINDOWS: [u32; 4] = [65_536, 131_072, 262_144, 1_048_576];

/// Ways between Envoy and etcd: the round trip in microseconds, and bytes a second, where there is a bound.
const WAYS: [(u64, Option<u64>); 7] = [
    (0, None),
    (200, None),
    (500, None),
    (1000, None),
    (100, Some(GIGABIT)),
    (200, Some(GIGABIT)),
    (500, Some(GIGABIT)),
];

/// What 1 Gbit/s carries of TCP in frames of 1500 bytes, in bytes a second.
const GIGABIT: u64 = 117_600_000;

/// Times that each is asked for; the median counts.
const ROUNDS: usize = 5;

/// Bytes that are read at once.
const PIECE: usize = 16 << 10;

/// Most pieces that are on their way: more than any window has.
const PIECES: usize = 1 << 10;

fn main() {
    let etcd = Etcd::start(Version::V3_7_3).expect("an etcd");
    values::put(&etcd, VALUES, VALUE_LEN).expect("values in etcd");
    let address: SocketAddr = etcd.client_address().parse().expect("an address");
    // Threads inherit it: without it each sleep is some 50 µs too long.
    std::fs::write("/proc/self/timerslack_ns", "1").expect("a timer slack");
    println!(
        "an answer of 85 MB, in milliseconds, by a stream's window (bytes) and the round trip (µs)"
    );
    print!("{:>10}", "");
    for (round_trip, rate) in WAYS {
        print!(
            "{:>10}",
            format!("{round_trip}{}", rate.map_or("", |_| " 1G"))
        );
    }
    println!();
    for window in WINDOWS {
        row(&window.to_string(), address, |upstream| {
            median(through_envoy(upstream, window).address())
        });
    }
    row("etcd's own", address, median);
}

/// Prints how long an answer takes over each way.
fn row(name: &str, etcd: SocketAddr, time: impl Fn(SocketAddr) -> Duration) {
    print!("{name:>10}");
    for (round_trip, rate) in WAYS {
        let upstream = match (round_trip, rate) {
            (0, None) => etcd,
            _ => far(etcd, Duration::from_micros(round_trip / 2), rate),
        };
        print!("{:>10}", time(upstream).as_millis());
        std::io::stdout().flush().expect("an output");
    }
    println!();
}

/// An Envoy whose streams to this upstream have such a window.
fn through_envoy(upstream: SocketAddr, window: u32) -> Gateway {
    let change = move |config: &mut EnvoyConfig| {
        let options = config.upstream_http2()?;
        options["initial_stream_window_size"] = json!(window);
        options["initial_connection_window_size"] = json!(window * 256);
        Ok(())
    };
    Setup::example(Mode::Full, upstream).change(change).start()
}

/// The median time of an answer.
fn median(address: SocketAddr) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| ask(address)).collect();
    times.sort();
    times[ROUNDS / 2]
}

/// How long all values take over a connection of their own.
fn ask(address: SocketAddr) -> Duration {
    let started = Instant::now();
    let mut connection = h1::Connection::open(address).expect("a connection");
    connection
        .send(&Request::post("/v3/kv/range", RANGE_ALL))
        .expect("a request that is taken");
    let mut response = connection.read_head().expect("an answer");
    assert_eq!(response.status, 200, "{response:?}");
    connection.drain(&mut response, |_| {}).expect("a body");
    started.elapsed()
}

/// An address behind which `upstream` is, so far away and at so many bytes a second.
fn far(upstream: SocketAddr, delay: Duration, rate: Option<u64>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(upstream).expect("a connection");
            for (from, to) in [(&client, &server), (&server, &client)] {
                let both = from
                    .try_clone()
                    .and_then(|from| Ok((from, to.try_clone()?)));
                let (from, to) = both.expect("a socket");
                to.set_nodelay(true).expect("an option");
                hand_on(from, to, delay, rate);
            }
        }
    });
    address
}

/// Hands on what comes, each piece `delay` after the network has taken it.
fn hand_on(mut from: TcpStream, mut to: TcpStream, delay: Duration, rate: Option<u64>) {
    let (pieces, waiting) = mpsc::sync_channel::<(Instant, Vec<u8>)>(PIECES);
    thread::spawn(move || {
        let mut piece = vec![0; PIECE];
        let mut free = Instant::now();
        while let Ok(length @ 1..) = from.read(&mut piece) {
            free = free.max(Instant::now());
            if let Some(rate) = rate {
                free += Duration::from_secs(1).mul_f64(length as f64 / rate as f64);
            }
            let due = free + delay;
            if pieces.send((due, piece[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, piece) in waiting {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
