//! What is not in `proto/`: the document's head, errors, and the ways to write numbers and bytes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reference;

const ABOUT: &str = "etcd's API as JSON over HTTP, through Envoy. Every call is a POST of one JSON object, also under `/v3beta` and `/v3alpha`. Names may be in lowerCamelCase too; unknown ones are ignored. What has its default value is left out of answers. 64-bit integers are strings in answers, and strings or numbers in requests. Keys and values are base64, or plain text with `X-Etcd-Bytes: text`. A call needs a body, at least `{}`.";

pub fn info() -> Value {
    json!({
        "title": "etcd-json-gateway",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    })
}

/// What is beside etcd's API.
pub fn paths() -> BTreeMap<String, Value> {
    let get = |id: &str, summary: &str, ok: Value, more: Value| {
        let mut responses = json!({"200": ok, "4XX": reference("responses", "Refused"), "5XX": reference("responses", "Failed")});
        responses
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"get": {"operationId": id, "summary": summary, "security": [{}], "responses": responses}})
    };
    // Where it comes from etcd itself, its health is called plain text.
    let answer = |description: &str, schema: Value, example: Value| {
        let text = json!({"schema": {"type": "string"}, "example": example.to_string()});
        let json = json!({"schema": schema, "example": example});
        json!({"description": description, "content": {"application/json": json, "text/plain": text}})
    };
    let strings = |names: &[&str], required: &[&str]| {
        let properties: BTreeMap<_, _> = names
            .iter()
            .map(|name| (*name, json!({"type": "string"})))
            .collect();
        json!({"type": "object", "properties": properties, "required": required})
    };
    let version = answer(
        "The versions.",
        strings(
            &["etcdserver", "etcdcluster", "storage"],
            &["etcdserver", "etcdcluster"],
        ),
        json!({"etcdserver": "3.7.3", "etcdcluster": "3.7.0", "storage": "3.7.0"}),
    );
    let health = strings(&["health", "reason"], &["health"]);
    let well = answer(
        "etcd is well.",
        health.clone(),
        json!({"health": "true", "reason": ""}),
    );
    let ill = answer(
        "etcd is not well.",
        health,
        json!({"health": "false", "reason": "ALARM NOSPACE"}),
    );
    [
        (
            "/version".to_owned(),
            get("version", "etcd's version", version, json!({})),
        ),
        (
            "/health".to_owned(),
            get("health", "etcd's health", well, json!({"503": ill})),
        ),
    ]
    .into()
}

pub fn components() -> Value {
    json!({
        "securitySchemes": {"bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from `/v3/auth/authenticate`, where etcd has auth enabled.",
        }},
        "parameters": parameters(),
        "responses": responses(),
        "schemas": schemas(),
    })
}

fn parameters() -> Value {
    let form = reference("schemas", "BytesForm");
    let about = "What bytes are in the request and its answer: `base64`, or `text`, where a string is the value and an object its base64. Without it as the gateway is configured, which is base64 by default.";
    json!({
        "Bytes": {"name": "X-Etcd-Bytes", "in": "header", "description": about, "schema": form},
        "BytesByQuery": {"name": "x-etcd-bytes", "in": "query", "description": about, "schema": form},
        "Timeout": {
            "name": "Grpc-Timeout",
            "in": "header",
            "description": "How long the call may take, such as `5S`, `100m` for milliseconds, `1M` for a minute. Then the answer is 504.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,8}[HMSmun]$"},
        },
        "LastEventId": {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The id of the last event that was seen, behind which a watch goes on.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
        },
    })
}

fn responses() -> Value {
    let error = |description: &str, status: u32, message: &str| {
        let body = json!({"error": message, "code": status, "message": message});
        json!({
            "description": description,
            "content": {
                "application/json": {"schema": reference("schemas", "Error"), "example": body},
                "text/plain": {"schema": {"type": "string"}},
            },
        })
    };
    json!({
        "Refused": error(
            "The request is at fault, or cannot be served now. By gRPC code: 400 for 3, 9 and 11, 401 for 16, 403 for 7, 404 for 5, 409 for 6 and 10, 429 for 8, 499 for 1 (408 in dialect `v1`). Also 404 for an unknown path and 405 for a wrong method, as text in dialect `v1`; 408 for a body that does not come, 411 for a call without a body, 413 for a body, and 431 for headers that are too large.",
            3,
            "etcdserver: key is not provided",
        ),
        "Failed": error(
            "etcd or the way to it failed. By gRPC code: 501 for 12, 503 for 14, 504 for 4, 500 for all others. Also 502 for what does not speak gRPC.",
            14,
            "etcdserver: no leader",
        ),
    })
}

fn schemas() -> Value {
    let (min, max) = (i64::MIN, i64::MAX);
    let digits = |format: &str, pattern: &str| json!({"type": "string", "format": format, "pattern": pattern});
    let signed = digits("int64", "^-?[0-9]{1,19}$");
    let unsigned = digits("uint64", "^[0-9]{1,20}$");
    let unsigned_32 =
        json!({"type": "integer", "format": "uint32", "minimum": 0, "maximum": u32::MAX});
    let text = json!({"type": "string"});
    let base64 = json!({"type": "string", "format": "byte", "contentEncoding": "base64"});
    let object = json!({
        "type": "object",
        "title": "BytesObject",
        "description": "With `X-Etcd-Bytes: text` alone: bytes that are no UTF-8, or more than 64 KiB.",
        "properties": {"base64": base64},
        "required": ["base64"],
        "additionalProperties": false,
    });
    let prefix = json!({
        "type": "object",
        "title": "RangeEndPrefix",
        "description": "With `X-Etcd-Bytes: text` alone: the end of all keys that begin with `key`.",
        "properties": {"prefix": {"type": "boolean", "const": true}},
        "required": ["prefix"],
        "additionalProperties": false,
    });
    json!({
        "Int64": signed,
        "Int64Input": {"oneOf": [signed, {"type": "integer", "format": "int64", "minimum": min, "maximum": max}]},
        "Uint64": unsigned,
        "Uint64Input": {"oneOf": [unsigned, {"type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX}]},
        "Uint32": unsigned_32,
        "Uint32Input": {"oneOf": [digits("uint32", "^[0-9]{1,10}$"), unsigned_32]},
        "BytesForm": {"type": "string", "enum": ["base64", "text"]},
        "Bytes": {
            "description": "A string of base64. With `X-Etcd-Bytes: text` the string itself, or an object.",
            "oneOf": [base64, reference("schemas", "BytesObject")],
        },
        "BytesObject": object,
        "RangeEnd": {
            "description": "The end of a range, exclusive.",
            "oneOf": [base64, reference("schemas", "BytesObject"), reference("schemas", "RangeEndPrefix")],
        },
        "RangeEndPrefix": prefix,
        "Error": {"oneOf": [
            {
                "type": "object",
                "title": "ErrorCompatible",
                "description": "In the dialects `compatible` and `v1`.",
                "properties": {"error": text, "code": {"type": "integer"}, "message": text},
                "required": ["error", "code"],
            },
            {
                "type": "object",
                "title": "ErrorV2",
                "description": "In the dialect `v2`, or without a message.",
                "properties": {"code": {"type": "integer"}, "message": text},
                "required": ["code"],
                "additionalProperties": false,
            },
        ]},
        "StreamError": {
            "type": "object",
            "description": "The last line of a stream that broke.",
            "properties": {"error": {
                "type": "object",
                "description": "All members in the dialect `compatible`, all but `code` in `v1`, `code` and `message` in `v2`.",
                "properties": {
                    "grpc_code": {"type": "integer"},
                    "http_code": {"type": "integer"},
                    "message": text,
                    "http_status": text,
                    "code": {"type": "integer"},
                },
            }},
            "required": ["error"],
        },
    })
}
