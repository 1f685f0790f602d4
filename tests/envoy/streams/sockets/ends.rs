//! How sockets end, and what keeps them open.

use envoy_tests::open::{KEEPALIVE, WATCH};
use envoy_tests::socket::{CLOSE, PING, PONG, Socket, TEXT, frame};
use serde_json::json;
use testbed::upstream::Step;
use testbed::wire::varint_field;

use crate::scripted::{live, opened};

#[test]
fn pings_are_answered_and_of_many_the_last() {
    let (upstream, gateway) = live();
    let (mut socket, call) = opened(&upstream, &gateway, WATCH);
    socket.send_raw(&frame(PING, b"hello"));
    assert_eq!(socket.frame(), Some((PONG, b"hello".to_vec())));
    let pings: Vec<u8> = (0..100_u8).flat_map(|n| frame(PING, &[n])).collect();
    socket.send_raw(&pings);
    let last = std::iter::from_fn(|| socket.frame()).find(|(_, payload)| payload == &[99]);
    assert_eq!(last.map(|(first, _)| first), Some(PONG));
    socket.send_raw(&frame(PONG, b"nobody asked"));
    call.reply(&varint_field(2, 1));
    assert_eq!(socket.document(), json!({"result": {"watch_id": "1"}}));
}

#[test]
fn a_close_is_answered_with_its_code_and_ends_the_call() {
    let (upstream, gateway) = live();
    for (payload, code) in [
        (&b"\x03\xe8bye"[..], 1000),
        (b"", 1005),
        (b"\x0f\xa0", 4000),
        (b"\x03", 1002),
        (b"\x03\xed", 1002),
        (b"\x03\xe8\xff", 1007),
    ] {
        let (mut socket, call) = opened(&upstream, &gateway, WATCH);
        socket.send_raw(&frame(CLOSE, payload));
        assert_eq!(socket.closed(), Some(code), "{payload:?}");
        call.wait_for("the reset", |received| received.reset.is_some());
    }
}

#[test]
fn what_ends_a_call_closes_its_socket_behind_the_last_document() {
    let (upstream, gateway) = live();
    for (step, code, grpc_code) in [
        (
            Step::Trailers(vec![("grpc-status".into(), b"0".to_vec())]),
            1000,
            None,
        ),
        (
            Step::Trailers(vec![("grpc-status".into(), b"14".to_vec())]),
            1011,
            Some(14),
        ),
        (Step::Reset(2), 1011, Some(14)),
        (Step::End, 1011, Some(13)),
        (Step::Disconnect, 1011, Some(14)),
        (Step::Data(b"\x02\0\0\0\0".to_vec()), 1011, Some(13)),
    ] {
        for path in [WATCH, KEEPALIVE] {
            let (mut socket, call) = opened(&upstream, &gateway, path);
            // Its answer shows that those to the primer have come.
            call.reply(&varint_field(5, 1));
            socket.document();
            call.send(step.clone());
            if let Some(grpc_code) = grpc_code {
                let error = socket.document();
                assert_eq!(error["error"]["grpc_code"], grpc_code, "{step:?}: {error}");
            }
            assert_eq!(socket.closed(), Some(code), "{step:?}");
        }
    }
}

#[test]
fn a_bad_request_is_told_and_closes_the_socket() {
    let (upstream, gateway) = live();
    for text in [
        "{]",
        r#"{"create_request":{"key":5}}"#,
        r#"{"watch_id":1}"#,
        "[]",
    ] {
        let (mut socket, call) = opened(&upstream, &gateway, WATCH);
        socket.send(text);
        let error = socket.document();
        assert_eq!(error["error"]["grpc_code"], 3, "{text}: {error}");
        assert_eq!(socket.closed(), Some(1011), "{text}");
        call.wait_for("the reset", |received| received.reset.is_some());
    }
}

#[test]
fn a_client_that_goes_away_ends_its_call() {
    let (upstream, gateway) = live();
    for half in [true, false] {
        let (mut socket, call) = opened(&upstream, &gateway, WATCH);
        if half {
            socket.send_raw(&frame(TEXT, b"{}")[..3]);
        }
        drop::<Socket>(socket);
        call.wait_for("the reset", |received| received.reset.is_some());
    }
}
