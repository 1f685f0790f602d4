//! Bodies that are no JSON, not the call's, too large, or in strange pieces.

use envoy_tests::answers::head;
use envoy_tests::verdict::Expect;
use envoy_tests::world::{Case, RANGE};
use testbed::client::{Body, Request};
use testbed::wire::frame;

use crate::requests::{case, served};

/// A request that a watch takes.
const WATCH_REQUEST: &str = r#"{"progress_request":{}}"#;

/// The bound of one message that the worlds have, in bytes.
const MAX_MESSAGE: usize = 100_000;

pub fn cases() -> Vec<Case> {
    let mut cases = bodies();
    cases.extend(large_bodies());
    cases.extend(pieces());
    cases
}

/// Bodies that are not what the call takes, at a unary call and as the first value of a stream.
fn bodies() -> Vec<Case> {
    let bad: Vec<(&str, Vec<u8>)> = vec![
        ("100000 brackets", b"[".repeat(100_000)),
        ("100000 braces", br#"{"a":"#.repeat(15_000)),
        (
            "deep and closed",
            [b"[".repeat(50_000), b"]".repeat(50_000)].concat(),
        ),
        (
            "a deep unknown field",
            [br#"{"x":"#.repeat(1000), b"1".to_vec(), b"}".repeat(1000)].concat(),
        ),
        ("text that is not UTF-8", b"{\"key\":\"\xff\xfe\"}".to_vec()),
        ("a name that is not UTF-8", b"{\"\xff\":1}".to_vec()),
        ("half a surrogate pair", br#"{"key":"\ud800"}"#.to_vec()),
        ("a control character", b"{\"key\":\"\0\"}".to_vec()),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        (
            "gzip",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0C\xbf\xa6\xa3\x02\0\0\0".to_vec(),
        ),
        ("NULs", vec![0; 5000]),
        ("an array", b"[{}]".to_vec()),
        ("a form", b"key=foo&x=y".to_vec()),
        ("an object without an end", br#"{"limit":"#.to_vec()),
        ("a string without an end", br#"{"key":"AAAA"#.to_vec()),
    ];
    let mut cases = Vec::new();
    for (name, body) in bad {
        for path in [RANGE, "/v3/watch", "/v3/lease/keepalive"] {
            let request = Request::post(path, &body);
            cases.push(case(
                format!("{path}: {name}"),
                request,
                Expect::Error(400, 3),
            ));
        }
    }
    let digits =
        |head: &str, tail: &str| format!("{{\"limit\":{head}{}{tail}}}", "9".repeat(50_000));
    for (name, body) in [
        ("a number of 50000 digits", digits("", "")),
        ("a fraction of 50000 digits", digits("1.", "")),
        ("an exponent of 50000 digits", digits("1e", "")),
        ("1e-50000 digits", digits("1e-", "")),
        ("50000 digits in a string", digits("\"", "\"")),
        (
            "a number out of range",
            r#"{"limit":9223372036854775808}"#.to_owned(),
        ),
        (
            "a number that no double holds",
            r#"{"limit":1e999999999}"#.to_owned(),
        ),
        ("a fraction", r#"{"limit":1.5}"#.to_owned()),
        ("a key of no base64", r#"{"key":"!!!!"}"#.to_owned()),
        ("a key twice", r#"{"key":"AA==","key":"AA=="}"#.to_owned()),
    ] {
        cases.push(case(
            name,
            Request::post(RANGE, body),
            Expect::Error(400, 3),
        ));
    }
    cases
}

/// At every limit, and over it.
fn large_bodies() -> Vec<Case> {
    let key = |length: usize| format!("{{\"key\":\"{}\"}}", "A".repeat(length));
    let watch = |length: usize| format!("{{\"create_request\":{}}}", key(length));
    let blanks = |length: usize| [b" ".repeat(length), b"{}".to_vec()].concat();
    let base64 = MAX_MESSAGE / 3 * 4;
    let unary = |body: Vec<u8>| Request::post(RANGE, body);
    let stream = |body: Vec<u8>| Request::post("/v3/watch", body);
    let unknown = format!("{{\"x\":\"{}\"}}", "\\u0041".repeat(30_000));
    let too_large = || Expect::Error(413, 8);
    vec![
        case(
            "a message at the limit",
            unary(key(base64 - 40).into()),
            served(),
        ),
        case(
            "a message over the limit",
            unary(key(base64 + 40).into()),
            too_large(),
        ),
        case(
            "a body at the limit",
            unary(blanks(2 * MAX_MESSAGE - 2)),
            served(),
        ),
        case(
            "a body over the limit",
            unary(blanks(2 * MAX_MESSAGE)),
            too_large(),
        ),
        case(
            "a body far over the limit",
            unary(blanks(3 << 20)),
            too_large(),
        ),
        case("a large unknown field", unary(unknown.into()), served()),
        case(
            "a watch over the limit",
            stream(watch(base64 + 40).into()),
            too_large(),
        ),
        case(
            "a watch far over the limit",
            stream(watch(3 << 20).into()),
            too_large(),
        ),
        case(
            "a watch of blanks",
            stream([b" ".repeat(1 << 20), WATCH_REQUEST.as_bytes().to_vec()].concat()),
            Expect::Status(200),
        ),
        case(
            "a gRPC body of a gigantic length",
            native(b"\0\xff\xff\xff\xff".to_vec()),
            Expect::AnyEnd,
        ),
        case("a gRPC body of rubbish", native(head(1)), Expect::AnyEnd),
        case(
            "events with a large body",
            events(b"x".repeat(3 << 20)),
            Expect::AnyEnd,
        ),
    ]
}

fn native(body: Vec<u8>) -> Request {
    Request::post("/etcdserverpb.KV/Range", body).header("content-type", "application/grpc")
}

fn events(body: Vec<u8>) -> Request {
    Request::new("GET", "/v3/watch?create_request.key=AA==")
        .header("Accept", "text/event-stream")
        .body(Body::Sized(body))
}

/// Bodies in strange pieces, and with trailers.
fn pieces() -> Vec<Case> {
    let split = |body: &str, size: usize| {
        let pieces = body.as_bytes().chunks(size).map(<[u8]>::to_vec);
        Body::Pieces(pieces.collect())
    };
    let long = format!("{{\"key\":\"{}\"}}", "A".repeat(4000));
    let with = |path: &str, body: Body| Request::new("POST", path).body(body);
    let empties = Body::Pieces(vec![Vec::new(), b"{}".to_vec(), Vec::new()]);
    let watch = r#"{"create_request":{"key":"AA=="}}"#;
    let mut cases = vec![
        case("a byte at a time", with(RANGE, split(&long, 1)), served()),
        case(
            "a watch a byte at a time",
            with("/v3/watch", split(watch, 1)),
            Expect::Status(200),
        ),
        case("empty pieces", with(RANGE, empties.clone()), Expect::AnyEnd),
        case(
            "nothing but empty pieces",
            with(RANGE, Body::Pieces(vec![Vec::new(); 50])),
            Expect::AnyEnd,
        ),
        case(
            "an empty body",
            with(RANGE, Body::Sized(Vec::new())),
            served(),
        ),
        case(
            "an empty chunked body",
            with(RANGE, Body::Pieces(Vec::new())),
            served(),
        ),
        case(
            "a frame in JSON's place",
            with(RANGE, Body::Sized(frame(b"x"))),
            Expect::Error(400, 3),
        ),
    ];
    for path in [RANGE, "/v3/watch", "/v3/lease/keepalive", "/elsewhere"] {
        for body in [
            split("{}", 2),
            split("{\"ID\":", 3),
            Body::Pieces(Vec::new()),
        ] {
            let trailers =
                |request: Request, index: usize| request.trailer(&format!("x-{index}"), b"\xff");
            let request = (0..50).fold(with(path, body.clone()), trailers);
            cases.push(case(
                format!("{path}: trailers behind {body:?}"),
                request,
                Expect::AnyEnd,
            ));
        }
    }
    cases
}
