//! Clients that mean harm: each is told so or let go, and Envoy serves on.

use envoy_tests::open::{KEEPALIVE, WATCH};
use envoy_tests::socket::{PING, Socket, TEXT, frame};
use serde_json::json;
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::varint_field;

use crate::scripted::{live, opened};

/// Frames that a client must not send, and how its socket is closed.
fn bad() -> Vec<(&'static str, Vec<u8>, u16)> {
    vec![
        ("no mask", b"\x81\x02{}".to_vec(), 1002),
        ("a reserved bit", frame(0xc1, b"{}"), 1002),
        ("an unknown kind", frame(0x83, b"{}"), 1002),
        ("a continuation of nothing", frame(0x80, b"{}"), 1002),
        (
            "a message within another",
            [frame(0x01, b"{"), frame(TEXT, b"{}")].concat(),
            1002,
        ),
        ("a ping in fragments", frame(0x09, b""), 1002),
        ("a ping of 126 bytes", frame(PING, &[0; 126]), 1002),
        (
            "a length of 64 bits",
            b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0".to_vec(),
            1002,
        ),
        (
            "a length in too many bytes",
            b"\x82\xfe\0\x01\0\0\0\0x".to_vec(),
            1002,
        ),
        ("text that is no UTF-8", frame(TEXT, b"\"\xff\""), 1007),
        (
            "a terabyte",
            b"\x82\xff\0\0\x01\0\0\0\0\0\0\0\0\0{".to_vec(),
            1009,
        ),
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec(), 1002),
    ]
}

#[test]
fn bad_frames_close_the_socket_with_their_code_however_they_come() {
    let (upstream, gateway) = live();
    for (name, bytes, code) in bad() {
        for bytewise in [false, true] {
            let (mut socket, call) = opened(&upstream, &gateway, WATCH);
            let pieces = if bytewise { 1 } else { bytes.len() };
            for piece in bytes.chunks(pieces) {
                // It may be closed before all of it has been sent.
                if socket.try_send_raw(piece).is_err() {
                    break;
                }
            }
            assert_eq!(socket.closed(), Some(code), "{name}");
            call.wait_for("the reset", |received| received.reset.is_some());
        }
    }
}

#[test]
fn the_same_before_a_socket_is_open_is_refused() {
    let (_upstream, gateway) = live();
    for (name, bytes, _) in bad() {
        let mut socket = Socket::ask(gateway.address(), WATCH, "");
        socket.send_raw(&bytes);
        let answer = socket.answer();
        assert_eq!(answer.status, 400, "{name}: {}", answer.head);
    }
}

#[test]
fn a_message_and_a_value_have_a_largest_size() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let limit = json!({"max_request_bytes": 10_000});
    let gateway = Gateway::start(Mode::Full, limit, &upstream);
    let long = format!(r#"{{"create_request":{{"key":"{}"}}}}"#, "A".repeat(15_000));
    let endless = [frame(0x01, b" "), frame(0x00, &[b' '; 1000]).repeat(30)];
    // A value of several messages, each of which is small.
    let pieces = frame(TEXT, &[b'['; 100]).repeat(250);
    for (name, bytes) in [
        ("one message", frame(TEXT, long.as_bytes())),
        ("fragments without an end", endless.concat()),
        ("a value without an end", pieces),
    ] {
        let (mut socket, _call) = opened(&upstream, &gateway, WATCH);
        let _ = socket.try_send_raw(&bytes);
        let codes = std::iter::from_fn(|| socket.frame());
        let last = codes.last().unwrap();
        let code = u16::from_be_bytes([last.1[0], last.1[1]]);
        assert!(
            matches!((last.0, code), (0x88, 1009 | 1011)),
            "{name}: {last:?}"
        );
    }
}

#[test]
fn floods_of_tiny_frames_and_pings_cost_envoy_little() {
    const LIMIT: u64 = 48 << 20;
    let upstream = Upstream::start().unwrap();
    let gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let mut gateway = gateway;
    let head = Script::default().step(Step::AwaitMessages(1)).head();
    upstream.always(head.data(testbed::wire::frame(&varint_field(2, 0))));
    let before = gateway.process().usage().unwrap().rss;
    for (name, bytes) in [
        ("pings", frame(PING, &[7; 125])),
        ("pongs", frame(0x8a, b"")),
        ("empty fragments", frame(0x00, b"")),
        ("empty messages", frame(TEXT, b"")),
        ("empty objects", frame(TEXT, b"{}")),
    ] {
        // Who sends and does not read.
        let mut socket = Socket::open(gateway.address(), KEEPALIVE);
        if name == "empty fragments" {
            socket.send_raw(&frame(0x01, b""));
        }
        let piece = bytes.repeat((64 << 10) / bytes.len());
        for _ in 0..128 {
            socket.send_raw(&piece);
        }
        let grown = gateway
            .process()
            .usage()
            .unwrap()
            .rss
            .saturating_sub(before);
        eprintln!("{name}: {grown} bytes");
        assert!(grown < LIMIT, "{name}: {grown} bytes");
    }
    upstream.always(Script::message(b""));
    assert_eq!(gateway.post("/v3/kv/put", "{}").status, 200);
}
