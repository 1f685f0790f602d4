//! The requests recorded from etcd's own gateways, replayed against our parser.
// A test may panic: that is how it fails.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use etcd_json_gateway::schema;
use etcd_json_gateway::transcode::{BytesAs, from_json};
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::Value;

/// Whether a reason applies to a row.
type Applies = fn(&Row) -> bool;

/// The four reasons to refuse what one of etcd's gateways takes (`docs/decisions.md`, "Reading requests").
const REFUSED_ON_PURPOSE: [(&str, Applies); 4] = [
    (
        "a misspelt enum name would silently become the default",
        |row| row.v1_text().starts_with("unknown value"),
    ),
    (
        "of a key given twice one value would silently be lost",
        |row| row.v2_text().contains("duplicate field"),
    ),
    (
        "of two members of a oneof one would silently be lost",
        |row| row.v2_text().contains("already set"),
    ),
    (
        "half a surrogate pair is no UTF-8 and would silently become U+FFFD",
        |row| row.body.contains("\\ud800") || row.body.contains("\\udc00"),
    ),
];

struct Row {
    path: String,
    body: String,
    v1: Value,
    v2: Value,
}

impl Row {
    fn v1_text(&self) -> &str {
        self.v1["text"].as_str().unwrap_or_default()
    }

    fn v2_text(&self) -> &str {
        self.v2["text"].as_str().unwrap_or_default()
    }

    /// The messages that etcd's gateways made of the body, and nothing where both refused it.
    fn accepted(&self) -> Vec<Vec<u8>> {
        let messages = [&self.v1, &self.v2]
            .into_iter()
            .filter_map(|answer| answer["message"].as_str());
        messages
            .map(|message| STANDARD.decode(message).unwrap())
            .collect()
    }
}

#[test]
fn every_recorded_request_reaches_etcd_with_the_same_meaning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pool = testbed::api::descriptors().unwrap();
    let recorded = std::fs::read_to_string(root.join("tests/vectors/requests.jsonl")).unwrap();
    let mut failures = Vec::new();
    for line in recorded.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let row = Row {
            path: text("path"),
            body: text("body"),
            v1: row["v1"].clone(),
            v2: row["v2"].clone(),
        };
        if let Err(failure) = replay(&row, &pool) {
            failures.push(format!("{} {:?}: {failure}", row.path, row.body));
        }
    }
    assert!(
        failures.is_empty(),
        "{} rows disagree:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn replay(row: &Row, pool: &DescriptorPool) -> Result<(), String> {
    let path = row.path.strip_prefix("/v3").unwrap();
    let message = schema::route(path).unwrap().method.request;
    let mut encoded = Vec::new();
    let ours = from_json(
        message,
        row.body.as_bytes(),
        BytesAs::Base64,
        2 << 20,
        &mut encoded,
    )
    .map(|()| encoded);
    let accepted = row.accepted();
    let on_purpose = REFUSED_ON_PURPOSE.iter().any(|(_, applies)| applies(row));
    match (ours, accepted.as_slice()) {
        (Err(_), []) => Ok(()),
        (Err(_), _) if on_purpose => Ok(()),
        (Err(error), _) => Err(format!("refused: {error}")),
        (Ok(_), []) => Err("taken, but both gateways refuse it".to_owned()),
        (Ok(_), _) if on_purpose => Err("taken, but is to be refused".to_owned()),
        (Ok(ours), theirs) => {
            let descriptor = pool.get_message_by_name(message.name).unwrap();
            let meaning = |bytes: &[u8]| DynamicMessage::decode(descriptor.clone(), bytes).unwrap();
            let ours = meaning(&ours);
            match theirs
                .iter()
                .map(|theirs| meaning(theirs))
                .find(|theirs| *theirs != ours)
            {
                Some(theirs) => Err(format!("became {ours}, not {theirs}")),
                None => Ok(()),
            }
        }
    }
}
