//! How a stream ends when the upstream ends it with an error, or breaks its protocol.

use envoy_tests::open::{
    Open, Protocol, WATCH, assert_ends_with_error, assert_still_serves, is_clean,
};
use serde_json::json;
use testbed::client::{Request, Response};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Step, Upstream};
use testbed::vectors::Dialect;
use testbed::wire::{frame, frame_with_flag, varint_field};

const CREATE: &str = r#"{"create_request":{"key":"Zm9v"}}"#;

/// The beginning of a stream of `count` messages, each in a frame of its own.
fn messages(count: u64) -> Script {
    let start = Script::default().step(Step::AwaitMessages(1)).head();
    (1..=count).fold(start, |script, id| script.data(frame(&varint_field(2, id))))
}

/// Opens a watch and reads its whole answer.
fn watch(gateway: &Gateway, protocol: Protocol) -> Response {
    let mut open = Open::start(gateway.address(), protocol, WATCH);
    open.send(CREATE);
    open.rest()
}

/// Runs `check` against each mode over each protocol.
fn everywhere(upstream: &Upstream, mut check: impl FnMut(&Gateway, Mode, Protocol, &str)) {
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), upstream);
        for protocol in Protocol::BOTH {
            let case = format!("{mode:?} {protocol:?}");
            check(&gateway, mode, protocol, &case);
            assert_still_serves(&gateway, upstream, &case);
        }
    }
}

#[test]
fn an_error_before_the_first_message_has_its_http_status_and_line() {
    let upstream = Upstream::start().unwrap();
    for (mode, dialect) in Mode::BOTH
        .into_iter()
        .flat_map(|mode| Dialect::ALL.map(|dialect| (mode, dialect)))
    {
        let gateway = Gateway::start(mode, dialect.plugin(), &upstream);
        let expected = match dialect {
            Dialect::Compatible => {
                "{\"error\":{\"grpc_code\":7,\"http_code\":403,\"message\":\"denied\",\"http_status\":\"Forbidden\",\"code\":7}}\n"
            }
            Dialect::V1 => {
                "{\"error\":{\"grpc_code\":7,\"http_code\":403,\"message\":\"denied\",\"http_status\":\"Forbidden\"}}"
            }
            Dialect::V2 => "{\"error\":{\"code\":7,\"message\":\"denied\"}}\n",
        };
        for protocol in Protocol::BOTH {
            upstream.once(trailers_only(7, "denied"));
            let response = watch(&gateway, protocol);
            let case = format!("{mode:?} {dialect:?} {protocol:?}: {response:?}");
            assert_eq!(
                (response.status, response.text().as_str()),
                (403, expected),
                "{case}"
            );
            assert!(is_clean(&response), "{case}");
        }
        assert_still_serves(&gateway, &upstream, "after the errors");
    }
}

/// A gRPC error without anything before it, sent before the request has ended.
fn trailers_only(code: u32, message: &str) -> Script {
    let mut headers = testbed::upstream::fields(&[("content-type", "application/grpc")]);
    headers.extend(testbed::upstream::status_fields(code, message));
    Script::default()
        .step(Step::AwaitMessages(1))
        .step(Step::Head {
            status: 200,
            headers,
            end: true,
        })
}

#[test]
fn an_error_behind_a_bare_head_is_told_or_the_answer_is_cut() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, mode, protocol, case| {
        upstream.once(messages(0).status(7, "denied"));
        let response = watch(gateway, protocol);
        match mode {
            Mode::Full => assert_eq!(
                (response.status, is_clean(&response)),
                (403, true),
                "{case}: {response:?}"
            ),
            // The head has gone out and there is no body to add to.
            Mode::Plain => assert!(!is_clean(&response), "{case}: {response:?}"),
        }
    });
}

#[test]
fn an_error_after_messages_is_the_last_line() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, _, protocol, case| {
        for count in [1, 2, 7] {
            upstream.once(messages(count).status(8, "too much"));
            let response = watch(gateway, protocol);
            assert_ends_with_error(&response, count as usize, 8, case);
            assert!(is_clean(&response), "{case}: {response:?}");
        }
    });
}

#[test]
fn an_upstream_reset_after_messages_is_an_error_line_with_code_14() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, _, protocol, case| {
        for count in [1, 2, 7] {
            for code in [2, 8] {
                upstream.once(messages(count).reset(code));
                let response = watch(gateway, protocol);
                assert_ends_with_error(&response, count as usize, 14, case);
            }
        }
    });
}

#[test]
fn an_upstream_connection_that_breaks_is_an_error_line_with_code_14() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, _, protocol, case| {
        for count in [1, 3] {
            upstream.once(messages(count).step(Step::Disconnect));
            let response = watch(gateway, protocol);
            assert_ends_with_error(&response, count as usize, 14, case);
        }
    });
}

#[test]
fn a_stream_outlives_the_upstreams_announcement_that_it_will_go() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, _, protocol, case| {
        let script = messages(1)
            .step(Step::GoAway)
            .data(frame(&varint_field(2, 2)))
            .status(0, "");
        upstream.once(script);
        let response = watch(gateway, protocol);
        assert_eq!(response.text().lines().count(), 2, "{case}: {response:?}");
        assert!(is_clean(&response), "{case}: {response:?}");
    });
}

#[test]
fn a_stream_that_ends_without_a_status_is_an_error_line_with_code_13() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, _, protocol, case| {
        upstream.once(messages(2).end());
        assert_ends_with_error(&watch(gateway, protocol), 2, 13, case);
    });
}

#[test]
fn a_message_cut_short_by_the_end_is_an_error_line_with_code_13() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, mode, protocol, case| {
        let cut = &frame(&varint_field(2, 300))[..6];
        upstream.once(messages(2).data(cut).status(0, ""));
        assert_ends_with_error(&watch(gateway, protocol), 2, 13, case);
        upstream.once(messages(0).data(cut).status(0, ""));
        let response = watch(gateway, protocol);
        let status = if mode == Mode::Full { 500 } else { 200 };
        assert_eq!(response.status, status, "{case}: {response:?}");
        assert_eq!(response.json()["error"]["code"], 13, "{case}: {response:?}");
    });
}

#[test]
fn frames_that_cannot_be_read_end_the_stream_with_an_error_line() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, mode, protocol, case| {
        for broken in [
            frame_with_flag(1, b"\x10\x01"),
            b"<html>".to_vec(),
            frame(b"\x0f\xff\xff"),
        ] {
            upstream.once(messages(2).data(broken.clone()));
            assert_ends_with_error(&watch(gateway, protocol), 2, 13, case);
            upstream.once(messages(0).data(broken));
            let response = watch(gateway, protocol);
            let status = if mode == Mode::Full { 500 } else { 200 };
            assert_eq!(response.status, status, "{case}: {response:?}");
            assert_eq!(response.json()["error"]["code"], 13, "{case}: {response:?}");
        }
        upstream.wait_for("the broken streams' reset", |requests| {
            let watches = requests
                .iter()
                .filter(|request| request.path.ends_with("/Watch"));
            watches.into_iter().all(|request| request.reset.is_some())
        });
        upstream.take();
    });
}

#[test]
fn an_answer_that_is_not_grpc_is_an_error_object() {
    let upstream = Upstream::start().unwrap();
    everywhere(&upstream, |gateway, _, protocol, case| {
        upstream.once(
            Script::default()
                .step(Step::AwaitMessages(1))
                .step(Step::Head {
                    status: 404,
                    headers: testbed::upstream::fields(&[("content-type", "text/plain")]),
                    end: true,
                }),
        );
        let response = watch(gateway, protocol);
        assert!(response.json_error().is_some(), "{case}: {response:?}");
    });
}

#[test]
fn a_deadline_is_passed_on() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let request = Request::new("POST", WATCH).header("Grpc-Timeout", "90S");
    let mut open = Open::with(gateway.address(), Protocol::Http1, &request);
    open.send(CREATE);
    let call = upstream.call();
    assert_eq!(
        call.received().header("grpc-timeout").as_deref(),
        Some("90000000u")
    );
    call.head();
    call.reply(b"");
    open.document();
    call.finish(4, "context deadline exceeded");
    assert_ends_with_error(&open.rest(), 0, 4, "a deadline");
}
