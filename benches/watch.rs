//! Watches, etcd's own gateway beside Envoy with the filter: `cargo bench --bench watch`.
//!
//! How long after a put its event arrives, and how fast events come when there are many. Fails if
//! an event is missing. Times depend on the machine: what counts is how the ways compare, measured
//! in turns.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use testbed::client::{PATIENCE, Request, h1};
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::usage;

/// Puts whose event is awaited, for each way.
const DELAYS: usize = 3000;
/// Put before the first that counts: everything is warm then.
const WARM_UP: usize = 200;

/// Watches in one stream: a put brings as many messages at once. Fewer than etcd queues for a
/// stream (128), for it makes messages that find no room wait for a timer of 10 ms.
const FAN_OUT: usize = 100;
/// Puts to a key with so many watches, for each way, each awaited.
const BURSTS: usize = 300;

/// Puts in a transaction, and so events in a message; etcd allows 128.
const TRANSACTION: usize = 100;
/// Transactions on keys with [`FAN_OUT`] watches, for each way, each awaited.
const TRANSACTIONS: usize = 40;

/// Puts to a key with [`FAN_OUT`] watches that nobody reads yet.
const UNREAD: usize = 200;
/// Large enough that the unread events fill every buffer on the way.
const UNREAD_VALUE: usize = 2000;
/// Times that what was left unread is read, for each way.
const STALLS: usize = 7;
/// How long after the last put the reader begins: nothing moves any more then.
const STALL: Duration = Duration::from_millis(500);

const PUT: &str = "/v3/kv/put";

/// A way to the events.
struct Way {
    name: &'static str,
    address: SocketAddr,
    /// None for etcd itself. Held so that it runs.
    _gateway: Option<Gateway>,
}

fn main() {
    let etcd = Etcd::start_with(Options {
        version: Version::V3_7_3,
        // A disk's moods are not what is measured.
        arguments: vec!["--unsafe-no-fsync".to_owned()],
        ..Options::default()
    })
    .expect("an etcd");
    let own = etcd.client_address();
    let ways = [
        Way::new("etcd's own gateway", own.parse().expect("an address"), None),
        Way::filter("Envoy and the filter", Mode::Full, &own),
        Way::filter("  heads not held back", Mode::Plain, &own),
    ];
    let mut writer = Writer::open(ways[0].address);
    println!("{}", usage::machine());

    println!(
        "\n{:<22} {:>8} {:>8} {:>8}",
        "put to event", "median", "p90", "more"
    );
    let delays = delays(&ways, &mut writer);
    let median = |way: usize| quantile(&delays[way], 0.5);
    for (index, way) in ways.iter().enumerate() {
        println!(
            "{:<22} {:>8.0?} {:>8.0?} {:>5.0} us",
            way.name,
            median(index),
            quantile(&delays[index], 0.9),
            (median(index).as_secs_f64() - median(0).as_secs_f64()) * 1e6,
        );
    }
    let messages = bursts(&ways, &mut writer);
    report(
        &format!("{FAN_OUT} messages at once"),
        &ways,
        &messages,
        FAN_OUT,
    );
    let messages = transactions(&ways, &mut writer);
    report(
        "of 100 events each",
        &ways,
        &messages,
        FAN_OUT * TRANSACTION,
    );
    let unread = stalls(&ways, &mut writer);
    report("after a slow reader", &ways, &unread, UNREAD * FAN_OUT);
}

/// Prints how many events a second came in the median of the times, in which `events` did.
fn report(what: &str, ways: &[Way], times: &[Vec<Duration>], events: usize) {
    println!(
        "\n{what:<22} {:>8} {:>10} {:>6}",
        "time", "events/s", "ratio"
    );
    let own = quantile(&times[0], 0.5).as_secs_f64();
    for (way, times) in ways.iter().zip(times) {
        let time = quantile(times, 0.5);
        println!(
            "{:<22} {time:>8.1?} {:>10.0} {:>6.2}",
            way.name,
            events as f64 / time.as_secs_f64(),
            own / time.as_secs_f64(),
        );
    }
}

/// From just before a put to its event, each way with a key and a watch of its own.
fn delays(ways: &[Way], writer: &mut Writer) -> Vec<Vec<Duration>> {
    let key = |way: usize| format!("/delay/{way}");
    let mut watches: Vec<Watch> = (0..ways.len())
        .map(|way| Watch::open(&ways[way], &key(way), 1))
        .collect();
    in_turns(ways, WARM_UP + DELAYS, WARM_UP, |way| {
        let put = put(&key(way), b"value");
        let start = Instant::now();
        writer.send(PUT, &put);
        watches[way].read_events(1);
        let time = start.elapsed();
        writer.finish();
        time
    })
}

/// From just before a put to the last of the events of all watches on its key.
fn bursts(ways: &[Way], writer: &mut Writer) -> Vec<Vec<Duration>> {
    let key = |way: usize| format!("/burst/{way}");
    let mut watches: Vec<Watch> = (0..ways.len())
        .map(|way| Watch::open(&ways[way], &key(way), FAN_OUT))
        .collect();
    in_turns(ways, BURSTS + BURSTS / 10, BURSTS / 10, |way| {
        let put = put(&key(way), b"value");
        let start = Instant::now();
        writer.send(PUT, &put);
        watches[way].read_events(FAN_OUT);
        let time = start.elapsed();
        writer.finish();
        time
    })
}

/// From just before a transaction to the last of the events of all watches on its keys.
fn transactions(ways: &[Way], writer: &mut Writer) -> Vec<Vec<Duration>> {
    let folder = |way: usize| format!("/transaction/{way}/");
    let transaction = |way: usize| {
        let puts: Vec<String> = (0..TRANSACTION)
            .map(|index| put(&format!("{}{index}", folder(way)), b"value"))
            .map(|put| format!(r#"{{"request_put":{put}}}"#))
            .collect();
        format!(r#"{{"success":[{}]}}"#, puts.join(","))
    };
    let mut watches: Vec<Watch> = (0..ways.len())
        .map(|way| Watch::open(&ways[way], &folder(way), FAN_OUT))
        .collect();
    in_turns(ways, TRANSACTIONS + 4, 4, |way| {
        let transaction = transaction(way);
        let start = Instant::now();
        writer.send("/v3/kv/txn", &transaction);
        watches[way].read_events(FAN_OUT * TRANSACTION);
        let time = start.elapsed();
        writer.finish();
        time
    })
}

/// Everything that came while nobody read.
fn stalls(ways: &[Way], writer: &mut Writer) -> Vec<Vec<Duration>> {
    let put = put("/unread", &[b'v'; UNREAD_VALUE]);
    in_turns(ways, STALLS + 1, 1, |way| {
        let mut watch = Watch::open(&ways[way], "/unread", FAN_OUT);
        for _ in 0..UNREAD {
            writer.send(PUT, &put);
            writer.finish();
        }
        thread::sleep(STALL);
        let start = Instant::now();
        watch.read_events(UNREAD * FAN_OUT);
        start.elapsed()
    })
}

/// Measures each way in each round, in any order: what a way leaves behind, such as a busy Envoy,
/// must not always meet the same other. The first `unmeasured` rounds do not count.
fn in_turns(
    ways: &[Way],
    rounds: usize,
    unmeasured: usize,
    mut measure: impl FnMut(usize) -> Duration,
) -> Vec<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(rounds); ways.len()];
    let mut order: Vec<usize> = (0..ways.len()).collect();
    for round in 0..rounds {
        fastrand::shuffle(&mut order);
        for &way in &order {
            let time = measure(way);
            if round >= unmeasured {
                times[way].push(time);
            }
        }
    }
    times
}

impl Way {
    fn new(name: &'static str, address: SocketAddr, gateway: Option<Gateway>) -> Self {
        Self {
            name,
            address,
            _gateway: gateway,
        }
    }

    /// Through an Envoy with the configuration that users copy.
    fn filter(name: &'static str, mode: Mode, etcd: &str) -> Self {
        let gateway = Setup::example(mode, etcd).start();
        Self::new(name, gateway.address(), Some(gateway))
    }
}

/// A connection to etcd itself that puts.
struct Writer(h1::Connection);

impl Writer {
    fn open(address: SocketAddr) -> Self {
        Self(h1::Connection::open(address).expect("a connection"))
    }

    fn send(&mut self, path: &str, body: &str) {
        let request = Request::post(path, body);
        self.0.send(&request).expect("a request that is taken");
    }

    fn finish(&mut self) {
        let response = self.0.response().expect("an answer");
        assert_eq!(response.status, 200, "{response:?}");
    }
}

/// A stream of watches, read with as little as counts its events.
struct Watch {
    socket: TcpStream,
    room: Vec<u8>,
    created: usize,
    /// Events that were read and not yet asked for.
    events: usize,
}

/// Once in every event.
const EVENT: &[u8] = br#""kv":"#;
/// Once in the answer that a watch has been created.
const CREATED: &[u8] = br#""created":"#;
/// The end of a message and of its chunk, or of the chunk of its own that etcd puts the line's end in
/// behind a long message.
const END: &[u8] = b"\n\r\n";
/// What is kept of the last read: a name that is looked for may come in two pieces.
const KEPT: usize = 16;
const ROOM: usize = 256 << 10;
/// How long the answer to a creation may be away, and how often a stream is opened anew then.
const CREATION: Duration = Duration::from_millis(500);
const ATTEMPTS: usize = 50;

impl Watch {
    /// Opens a stream with `count` watches on a key and what begins with it, all of which are there
    /// when this returns.
    ///
    /// etcd's own gateway does not read what is left of an HTTP/1.1 request once it answers, and so
    /// misses some of the watches at times.
    fn open(way: &Way, key: &str, count: usize) -> Self {
        let (key, end) = (base64(key), base64(format!("{key}~")));
        let creates =
            format!(r#"{{"create_request":{{"key":"{key}","range_end":"{end}"}}}}"#).repeat(count);
        let watch = (0..ATTEMPTS).find_map(|_| {
            let mut watch = Self::send(way, &creates);
            watch.read_until(|watch| watch.created == count).ok()?;
            Some(watch)
        });
        let watch = watch.expect("a stream with all its watches");
        watch
            .socket
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket");
        watch
    }

    fn send(way: &Way, creates: &str) -> Self {
        let mut socket = TcpStream::connect(way.address).expect("a connection");
        socket.set_nodelay(true).expect("a socket");
        socket.set_read_timeout(Some(CREATION)).expect("a socket");
        let head = format!(
            "POST /v3/watch HTTP/1.1\r\nHost: etcd\r\nContent-Length: {}\r\n\r\n",
            creates.len()
        );
        let request = [head.as_bytes(), creates.as_bytes()].concat();
        socket.write_all(&request).expect("a request that is taken");
        Self {
            socket,
            room: vec![0; KEPT + ROOM],
            created: 0,
            events: 0,
        }
    }

    /// Reads this many events, and the message of the last to its end.
    fn read_events(&mut self, count: usize) {
        self.read_until(|watch| watch.events >= count)
            .expect("events");
        self.events -= count;
    }

    fn read_until(&mut self, done: impl Fn(&Self) -> bool) -> io::Result<()> {
        let mut at_end = true;
        while !(at_end && done(self)) {
            let count = self.socket.read(&mut self.room[KEPT..])?;
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let end = KEPT + count;
            for (at, byte) in self.room[KEPT..end].iter().enumerate() {
                if *byte == b':' {
                    let name = &self.room[..=KEPT + at];
                    self.events += usize::from(name.ends_with(EVENT));
                    self.created += usize::from(name.ends_with(CREATED));
                }
            }
            at_end = self.room[..end].ends_with(END);
            self.room.copy_within(count..end, 0);
        }
        Ok(())
    }
}

fn put(key: &str, value: &[u8]) -> String {
    let (key, value) = (base64(key), base64(value));
    format!(r#"{{"key":"{key}","value":"{value}"}}"#)
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn quantile(times: &[Duration], part: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[(sorted.len() as f64 * part) as usize]
}
