//! Cross-origin headers and OPTIONS.

use serde_json::json;
use testbed::client::{Request, Response};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Upstream};

/// The three cross-origin headers: origin, methods, headers.
fn triple(response: &Response) -> [Option<String>; 3] {
    ["origin", "methods", "headers"]
        .map(|part| response.header(&format!("access-control-allow-{part}")))
}

fn allowed(origin: &str) -> [Option<String>; 3] {
    [
        origin,
        "POST, GET, OPTIONS, PUT, DELETE",
        "accept, content-type, authorization",
    ]
    .map(|value| Some(value.to_owned()))
}

/// A success, an error of etcd's, a refused body, an unknown path, a wrong method, a preflight.
fn requests(origin: Option<&str>) -> Vec<Request> {
    let all = [
        Request::post("/v3/kv/range", "{}"),
        Request::new("POST", "/v3/kv/range"),
        Request::post("/v3/kv/put", "{}"),
        Request::post("/v3/kv/range", "{"),
        Request::post("/v3/nope", "{}"),
        Request::new("GET", "/v3/kv/range"),
        Request::new("OPTIONS", "/v3/kv/range").header("Access-Control-Request-Method", "POST"),
        Request::new("OPTIONS", "/v3/nope"),
    ];
    let with_origin = |request: Request| match origin {
        Some(origin) => request.header("Origin", origin),
        None => request,
    };
    all.into_iter().map(with_origin).collect()
}

fn upstream() -> Upstream {
    let upstream = Upstream::start().unwrap();
    upstream.always_with(|request| match request.path.ends_with("Put") {
        true => Script::error(3, "etcdserver: key is not provided"),
        false => Script::message(b""),
    });
    upstream
}

#[test]
fn every_answer_allows_every_origin_by_default() {
    let upstream = upstream();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for request in requests(None)
            .iter()
            .chain(&requests(Some("http://page.example")))
        {
            let response = gateway.send(request);
            assert_eq!(triple(&response), allowed("*"), "{mode:?} {request:?}");
            assert_eq!(
                response.values("access-control-allow-origin").len(),
                1,
                "{mode:?} {request:?}"
            );
        }
    }
}

#[test]
fn configured_origins_are_echoed_and_others_get_nothing() {
    let upstream = upstream();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(
            mode,
            json!({"cors": ["http://one.example", "http://two.example"]}),
            &upstream,
        );
        for request in requests(Some("http://two.example")) {
            assert_eq!(
                triple(&gateway.send(&request)),
                allowed("http://two.example"),
                "{mode:?} {request:?}"
            );
        }
        for request in requests(None)
            .iter()
            .chain(&requests(Some("http://three.example")))
        {
            assert_eq!(
                triple(&gateway.send(request)),
                [None, None, None],
                "{mode:?} {request:?}"
            );
        }
    }
}

#[test]
fn options_is_answered_empty_under_every_prefix() {
    let upstream = upstream();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for path in ["/v3/kv/range", "/v3beta/watch", "/v3alpha/nope"] {
            let response = gateway.send(&Request::new("OPTIONS", path));
            assert_eq!(
                (response.status, response.body().len()),
                (200, 0),
                "{mode:?} {path}"
            );
            assert_eq!(
                response.header("content-length").unwrap(),
                "0",
                "{mode:?} {path}"
            );
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");
    }
}
