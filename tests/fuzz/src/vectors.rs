//! What was recorded from etcd's own gateways, as seeds.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use etcd_json_gateway::schema::{self, Method};
use serde_json::Value;

/// A method and the body of a request for it.
pub type Request = (&'static Method, Vec<u8>);

/// A method and the message of an answer to it.
pub type Reply = (&'static Method, Vec<u8>);

/// A streaming method, the body of a request for it, and the messages of the answer.
pub type Stream = (&'static Method, Vec<u8>, Vec<Vec<u8>>);

/// The recorded requests.
pub fn requests() -> Vec<Request> {
    let rows = rows("requests.jsonl").into_iter();
    rows.map(|row| (method(&row), text(&row, "body").into_bytes()))
        .collect()
}

/// The recorded answers.
pub fn replies() -> Vec<Reply> {
    let rows = rows("replies.jsonl").into_iter();
    rows.map(|row| (method(&row), base64(&row["message"])))
        .collect()
}

/// The recorded streams.
pub fn streams() -> Vec<Stream> {
    let stream = |row: Value| {
        let replies = row["replies"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        (
            method(&row),
            text(&row, "body").into_bytes(),
            replies.iter().map(base64).collect(),
        )
    };
    rows("streams.jsonl").into_iter().map(stream).collect()
}

fn rows(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../vectors")
        .join(file);
    let lines = fs::read_to_string(path).expect(file);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect(file))
        .collect()
}

fn method(row: &Value) -> &'static Method {
    let path = text(row, "path");
    let route = path.strip_prefix("/v3").and_then(schema::route);
    route.expect(&path).method
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

fn base64(value: &Value) -> Vec<u8> {
    STANDARD
        .decode(value.as_str().unwrap_or_default())
        .expect("a vector is base64")
}
