//! What the windows of HTTP/2 between Envoy and etcd cost a large answer, at the distances of a LAN:
//! `cargo bench --bench windows`.
//!
//! Between the two is a proxy that hands each byte on after the delay. A window of a stream is also what a client that
//! does not read makes Envoy hold.
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
use testbed::gateway::{Mode, Setup};
use testbed::values::{self, RANGE_ALL};

const VALUES: u32 = 64;
const VALUE_LEN: usize = 1_000_000;

/// Windows of a stream, in bytes: the example's first.
const WINDOWS: [u32; 4] = [65_536, 131_072, 262_144, 1_048_576];

/// Round trips between Envoy and etcd, in microseconds.
const ROUND_TRIPS: [u64; 4] = [0, 200, 500, 1000];

/// Times that each is asked for; the median counts.
const ROUNDS: usize = 5;

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

fn main() {
    let etcd = Etcd::start(Version::V3_7_3).expect("an etcd");
    values::put(&etcd, VALUES, VALUE_LEN).expect("values in etcd");
    let address: SocketAddr = etcd.client_address().parse().expect("an address");
    println!(
        "an answer of 85 MB, in milliseconds, by a stream's window (bytes) and the round trip (µs)"
    );
    print!("{:>10}", "");
    for round_trip in ROUND_TRIPS {
        print!("{round_trip:>8}");
    }
    println!();
    for window in WINDOWS {
        print!("{window:>10}");
        for round_trip in ROUND_TRIPS {
            let upstream = match round_trip {
                0 => address,
                round_trip => delayed(address, Duration::from_micros(round_trip / 2)),
            };
            print!("{:>8}", median(upstream, window).as_millis());
            std::io::stdout().flush().expect("an output");
        }
        println!();
    }
}

/// The median time of an answer through an Envoy whose streams to this upstream have such a window.
fn median(upstream: SocketAddr, window: u32) -> Duration {
    let change = move |config: &mut EnvoyConfig| {
        let options = config.upstream_http2()?;
        options["initial_stream_window_size"] = json!(window);
        options["initial_connection_window_size"] = json!(window * 256);
        Ok(())
    };
    let gateway = Setup::example(Mode::Full, upstream).change(change).start();
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| ask(gateway.address())).collect();
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

/// An address behind which `upstream` is, so far away.
fn delayed(upstream: SocketAddr, delay: Duration) -> SocketAddr {
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
                hand_on(from, to, delay);
            }
        }
    });
    address
}

/// Hands on what comes, each piece `delay` after it came.
fn hand_on(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (pieces, waiting) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let due = Instant::now() + delay;
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
