//! The requests of unary calls in a real Envoy: every shape of body, and many at once.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use testbed::client::{Body, End, Request, Response, h1, h2};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Received, Script, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

const RANGE: &str = "/v3/kv/range";
const PUT: &str = "/v3/kv/put";

/// Most bytes of a body without a length that trailers may follow: half of `listener_buffer_bytes`.
const HELD_BODY: usize = 16 << 10;

fn each_mode(test: impl Fn(&Gateway, &Upstream, Mode)) {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        // Calls without a body are Envoy's own here.
        let gateway = Setup::new(mode, upstream.address())
            .callouts()
            .plugin(json!({"metadata": ["id"]}))
            .start();
        test(&gateway, &upstream, mode);
    }
}

fn put_of(length: usize) -> (String, Vec<u8>) {
    let value: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
    let body = format!(
        r#"{{"key":"Zm9v","value":"{}"}}"#,
        BASE64_STANDARD.encode(&value)
    );
    (
        body,
        [bytes_field(1, b"foo"), bytes_field(2, &value)].concat(),
    )
}

fn pieces(body: &str, size: usize) -> Body {
    Body::Pieces(body.as_bytes().chunks(size).map(<[u8]>::to_vec).collect())
}

/// Asserts that exactly one call reached the upstream, with this message and nothing behind it. What was begun and
/// given up without a message is no call.
fn assert_reached(upstream: &Upstream, message: &[u8], case: &str) -> Received {
    let mut reached = upstream.take();
    reached.retain(|received| received.ended || !received.body.is_empty());
    assert_eq!(reached.len(), 1, "{case}");
    let received = reached.remove(0);
    assert_eq!(received.messages().len(), 1, "{case}");
    assert!(
        received.body == frame(message),
        "{case}: the message differs"
    );
    assert!(
        received.ended && received.trailers.is_empty(),
        "{case}: {received:?}"
    );
    received
}

fn assert_empty_success(response: &Response, case: &str) {
    assert_eq!(
        (response.status, response.text().as_str(), response.end),
        (200, "{}", End::Clean),
        "{case}"
    );
}

#[test]
fn a_body_arrives_whole_however_it_is_sent() {
    each_mode(|gateway, upstream, mode| {
        let small = (
            r#"{"key":"Zm9v","limit":"5"}"#.to_owned(),
            [bytes_field(1, b"foo"), varint_field(3, 5)].concat(),
        );
        // A value as large as etcd's default limit allows needs more than Envoy's default buffer of 1 MiB.
        for (path, (body, message), size) in [
            (RANGE, small, 1),
            (PUT, put_of(1_300_000), 70_001),
            (PUT, put_of(2_000_000), 999_983),
        ] {
            let sized = Request::post(path, &body).header("Content-Type", "application/json");
            let chunked = sized.clone().body(pieces(&body, size));
            let awaiting = sized.clone().header("Expect", "100-continue");
            for request in [&sized, &chunked, &awaiting] {
                let case = format!("{mode:?} HTTP/1.1 {path} of {} bytes", body.len());
                assert_empty_success(&gateway.send(request), &case);
                assert_reached(upstream, &message, &case);
            }
            let trailed = chunked.clone().trailer("x-checksum", "1");
            for request in [&sized, &chunked, &trailed] {
                // What trailers end is held until they come, and Envoy holds no more than its buffer takes.
                if !request.trailers.is_empty() && body.len() > HELD_BODY {
                    assert_eq!(gateway.send_h2(request).status, 411, "{mode:?} {path}");
                    upstream.take();
                    continue;
                }
                let case = format!(
                    "{mode:?} HTTP/2 {path} of {} bytes, trailers {:?}",
                    body.len(),
                    request.trailers
                );
                assert_empty_success(&gateway.send_h2(request), &case);
                assert_reached(upstream, &message, &case);
            }
        }
    });
}

#[test]
fn a_request_without_a_body_is_the_empty_message() {
    each_mode(|gateway, upstream, mode| {
        let none = Request::new("POST", RANGE).header("Authorization", "t");
        let empty = none.clone().header("Content-Length", "0");
        let no_chunks = none.clone().body(Body::Pieces(Vec::new()));
        for (name, request) in [
            ("no body", &none),
            ("content-length 0", &empty),
            ("no chunks", &no_chunks),
        ] {
            let case = format!("{mode:?} {name}");
            assert_empty_success(&gateway.send(request), &case);
            let received = assert_reached(upstream, b"", &case);
            assert_eq!(received.path, "/etcdserverpb.KV/Range", "{case}");
            assert_eq!(received.header("authorization").unwrap(), "t", "{case}");
            assert_eq!(
                received.header("grpcgateway-accept").unwrap(),
                "*/*",
                "{case}"
            );
        }
        let only_trailers = none.clone().trailer("x-checksum", "1");
        assert_eq!(gateway.send_h2(&only_trailers).status, 411, "{mode:?}");
        upstream.take();
        // Data of no bytes is a body, to which the message can be added.
        let empty = Body::Pieces(vec![Vec::new()]);
        let trailed = only_trailers.body(empty);
        for (name, request) in [
            ("no body", &none),
            ("no data", &no_chunks),
            ("trailers", &trailed),
        ] {
            let case = format!("{mode:?} HTTP/2 {name}");
            assert_empty_success(&gateway.send_h2(request), &case);
            assert_reached(upstream, b"", &case);
        }
    });
}

#[test]
fn a_call_without_a_body_fails_like_one_with_a_body() {
    each_mode(|gateway, upstream, mode| {
        let request = Request::new("POST", "/v3/auth/enable");
        for message in [
            "etcdserver: root user does not exist",
            "100% ключ\n",
            "in {braces}",
        ] {
            let late = Script::after_request().head().status(9, message);
            for script in [Script::error(9, message), late] {
                upstream.once(script);
                let response = gateway.send(&request);
                let expected = json!({"error": message, "code": 9, "message": message});
                assert_eq!(
                    (response.status, response.json()),
                    (400, expected),
                    "{mode:?}"
                );
            }
        }

        upstream.once(Script::http(503, "text/plain", b"broken"));
        let response = gateway.send(&request);
        assert!(
            response.status >= 500 && response.json()["code"].as_u64() > Some(0),
            "{mode:?}: {response:?}"
        );
    });
}

#[test]
fn whatever_follows_the_first_json_value_is_ignored() {
    each_mode(|gateway, upstream, mode| {
        for rest in [" garbage", "}", r#"{"key":"AAAA"}"#, "\u{1}\n\n"] {
            let case = format!("{mode:?} followed by {rest:?}");
            let body = format!(r#"{{"key":"Zm9v"}}{rest}"#);
            assert_empty_success(&gateway.post(RANGE, &body), &case);
            assert_reached(upstream, &bytes_field(1, b"foo"), &case);
            assert_empty_success(
                &gateway.send(&Request::new("POST", RANGE).body(pieces(&body, 3))),
                &case,
            );
            assert_reached(upstream, &bytes_field(1, b"foo"), &case);
        }
        for body in ["", " \n\t "] {
            assert_empty_success(&gateway.post(RANGE, body), body);
            assert_reached(upstream, b"", body);
        }
    });
}

#[test]
fn a_bad_body_is_refused_and_reaches_nobody() {
    each_mode(|gateway, upstream, mode| {
        for body in [
            "{",
            "garbage",
            "[]",
            "5",
            "\u{feff}{}",
            r#"{"key":"x"#,
            r#"{"key":"%%%"}"#,
            r#"{"limit":"abc"}"#,
            r#"{"sort_order":"NO_SUCH"}"#,
            r#"{"key":"AAAA","key":"AAAA"}"#,
        ] {
            let sized = Request::post(RANGE, body);
            for request in [&sized, &sized.clone().body(pieces(body, 1))] {
                for (version, response) in [
                    ("HTTP/1.1", gateway.send(request)),
                    ("HTTP/2", gateway.send_h2(request)),
                ] {
                    let case = format!("{mode:?} {version} {body}");
                    assert_eq!(
                        (response.status, &response.json()["code"]),
                        (400, &json!(3)),
                        "{case}"
                    );
                    assert_eq!(
                        response.header("content-type").unwrap(),
                        "application/json",
                        "{case}"
                    );
                }
            }
        }
        let complete = upstream
            .take()
            .iter()
            .filter(|received| !received.messages().is_empty())
            .count();
        assert_eq!(complete, 0, "{mode:?}");
        assert_empty_success(&gateway.post(RANGE, "{}"), "afterwards");
        upstream.take();
    });
}

#[test]
fn a_body_that_cannot_fit_is_refused_in_bounded_memory() {
    const MEMORY: u64 = 24 << 20;
    let upstream = Upstream::start().unwrap();
    let (value, _) = put_of(20_000_000);
    let unknown = format!(r#"{{"no_such_member":"{}"}}"#, "x".repeat(20_000_000));
    for mode in Mode::BOTH {
        let mut gateway = Gateway::start(mode, json!({}), &upstream);
        gateway.post(PUT, &put_of(1_300_000).0);
        let before = gateway.process().usage().unwrap().rss;
        for body in [&value, &unknown] {
            let sized = Request::post(PUT, body);
            for request in [&sized, &sized.clone().body(pieces(body, 1 << 16))] {
                for (version, response) in [
                    ("HTTP/1.1", gateway.send(request)),
                    ("HTTP/2", gateway.send_h2(request)),
                ] {
                    let case = format!("{mode:?} {version}: {response:?}");
                    assert_eq!(
                        (response.status, &response.json()["code"]),
                        (413, &json!(8)),
                        "{case}"
                    );
                }
            }
        }
        let after = gateway.process().usage().unwrap().peak_rss;
        assert!(
            after < before + MEMORY,
            "{mode:?}: Envoy grew by {} MB",
            (after - before) >> 20
        );
        assert_empty_success(&gateway.post(RANGE, "{}"), "afterwards");
    }
    // A value of one byte more than the limit is refused as well.
    let gateway = Gateway::start(Mode::Full, json!({"max_request_bytes": 1000}), &upstream);
    let of_message = |length: usize| put_of(length - bytes_field(1, b"foo").len() - 3).0;
    assert_eq!(gateway.post(PUT, &of_message(1000)).status, 200);
    assert_eq!(gateway.post(PUT, &of_message(1001)).status, 413);
}

#[test]
fn calls_side_by_side_get_their_own_answers() {
    // Below the 100 streams that HTTP/2 servers commonly allow at once.
    const CALLS: u64 = 90;
    each_mode(|gateway, upstream, mode| {
        upstream.always_with(|received| {
            let id: u64 = received
                .header("id")
                .and_then(|id| id.parse().ok())
                .unwrap_or_default();
            let reply = [
                bytes_field(2, &bytes_field(1, &vec![b'k'; 40 * id as usize])),
                varint_field(4, id),
            ]
            .concat();
            Script::after_request()
                .head()
                .data_in_frames(&frame(&reply), 500)
                .status(0, "")
        });
        let connection = h2::Connection::open(gateway.address()).unwrap();
        let mut calls: Vec<_> = (1..=CALLS)
            .map(|id| {
                let request =
                    Request::new("POST", RANGE).header("Grpc-Metadata-Id", id.to_string());
                // Every third call is Envoy's own, for want of a body.
                let body = if id % 3 == 0 {
                    Body::None
                } else {
                    Body::Pieces(Vec::new())
                };
                (id, connection.begin(&request.body(body)).unwrap())
            })
            .collect();
        for piece in [r#"{"key":"#, r#""Zm9v"}"#] {
            for (_, stream) in calls.iter_mut().filter(|(id, _)| id % 3 != 0) {
                stream
                    .send_data(piece.as_bytes(), piece.ends_with('}'))
                    .unwrap();
            }
        }
        for (id, stream) in &mut calls {
            let response = stream.response().unwrap();
            assert_eq!(
                response.json()["count"],
                id.to_string(),
                "{mode:?} {id}: {response:?}"
            );
        }
        upstream.always(Script::message(b""));
    });
}

#[test]
fn a_connection_serves_one_request_after_another() {
    each_mode(|gateway, _, mode| {
        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        let requests = [
            (Request::post(RANGE, "{}"), 200),
            (Request::post(RANGE, "{"), 400),
            (
                Request::new("POST", RANGE).header("Content-Length", "0"),
                200,
            ),
            (Request::new("GET", RANGE), 405),
            (Request::new("POST", RANGE).body(pieces("{}", 1)), 200),
            (Request::new("OPTIONS", RANGE), 200),
            (Request::post("/v3/nope", "{}"), 404),
            (Request::post(RANGE, "{}"), 200),
        ];
        for (request, status) in requests {
            let response = connection.exchange(&request).unwrap();
            assert_eq!(
                response.status, status,
                "{mode:?} {request:?}: {response:?}"
            );
            if response.header("connection").as_deref() == Some("close") {
                connection = h1::Connection::open(gateway.address()).unwrap();
            }
        }
    });
}
