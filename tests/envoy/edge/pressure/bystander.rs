//! Somebody who puts, reads and watches on connections of his own, and notes how long it took.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use testbed::client::{Body, Request, h1};

/// How often he does something.
const PACE: Duration = Duration::from_millis(20);

const KEY: &str = "bystander";

/// The value that says that no more come, in base64.
const LAST: &str = "bGFzdA==";

/// Somebody who puts and reads on connections of his own.
pub struct Writer {
    stop: Arc<AtomicBool>,
    puts: JoinHandle<(Duration, usize)>,
}

impl Writer {
    /// One who speaks JSON at an address, of a gateway or of etcd's own.
    pub fn start(address: SocketAddr, key: &str) -> Self {
        let key = BASE64_STANDARD.encode(key);
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let puts = thread::spawn(move || {
            let mut connection = h1::Connection::open(address).unwrap();
            let mut reads = h1::Connection::open(address).unwrap();
            let (mut slowest, mut count) = (Duration::ZERO, 0);
            let mut put = |value: &str| {
                let body = format!(r#"{{"key":"{key}","value":"{value}"}}"#);
                let started = Instant::now();
                let answer = connection
                    .exchange(&Request::post("/v3/kv/put", body))
                    .unwrap();
                assert_eq!(answer.status, 200, "{answer:?}");
                started.elapsed()
            };
            while !stopping.load(Ordering::Relaxed) {
                let value = BASE64_STANDARD.encode(count.to_string());
                slowest = slowest.max(put(&value));
                count += 1;
                let body = format!(r#"{{"key":"{key}"}}"#);
                let answer = reads
                    .exchange(&Request::post("/v3/kv/range", body))
                    .unwrap();
                assert_eq!(answer.json()["kvs"][0]["value"], value, "{answer:?}");
                thread::sleep(PACE);
            }
            put(LAST);
            (slowest, count)
        });
        Self { stop, puts }
    }

    /// The slowest put, and how many there were before the last.
    pub fn stop(self) -> (Duration, usize) {
        self.stop.store(true, Ordering::Relaxed);
        self.puts.join().unwrap()
    }
}

/// A writer, and a watch of what he writes.
pub struct Bystander {
    writer: Writer,
    events: JoinHandle<usize>,
}

impl Bystander {
    pub fn start(address: SocketAddr) -> Self {
        let mut watch = h1::Connection::open(address).unwrap();
        let request = Request::new("POST", "/v3/watch").body(Body::Pieces(Vec::new()));
        watch.send_head(&request).unwrap();
        let key = BASE64_STANDARD.encode(KEY);
        let create = format!(r#"{{"create_request":{{"key":"{key}"}}}}"#);
        watch.send_chunk(create.as_bytes()).unwrap();
        let mut head = watch.read_head().unwrap();
        assert!(watch.read_piece(&mut head).unwrap().is_some());

        let events = thread::spawn(move || {
            let mut seen = 0;
            loop {
                let piece = watch.read_piece(&mut head).unwrap();
                let piece = piece.unwrap(); // None: the bystander's watch has ended
                let text = String::from_utf8(piece).unwrap();
                for line in text.lines() {
                    let line: Value = serde_json::from_str(line).unwrap();
                    for event in line["result"]["events"].as_array().unwrap() {
                        if event["kv"]["value"] == LAST {
                            return seen;
                        }
                        seen += 1;
                    }
                }
            }
        });
        let writer = Writer::start(address, KEY);
        Self { writer, events }
    }

    /// The slowest put, once everything that was put has been seen by the watch.
    pub fn stop(self) -> Duration {
        let (slowest, count) = self.writer.stop();
        assert_eq!(
            self.events.join().unwrap(),
            count,
            "events of the bystander's watch"
        );
        slowest
    }
}
