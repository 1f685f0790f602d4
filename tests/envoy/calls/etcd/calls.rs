//! Every unary call and what must be answered: `calls.jsonl`.
//!
//! A line of that file is a call in JSON: its path behind the prefix, the `body`, the `status` (200) and what the
//! answer must hold: `"*"` is any value, null is none, an object may have further members. `save` names values of the
//! answer by JSON pointer, `$name` stands for one; `as` is a token, `on` the etcds that the line is for, `note` is for the reader.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testbed::client::Request;
use testbed::etcd::Version;
use testbed::gateway::Gateway;
use testbed::vectors::Differences;

pub fn lines() -> Vec<Value> {
    include_str!("calls.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// `value` with every `$name` replaced by what was saved under it.
fn filled(value: &Value, saved: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => saved[name].clone(),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), filled(member, saved)))
            .collect(),
        _ => value.clone(),
    }
}

/// Where `actual` lacks what `expected` asks for.
fn mismatch(expected: &Value, actual: Option<&Value>, at: &str) -> Option<String> {
    match (expected, actual) {
        (Value::Null, None) => None,
        (Value::String(any), Some(_)) if any == "*" => None,
        (Value::Object(members), Some(Value::Object(_))) => {
            members.iter().find_map(|(name, member)| {
                mismatch(
                    member,
                    actual.and_then(|actual| actual.get(name)),
                    &format!("{at}/{name}"),
                )
            })
        }
        (Value::Array(items), Some(Value::Array(found))) if items.len() == found.len() => items
            .iter()
            .zip(found)
            .enumerate()
            .find_map(|(index, (item, found))| {
                mismatch(item, Some(found), &format!("{at}/{index}"))
            }),
        (expected, Some(actual)) if expected == actual => None,
        _ => Some(format!("{at}: expected {expected}, found {actual:?}")),
    }
}

/// Makes every call on a new etcd, and notes what is answered otherwise.
pub fn replay(gateway: &Gateway, version: Version, case: &str, found: &mut Differences) {
    let mut saved = BTreeMap::from([("version".to_owned(), json!(version.as_str()))]);
    for line in lines() {
        if line["on"]
            .as_array()
            .is_some_and(|on| !on.contains(&json!(version.as_str())))
        {
            continue;
        }
        let path = format!("/v3/{}", line["call"].as_str().unwrap());
        let mut request = Request::post(&path, filled(&line["body"], &saved).to_string());
        if let Some(token) = filled(&line["as"], &saved).as_str() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let response = gateway.send(&request);
        let case = format!("{case} {line}");
        found.check(
            &case,
            "the status",
            json!(response.status),
            line.get("status").cloned().unwrap_or(json!(200)),
        );
        let answer = response.json();
        if let Some(mismatch) = mismatch(&filled(&line["answer"], &saved), Some(&answer), "") {
            found.note(format!("{case}: {mismatch} in {response:?}"));
        }
        for (name, pointer) in line["save"].as_object().into_iter().flatten() {
            let value = answer.pointer(pointer.as_str().unwrap()).unwrap();
            saved.insert(name.clone(), value.clone());
        }
    }
}
