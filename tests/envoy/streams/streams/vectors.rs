//! The streams recorded from etcd's own gateways, `streams.jsonl`, in every dialect.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use etcd_json_gateway::schema;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};
use testbed::client::{Body, Request, Response, h1, h2};
use testbed::exceptions;
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Step, Upstream, fields};
use testbed::vectors::{Dialect, Differences, rows};

/// A row and what its dialect says of it.
struct Row {
    row: Value,
    dialect: Dialect,
}

impl Row {
    fn path(&self) -> &str {
        self.row["path"].as_str().unwrap()
    }

    fn body(&self) -> &str {
        self.row["body"].as_str().unwrap()
    }

    fn recorded(&self) -> &Value {
        match self.dialect {
            Dialect::V1 => &self.row["v1"],
            Dialect::Compatible | Dialect::V2 => &self.row["v2"],
        }
    }

    fn messages(list: &Value) -> Vec<Vec<u8>> {
        let list = list.as_array().unwrap().iter();
        list.map(|message| STANDARD.decode(message.as_str().unwrap()).unwrap())
            .collect()
    }

    /// What the upstream of the recording did.
    fn script(&self) -> Script {
        let replies = Self::messages(&self.row["replies"]);
        // Where etcd's gateway sends nothing ours refuses: nothing is answered in between.
        let awaited = self.recorded()["upstream"].as_array().unwrap().len().max(1);
        let end = &self.row["end"];
        let code = end["code"].as_u64().unwrap_or(0).try_into().unwrap();
        let message = end["message"].as_str().unwrap_or_default();
        let script = Script::default().step(Step::AwaitMessages(awaited));
        if replies.is_empty() {
            let mut headers = fields(&[("content-type", "application/grpc")]);
            headers.extend(testbed::upstream::status_fields(code, message));
            return script.step(Step::Head {
                status: 200,
                headers,
                end: true,
            });
        }
        let script = replies.iter().fold(script.head(), |script, reply| {
            script.data(testbed::wire::frame(reply))
        });
        script.status(code, message)
    }

    /// The whole response body, as the dialect's own column of `docs/decisions.md`, "Dialects", has it.
    fn expected(&self) -> String {
        let body = self.recorded()["body"].as_str().unwrap();
        let Some(code) = self.row["end"]["code"]
            .as_u64()
            .filter(|_| self.dialect == Dialect::Compatible)
        else {
            return body.to_owned();
        };
        // v2's lines, and v1's error object with v2's status and one member more.
        let (lines, _) = body
            .trim_end()
            .rsplit_once('\n')
            .map_or(("", body), |(lines, error)| (lines, error));
        let recorded = self.row["v1"]["body"].as_str().unwrap();
        let error = recorded.rsplit('\n').next().unwrap();
        let error = error.strip_suffix("}}").unwrap();
        let error = match code {
            1 => error
                .replace("\"http_code\":408", "\"http_code\":499")
                .replace(",\"http_status\":\"Request Timeout\"", ""),
            _ => error.to_owned(),
        };
        let separator = if lines.is_empty() { "" } else { "\n" };
        format!("{lines}{separator}{error},\"code\":{code}}}}}\n")
    }
}

/// Checks an answer and what reached the upstream for it.
fn check(
    found: &mut Differences,
    case: &str,
    row: &Row,
    response: &Response,
    reached: &[Vec<u8>],
    pool: &DescriptorPool,
) {
    if let Some(reason) = exceptions::stream_refused(row.path(), row.body()) {
        found.check(
            case,
            reason,
            (response.status, response.json_error()),
            (400, Some(3)),
        );
        return;
    }
    let status = row.recorded()["status"].clone();
    found.check(case, "the status", json!(response.status), status);
    found.check(case, "the body", response.text(), row.expected());
    let clean = response.end == testbed::client::End::Clean;
    found.check(case, "whether it ended cleanly", clean, true);
    if !response.pieces.is_empty() {
        let content_type = response.header("content-type");
        found.check(
            case,
            "content-type",
            content_type.as_deref(),
            Some("application/json"),
        );
    }
    let request = schema::route(row.path().trim_start_matches("/v3"))
        .unwrap()
        .method
        .request;
    let descriptor = pool.get_message_by_name(request.name).unwrap();
    let meaning = |messages: &[Vec<u8>]| -> Vec<DynamicMessage> {
        let decode =
            |message: &Vec<u8>| DynamicMessage::decode(descriptor.clone(), message.as_slice());
        messages
            .iter()
            .map(|message| decode(message).unwrap())
            .collect()
    };
    let expected = Row::messages(&row.recorded()["upstream"]);
    if meaning(reached) != meaning(&expected) {
        found.note(format!(
            "{case}: {reached:?} reached the upstream, not {expected:?}"
        ));
    }
}

#[test]
fn every_recorded_stream_is_answered_as_etcds_gateways_answer_it() {
    let upstream = Upstream::start().unwrap();
    let pool = testbed::api::descriptors().unwrap();
    let mut found = Differences::default();
    let mut seen = BTreeMap::new();
    for (mode, dialect) in Mode::BOTH
        .into_iter()
        .flat_map(|mode| Dialect::ALL.map(|dialect| (mode, dialect)))
    {
        let gateway = Gateway::start(mode, dialect.plugin(), &upstream);
        for (index, row) in rows("streams.jsonl").into_iter().enumerate() {
            let row = Row { row, dialect };
            *seen.entry(row.path().to_owned()).or_insert(0) += 1;
            upstream.always(row.script());
            let request = Request::post(row.path(), row.body());
            // The same in two pieces, cut at a place that moves from row to row.
            let (head, tail) = row
                .body()
                .as_bytes()
                .split_at(index % row.body().len().max(1));
            let pieces = Body::Pieces(vec![head.to_vec(), tail.to_vec()]);
            let dribbled = request.clone().body(pieces);
            for protocol in ["HTTP/1.1", "HTTP/2"] {
                let response = match protocol {
                    "HTTP/1.1" => h1::send(gateway.address(), &request),
                    _ => h2::send(gateway.address(), &dribbled),
                };
                let case = format!("{mode:?} {dialect:?} row {} over {protocol}", index + 1);
                let reached: Vec<Vec<u8>> = upstream
                    .take()
                    .iter()
                    .flat_map(|call| call.messages())
                    .collect();
                match response {
                    Ok(response) => check(&mut found, &case, &row, &response, &reached, &pool),
                    Err(error) => found.note(format!("{case}: {error}")),
                }
            }
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}
