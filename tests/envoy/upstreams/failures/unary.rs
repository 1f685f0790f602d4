//! What a client sees when the upstream errs, breaks off or is no gRPC server at all: never a hang, never wrong JSON.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::client::{Body, End, Request, Response, h1};
use testbed::gateway::{Mode, Setup};
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
    /// By the loss of a stream whose head has come: what Envoy says of that goes past the filter, and the example's
    /// `local_reply_config` makes it JSON.
    ByLoss,
    /// Behind the beginning of an answer that could not be held back: in either mode the answer is cut or ends in an
    /// error.
    TooLate,
}

/// Whether a client that already has the status 200 can tell that the answer is none. What it gets is the beginning of
/// JSON in any case, never the upstream's own bytes.
fn is_visibly_broken(response: &Response) -> bool {
    let text = response.text();
    if !text.is_empty() && !text.starts_with('{') {
        return false;
    }
    let error_at_the_end = text
        .rfind("{\"error\"")
        .or(text.rfind("{\"code\""))
        .is_some();
    response.end == End::Cut || error_at_the_end || serde_json::from_str::<Value>(&text).is_err()
}

fn check(mode: Mode, shows: Shows, response: &Response) -> bool {
    let is = |status: u16, code: u32| {
        (response.status, response.json_error()) == (status, Some(u64::from(code)))
    };
    let broken = response.status == 200 && is_visibly_broken(response);
    let sent_too_early = mode == Mode::Plain && broken;
    match shows {
        Shows::AtTheHead(status, code) => is(status, code),
        Shows::AtTheHeadSomehow => response.json_error().is_some(),
        Shows::Later(status, code) => is(status, code) || sent_too_early,
        Shows::LaterSomehow => response.json_error().is_some() || sent_too_early,
        Shows::ByLoss => {
            (response.status >= 500 && response.json_error().is_some()) || sent_too_early
        }
        Shows::TooLate => response.json_error().is_some() || response.status >= 500 || broken,
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
            Shows::LaterSomehow,
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

/// Plays every failure against a gateway of its own and returns what went wrong.
fn wrong_answers(mode: Mode, request: &Request) -> Vec<String> {
    let upstream = Upstream::start().unwrap();
    let gateway = Setup::new(mode, upstream.address()).callouts().start();
    let called = matches!(request.body, Body::None);
    let mut wrong = Vec::new();
    for (name, script, shows) in failures() {
        // A request without a body is Envoy's own gRPC call, whose client takes the last of several messages.
        if called && name.starts_with("two messages") {
            continue;
        }
        upstream.once(script);
        let started = Instant::now();
        let answer = h1::send(gateway.address(), request);
        let right = answer
            .as_ref()
            .is_ok_and(|response| check(mode, shows, response));
        let took = started.elapsed();
        if !right || took > PROMPT {
            wrong.push(format!(
                "{mode:?} {name} ({shows:?}) in {took:?}: {answer:?}"
            ));
        }
        let next = h1::send(gateway.address(), &Request::post(RANGE, "{}"));
        let works = |response: &Response| response.status == 200 && response.text() == "{}";
        if !next.as_ref().is_ok_and(works) {
            wrong.push(format!("{mode:?} the call after {name}: {next:?}"));
        }
    }
    wrong
}

fn assert_every_failure_is_told(request: &Request) {
    // Side by side, because a cut answer takes Envoy's second to close the connection.
    let wrong: Vec<String> = thread::scope(|scope| {
        let modes = Mode::BOTH.map(|mode| scope.spawn(move || wrong_answers(mode, request)));
        modes
            .into_iter()
            .flat_map(|mode| mode.join().unwrap())
            .collect()
    });
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_upstream_failure_is_an_error_to_the_client_and_the_next_call_works() {
    assert_every_failure_is_told(&Request::post(RANGE, "{}"));
}

#[test]
fn every_upstream_failure_of_a_call_without_a_body_is_an_error_too() {
    assert_every_failure_is_told(&Request::new("POST", RANGE));
}
