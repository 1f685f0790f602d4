//! Which requests are the gateway's, and what becomes of the others: `routing.jsonl` through a real Envoy.

use serde_json::{Value, json};
use testbed::client::{Request, Response};
use testbed::exceptions::{ROUTING, Routed};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Received, Script, Upstream};
use testbed::vectors::{Dialect, Differences, rows};

/// What the upstream answers to a request that is not gRPC, so that a passed one shows.
const PASSED: (u16, &str, &[u8]) = (418, "text/x-upstream", b"from the upstream");

/// What a client sees.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    content_type: Option<String>,
    body: Value,
    allow: Option<String>,
    /// The path of the request that reached the upstream.
    upstream: Option<String>,
}

fn answer(status: u16, content_type: &str, body: Value) -> Answer {
    Answer {
        status,
        content_type: Some(content_type.to_owned()),
        body,
        allow: None,
        upstream: None,
    }
}

/// The refusal of an unknown path (5) or a wrong method (12).
fn refusal(dialect: Dialect, code: u8) -> Answer {
    let message = if code == 5 {
        "Not Found"
    } else {
        "Method Not Allowed"
    };
    let refused = match (dialect, code) {
        (Dialect::V1, 5) => answer(404, "text/plain; charset=utf-8", json!("Not Found\n")),
        (Dialect::V1, _) => answer(
            405,
            "text/plain; charset=utf-8",
            json!("Method Not Allowed\n"),
        ),
        (Dialect::V2, 5) => answer(
            404,
            "application/json",
            json!({"code": code, "message": message}),
        ),
        (Dialect::V2, _) => answer(
            501,
            "application/json",
            json!({"code": code, "message": message}),
        ),
        (Dialect::Compatible, _) => {
            let status = if code == 5 { 404 } else { 405 };
            answer(
                status,
                "application/json",
                json!({"error": message, "code": code, "message": message}),
            )
        }
    };
    let allow = (dialect == Dialect::Compatible && code == 12).then(|| "POST, OPTIONS".to_owned());
    Answer { allow, ..refused }
}

/// What a row's request gets here: an exception's outcome, or what was recorded. None is tested elsewhere.
fn expected(row: &Value, dialect: Dialect) -> Option<Answer> {
    let (method, path) = (
        row["method"].as_str().unwrap(),
        row["path"].as_str().unwrap(),
    );
    let transcoded = |grpc: &str| Answer {
        upstream: Some(grpc.to_owned()),
        ..answer(200, "application/json", json!({}))
    };
    let exception = ROUTING
        .iter()
        .find(|exception| (exception.method, exception.path) == (method, path));
    let expected = match exception.map(|exception| exception.here) {
        Some(Routed::Grpc(grpc)) => transcoded(grpc),
        Some(Routed::NotFound) => refusal(dialect, 5),
        Some(Routed::Passed) => {
            let (status, content_type, body) = PASSED;
            let body = json!(String::from_utf8_lossy(body));
            Answer {
                upstream: Some(path.to_owned()),
                ..answer(status, content_type, body)
            }
        }
        Some(Routed::Stream | Routed::Envoy(_)) => return None,
        None if method == "OPTIONS" => Answer {
            content_type: None,
            ..answer(200, "", json!(""))
        },
        None => match (row["v2"]["grpc"].as_str(), row["v2"]["status"].as_u64()) {
            (Some(grpc), _) => transcoded(grpc),
            (None, Some(404)) => refusal(dialect, 5),
            (None, Some(501)) => refusal(dialect, 12),
            other => panic!("{method} {path} has an answer that no rule explains: {other:?}"),
        },
    };
    Some(if method == "HEAD" {
        Answer {
            body: json!(""),
            ..expected
        }
    } else {
        expected
    })
}

fn actual(response: &Response, received: &[Received]) -> Answer {
    let body = response.body();
    Answer {
        status: response.status,
        content_type: response.header("content-type"),
        body: serde_json::from_slice(&body).unwrap_or_else(|_| json!(response.text())),
        allow: response.header("allow"),
        upstream: received.first().map(|received| received.path.clone()),
    }
}

#[test]
fn every_method_and_path_is_routed_as_by_etcds_gateways() {
    let upstream = Upstream::start().unwrap();
    upstream.always_with(
        |received| match received.header("content-type").as_deref() {
            Some("application/grpc") => Script::message(b""),
            _ => Script::http(PASSED.0, PASSED.1, PASSED.2),
        },
    );
    let mut found = Differences::default();
    for (mode, dialect) in Mode::BOTH
        .into_iter()
        .flat_map(|mode| Dialect::ALL.map(|dialect| (mode, dialect)))
    {
        let gateway = Gateway::start(mode, dialect.plugin(), &upstream);
        for row in rows("routing.jsonl") {
            let (method, path) = (
                row["method"].as_str().unwrap(),
                row["path"].as_str().unwrap(),
            );
            let case = format!("{mode:?} {dialect:?} {method} {path}");
            let response = gateway.send(&Request::post(path, "{}").method(method));
            let received = upstream.take();
            match expected(&row, dialect) {
                Some(expected) => {
                    found.check(&case, "the answer", actual(&response, &received), expected)
                }
                None => found.check(
                    &case,
                    "whether the path is unknown",
                    response.status == 404,
                    false,
                ),
            }
        }
    }
}

#[test]
fn a_request_of_envoys_own_refusal_gets_the_documented_status() {
    let upstream = Upstream::start().unwrap();
    let gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    for exception in ROUTING {
        if let Routed::Envoy(status) = exception.here {
            let request = Request::post(exception.path, "{}").method(exception.method);
            assert_eq!(
                gateway.send(&request).status,
                status,
                "{}",
                exception.reason
            );
        }
    }
}

#[test]
fn a_passed_request_and_its_answer_are_untouched() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::http(PASSED.0, PASSED.1, PASSED.2));
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let request = Request::post("/foo?a=b", "as it is")
            .header("Content-Type", "text/x-own")
            .header("Token", "t");
        let response = gateway.send(&request);
        assert_eq!(
            (response.status, response.body()),
            (PASSED.0, PASSED.2.to_vec()),
            "{mode:?}"
        );
        assert_eq!(
            response.header("access-control-allow-origin"),
            None,
            "{mode:?}"
        );
        let received = upstream.take().remove(0);
        assert_eq!(
            (received.path.as_str(), received.body.as_slice()),
            ("/foo?a=b", b"as it is".as_slice())
        );
        assert_eq!(received.header("content-type").unwrap(), "text/x-own");
        assert_eq!(received.header("token").unwrap(), "t");
        assert!(received.values("grpcgateway-accept").is_empty());
    }
}

#[test]
fn a_path_with_a_malformed_escape_is_400_code_3() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for path in ["/v3/kv/%zz", "/v3/kv/range%", "/v3/%2"] {
            let response = gateway.send(&Request::post(path, "{}"));
            assert_eq!(
                (response.status, &response.json()["code"]),
                (400, &json!(3)),
                "{mode:?} {path}"
            );
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");
    }
}
