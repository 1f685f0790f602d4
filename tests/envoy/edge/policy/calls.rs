//! Calls with keys, and the forms in which a client can write them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use etcd_json_gateway::schema::route;
use etcd_json_gateway::transcode::{BytesAs, from_json};
use testbed::client::{Body, Request, Response, h1, h2};
use testbed::gateway::Gateway;
use testbed::wire::frame;

use crate::spellings;

/// A call by the path of its route; in its JSON `'x'` stands for the base64 of x, in which `\0` is a zero byte.
#[derive(Clone, Debug)]
pub struct Call {
    pub path: String,
    json: String,
}

impl Call {
    pub fn new(path: &str, json: String) -> Self {
        let path = path.to_owned();
        Self { path, json }
    }

    /// The body as a client sends it.
    pub fn json(&self) -> String {
        self.written(|bytes| BASE64_STANDARD.encode(bytes))
    }

    /// The same with plain text for base64.
    fn text(&self) -> String {
        self.written(|bytes| bytes.replace('\0', "\\u0000"))
    }

    fn written(&self, string: impl Fn(String) -> String) -> String {
        let mut body = String::new();
        for (index, part) in self.json.split('\'').enumerate() {
            match index % 2 {
                0 => body.push_str(part),
                _ => body.push_str(&format!("\"{}\"", string(part.replace("\\0", "\0")))),
            }
        }
        body
    }

    /// The request message.
    pub fn message(&self) -> Vec<u8> {
        let method = route(&self.path).unwrap().method;
        let mut message = Vec::new();
        from_json(
            method.request,
            self.json().as_bytes(),
            BytesAs::Base64,
            1 << 20,
            &mut message,
        )
        .unwrap();
        message
    }

    /// The call as native gRPC, with more bytes behind the message.
    pub fn native(&self, more: &[u8]) -> Request {
        let path = route(&self.path).unwrap().method.path;
        let message = [self.message(), more.to_vec()].concat();
        spellings::native(path).body(Body::Pieces(vec![frame(&message)]))
    }

    /// The call in every form, each with a name and whether it is sent by HTTP/1.1.
    pub fn forms(&self) -> Vec<(&'static str, Request, bool)> {
        let path = format!("/v3{}", self.path);
        let body = self.json();
        let pieces = |size: usize| {
            let pieces = body.as_bytes().chunks(size).map(<[u8]>::to_vec);
            Request::new("POST", &path).body(Body::Pieces(pieces.collect()))
        };
        let post = Request::post(&path, &body);
        let spaced = Request::post(&path, body.replace(':', " : ").replace('{', "{ "));
        let native = self.native(&[]);
        let Body::Pieces(frames) = &native.body else {
            panic!("a native call has a frame");
        };
        let bytes = frames.concat().chunks(1).map(<[u8]>::to_vec).collect();
        let mut forms = vec![
            ("JSON", post.clone(), true),
            ("JSON over HTTP/2", post.clone(), false),
            ("JSON in chunks", pieces(7), true),
            ("JSON in frames", pieces(7), false),
            ("JSON with spaces", spaced, true),
            (
                "JSON under /v3beta",
                Request::post(&format!("{}{}", spellings::PREFIXES[1], self.path), &body),
                true,
            ),
            (
                "plain text",
                Request::post(&path, self.text()).header("x-etcd-bytes", "text"),
                true,
            ),
            (
                "plain text by the query",
                Request::post(&format!("{path}?x-etcd-bytes=text"), self.text()),
                false,
            ),
            (
                "JSON as gRPC",
                post.clone().header("content-type", "application/grpc"),
                true,
            ),
            ("native gRPC", native.clone(), false),
            (
                "native gRPC in bytes",
                native.clone().body(Body::Pieces(bytes)),
                false,
            ),
        ];
        if route(&self.path).unwrap().method.server_streaming {
            let events = |request: Request| request.header("accept", "text/event-stream");
            forms.push(("POST for events", events(post), true));
        }
        if self.path == "/watch"
            && let Some(key) = self.json.split('\'').nth(1)
        {
            let target = format!("{path}?create_request.key={}", BASE64_STANDARD.encode(key));
            let get = Request::new("GET", &target).header("accept", "text/event-stream");
            forms.push(("GET for events", get, true));
        }
        forms
    }
}

pub fn send(gateway: &Gateway, request: &Request, http1: bool) -> Response {
    let sent = if http1 {
        h1::send(gateway.address(), request)
    } else {
        h2::send(gateway.address(), request)
    };
    sent.unwrap_or_else(|error| panic!("{request:?}: {error}"))
}

/// Whether a call has been refused by a rule, as its client is told.
pub fn denied_by(response: &Response, rule: &str) -> bool {
    let rule = format!("denied by policy \"p\", rule {rule}: ");
    match response.header("grpc-message") {
        Some(message) => {
            response.header("grpc-status").as_deref() == Some("7")
                && message
                    .replace('\\', "")
                    .replace("%22", "\"")
                    .contains(&rule)
        }
        None => {
            response.status == 403
                && response.json()["code"] == 7
                && response.json()["message"]
                    .as_str()
                    .is_some_and(|message| message.contains(&rule))
        }
    }
}

/// Every call with a key or a name, which is this one.
pub fn with_key(key: &str) -> Vec<Call> {
    [
        ("/kv/range", r#"{"key":KEY}"#),
        ("/kv/rangestream", r#"{"key":KEY}"#),
        ("/kv/put", r#"{"key":KEY,"value":'x'}"#),
        ("/kv/deleterange", r#"{"key":KEY}"#),
        (
            "/kv/txn",
            r#"{"compare":[{"key":KEY,"target":"VALUE","value":'x'}]}"#,
        ),
        ("/kv/txn", r#"{"failure":[{"request_put":{"key":KEY}}]}"#),
        (
            "/kv/txn",
            r#"{"success":[{"request_txn":{"failure":[{"request_delete_range":{"key":KEY}}]}}]}"#,
        ),
        ("/watch", r#"{"create_request":{"key":KEY}}"#),
        ("/lock/lock", r#"{"name":KEY}"#),
        ("/lock/unlock", r#"{"key":KEY}"#),
        ("/election/campaign", r#"{"name":KEY}"#),
        ("/election/proclaim", r#"{"leader":{"name":KEY,"key":KEY}}"#),
        ("/election/leader", r#"{"name":KEY}"#),
        ("/election/observe", r#"{"name":KEY}"#),
        ("/election/resign", r#"{"leader":{"name":KEY,"key":KEY}}"#),
    ]
    .map(|(path, json)| Call::new(path, json.replace("KEY", &format!("'{key}'"))))
    .to_vec()
}
