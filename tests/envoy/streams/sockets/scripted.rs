//! A scripted etcd behind a socket.

use envoy_tests::open::{KEEPALIVE, WATCH};
use envoy_tests::socket::{PING, PONG, Socket, frame};
use serde_json::json;
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Call, Upstream};
use testbed::wire::{bytes_field, varint_field};

/// The number of the primer's watch.
const PRIMER: u64 = 1 << 62;

/// A gateway in front of an upstream that the test drives.
pub fn live() -> (Upstream, Gateway) {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    (upstream, gateway)
}

/// A socket that is open, its primer answered, and its call.
pub fn opened(upstream: &Upstream, gateway: &Gateway, path: &str) -> (Socket, Call) {
    opened_with(upstream, gateway, path, "")
}

/// The same, asked for with these lines more in the head.
pub fn opened_with(
    upstream: &Upstream,
    gateway: &Gateway,
    path: &str,
    more: &str,
) -> (Socket, Call) {
    let mut socket = Socket::ask(gateway.address(), path, more);
    let call = upstream.call();
    call.message(0);
    call.head();
    if path == WATCH {
        call.reply(&[varint_field(2, PRIMER), varint_field(3, 1)].concat());
        call.message(1);
        call.reply(&[varint_field(2, PRIMER), varint_field(4, 1)].concat());
    } else {
        call.reply(b"");
    }
    socket.opens();
    // Its answer shows that the one to the primer has come, before which no frame can be sent.
    socket.send_raw(&frame(PING, b"open"));
    assert_eq!(socket.frame(), Some((PONG, b"open".to_vec())));
    (socket, call)
}

#[test]
fn a_watch_opens_by_a_primer_of_which_its_client_sees_nothing() {
    let (upstream, gateway) = live();
    let (mut socket, call) = opened(&upstream, &gateway, WATCH);
    let received = call.received();
    assert_eq!(received.path, "/etcdserverpb.Watch/Watch");
    assert_eq!(received.method, "POST");
    for name in [
        "upgrade",
        "connection",
        "sec-websocket-key",
        "sec-websocket-version",
    ] {
        assert_eq!(received.header(name), None, "{name}");
    }
    socket.send(r#"{"create_request":{"key":"Zm9v"}}"#);
    assert_eq!(call.message(2), bytes_field(1, &bytes_field(1, b"foo")));
    for id in 1..4 {
        call.reply(&varint_field(2, id));
        assert_eq!(
            socket.document(),
            json!({"result": {"watch_id": id.to_string()}})
        );
    }
    assert_eq!(call.received().messages().len(), 3);
    drop(socket);
    call.wait_for("the reset", |received| received.reset.is_some());
}

#[test]
fn requests_that_come_with_the_handshake_or_before_its_answer_go_up_in_order() {
    let (upstream, gateway) = live();
    let mut socket = Socket::ask(gateway.address(), KEEPALIVE, "");
    socket.send(r#"{"ID":1}"#);
    let call = upstream.call();
    assert_eq!(call.message(0), b"");
    socket.send(r#"{"ID":2}{"ID":3}"#);
    for id in 1..4 {
        assert_eq!(call.message(id as usize), varint_field(1, id));
    }
    call.head();
    call.reply(b"");
    call.reply(&varint_field(2, 1));
    socket.opens();
    assert_eq!(socket.document(), json!({"result": {"ID": "1"}}));
}

#[test]
fn a_large_document_comes_in_fragments_and_small_ones_behind_it() {
    let (upstream, gateway) = live();
    let (mut socket, call) = opened(&upstream, &gateway, WATCH);
    for size in [100, 70_000, 1_000_000, 6_000_000] {
        let value = bytes_field(2, &bytes_field(5, &vec![9; size]));
        call.reply(&bytes_field(11, &value));
        let document = socket.document();
        let text = document["result"]["events"][0]["kv"]["value"]
            .as_str()
            .unwrap();
        assert_eq!(text.len(), size.div_ceil(3) * 4, "{size}");
        call.reply(&varint_field(2, 7));
        assert_eq!(
            socket.document(),
            json!({"result": {"watch_id": "7"}}),
            "{size}"
        );
    }
}

#[test]
fn a_burst_of_documents_comes_whole_and_in_order() {
    let (upstream, gateway) = live();
    let (mut socket, call) = opened(&upstream, &gateway, KEEPALIVE);
    const COUNT: u64 = 20_000;
    for id in 1..=COUNT {
        call.reply(&varint_field(2, id));
    }
    for id in 1..=COUNT {
        assert_eq!(socket.document(), json!({"result": {"ID": id.to_string()}}));
    }
}
