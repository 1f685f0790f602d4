//! Calls without a body: given one by the filter of `envoy/body-for-bodyless.yaml`, refused without it.

use std::time::{Duration, Instant};

use testbed::client::{Body, Request, Response, h1, h2};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Upstream};
use testbed::wire::frame;

const STATUS: &str = "/v3/auth/status";

/// A call without a body in every way of sending one.
fn bodyless(path: &str) -> Vec<(&'static str, bool, Request)> {
    let bare = Request::new("POST", path);
    let empty = bare.clone().header("content-length", "0");
    let chunked = bare.clone().body(Body::Pieces(Vec::new()));
    vec![
        ("HTTP/1.1, nothing", false, bare.clone()),
        ("HTTP/1.1, a length of 0", false, empty.clone()),
        ("HTTP/1.1, no chunks", false, chunked.clone()),
        ("HTTP/2, nothing", true, bare),
        ("HTTP/2, a length of 0", true, empty),
        ("HTTP/2, an empty frame", true, chunked),
    ]
}

fn send(gateway: &Gateway, over_h2: bool, request: &Request) -> Response {
    if over_h2 {
        gateway.send_h2(request)
    } else {
        gateway.send(request)
    }
}

#[test]
fn a_call_without_a_body_is_the_empty_message_and_goes_through_the_chain() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).start();
        for (way, over_h2, request) in bodyless(STATUS) {
            let response = send(&gateway, over_h2, &request);
            let case = format!("{mode:?} {way}");
            assert_eq!(response.status, 200, "{case}: {response:?}");
            let received = upstream.take();
            assert_eq!(received.len(), 1, "{case}");
            assert_eq!(received[0].body, frame(b""), "{case}");
            // Envoy's own, which a callout would not have.
            assert!(received[0].header("x-request-id").is_some(), "{case}");
        }
        for (way, over_h2, request) in bodyless("/v3/maintenance/snapshot") {
            let response = send(&gateway, over_h2, &request);
            assert_eq!(response.status, 200, "{mode:?} {way}: {response:?}");
        }
        upstream.take();
    }
}

#[test]
fn without_that_filter_a_call_without_a_body_is_411() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .without_body_for_bodyless()
            .start();
        for (way, over_h2, request) in bodyless(STATUS) {
            let response = send(&gateway, over_h2, &request);
            // A body that turns out empty is one.
            let expected = match way {
                "HTTP/1.1, no chunks" | "HTTP/2, an empty frame" => 200,
                _ => 411,
            };
            assert_eq!(response.status, expected, "{mode:?} {way}: {response:?}");
            if expected == 411 {
                assert_eq!(response.json_error(), Some(3), "{mode:?} {way}");
                assert!(upstream.take().is_empty(), "{mode:?} {way}");
            }
            upstream.take();
        }
    }
}

#[test]
fn a_call_without_a_body_is_a_callout_where_that_is_configured() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).callouts().start();
        let response = gateway.send(&Request::new("POST", STATUS));
        assert_eq!(response.status, 200, "{mode:?}: {response:?}");
        assert_eq!(upstream.take()[0].body, frame(b""), "{mode:?}");
        // It answers once, and so serves no stream.
        let snapshot = Request::new("POST", "/v3/maintenance/snapshot");
        assert_eq!(gateway.send(&snapshot).status, 411, "{mode:?}");
    }
}

/// The filter must not wait for bodies that come: a watch's never ends.
#[test]
fn a_body_that_stays_open_is_not_held_back_nor_changed() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).start();
        let watch = Request::new("POST", "/v3/watch").body(Body::Pieces(Vec::new()));
        let first = br#"{"create_request":{"key":"YQ=="}}"#;
        let second = br#"{"cancel_request":{"watch_id":1}}"#;

        let connection = h2::Connection::open(gateway.address()).unwrap();
        let mut stream = connection.begin(&watch).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        let started = Instant::now();
        stream.send_data(first, false).unwrap();
        let call = upstream.call();
        assert_eq!(call.message(0), b"\x0a\x03\x0a\x01a", "{mode:?}");
        stream.send_data(second, false).unwrap();
        assert_eq!(call.message(1), b"\x12\x02\x08\x01", "{mode:?}");
        assert!(started.elapsed() < Duration::from_secs(2), "{mode:?}");

        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        connection.send_head(&watch).unwrap();
        connection.send_chunk(first).unwrap();
        let call = upstream.call();
        assert_eq!(call.message(0), b"\x0a\x03\x0a\x01a", "{mode:?}");
        connection.send_chunk(second).unwrap();
        assert_eq!(call.message(1), b"\x12\x02\x08\x01", "{mode:?}");
    }
}
