//! HTTP/1.1 and 1.0 to the byte: request lines, pipelining, upgrades.

use envoy_tests::verdict::Expect;
use envoy_tests::world::Case;

use crate::http1::{leaving, post, raw, served};

pub fn cases() -> Vec<Case> {
    let mut cases = request_lines();
    cases.extend(pipelines());
    cases.extend(upgrades());
    cases
}

fn request_lines() -> Vec<Case> {
    let line = |line: &str| format!("{line}\r\nHost: etcd\r\nContent-Length: 2\r\n\r\n{{}}");
    let refused = || vec![Expect::Refusal];
    vec![
        raw(
            "rubbish",
            [&[0xff; 1000][..], b"\r\n\r\n"].concat(),
            refused(),
        ),
        raw(
            "a TLS client",
            &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..],
            refused(),
        ),
        raw("HTTP/0.9", "GET /v3/kv/range\r\n\r\n", refused()),
        raw(
            "HTTP/1.0",
            "POST /v3/kv/range HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}",
            vec![served()],
        ),
        raw(
            "HTTP/1.0 without a length",
            "POST /v3/kv/range HTTP/1.0\r\n\r\n",
            vec![served()],
        ),
        raw(
            "HTTP/1.0 with chunks",
            "POST /v3/kv/range HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            vec![Expect::AnyEnd],
        ),
        raw(
            "a watch by HTTP/1.0",
            "POST /v3/watch HTTP/1.0\r\nContent-Length: 23\r\n\r\n{\"progress_request\":{}}",
            vec![Expect::Status(200)],
        ),
        raw(
            "a kept-alive HTTP/1.0",
            "POST /v3/kv/range HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}",
            vec![served()],
        ),
        raw(
            "HTTP/1.9",
            line("POST /v3/kv/range HTTP/1.9"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "HTTP/3.0",
            line("POST /v3/kv/range HTTP/3.0"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "no host",
            "POST /v3/kv/range HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
            refused(),
        ),
        raw(
            "an absolute target",
            line("POST http://other/v3/kv/range HTTP/1.1"),
            vec![served()],
        ),
        raw(
            "an absolute target without a path",
            line("POST http://other HTTP/1.1"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a target of another scheme",
            line("POST ftp://other/v3/kv/range HTTP/1.1"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a target that is not UTF-8",
            b"POST /v3/\xff\xfe HTTP/1.1\r\nHost: etcd\r\nContent-Length: 0\r\n\r\n".to_vec(),
            refused(),
        ),
        raw(
            "a target with a fragment",
            line("POST /v3/kv/range#x HTTP/1.1"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a target with a space",
            line("POST /v3/kv/ range HTTP/1.1"),
            refused(),
        ),
        raw(
            "a target without a slash",
            line("POST v3/kv/range HTTP/1.1"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "OPTIONS *",
            line("OPTIONS * HTTP/1.1"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "CONNECT",
            "CONNECT etcd:2379 HTTP/1.1\r\nHost: etcd\r\n\r\n",
            refused(),
        ),
        raw(
            "CONNECT to a path",
            "CONNECT /v3/watch HTTP/1.1\r\nHost: etcd\r\n\r\n",
            refused(),
        ),
        raw(
            "a method of no letters",
            line("{} /v3/kv/range HTTP/1.1"),
            refused(),
        ),
        raw(
            "a method of 10000 letters",
            line(&format!("{} /v3/kv/range HTTP/1.1", "A".repeat(10_000))),
            refused(),
        ),
    ]
}

fn pipelines() -> Vec<Case> {
    let good = post("Content-Length: 2\r\n\r\n{}");
    let bodyless = post("\r\n");
    let bad = post("Content-Length: 3\r\n\r\n[1]");
    let elsewhere = "GET /v3/nowhere HTTP/1.1\r\nHost: etcd\r\n\r\n";
    let version = "GET /version HTTP/1.1\r\nHost: etcd\r\n\r\n";
    let mixed = [&*good, &bodyless, elsewhere, &good, version, &good, &bad].concat();
    let mixed_answers = vec![
        served(),
        served(),
        Expect::Refusal,
        served(),
        Expect::Status(200),
        served(),
        Expect::Error(400, 3),
    ];
    let smuggled = post(&format!(
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{good}"
    ));
    vec![
        raw(
            "a hundred requests at once",
            good.repeat(100),
            vec![served(); 100],
        ),
        raw(
            "a hundred requests without bodies at once",
            bodyless.repeat(100),
            vec![served(); 100],
        ),
        raw("a mixed pipeline", mixed, mixed_answers),
        raw(
            "a request behind a stream's body",
            "POST /v3/watch HTTP/1.1\r\nHost: etcd\r\nContent-Length: 23\r\n\r\n{\"progress_request\":{}}".to_owned()
                + &good,
            vec![Expect::Status(200), served()],
        ),
        raw(
            "a request behind rubbish",
            format!("\0\0\0\r\n{good}"),
            vec![Expect::Refusal],
        ),
        raw(
            "blank lines before a request",
            format!("\r\n\r\n{good}"),
            vec![Expect::AnyEnd],
        ),
        raw("a smuggled request", smuggled, vec![Expect::Refusal]),
        raw(
            "HTTP/2's preface and then HTTP/1.1",
            format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{good}"),
            vec![Expect::Refusal],
        ),
    ]
}

/// Upgrades, behind which bytes come that are no HTTP.
fn upgrades() -> Vec<Case> {
    let upgrade = |method: &str, path: &str, to: &str, more: &str| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: etcd\r\nConnection: Upgrade\r\nUpgrade: {to}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
        )
    };
    let frame = "\u{1}\u{5}hello".repeat(1000);
    vec![
        raw(
            "a WebSocket",
            upgrade("GET", "/v3/watch", "websocket", "") + &frame,
            vec![Expect::Refusal],
        ),
        raw(
            "a WebSocket of a unary call",
            upgrade("GET", "/v3/kv/range", "websocket", "") + &frame,
            vec![Expect::Refusal],
        ),
        leaving(
            "a WebSocket by POST",
            upgrade("POST", "/v3/kv/range", "websocket", "Content-Length: 2\r\n") + "{}" + &frame,
        ),
        leaving(
            "a WebSocket by POST that is a stream",
            upgrade("POST", "/v3/watch", "websocket", "") + "{}" + &frame,
        ),
        leaving(
            "a WebSocket of events",
            upgrade(
                "GET",
                "/v3/watch?create_request.key=AA==",
                "websocket",
                "Accept: text/event-stream\r\n",
            ) + &frame,
        ),
        leaving(
            "a WebSocket that is bad JSON",
            upgrade("POST", "/v3/watch", "websocket", "") + "[[[",
        ),
        raw(
            "a WebSocket elsewhere",
            upgrade("GET", "/version", "websocket", ""),
            vec![Expect::AnyEnd],
        ),
        raw(
            "an upgrade to h2c",
            upgrade(
                "POST",
                "/v3/kv/range",
                "h2c",
                "HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 2\r\n",
            ) + "{}",
            vec![Expect::AnyEnd],
        ),
        raw(
            "an upgrade to nothing",
            upgrade("POST", "/v3/kv/range", "", "Content-Length: 2\r\n") + "{}",
            vec![Expect::AnyEnd],
        ),
    ]
}
