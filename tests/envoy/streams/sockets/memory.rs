//! What sockets cost Envoy: many quiet ones, and such whose clients do not read.

use envoy_tests::open::WATCH;
use envoy_tests::socket::Socket;
use serde_json::json;
use testbed::client::{Body, Request, h1};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

const SOCKETS: usize = 1000;

/// Most bytes that a socket may cost more than the same stream without the filter: some 8 KB are measured on an idle machine,
/// and memory comes in pages.
const SOCKET_COST: u64 = 12 << 10;

/// What Envoy may hold for a thousand that do not read: 64 KiB from etcd, 64 KiB on the way out and a piece each.
const STALLED: u64 = 200 << 20;

fn rss(gateway: &mut Gateway) -> u64 {
    gateway.process().usage().unwrap().rss
}

/// What each of many quiet watches costs Envoy, as a socket or as plain gRPC on a connection of its own.
fn cost(sockets: bool) -> u64 {
    let upstream = Upstream::start().unwrap();
    let answer = frame(&varint_field(3, 1));
    let script = Script::default()
        .step(Step::AwaitMessages(1))
        .head()
        .data(answer);
    upstream.always(script);
    let mut gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let address = gateway.address();
    let open_some = |count: usize| {
        let mut sockets_open = Vec::new();
        let mut plain = Vec::new();
        for _ in 0..count {
            if sockets {
                let mut socket = Socket::open(address, WATCH);
                socket.send(r#"{"create_request":{"key":"Zm9v"}}"#);
                sockets_open.push(socket);
            } else {
                let request = Request::new("POST", "/etcdserverpb.Watch/Watch")
                    .header("content-type", "application/grpc")
                    .body(Body::Pieces(Vec::new()));
                let mut connection = h1::Connection::open(address).unwrap();
                connection.send_head(&request).unwrap();
                let create = frame(&bytes_field(1, &bytes_field(1, b"foo")));
                connection.send_chunk(&create).unwrap();
                let mut head = connection.read_head().unwrap();
                assert!(connection.read_piece(&mut head).unwrap().is_some());
                plain.push(connection);
            }
        }
        (sockets_open, plain)
    };
    let warm = open_some(SOCKETS / 4);
    let before = rss(&mut gateway);
    let open = open_some(SOCKETS);
    let after = rss(&mut gateway);
    drop((warm, open));
    after.saturating_sub(before) / SOCKETS as u64
}

#[test]
fn a_socket_costs_little_more_than_envoy_s_own_stream() {
    let (ours, plain) = (cost(true), cost(false));
    eprintln!("a socket costs {ours} bytes, as plain gRPC {plain}");
    assert!(ours < plain + SOCKET_COST, "{ours} bytes, plain {plain}");
}

#[test]
fn a_thousand_sockets_that_do_not_read_stay_within_the_example_s_bounds() {
    let upstream = Upstream::start().unwrap();
    let value = bytes_field(2, &bytes_field(5, &[9; 1500]));
    let burst = frame(&bytes_field(11, &value)).repeat(100);
    let start = Script::default().step(Step::AwaitMessages(1)).head();
    let script = (0..10).fold(start, |script, _| script.data(burst.clone()));
    upstream.always(script);
    let mut gateway = Setup::example(Mode::Full, upstream.address()).start();
    let before = rss(&mut gateway);
    let address = gateway.address();
    let sockets: Vec<Socket> = (0..SOCKETS).map(|_| Socket::open(address, WATCH)).collect();
    let peak = gateway.process().usage().unwrap().peak_rss;
    let grown = peak.saturating_sub(before);
    eprintln!("a thousand sockets that do not read: {grown} bytes");
    assert!(grown < STALLED, "{grown} bytes");
    drop(sockets);
    upstream.always(Script::message(b""));
    assert_eq!(gateway.post("/v3/kv/put", "{}").status, 200);
}
