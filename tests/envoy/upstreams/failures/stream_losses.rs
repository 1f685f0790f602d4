//! Streams that neither side ends: lost upstreams, Envoy's own ends, large messages that stop half way.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use envoy_tests::open::{
    Open, Protocol, REQUEST, SNAPSHOT, WATCH, assert_ends_with_error, assert_still_serves, is_clean,
};
use serde_json::json;
use testbed::client::Request;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

/// How long a client may be left in the dark once the cause is known.
const KNOWN: Duration = Duration::from_secs(3);

#[test]
fn an_upstream_that_is_not_there_is_503_code_14() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for mode in Mode::BOTH {
        for setup in [
            Setup::new(mode, nobody),
            Setup::new(mode, nobody).without_upstream(),
        ] {
            let gateway = setup.start();
            let request = Request::post(WATCH, r#"{"create_request":{"key":"Zm9v"}}"#);
            for response in [gateway.send(&request), gateway.send_h2(&request)] {
                let found = (response.status, response.json_error());
                assert_eq!(found, (503, Some(14)), "{mode:?}: {response:?}");
            }
        }
    }
}

#[test]
fn a_reset_before_any_answer_is_503_code_14() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in Protocol::BOTH {
            let script = Script::default().step(Step::AwaitMessages(1)).reset(2);
            upstream.once(script);
            let mut open = Open::start(gateway.address(), protocol, WATCH);
            open.send(REQUEST);
            let response = open.rest();
            let found = (response.status, response.json_error());
            assert_eq!(
                found,
                (503, Some(14)),
                "{mode:?} {protocol:?}: {response:?}"
            );
            assert_still_serves(&gateway, &upstream, "after a reset");
        }
    }
}

#[test]
fn a_large_message_that_stops_half_way_is_cut_and_never_silence() {
    let upstream = Upstream::start().unwrap();
    let message = frame(&bytes_field(3, &vec![7; 600_000]));
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({"stream_document_bytes": 65536}), &upstream);
        for protocol in Protocol::BOTH {
            for end in [
                Step::Reset(2),
                Step::Disconnect,
                Step::Trailers(testbed::upstream::status_fields(14, "gone")),
                Step::Trailers(testbed::upstream::status_fields(0, "")),
                Step::End,
            ] {
                for before in [0, 2] {
                    upstream.live();
                    let mut open = Open::start(gateway.address(), protocol, SNAPSHOT);
                    open.send(REQUEST);
                    let call = upstream.call();
                    call.head();
                    for _ in 0..before {
                        call.reply(&varint_field(2, 9));
                        open.document();
                    }
                    call.send(Step::Data(message[..400_000].to_vec()));
                    let first = open.piece().unwrap();
                    assert!(first.starts_with(b"{\"result\":"), "{mode:?} {protocol:?}");
                    call.send(end.clone());
                    let known = Instant::now();
                    let response = open.rest();
                    let case = format!("{mode:?} {protocol:?} {end:?}: {response:?}");
                    assert!(known.elapsed() < KNOWN, "{case}");
                    // Either the cut or an error behind the half line tells that something is missing.
                    let told = response.text().contains("\"error\"");
                    assert!(told || !is_clean(&response), "{case}");
                    assert_still_serves(&gateway, &upstream, &case);
                }
            }
        }
    }
}

#[test]
fn a_timeout_of_envoys_own_is_an_error_line_with_code_4() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .route(json!({"idle_timeout": "0.3s"}))
            .start();
        for protocol in Protocol::BOTH {
            let mut open = Open::start(gateway.address(), protocol, WATCH);
            open.send(REQUEST);
            let call = upstream.call();
            call.head();
            call.reply(&varint_field(2, 9));
            open.document();
            let response = open.rest();
            assert_ends_with_error(&response, 0, 4, &format!("{mode:?} {protocol:?}"));
            call.wait_for("the reset", |received| received.reset.is_some());
        }
    }
}

#[test]
fn a_quiet_watch_outlives_the_routes_timeout() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .route(json!({"timeout": "0.1s"}))
            .start();
        let mut open = Open::start(gateway.address(), Protocol::Http1, WATCH);
        open.send(REQUEST);
        open.finish(); // the timeout begins here
        let call = upstream.call();
        call.wait_for("the half-close", |received| received.ended);
        call.send(Step::Delay(Duration::from_millis(400)));
        call.head();
        call.reply(&varint_field(2, 9));
        open.document();
        call.send(Step::Delay(Duration::from_millis(400)));
        call.reply(&varint_field(2, 10));
        open.document();
    }
}

#[test]
fn envoys_end_closes_every_stream() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let mut gateway = Gateway::start(mode, json!({}), &upstream);
        let mut opens: Vec<Open> = Protocol::BOTH
            .map(|protocol| {
                let mut open = Open::start(gateway.address(), protocol, WATCH);
                open.send(REQUEST);
                open
            })
            .into();
        for _ in &opens {
            let call = upstream.call();
            call.head();
            call.reply(b"");
        }
        for open in &mut opens {
            open.document();
        }
        gateway.process().stop().unwrap();
        let known = Instant::now();
        for open in opens {
            open.rest();
        }
        assert!(known.elapsed() < KNOWN, "{mode:?}");
    }
}

/// However soon it comes behind the first message: an error line behind that, or an error of ours in its place.
#[test]
fn a_stream_that_is_lost_right_behind_its_first_message_ends_with_a_json_error() {
    let upstream = Upstream::start().unwrap();
    let start = || Script::default().step(Step::AwaitMessages(1)).head();
    let message = || start().data(frame(&varint_field(3, 1)));
    let together = [frame(&varint_field(3, 1)), frame(&varint_field(3, 1))].concat();
    for (name, script) in [
        ("an end", message().end()),
        ("an end with two messages", start().data(together).end()),
        ("a reset", message().reset(8)),
        ("a lost connection", message().step(Step::Disconnect)),
    ] {
        for mode in Mode::BOTH {
            let gateway = Gateway::start(mode, json!({}), &upstream);
            for attempt in 0..10 {
                upstream.always(script.clone());
                let request = Request::post(WATCH, REQUEST);
                let answer = if attempt % 2 == 0 {
                    gateway.send(&request)
                } else {
                    gateway.send_h2(&request)
                };
                let case = format!("{name} {mode:?} {attempt}: {answer:?}");
                let text = answer.text();
                let last = text.lines().last().unwrap_or_default();
                let last: serde_json::Value =
                    serde_json::from_str(last).unwrap_or_else(|error| panic!("{case}: {error}"));
                assert!(last.get("error").is_some(), "{case}");
            }
        }
    }
}
