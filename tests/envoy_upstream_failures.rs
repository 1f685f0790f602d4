//! What a client sees when the upstream errs, breaks off or is no gRPC server at all: never a hang, never wrong JSON.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test fails by panicking

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::client::{Body, End, Request, Response, h1};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream, fields};
use testbed::wire::{bytes_field, frame, frame_with_flag, varint_field};

const RANGE: &str = "/v3/kv/range";
/// Well above what an answer takes and below Envoy's default route timeout of 15 s.
const PROMPT: Duration = Duration::from_secs(8);

/// When a failure shows, and so what the client can still be told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shows {
    /// With the response head or instead of it: the right status and code in either mode.
    AtTheHead(u16, u32),
    /// With the response head, as some error.
    AtTheHeadSomehow,
    /// Behind the head: the right status and code where the head was held back, else an answer that is cut or ends in
    /// an error.
    Later(u16, u32),
    /// Behind the head, as some error.
    LaterSomehow,
    /// By the loss of a stream whose head has come: Envoy's own 503 goes past the filter.
    ByLoss,
    /// Behind the beginning of an answer that could not be held back: in either mode the answer is cut or ends in an
    /// error.
    TooLate,
}

fn code(response: &Response) -> Option<u64> {
    let body: Value = serde_json::from_slice(&response.body()).ok()?;
    body["code"].as_u64().filter(|&code| code > 0)
}

fn is_json_error(response: &Response) -> bool {
    let json = response.header("content-type").as_deref() == Some("application/json");
    response.status >= 400 && response.end == End::Clean && json && code(response).is_some()
}

/// Whether a client that already has the status 200 can tell that the answer is none.
fn is_visibly_broken(response: &Response) -> bool {
    let text = response.text();
    let error_at_the_end = text
        .rfind("{\"error\"")
        .or(text.rfind("{\"code\""))
        .is_some();
    response.end == End::Cut || error_at_the_end || serde_json::from_str::<Value>(&text).is_err()
}

fn check(mode: Mode, shows: Shows, response: &Response) -> bool {
    let is = |status: u16, expected: u32| {
        is_json_error(response)
            && response.status == status
            && code(response) == Some(u64::from(expected))
    };
    let broken = response.status == 200 && is_visibly_broken(response);
    let sent_too_early = mode == Mode::Plain && broken;
    match shows {
        Shows::AtTheHead(status, code) => is(status, code),
        Shows::AtTheHeadSomehow => is_json_error(response),
        Shows::Later(status, code) => is(status, code) || sent_too_early,
        Shows::LaterSomehow => is_json_error(response) || sent_too_early,
        Shows::ByLoss => response.status >= 500 || sent_too_early,
        Shows::TooLate => is_json_error(response) || response.status >= 500 || broken,
    }
}

fn failures() -> Vec<(&'static str, Script, Shows)> {
    let head = || Script::after_request().head();
    let reply = frame(&varint_field(4, 7));
    let kv = frame(&bytes_field(2, &bytes_field(1, &[b'k'; 300])));
    let long = frame(&bytes_field(2, &bytes_field(1, &[b'k'; 100_000])));
    let trailers_only = |headers: &[(&str, &str)]| {
        let mut all = vec![("content-type", "application/grpc")];
        all.extend(headers);
        Script::after_request().step(Step::Head {
            status: 200,
            headers: fields(&all),
            end: true,
        })
    };
    vec![
        (
            "an error alone",
            Script::error(5, "gone"),
            Shows::AtTheHead(404, 5),
        ),
        (
            "a status that is no number",
            trailers_only(&[("grpc-status", "abc")]),
            Shows::AtTheHeadSomehow,
        ),
        (
            "a code that does not exist",
            trailers_only(&[("grpc-status", "99999")]),
            Shows::AtTheHeadSomehow,
        ),
        (
            "no status in a lone head",
            trailers_only(&[]),
            Shows::AtTheHeadSomehow,
        ),
        (
            "a bad percent encoding",
            trailers_only(&[("grpc-status", "3"), ("grpc-message", "%zz%f")]),
            Shows::AtTheHead(400, 3),
        ),
        (
            "a reset before the head",
            Script::after_request().reset(8),
            Shows::AtTheHeadSomehow,
        ),
        (
            "REFUSED_STREAM",
            Script::after_request().reset(7),
            Shows::AtTheHeadSomehow,
        ),
        (
            "a lost connection before the head",
            Script::after_request().step(Step::Disconnect),
            Shows::AtTheHead(503, 14),
        ),
        (
            "an HTML page",
            Script::http(200, "text/html", b"<html>hello"),
            Shows::AtTheHeadSomehow,
        ),
        (
            "JSON",
            Script::http(200, "application/json", b"{}"),
            Shows::AtTheHeadSomehow,
        ),
        (
            "a plain 404",
            Script::http(404, "text/plain", b"404 page not found\n"),
            Shows::AtTheHeadSomehow,
        ),
        (
            "a plain 503",
            Script::http(503, "text/plain", b"maintenance"),
            Shows::AtTheHead(503, 14),
        ),
        (
            "a redirect",
            Script::http(302, "text/plain", b""),
            Shows::AtTheHeadSomehow,
        ),
        (
            "a megabyte of something else",
            Script::http(200, "text/plain", &vec![b'x'; 3 << 20]),
            Shows::AtTheHeadSomehow,
        ),
        (
            "a head and an error",
            head().status(5, "gone"),
            Shows::Later(404, 5),
        ),
        (
            "a message and an error",
            head().data(&*reply).status(11, "compacted"),
            Shows::Later(400, 11),
        ),
        (
            "a long message and an error",
            head().data(&*long).status(11, "compacted"),
            Shows::TooLate,
        ),
        (
            "success without a message",
            head().status(0, ""),
            Shows::Later(500, 13),
        ),
        (
            "no trailers",
            head().data(&*reply).end(),
            Shows::LaterSomehow,
        ),
        (
            "no trailers and no message",
            head().end(),
            Shows::LaterSomehow,
        ),
        (
            "trailers without a status",
            head()
                .data(&*reply)
                .step(Step::Trailers(fields(&[("x", "y")]))),
            Shows::LaterSomehow,
        ),
        (
            "two messages",
            head().data(&*reply).data(&*reply).status(0, ""),
            Shows::LaterSomehow,
        ),
        (
            "two messages in one frame",
            head().data([&*reply, &*reply].concat()).status(0, ""),
            Shows::LaterSomehow,
        ),
        (
            "a message cut short",
            head().data(&reply[..reply.len() - 1]).status(0, ""),
            Shows::LaterSomehow,
        ),
        (
            "a prefix cut short",
            head().data(&reply[..3]).status(0, ""),
            Shows::TooLate,
        ),
        (
            "a compressed message",
            head().data(frame_with_flag(1, b"\x1f\x8b")).status(0, ""),
            Shows::LaterSomehow,
        ),
        (
            "an unknown flag",
            head().data(frame_with_flag(0x80, b"")).status(0, ""),
            Shows::LaterSomehow,
        ),
        (
            "bytes that are no frame",
            head().data(&b"HTTP/1.1 200 OK\r\n\r\n"[..]).status(0, ""),
            Shows::LaterSomehow,
        ),
        (
            "a message that is no protobuf",
            head().data(frame(b"\x0a\xff\xff")).status(0, ""),
            Shows::LaterSomehow,
        ),
        (
            "an endless varint",
            head().data(frame(&[0xff; 64])).status(0, ""),
            Shows::LaterSomehow,
        ),
        ("a reset behind the head", head().reset(8), Shows::ByLoss),
        (
            "a reset within a message",
            head().data(&kv[..100]).reset(8),
            Shows::ByLoss,
        ),
        (
            "a reset within a long message",
            head().data(&long[..50_000]).reset(8),
            Shows::TooLate,
        ),
        (
            "a reset behind a message",
            head().data(&*reply).reset(2),
            Shows::ByLoss,
        ),
        (
            "a lost connection within a message",
            head().data(&kv[..100]).step(Step::Disconnect),
            Shows::ByLoss,
        ),
    ]
}

#[test]
fn every_upstream_failure_is_an_error_to_the_client_and_the_next_call_works() {
    let upstream = Upstream::start().unwrap();
    let mut wrong = Vec::new();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for (kind, request) in [
            ("body", Request::post(RANGE, "{}")),
            ("no body", Request::new("POST", RANGE)),
        ] {
            for (name, script, shows) in failures() {
                // A request without a body is Envoy's own gRPC call, whose client takes the last of several messages.
                if kind == "no body" && name.starts_with("two messages") {
                    continue;
                }
                upstream.once(script);
                let started = Instant::now();
                let answers = h1::send(gateway.address(), &request);
                let right = answers
                    .as_ref()
                    .is_ok_and(|response| check(mode, shows, response));
                if !right || started.elapsed() > PROMPT {
                    wrong.push(format!(
                        "{mode:?} {kind}: {name} ({shows:?}) in {:?}: {answers:?}",
                        started.elapsed()
                    ));
                }
                let next = h1::send(gateway.address(), &Request::post(RANGE, "{}"));
                if !next
                    .as_ref()
                    .is_ok_and(|response| response.status == 200 && response.text() == "{}")
                {
                    wrong.push(format!("{mode:?} {kind}: the call after {name}: {next:?}"));
                }
                upstream.take();
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn an_upstream_that_is_not_there_is_503_code_14() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for mode in Mode::BOTH {
        for (name, setup) in [
            ("no endpoint", Setup::new(mode, nobody).without_upstream()),
            ("a port without a listener", Setup::new(mode, nobody)),
        ] {
            let gateway = setup.start();
            for request in [Request::post(RANGE, "{}"), Request::new("POST", RANGE)] {
                for response in [gateway.send(&request), gateway.send_h2(&request)] {
                    let case = format!("{mode:?} {name}: {response:?}");
                    assert!(is_json_error(&response), "{case}");
                    assert_eq!(
                        (response.status, code(&response)),
                        (503, Some(14)),
                        "{case}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_route_timeout_is_504_code_4() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::stall());
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .route(json!({"timeout": "0.2s"}))
            .start();
        let response = gateway.post(RANGE, "{}");
        assert!(is_json_error(&response), "{mode:?}: {response:?}");
        assert_eq!(
            (response.status, code(&response)),
            (504, Some(4)),
            "{mode:?}"
        );
        upstream.wait_for("the cancellation", |requests| {
            requests.iter().all(|request| request.reset.is_some())
        });
    }
}

#[test]
fn an_upstream_that_announces_its_end_still_answers() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for _ in 0..3 {
            let reply = frame(&varint_field(4, 7));
            upstream.once(
                Script::after_request()
                    .step(Step::GoAway)
                    .head()
                    .data(reply)
                    .status(0, ""),
            );
            assert_eq!(
                gateway.post(RANGE, "{}").text(),
                r#"{"count":"7"}"#,
                "{mode:?}"
            );
        }
    }
}

#[test]
fn an_error_that_comes_before_the_body_has_ended_reaches_the_client() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let Step::Head {
            status, headers, ..
        } = testbed::upstream::grpc_head()
        else {
            panic!("no head")
        };
        let headers = [
            headers,
            testbed::upstream::status_fields(8, "too many requests"),
        ]
        .concat();
        upstream.once(Script::default().step(Step::Head {
            status,
            headers,
            end: true,
        }));
        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        connection
            .send_head(&Request::new("POST", RANGE).body(Body::Pieces(Vec::new())))
            .unwrap();
        connection.send_chunk(br#"{"key":"#).unwrap();
        if mode == Mode::Plain {
            upstream.wait_for("the head", |requests| !requests.is_empty());
        }
        // The gateway may have answered and closed already.
        let _ = connection
            .send_chunk(br#""Zm9v"}"#)
            .and_then(|()| connection.finish(&[]));
        let response = connection.response().unwrap();
        assert_eq!(
            (response.status, code(&response)),
            (429, Some(8)),
            "{mode:?}: {response:?}"
        );
        upstream.take();
    }
}

#[test]
fn a_client_that_leaves_cancels_its_call() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::stall());
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        connection.send(&Request::post(RANGE, "{}")).unwrap();
        upstream.wait_for("the call", |requests| {
            requests.last().is_some_and(|request| request.ended)
        });
        drop(connection);
        upstream.wait_for("the cancellation", |requests| {
            requests.iter().all(|request| request.reset.is_some())
        });
    }
}
