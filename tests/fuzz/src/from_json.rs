//! Any text as any message: what comes out is that message, and what prost-reflect makes of the same text.

use etcd_json_gateway::transcode::{BytesAs, from_json};
use prost_reflect::{DeserializeOptions, DynamicMessage};
use serde_json::Value;

use crate::input::{Input, Seed};
use crate::oracle::{self, TYPES, Type};
use crate::{dialects, json_text, vectors};

/// What is in the output before it is appended to.
const BEFORE: &[u8] = b"before";

/// Bound of the output, in bytes.
const LIMIT: usize = 1 << 20;

/// How deep the messages of a described text nest.
const DEPTH: usize = 8;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let of = &TYPES[input.below(TYPES.len())];
    if input.flag() {
        let mut text = String::new();
        json_text::write(of.ours, DEPTH, &mut input, &mut text);
        check(of, text.as_bytes());
    } else {
        check(of, input.rest());
    }
}

/// The bodies that were recorded from etcd's own gateways.
pub fn seeds() -> Vec<Vec<u8>> {
    let requests = vectors::requests().into_iter();
    let seed = |(method, body): vectors::Request| {
        let of = oracle::index_of(method.request);
        Seed::default().byte(of).byte(0).rest(&body)
    };
    requests.map(seed).collect()
}

fn check(of: &Type, text: &[u8]) {
    let parse = |text: &[u8], limit| {
        let mut out = BEFORE.to_vec();
        let result = from_json(of.ours, text, BytesAs::Base64, limit, &mut out);
        assert!(out.starts_with(BEFORE), "what was there before is gone");
        result.map(|()| out.split_off(BEFORE.len()))
    };
    let ours = parse(text, LIMIT);
    match &ours {
        Ok(message) => {
            let exact = BEFORE.len() + message.len();
            assert_eq!(parse(text, exact).as_ref(), Ok(message), "fits exactly");
            if !message.is_empty() {
                let error = parse(text, exact - 1).expect_err("does not fit");
                assert!(error.is_too_large(), "{error}");
            }
            if text.trim_ascii_start().starts_with(b"{") {
                let more = [text, b"{\xff"].concat();
                assert_eq!(
                    parse(&more, LIMIT).as_ref(),
                    Ok(message),
                    "what follows does not count"
                );
                assert_eq!(
                    parse(&with_escape(text), LIMIT).as_ref(),
                    Ok(message),
                    "the quick way takes what the thorough one takes"
                );
            }
        }
        Err(error) => {
            let lines = text.split(|byte| *byte == b'\n').count();
            assert!(
                (1..=lines).contains(&error.line) && error.column > 0,
                "{error}"
            );
            assert!(error.column <= text.len() + 1, "{error}");
        }
    }
    compare(of, text, ours);
    check_plain(of, text);
}

/// The same text with bytes as plain text: what is taken is the message, by both ways of the parser.
fn check_plain(of: &Type, text: &[u8]) {
    let parse = |text: &[u8]| {
        let mut out = Vec::new();
        from_json(of.ours, text, BytesAs::Text, LIMIT, &mut out).map(|()| out)
    };
    let Ok(message) = parse(text) else {
        return;
    };
    of.decode(&message).expect("what we write is the message");
    if text.trim_ascii_start().starts_with(b"{") {
        assert_eq!(parse(&with_escape(text)).as_ref(), Ok(&message));
    }
}

/// The same object with one unknown member more, whose name has an escape: that is left to the thorough way.
fn with_escape(object: &[u8]) -> Vec<u8> {
    let members = object.trim_ascii_start().get(1..).unwrap_or_default();
    let comma: &[u8] = match members.trim_ascii_start().first() {
        Some(b'}') => b"",
        _ => b",",
    };
    [br#"{"\u0021":0"#, comma, members].concat()
}

/// Compares with what prost-reflect makes of the text, where it has the same rules.
fn compare(of: &Type, text: &[u8], ours: Result<Vec<u8>, from_json::Error>) {
    let Some(value) = first_value(text) else {
        return;
    };
    let lenient = DeserializeOptions::new().deny_unknown_fields(false);
    let mut text = serde_json::Deserializer::from_slice(text);
    let theirs = DynamicMessage::deserialize_with_options(of.theirs.clone(), &mut text, &lenient);
    match (ours, theirs) {
        (Ok(ours), _) if dialects::only_we_take(of.ours, &value) => {
            of.decode(&ours).expect("what we write is the message");
        }
        (Ok(ours), Ok(theirs)) => {
            let ours = of.decode(&ours).expect("what we write is the message");
            assert_eq!(oracle::json(&ours), oracle::json(&theirs));
        }
        (Ok(_), Err(error)) => panic!("taken by us alone: {error}\n{value}"),
        (Err(error), Ok(theirs)) => {
            let known = dialects::only_we_refuse(&error);
            assert!(known, "refused by us alone: {error}\n{theirs}");
        }
        (Err(_), Err(_)) => {}
    }
}

/// The first value of a text, if all of it is UTF-8.
fn first_value(text: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?;
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .next()?
        .ok()
}
