//! Requests and answers at the same time: each value goes up the moment it is complete, each answer comes at once.

use envoy_tests::open::{KEEPALIVE, Open, Protocol, REQUEST, SNAPSHOT, WATCH};
use serde_json::json;
use testbed::client::h2;
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::Upstream;
use testbed::wire::{bytes_field, varint_field};

/// Runs `check` against each mode over each protocol, with an upstream that the test drives.
fn everywhere(mut check: impl FnMut(&Gateway, &Upstream, Protocol, &str)) {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in Protocol::BOTH {
            check(
                &gateway,
                &upstream,
                protocol,
                &format!("{mode:?} {protocol:?}"),
            );
        }
    }
}

#[test]
fn each_value_goes_up_when_its_last_byte_has_come_while_answers_flow() {
    everywhere(|gateway, upstream, protocol, case| {
        let mut open = Open::start(gateway.address(), protocol, KEEPALIVE);
        let values = [
            r#"{"ID":"1"}"#,
            "{ \"ID\" : 2 }",
            "{\"ID\":\"3\",\"x\":\"}{\\\"\"}",
        ];
        let (first, rest) = values.split_first().unwrap();
        first.bytes().for_each(|byte| open.send([byte]));
        let call = upstream.call();
        call.head();
        assert_eq!(call.message(0), varint_field(1, 1), "{case}");
        call.reply(&varint_field(2, 1));
        assert_eq!(open.document(), json!({"result": {"ID": "1"}}), "{case}");
        for (id, value) in (2..).zip(rest) {
            let (body, last) = value.as_bytes().split_at(value.len() - 1);
            body.iter().for_each(|byte| open.send([*byte]));
            // An answer in the middle of a value.
            call.reply(&varint_field(2, 100 + id));
            assert_eq!(
                open.document(),
                json!({"result": {"ID": (100 + id).to_string()}}),
                "{case}"
            );
            assert_eq!(call.received().messages().len() as u64, id - 1, "{case}");
            open.send(last);
            assert_eq!(call.message(id as usize - 1), varint_field(1, id), "{case}");
            call.reply(&varint_field(2, id));
            assert_eq!(
                open.document(),
                json!({"result": {"ID": id.to_string()}}),
                "{case}"
            );
        }
        assert!(!call.received().ended, "{case}");
        open.finish();
        call.wait_for("the half-close", |received| received.ended);
        call.finish(0, "");
        assert!(open.piece().is_none(), "{case}");
    });
}

#[test]
fn many_values_in_one_piece_go_up_as_messages_of_their_own() {
    everywhere(|gateway, upstream, protocol, case| {
        let mut open = Open::start(gateway.address(), protocol, KEEPALIVE);
        open.send(r#"{"ID":1}{"ID":2} {"ID":3}"#.to_owned() + "\n{}\t" + r#"{"ID":"#);
        let call = upstream.call();
        assert_eq!(call.message(3), b"", "{case}");
        open.send("5}");
        assert_eq!(call.message(4), varint_field(1, 5), "{case}");
        assert_eq!(
            call.received().messages()[..3],
            [1, 2, 3].map(|id| varint_field(1, id)),
            "{case}"
        );
    });
}

#[test]
fn a_watch_stays_open_when_its_body_has_ended() {
    everywhere(|gateway, upstream, protocol, case| {
        let mut open = Open::start(gateway.address(), protocol, WATCH);
        open.send(r#"{"create_request":{"key":"Zm9v"}}"#);
        open.finish();
        let call = upstream.call();
        call.wait_for("the half-close", |received| received.ended);
        let create = bytes_field(1, &bytes_field(1, b"foo"));
        assert_eq!(call.message(0), create, "{case}");
        call.head();
        for id in 1..4 {
            call.reply(&varint_field(2, id));
            assert_eq!(
                open.document(),
                json!({"result": {"watch_id": id.to_string()}}),
                "{case}"
            );
        }
        assert_eq!(call.received().reset, None, "{case}");
    });
}

#[test]
fn a_client_that_leaves_resets_the_stream_upstream() {
    everywhere(|gateway, upstream, protocol, case| {
        for answered in [false, true] {
            for path in [WATCH, SNAPSHOT] {
                let mut open = Open::start(gateway.address(), protocol, path);
                open.send(REQUEST);
                let call = upstream.call();
                call.message(0);
                if answered {
                    call.head();
                    call.reply(b"");
                    open.document();
                }
                drop(open);
                let what = format!("the reset, {case}, {path}, answered: {answered}");
                call.wait_for(&what, |received| received.reset.is_some());
            }
        }
    });
}

#[test]
fn a_call_that_takes_one_message_takes_the_first_and_leaves_the_rest() {
    everywhere(|gateway, upstream, protocol, case| {
        let mut open = Open::start(gateway.address(), protocol, SNAPSHOT);
        open.send("{} {\"nonsense");
        let call = upstream.call();
        call.message(0);
        open.send("more");
        open.finish();
        call.wait_for("the half-close", |received| received.ended);
        assert_eq!(call.received().body, [0; 5], "{case}");
        call.head();
        call.finish(0, "");
        let response = open.rest();
        assert_eq!(
            (response.status, response.text().as_str()),
            (200, ""),
            "{case}"
        );
    });
}

#[test]
fn streams_of_one_connection_do_not_mix() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let connection = h2::Connection::open(gateway.address()).unwrap();
        let mut calls = Vec::new();
        let mut opens = Vec::new();
        for id in 1..=20 {
            let mut open = Open::on(&connection, KEEPALIVE);
            open.send(format!("{{\"ID\":{id}}}"));
            calls.push(upstream.call());
            opens.push(open);
        }
        for round in 0..5 {
            for (id, call) in calls.iter().enumerate() {
                if round == 0 {
                    call.head();
                }
                call.reply(&varint_field(2, (id as u64 + 1) * 10 + round));
            }
        }
        for round in 0..5 {
            for (id, open) in opens.iter_mut().enumerate() {
                let expected = ((id as u64 + 1) * 10 + round).to_string();
                assert_eq!(
                    open.document(),
                    json!({"result": {"ID": expected}}),
                    "{mode:?}"
                );
            }
        }
    }
}
