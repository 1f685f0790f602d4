//! gRPC errors as HTTP clients see them: `errors.jsonl` through a real Envoy.

use serde_json::{Value, json};
use testbed::client::{Request, Response, h1, h2};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Upstream};
use testbed::vectors::{Dialect, Differences, rows};

/// The recorded answer that a dialect is held to; `compatible` answers like v2 but for the body.
fn recorded(row: &Value, dialect: Dialect) -> &Value {
    match dialect {
        Dialect::V1 => &row["3.5"],
        Dialect::Compatible | Dialect::V2 => &row["3.7"],
    }
}

fn check(found: &mut Differences, case: &str, response: &Response, row: &Value, dialect: Dialect) {
    let expected = recorded(row, dialect);
    found.check(
        case,
        "the status",
        json!(response.status),
        expected["status"].clone(),
    );
    found.check(
        case,
        "content-type",
        json!(response.header("content-type")),
        expected["content_type"].clone(),
    );
    let body = expected["body"].as_str().unwrap();
    if dialect == Dialect::Compatible {
        let mut body: Value = serde_json::from_str(body).unwrap();
        if let Some(message) = body.get("message").cloned() {
            body["error"] = message;
        }
        found.check(case, "the body", response.json(), body);
    } else {
        found.check(case, "the body", response.text().as_str(), body);
    }
    // Recorded as Latin-1, one character a byte.
    let challenge = expected["www_authenticate"]
        .as_str()
        .map(|text| text.chars().map(|c| c as u8).collect());
    let actual: Option<Vec<u8>> = response
        .values("www-authenticate")
        .first()
        .map(|value| value.to_vec());
    found.check(case, "www-authenticate", actual, challenge);
}

#[test]
fn every_grpc_error_is_answered_as_etcds_gateways_answer_it() {
    let upstream = Upstream::start().unwrap();
    let mut found = Differences::default();
    for (mode, dialect) in Mode::BOTH
        .into_iter()
        .flat_map(|mode| Dialect::ALL.map(|dialect| (mode, dialect)))
    {
        let gateway = Gateway::start(mode, dialect.plugin(), &upstream);
        for row in rows("errors.jsonl") {
            let (code, message) = (
                row["code"].as_u64().unwrap(),
                row["message"].as_str().unwrap(),
            );
            upstream.always(Script::error(code.try_into().unwrap(), message));
            let request = Request::post(row["path"].as_str().unwrap(), "{}");
            let case = format!("{mode:?} {dialect:?} code {code} {message:.60?}");
            check(
                &mut found,
                &case,
                &h1::send(gateway.address(), &request).unwrap(),
                &row,
                dialect,
            );
            check(
                &mut found,
                &format!("{case} over HTTP/2"),
                &h2::send(gateway.address(), &request).unwrap(),
                &row,
                dialect,
            );
        }
    }
}
