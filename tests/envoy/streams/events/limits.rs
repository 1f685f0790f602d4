//! What stays as it is without events, and what silence costs.

use std::time::Instant;

use serde_json::json;
use testbed::client::{Body, Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::Upstream;
use testbed::wire::bytes_field;

use crate::events::*;

#[test]
fn nothing_but_a_get_of_a_stream_of_events_is_changed() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for request in [
            Request::new("GET", WATCH),
            Request::new("GET", WATCH).header("Accept", "*/*"),
            get("/v3/kv/range"),
            watch("a").method("HEAD"),
            watch("a").method("PUT"),
            watch("a").method("DELETE"),
        ] {
            for answer in [gateway.send(&request), gateway.send_h2(&request)] {
                assert_eq!(answer.status, 405, "{mode:?} {request:?}: {answer:?}");
                assert_eq!(answer.header("allow").as_deref(), Some("POST, OPTIONS"));
            }
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");

        // Unary calls have one answer, whatever a client accepts.
        let unary = Request::post("/v3/kv/range", "{}").header("Accept", "text/event-stream");
        let answer = gateway.send(&unary);
        assert_eq!(
            (
                answer.text().as_str(),
                answer.header("content-type").as_deref()
            ),
            ("{}", Some("application/json")),
            "{mode:?}"
        );
        upstream.take();

        // What is not the filter's passes as it came.
        for (request, body) in [
            (get("/elsewhere"), ""),
            (Request::new("GET", "/elsewhere"), ""),
            (
                get("/elsewhere").body(Body::Sized(b"body".to_vec())),
                "body",
            ),
        ] {
            gateway.send_h2(&request);
            let received = upstream.take().pop().unwrap();
            assert_eq!(
                (received.method.as_str(), received.body.as_slice()),
                ("GET", body.as_bytes()),
                "{mode:?} {request:?}"
            );
        }
    }
}

#[test]
fn a_client_that_leaves_cancels_its_watch() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in PROTOCOLS {
            let case = format!("the cancellation, {mode:?} {protocol:?}");
            let open = std::thread::scope(|scope| {
                let open = scope.spawn(|| Events::open(&gateway, protocol, &watch("a")));
                let call = upstream.call();
                let create = bytes_field(1, b"a");
                assert_eq!(call.message(0), bytes_field(1, &create), "{case}");
                call.head();
                call.reply(&watch_response(1));
                (open.join().unwrap(), call)
            });
            let (events, call) = open;
            drop(events);
            call.wait_for(&case, |received| received.reset.is_some());
        }
    }
}

#[test]
fn a_silent_stream_has_a_heartbeat_and_lines_have_none() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let gateways = Mode::BOTH.map(|mode| Setup::example(mode, etcd.client_address()).start());
    std::thread::scope(|scope| {
        for gateway in &gateways {
            // Several of one worker have theirs in one turn.
            for protocol in PROTOCOLS {
                scope.spawn(move || {
                    let silent = gateway.url();
                    let mut events = Events::open(gateway, protocol, &watch(&silent));
                    events.next();
                    let since = Instant::now();
                    assert_eq!(events.chunk().unwrap(), HEARTBEAT, "{protocol:?}");
                    assert!(since.elapsed() < SILENCE, "{protocol:?}");
                    // Heartbeats come to all streams of a worker at once.
                    put(&gateway.url(), &silent, "no more");
                    assert_eq!(events.next().puts()[0].0, "no more", "{protocol:?}");
                });
            }
            scope.spawn(move || {
                let body = format!(r#"{{"create_request":{{"key":"{}"}}}}"#, base64("lines"));
                let mut lines = h1::Connection::open(gateway.address()).unwrap();
                lines.send(&Request::post(WATCH, body)).unwrap();
                let mut head = lines.read_head().unwrap();
                assert!(lines.read_piece(&mut head).unwrap().is_some());
                std::thread::sleep(SILENCE);
                put(&gateway.url(), "lines", "a");
                let line = lines.read_piece(&mut head).unwrap().unwrap();
                assert!(line.starts_with(b"{\"result\":"), "{}", line.escape_ascii());
            });
        }
    });
}
