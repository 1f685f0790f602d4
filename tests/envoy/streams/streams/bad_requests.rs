//! Request values that cannot be sent: the first is refused, a later one ends the stream with an error line.

use envoy_tests::open::{
    KEEPALIVE, Open, Protocol, REQUEST, WATCH, assert_ends_with_error, assert_still_serves,
    is_clean,
};
use serde_json::{Value, json};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Received, Upstream};
use testbed::wire::varint_field;

/// Runs `check` against each mode over each protocol, with an upstream that the test drives.
fn everywhere(plugin: Value, mut check: impl FnMut(&Gateway, &Upstream, Protocol, &str)) {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, plugin.clone(), &upstream);
        for protocol in Protocol::BOTH {
            let case = format!("{mode:?} {protocol:?}");
            upstream.live();
            check(&gateway, &upstream, protocol, &case);
            assert_still_serves(&gateway, &upstream, &case);
        }
    }
}

/// The keepalives that have reached the upstream must all have been given up, without a message in them.
fn assert_nothing_went_up(upstream: &Upstream, case: &str) {
    let is_stream = |request: &&Received| !request.path.ends_with("/Range");
    let requests = upstream.wait_for("the reset of what was begun", |requests| {
        let mut streams = requests.iter().filter(is_stream);
        streams.all(|request| request.reset.is_some())
    });
    for request in requests.iter().filter(is_stream) {
        assert_eq!(request.messages(), Vec::<Vec<u8>>::new(), "{case}");
    }
}

#[test]
fn a_bad_first_value_is_400_code_3_while_the_body_is_still_open() {
    everywhere(json!({}), |gateway, upstream, protocol, case| {
        for bad in [
            "[1] ",
            "nonsense ",
            r#"{"ID":"abc"}"#,
            r#"{"ID":1,"ID":2}"#,
            "\"text\"",
        ] {
            for path in [WATCH, KEEPALIVE] {
                let bad = if path == WATCH {
                    bad.replace("ID", "create_request")
                } else {
                    bad.to_owned()
                };
                let mut open = Open::start(gateway.address(), protocol, path);
                open.send(&bad);
                let response = open.rest();
                let found = (response.status, response.json_error());
                assert_eq!(found, (400, Some(3)), "{case} {path} {bad}: {response:?}");
            }
        }
        assert_nothing_went_up(upstream, case);
        upstream.take();
    });
}

#[test]
fn a_body_that_ends_before_its_first_value_is_400_code_3() {
    everywhere(json!({}), |gateway, upstream, protocol, case| {
        for unfinished in ["", " \n", r#"{"ID":"#, r#"{"ID":"1"#] {
            let mut open = Open::start(gateway.address(), protocol, KEEPALIVE);
            if !unfinished.is_empty() {
                open.send(unfinished);
            }
            open.finish();
            let response = open.rest();
            let found = (response.status, response.json_error());
            assert_eq!(found, (400, Some(3)), "{case} {unfinished:?}: {response:?}");
        }
        assert_nothing_went_up(upstream, case);
        upstream.take();
    });
}

#[test]
fn a_bad_later_value_ends_the_stream_with_one_error_line_and_resets_it_upstream() {
    everywhere(json!({}), |gateway, upstream, protocol, case| {
        for bad in ["[1] ", r#"{"ID":"abc"}"#, r#"{"ID":[}{}"#] {
            let mut open = Open::start(gateway.address(), protocol, KEEPALIVE);
            open.send(r#"{"ID":1}"#);
            let call = upstream.call();
            call.head();
            call.reply(&varint_field(2, 1));
            open.document();
            open.send(bad);
            let response = open.rest();
            assert_ends_with_error(&response, 0, 3, &format!("{case} {bad}"));
            assert!(!is_clean(&response), "{case} {bad}");
            let received = call.wait_for("the reset", |received| received.reset.is_some());
            assert_eq!(received.messages().len(), 1, "{case} {bad}");
        }
    });
}

#[test]
fn nothing_follows_the_error_line_whatever_either_side_still_sends() {
    everywhere(json!({}), |gateway, upstream, protocol, case| {
        let mut open = Open::start(gateway.address(), protocol, KEEPALIVE);
        open.send(r#"{"ID":1}"#);
        let call = upstream.call();
        call.head();
        call.reply(&varint_field(2, 1));
        open.document();
        open.send(r#"{"ID":2} [1] [2] {"ID":3} [3]"#);
        for id in 10..20 {
            // The gateway may have ended the call already.
            let _ = open.try_send("[4]");
            call.reply(&varint_field(2, id));
        }
        let response = open.rest();
        let text = response.text();
        let errors = text.lines().filter(|line| line.contains("error")).count();
        assert_eq!(errors, 1, "{case}: {text}");
        assert!(
            text.lines().last().unwrap().contains("error"),
            "{case}: {text}"
        );
        call.wait_for("the reset", |received| received.reset.is_some());
    });
}

#[test]
fn a_bad_value_before_the_first_answer_is_an_error_with_its_status() {
    everywhere(json!({}), |gateway, upstream, protocol, case| {
        let mut open = Open::start(gateway.address(), protocol, KEEPALIVE);
        open.send(r#"{"ID":1}"#);
        let call = upstream.call();
        call.message(0);
        open.send("[1] ");
        let response = open.rest();
        assert_eq!(
            (response.status, response.json_error()),
            (400, Some(3)),
            "{case}: {response:?}"
        );
        call.wait_for("the reset", |received| received.reset.is_some());
    });
}

#[test]
fn a_value_that_is_too_large_is_refused_before_it_is_complete() {
    everywhere(
        json!({"max_request_bytes": 10_000}),
        |gateway, upstream, protocol, case| {
            let key = "A".repeat(4000);
            let mut open = Open::start(gateway.address(), protocol, WATCH);
            open.send(r#"{"create_request":{"key":""#);
            while open.try_send(&key).is_ok() {}
            let response = open.rest();
            assert_eq!(
                (response.status, response.json_error()),
                (413, Some(8)),
                "{case}: {response:?}"
            );

            let mut open = Open::start(gateway.address(), protocol, WATCH);
            open.send(REQUEST);
            // The first may have reached the upstream as a call of its own by now, or not.
            let call = std::iter::repeat_with(|| upstream.call())
                .find(|call| call.received().reset.is_none())
                .unwrap();
            call.head();
            call.reply(b"");
            open.document();
            // Complete, and small as JSON, but not as a message.
            let value = format!(r#"{{"create_request":{{"key":"{}"}}}}"#, "A".repeat(16_000));
            open.send(value);
            let response = open.rest();
            assert_ends_with_error(&response, 0, 8, case);
            call.wait_for("the reset", |received| received.reset.is_some());
        },
    );
}
