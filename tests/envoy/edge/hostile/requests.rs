//! Requests that are well-formed HTTP, but for what is in them: headers, targets, methods.

use envoy_tests::verdict::{Expect, Protocol, ask};
use envoy_tests::world::{Case, RANGE, SERVED, World};
use etcd_json_gateway::schema::tables::ROUTES;
use testbed::client::{Body, Error, Request, h1};

/// Over either version of HTTP.
pub fn case(name: impl Into<String>, request: Request, expect: Expect) -> Case {
    Case::new(name, move |world: &World| {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let answer = ask(world.gateway.address(), protocol, &request);
            if matches!(answer, Err(Error::Request(_))) {
                continue; // a proper HTTP/2 client cannot even say it
            }
            let said = expect.check(&answer);
            said.map_err(|error| format!("over {protocol:?}: {error}"))?;
        }
        Ok(())
    })
}

pub fn cases() -> Vec<Case> {
    let mut cases = headers();
    cases.extend(many_headers());
    cases.extend(targets());
    cases.extend(routes());
    cases
}

pub fn served() -> Expect {
    Expect::Body(SERVED.to_owned())
}

fn headers() -> Vec<Case> {
    let rows: Vec<(&str, &[u8], Expect)> = vec![
        ("x-bytes", b"\xff\xfe\x80", served()),
        ("grpc-metadata-x", b"\xff\xfe\x80", served()),
        ("grpc-metadata-", b"x", served()),
        ("grpc-metadata-:path", b"/x", served()),
        ("grpc-metadata-content-length", b"5", served()),
        ("grpc-metadata-x-bin", b"!!!", Expect::Error(400, 3)),
        ("grpc-metadata-x-bin", b"\xff", Expect::Error(400, 3)),
        ("grpc-metadata-grpc-metadata-x", b"x", served()),
        ("authorization", b"Bearer \xff\xfe", Expect::AnyEnd),
        ("authorization", b"", served()),
        ("accept", b"\xff", Expect::AnyEnd),
        ("accept", b"text/event-stream;;;,,,=", served()),
        ("origin", b"\xff\xfe", Expect::AnyEnd),
        ("origin", &[b'o'; 50_000], served()),
        ("last-event-id", b"99999999999999999999999", served()),
        ("cookie", &[b'c'; 50_000], served()),
        ("content-type", b"\xff", Expect::AnyEnd),
        (
            "content-type",
            b"multipart/form-data; boundary=\"",
            served(),
        ),
        ("content-encoding", b"gzip, br, \xff", served()),
        ("grpc-timeout", b"", Expect::AnyEnd),
        ("grpc-timeout", b"abc", Expect::Error(400, 3)),
        ("grpc-timeout", b"\xff", Expect::Error(400, 3)),
        ("grpc-timeout", b"99999999999999999999H", Expect::AnyEnd),
        ("grpc-timeout", b"-1S", Expect::Failure),
        ("grpc-timeout", b"0m", Expect::AnyEnd),
        ("grpc-timeout", b"1n", Expect::AnyEnd),
        ("grpc-status", b"5", served()),
        ("grpc-encoding", b"gzip", served()),
        ("te", b"trailers", served()),
        ("x-envoy-upstream-rq-timeout-ms", b"-1", served()),
        ("x-envoy-upstream-rq-timeout-ms", b"0", served()),
        ("x-envoy-max-retries", b"4294967296", served()),
        ("x-envoy-hedge-on-per-try-timeout", b"true", served()),
        ("x-forwarded-for", &[b'9'; 5000], served()),
        ("range", b"bytes=0-", served()),
    ];
    rows.into_iter()
        .map(|(name, value, expect)| {
            let shown = value.get(..30).unwrap_or(value).escape_ascii();
            let request = Request::post(RANGE, "{}").header(name, value);
            case(format!("{name}: {shown}"), request, expect)
        })
        .collect()
}

/// Up to the limits of a proxy-wasm host and beyond; Envoy's own are lifted.
fn many_headers() -> Vec<Case> {
    let many = |count: usize, size: usize| {
        let fill = |request: Request, index: usize| {
            request.header(&format!("grpc-metadata-x{index}"), vec![b'v'; size])
        };
        (0..count).fold(Request::post(RANGE, "{}"), fill)
    };
    let bodyless = |request: Request| request.body(Body::None);
    vec![
        case("900 headers", many(900, 1), served()),
        case("1100 headers", many(1100, 1), Expect::Error(431, 8)),
        case("2900 headers", many(2900, 1), Expect::Error(431, 8)),
        case(
            "1100 headers and no body",
            bodyless(many(1100, 1)),
            Expect::Error(431, 8),
        ),
        case(
            "a megabyte of headers",
            many(900, 1200),
            Expect::Error(431, 8),
        ),
        case(
            "a megabyte of headers and no body",
            bodyless(many(900, 1200)),
            Expect::Error(431, 8),
        ),
        case("500 KB in a header", many(1, 500_000), Expect::AnyEnd),
        case("1.5 MB in a header", many(1, 1_500_000), Expect::Refusal),
        case("5000 headers", many(5000, 1), Expect::Refusal),
        case("3 MB of headers", many(3, 1_000_000), Expect::Refusal),
    ]
}

fn targets() -> Vec<Case> {
    let long = "x".repeat(300_000);
    let query = "&create_request.filters=1".repeat(10_000);
    let deep = format!("create_request{}=1", ".key".repeat(50_000));
    let refused = [
        "/v3/kv/range%",
        "/v3/kv/range%zz",
        "/v3/%ff%fe",
        "/v3/kv/range%00",
        "/v3/kv//range",
        "/v3//kv/range",
        "/v3/../kv/range",
        "/v3/kv/range/",
        "/v3/kv/./range",
        "/v3/kv/RANGE",
        "/v3/",
        "/v3",
        "/v3/%2e%2e/kv/range",
        "/v3/kv/range%2f",
        "/v3/kv;range",
        "/v3/kv/range%c0%af",
        "/v3/kv/range%ed%a0%80",
    ];
    let mut cases: Vec<Case> = refused
        .into_iter()
        .map(|target| case(target, Request::post(target, "{}"), Expect::Refusal))
        .collect();
    let events = |query: &str| {
        Request::new("GET", &format!("/v3/watch?{query}")).header("Accept", "text/event-stream")
    };
    cases.extend([
        case(
            "a path of 300 KB",
            Request::post(&format!("/v3/{long}"), "{}"),
            Expect::Refusal,
        ),
        case(
            "a path of escapes",
            Request::post(&format!("/v3/{}", "%41".repeat(100_000)), "{}"),
            Expect::Refusal,
        ),
        case(
            "a query of 300 KB",
            Request::post(&format!("{RANGE}?{long}"), "{}"),
            served(),
        ),
        case(
            "an escaped path",
            Request::post("/v3/%6b%76%2Frange", "{}"),
            Expect::Refusal,
        ),
        case(
            "a health query of 300 KB",
            Request::new("GET", &format!("/health?{}", "exclude=x&".repeat(30_000))),
            Expect::AnyEnd,
        ),
        case("events of 10000 parameters", events(&query), Expect::AnyEnd),
        case("events of a deep parameter", events(&deep), Expect::AnyEnd),
        case(
            "events of bad escapes",
            events("create_request.key=%zz%ff%&%=%&=&&&"),
            Expect::AnyEnd,
        ),
        case(
            "events of a large key",
            events(&format!("create_request.key={}", "A".repeat(200_000))),
            Expect::Error(413, 8),
        ),
        case("events of nothing", events(""), Expect::Error(400, 3)),
        case(
            "events of a unary call",
            Request::new("GET", RANGE).header("Accept", "text/event-stream"),
            Expect::Refusal,
        ),
        case("elsewhere", Request::post("/%zz/v3", "{}"), Expect::AnyEnd),
    ]);
    cases
}

/// Every route with every method, with a body and without.
fn routes() -> Vec<Case> {
    let methods = [
        "GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW", "POST",
    ];
    let route = |path: &str| {
        let path = format!("/v3{path}");
        Case::new(format!("{path} with every method"), move |world: &World| {
            for method in methods {
                for body in [
                    Body::None,
                    Body::Sized(Vec::new()),
                    Body::Sized(b"{}".to_vec()),
                ] {
                    let request = Request::new(method, &path).body(body.clone());
                    let answer = h1::send(world.gateway.address(), &request);
                    let right = match method {
                        "OPTIONS" => Expect::Status(200),
                        "POST" => Expect::AnyEnd,
                        _ => Expect::Refusal,
                    };
                    let said = right.check(&answer);
                    said.map_err(|error| format!("{method} {body:?}: {error}"))?;
                }
            }
            Ok(())
        })
    };
    ROUTES.iter().map(|declared| route(declared.path)).collect()
}
