//! Methods as operations.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, Kind, MessageDescriptor, MethodDescriptor};
use serde_json::{Value, json};

use super::comments::Comments;
use super::examples::{Call, filled};
use super::messages::{Direction, Messages, methods};
use super::{object, reference};
use crate::generate;

/// How deep the fields of a query string nest.
const QUERY_DEPTH: usize = 2;

/// What streams that take several requests say of their body.
const REQUESTS: &str = "One JSON object or several, one behind the other with any white space between, each sent on as it is complete while answers flow.";

/// What a stream of answers looks like.
const LINES: &str = "One JSON object a line, each sent as it comes: `result` with an answer, or, as the last, `error`. With `Accept: text/event-stream` the same as server-sent events, an error as an event of the type `error`.";

/// What a call by GET is.
const EVENTS: &str = "For a browser's `EventSource`: the request in the query string, fields of fields with a dot between, and the header `Accept: text/event-stream`. The id of an event is the revision to resume behind.";

/// The items of all paths.
pub fn paths(
    pool: &DescriptorPool,
    messages: &Messages<'_>,
    comments: &Comments,
    calls: &BTreeMap<String, Call>,
) -> BTreeMap<String, Value> {
    let mut paths = BTreeMap::new();
    for method in methods(pool) {
        let operations = Operations {
            method: &method,
            messages,
            about: comments.of_method(&method),
        };
        for (index, path) in generate::paths(&method).unwrap().into_iter().enumerate() {
            let mut item = json!({"post": operations.post(index, calls.get(&path))});
            if method.is_server_streaming() {
                item["get"] = operations.get();
            }
            paths.insert(format!("{}{path}", generate::PREFIX), item);
        }
    }
    paths
}

struct Operations<'a> {
    method: &'a MethodDescriptor,
    messages: &'a Messages<'a>,
    about: Option<String>,
}

impl Operations<'_> {
    fn id(&self) -> String {
        format!(
            "{}_{}",
            self.method.parent_service().name(),
            self.method.name()
        )
    }

    /// The call by POST; on another path than its first, which is that of an older etcd, if `index` is not 0.
    fn post(&self, index: usize, call: Option<&Call>) -> Value {
        let (input, output) = (self.method.input(), self.method.output());
        let old = index > 0;
        let id = if old {
            format!("{}_{}", self.id(), index + 1)
        } else {
            self.id()
        };
        let request = object([
            (
                "schema",
                Some(self.messages.reference(&input, Direction::Request)),
            ),
            (
                "example",
                Some(call.map_or_else(
                    || stream_request(&self.id()),
                    |call| filled(&input, &call.body),
                )),
            ),
        ]);
        let body = object([
            (
                "description",
                self.method.is_client_streaming().then(|| json!(REQUESTS)),
            ),
            ("required", Some(json!(true))),
            ("content", Some(json!({"application/json": request}))),
        ]);
        let answer = if self.method.is_server_streaming() {
            self.stream(true)
        } else {
            let answer = object([
                (
                    "schema",
                    Some(self.messages.reference(&output, Direction::Answer)),
                ),
                (
                    "example",
                    call.and_then(|call| Some(filled(&output, call.answer.as_ref()?))),
                ),
            ]);
            json!({"description": "etcd's answer.", "content": {"application/json": answer}})
        };
        object([
            ("operationId", Some(json!(id))),
            ("tags", Some(json!([self.method.parent_service().name()]))),
            ("summary", Some(json!(self.method.name()))),
            ("description", self.about.clone().map(Value::from)),
            ("deprecated", old.then_some(json!(true))),
            (
                "parameters",
                Some(json!([
                    reference("parameters", "Bytes"),
                    reference("parameters", "Timeout")
                ])),
            ),
            ("requestBody", Some(body)),
            ("responses", Some(responses(answer))),
        ])
    }

    /// The call by GET.
    fn get(&self) -> Value {
        let mut parameters = vec![
            reference("parameters", "BytesByQuery"),
            reference("parameters", "LastEventId"),
        ];
        self.parameters(&self.method.input(), "", QUERY_DEPTH, &mut parameters);
        json!({
            "operationId": format!("{}_events", self.id()),
            "tags": [self.method.parent_service().name()],
            "summary": format!("{} as server-sent events", self.method.name()),
            "description": EVENTS,
            "parameters": parameters,
            "responses": responses(self.stream(false)),
        })
    }

    /// The parameters of the fields of a message.
    fn parameters(
        &self,
        message: &MessageDescriptor,
        before: &str,
        depth: usize,
        found: &mut Vec<Value>,
    ) {
        for field in message.fields() {
            let name = format!("{before}{}", field.name());
            match field.kind() {
                Kind::Message(message) if depth > 1 && !field.is_list() => {
                    self.parameters(&message, &format!("{name}."), depth - 1, found);
                }
                Kind::Message(_) => {}
                kind => {
                    let mut schema = match kind {
                        Kind::Bytes => {
                            json!({"type": "string", "description": "Base64, or with `x-etcd-bytes=text` the bytes themselves."})
                        }
                        _ => self.messages.value(&field, Direction::Request),
                    };
                    if field.is_list() {
                        schema = json!({"type": "array", "items": schema});
                    }
                    found.push(json!({"name": name, "in": "query", "schema": schema}));
                }
            }
        }
    }

    /// The answer of a stream.
    fn stream(&self, lines: bool) -> Value {
        let answer = self
            .messages
            .reference(&self.method.output(), Direction::Answer);
        let line = json!({"oneOf": [
            {"type": "object", "title": format!("{}Line", self.method.output().name()), "properties": {"result": answer}, "required": ["result"], "additionalProperties": false},
            reference("schemas", "StreamError"),
        ]});
        let mut content = json!({"text/event-stream": {"schema": {"type": "string"}}});
        if lines {
            content["application/json"] = json!({"schema": line});
        }
        json!({"description": LINES, "content": content})
    }
}

fn responses(answer: Value) -> Value {
    json!({
        "200": answer,
        "4XX": reference("responses", "Refused"),
        "5XX": reference("responses", "Failed"),
    })
}

/// The first request of a stream.
fn stream_request(id: &str) -> Value {
    match id {
        "Watch_Watch" => {
            json!({"create_request": {"key": "Zm9v", "range_end": "Zm9w", "start_revision": "2"}})
        }
        "Lease_LeaseKeepAlive" => json!({"ID": "7587"}),
        "KV_RangeStream" => json!({"key": "Zm9v", "range_end": "Zm9w"}),
        "Election_Observe" => json!({"name": "ZWxlY3Rpb24="}),
        "Maintenance_Snapshot" => json!({}),
        other => panic!("{other} has no example: no call of it is in calls.jsonl"),
    }
}
