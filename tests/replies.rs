//! Replies of etcd's, recorded from its own gateways, are written as those write them.
// A test may panic: that is how it fails. The functions that tests share count as no test to clippy.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use etcd_json_gateway::schema::{self, Message};
use etcd_json_gateway::transcode::to_json::{Error, Style, ToJson};
use serde::Deserialize;
use serde_json::Value;

/// One line of `tests/vectors/replies.jsonl`.
#[derive(Deserialize)]
struct Reply {
    path: String,
    message: String,
    v1: Option<Answer>,
    v2: Answer,
}

#[derive(Deserialize)]
struct Answer {
    body: String,
}

impl Reply {
    fn message(&self) -> (&'static Message, Vec<u8>) {
        let path = self.path.strip_prefix("/v3").unwrap();
        let method = schema::route(path).unwrap().method;
        (method.response, STANDARD.decode(&self.message).unwrap())
    }

    /// The texts that each dialect's gateway gave. etcd 3.5 leaves out the fields that are newer
    /// than it is; that is not a matter of style, so such an answer does not count.
    fn answers(&self) -> impl Iterator<Item = (Style, &str)> {
        let json = |answer: &Answer| serde_json::from_str::<Value>(&answer.body).unwrap();
        let v1 = self.v1.as_ref().filter(|v1| json(v1) == json(&self.v2));
        let html = Style {
            escape_html: true,
            ..Style::default()
        };
        let v1 = v1.map(|v1| (html, v1.body.as_str()));
        let v2 = (Style::default(), self.v2.body.as_str());
        v1.into_iter().chain([v2])
    }
}

fn replies() -> Vec<Reply> {
    let lines = include_str!("vectors/replies.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn text<'a>(
    mut to_json: ToJson,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<String, Error> {
    let mut out = Vec::new();
    for piece in pieces {
        to_json.push(piece, &mut out)?;
    }
    assert!(to_json.is_done());
    Ok(String::from_utf8(out).unwrap())
}

/// The bytes in two pieces, for every place to cut them; all in single bytes; and uncut.
fn cuts(bytes: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let halves = (0..=bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]);
    let singly = bytes.chunks(1).chain([&[][..]]).collect();
    halves.chain([singly, vec![bytes]])
}

#[test]
fn a_reply_is_written_as_the_gateway_of_either_dialect_writes_it() {
    let replies = replies();
    let mut old_answers = 0;
    for reply in &replies {
        let (message, bytes) = reply.message();
        for (style, expected) in reply.answers() {
            for pieces in cuts(&bytes) {
                let to_json = ToJson::new(message, bytes.len() as u32, style);
                assert_eq!(
                    text(to_json, pieces).as_deref(),
                    Ok(expected),
                    "{}",
                    reply.path
                );
            }
            old_answers += usize::from(style.escape_html);
        }
    }
    assert!(replies.len() == 800 && old_answers > 600, "{old_answers}");
}

#[test]
fn a_reply_that_streams_is_written_the_same_or_refused_for_its_order() {
    let mut streamed = 0;
    for reply in replies() {
        let (message, bytes) = reply.message();
        for (style, expected) in reply.answers() {
            let stream = || ToJson::streaming(message, bytes.len() as u32, style);
            let whole = text(stream(), [bytes.as_slice()]);
            match &whole {
                Ok(text) => assert_eq!(text, expected, "{}", reply.path),
                Err(error) => assert!(matches!(error, Error::OutOfOrder { .. }), "{error}"),
            }
            for pieces in cuts(&bytes) {
                assert_eq!(text(stream(), pieces), whole, "{}", reply.path);
            }
            streamed += usize::from(whole.is_ok());
        }
    }
    assert!(streamed > 800, "{streamed}");
}
