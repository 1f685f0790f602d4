//! A hundred thousand hostile requests, and Envoy's memory afterwards.

use std::collections::HashSet;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use envoy_tests::frames::{
    self, DATA, END_STREAM, HEADERS, PREFACE, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use envoy_tests::raw_client::with;
use envoy_tests::raw_upstream::{Act, Script, case_value};
use envoy_tests::world::World;
use testbed::client::PATIENCE;
use testbed::gateway::Mode;
use testbed::vectors::Dialect;

use super::{Row, rows};

/// Requests before the measurement, after which the heaps have the size that they need.
const WARM_UP: usize = 10_000;
/// Requests in it.
const REQUESTS: usize = 100_000;
/// What Envoy may have grown by then.
const GROWTH: u64 = 16 << 20;

/// Connections at a time.
const CLIENTS: usize = 4;
/// Requests at a time on one of them.
const BURST: usize = 40;
/// Bursts on one of them, after which comes another.
const BURSTS: usize = 10;

/// Most bytes that a script sends to be among those that are asked for a thousand times.
const SHORT: usize = 10_000;

/// In time for Envoy to close what waits for its client to close it.
const SETTLING: Duration = Duration::from_millis(1500);

/// What is asked for.
#[derive(Clone)]
struct Asked {
    path: &'static str,
    body: &'static [u8],
    /// Whether the client then resets the stream.
    reset: bool,
    /// The hostile upstream's script, if it is asked.
    case: Option<usize>,
}

/// What a client does alone.
const CLIENTS_OWN: [(&str, &[u8], bool); 24] = [
    ("/v3/kv/range", b"{}", false),
    ("/v3/kv/range", b"[[[[", false),
    ("/v3/kv/range", b"{\"key\":\"\xff\"}", false),
    ("/v3/kv/range", b"{\"limit\":1e999}", false),
    ("/v3/kv/range", b"", false),
    ("/v3/kv/range", b"", true),
    ("/v3/kv/range%zz", b"{}", false),
    ("/v3/nowhere", b"{}", false),
    ("/v3/watch", b"{\"create_request\":{}} [ ", false),
    ("/v3/watch", b"nonsense ", false),
    ("/v3/watch", b"{\"create_request\":", true),
    ("/v3/lease/keepalive", b"{\"ID\":1}{\"ID\":2}", true),
    ("/v3/maintenance/snapshot", b"{}", true),
    ("/version", b"", true),
    ("/v3/kv/put", b"{\"key\":\"AAAA", true),
    ("/elsewhere", b"x", true),
    ("/v3/kv/put", b"\x1f\x8b\x08\0", false),
    ("/v3/kv/put", b"{\"key\":\"AA==\",\"key\":\"AA==\"}", false),
    (
        "/v3/kv/txn",
        b"{\"compare\":[{\"target\":\"NOWHERE\"}]}",
        false,
    ),
    (
        "/v3/kv/txn",
        b"{\"success\":[{\"request_txn\":{\"success\":[[",
        false,
    ),
    ("/v3/kv/../range", b"", false),
    ("/v3/watch", b"", false),
    ("/v3/lease/keepalive", b"{\"ID\":\"1e5\"}", false),
    ("/v3/auth/enable", b"\0\0\0", false),
];

/// How many of these there are to each request that meets a hostile upstream, which is a connection of its own.
const ALONE: usize = 7;

/// How a hostile upstream is met.
const CALLS: [(&str, &[u8]); 3] = [
    ("/v3/kv/range", b"{}"),
    ("/v3/kv/range", b""),
    ("/v3/watch", b"{\"create_request\":{}}"),
];

/// Whether a script is over soon.
fn is_short(row: &Row) -> bool {
    let size = |act: &Act| match act {
        Act::Send(bytes) => Some(bytes.len()),
        Act::AwaitData | Act::AwaitEnd | Act::Close => Some(0),
        Act::Flood(..) | Act::Delay(_) => None,
    };
    let total: Option<usize> = (row.script)(1).iter().map(size).sum();
    !row.stalls && total.is_some_and(|total| total < SHORT)
}

/// Everything that is asked for, in turn, and the scripts.
fn mix() -> (Vec<Asked>, Vec<Script>) {
    let rows = rows().into_iter().filter(is_short);
    let mut asked = Vec::new();
    let mut scripts = Vec::new();
    for (number, row) in rows.enumerate() {
        for index in 0..ALONE {
            let (path, body, reset) = CLIENTS_OWN[(number * ALONE + index) % CLIENTS_OWN.len()];
            asked.push(Asked {
                path,
                body,
                reset,
                case: None,
            });
        }
        let (path, body) = CALLS[number % CALLS.len()];
        asked.push(Asked {
            path,
            body,
            reset: false,
            case: Some(number),
        });
        scripts.push(row.script);
    }
    (asked, scripts)
}

impl Asked {
    fn frames(&self, stream: u32) -> Vec<u8> {
        let case = self.case.map(case_value);
        let fields: Vec<(&str, &str)> = case
            .iter()
            .map(|case| ("grpc-metadata-case", case.as_str()))
            .collect();
        // A body that is then reset has no end.
        let end = if self.reset { 0 } else { END_STREAM };
        let mut bytes = match self.body {
            b"" => with(stream, self.path, END_STREAM, &fields),
            _ => with(stream, self.path, 0, &fields),
        };
        if !self.body.is_empty() {
            bytes.extend(frames::data(stream, end, self.body));
        }
        if self.reset {
            bytes.extend(frames::reset(stream, 8));
        }
        bytes
    }
}

/// Sends bursts of requests over one connection, each when the one before has been answered, until `left` is used up.
fn bursts(address: SocketAddr, asked: &[Asked], left: &AtomicUsize, next: &AtomicUsize) {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let wide = 1_u32 << 24;
    let settings = [&[0, 4][..], &wide.to_be_bytes()].concat();
    let hello = [
        PREFACE,
        &frames::frame(SETTINGS, 0, 0, &settings),
        &frames::frame(WINDOW_UPDATE, 0, 0, &wide.to_be_bytes()),
    ];
    socket.write_all(&hello.concat()).unwrap();
    let mut stream = 1;
    for _ in 0..BURSTS {
        let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(BURST)
        });
        if taken.is_err() {
            return;
        }
        let mut waiting = HashSet::new();
        let mut bytes = Vec::new();
        for _ in 0..BURST {
            let asked = &asked[next.fetch_add(1, Ordering::Relaxed) % asked.len()];
            bytes.extend(asked.frames(stream));
            if !asked.reset {
                waiting.insert(stream);
            }
            stream += 2;
        }
        // Envoy may close the connection for all the resets.
        if socket.write_all(&bytes).is_err() {
            return;
        }
        while !waiting.is_empty() {
            let Some(frame) =
                frames::read(&mut reader).unwrap_or_else(|error| panic!("{error}: {waiting:?}"))
            else {
                return;
            };
            let ended = match frame.kind {
                DATA | HEADERS => frame.flags & END_STREAM != 0,
                kind => kind == RST_STREAM,
            };
            if ended {
                waiting.remove(&frame.stream);
            }
        }
    }
}

fn send(world: &World, asked: &[Asked], count: usize) {
    let (left, next) = (AtomicUsize::new(count), AtomicUsize::new(0));
    let address = world.gateway.address();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while left.load(Ordering::Relaxed) >= BURST {
                    bursts(address, asked, &left, &next);
                }
            });
        }
    });
    world.upstream.take();
    thread::sleep(SETTLING);
}

#[test]
fn a_hundred_thousand_hostile_requests_leave_envoys_memory_as_it_was() {
    let (asked, scripts) = mix();
    let scripts = Arc::new(scripts);
    let mut world = World::start(Mode::Full, Dialect::Compatible, &scripts);
    let rss = |world: &mut World| world.gateway.process().usage().unwrap().rss;
    send(&world, &asked, WARM_UP);
    let before = rss(&mut world);
    send(&world, &asked, REQUESTS);
    let after = rss(&mut world);
    eprintln!("{before} bytes of Envoy before, {after} after");
    let growth = after.saturating_sub(before);
    assert!(growth < GROWTH, "{before} bytes before, {after} after");
    world.still_serves().unwrap();
}
