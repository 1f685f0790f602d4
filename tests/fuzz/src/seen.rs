//! What an upstream and a client have got in an exchange, and what must be true of it.

use etcd_json_gateway::grpc::{Frame, Frames};
use etcd_json_gateway::http::{Header, Reply};
use etcd_json_gateway::schema::Method;
use serde_json::Value;

use crate::script::Script;
use crate::{events, headers, oracle};

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Whole.
    Good,
    /// With a reply of the gateway's own, and nothing before it.
    Reply(u16),
    /// With an error behind some of it.
    Error,
    /// Without any sign, or with a reply that came too late, for which the host cuts it off.
    Cut,
}

/// What a piece of an answer is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// One JSON text.
    Text,
    /// Lines or events.
    Lines,
}

/// What has been seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Whether the request was none of ours.
    pub passed: bool,
    /// The method that the request went upstream for.
    method: Option<&'static Method>,
    pub upstream: Vec<u8>,
    /// Whether the answer is one of server-sent events.
    events: bool,
    headed: bool,
    body: Option<Body>,
    pub text: Vec<u8>,
    pub end: Option<End>,
}

impl Seen {
    /// The request head that goes upstream.
    pub fn forward(&mut self, list: &[Header<'_>], script: &Script) {
        let retriable =
            script.config.write_retries == etcd_json_gateway::config::WriteRetries::Route;
        let path = list
            .iter()
            .find(|(name, _)| **name == *b":path")
            .map(|(_, path)| path.to_vec());
        let path = path
            .and_then(|path| String::from_utf8(path).ok())
            .expect("a request has a path");
        let method = oracle::method(&path);
        headers::check_request(list, method, retriable || method.idempotent);
        self.method = Some(method);
    }

    /// The head of the answer.
    pub fn respond(&mut self, list: &[Header<'_>]) {
        assert!(!self.headed, "a second head");
        self.headed = true;
        headers::check_response(list);
        let kind = list.iter().find(|(name, _)| **name == *b"content-type");
        self.events = kind.is_some_and(|(_, kind)| **kind == *b"text/event-stream");
    }

    /// A reply of the gateway's own.
    pub fn reply(&mut self, reply: &Reply) {
        for (name, value) in &reply.headers {
            assert!(!name.is_empty());
            headers::assert_clean(value);
        }
        let json = reply
            .headers
            .iter()
            .any(|(_, value)| **value == *b"application/json");
        // A stream that ends well before its first message has a reply without a body.
        assert!(
            !json || reply.body.is_empty() || serde_json::from_slice::<Value>(&reply.body).is_ok()
        );
        if self.text.is_empty() {
            self.text.extend_from_slice(&reply.body);
            self.finish(End::Reply(reply.status));
        } else {
            self.finish(End::Cut);
        }
    }

    /// A piece of the answer.
    pub fn write(&mut self, body: Body, text: &[u8]) {
        let kind = *self.body.get_or_insert(body);
        assert!(kind == body, "an answer is of one kind");
        if self.end.is_none() {
            self.text.extend_from_slice(text);
        }
    }

    /// The end of the answer; what comes behind the first does not count.
    pub fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    /// Whether what went upstream is messages of the method, the last of them perhaps not whole.
    pub fn check_upstream(&self) {
        let Some(method) = self.method else {
            return assert!(self.upstream.is_empty());
        };
        let (mut frames, mut rest) = (Frames::default(), &self.upstream[..]);
        let of = oracle::type_of(method.request);
        let mut message = Vec::new();
        while let Some(frame) = frames.next(&mut rest).expect("frames are frames") {
            match frame {
                Frame::Begin(_) => message.clear(),
                Frame::Data(data) => message.extend_from_slice(data),
                Frame::End => drop(of.decode(&message).expect("a request is a message")),
            }
        }
        assert!(frames.is_at_boundary(), "a frame is cut");
    }

    /// Whether the answer is what it says it is.
    pub fn check_answer(&self) {
        match (self.body, self.end) {
            (_, Some(End::Reply(_))) | (None, _) => {}
            (Some(Body::Text), Some(End::Good)) => {
                assert!(is_json(&self.text), "the answer is no JSON")
            }
            (Some(Body::Text), _) => {}
            (Some(Body::Lines), end) => {
                let documents = self.documents(end);
                let good = documents
                    .iter()
                    .take_while(|document| is_json(document))
                    .count();
                match end {
                    Some(End::Good) => assert_eq!(good, documents.len(), "a line is no JSON"),
                    // The error may stand behind a line that was cut; nothing else may be broken.
                    _ => assert!(
                        documents.len() - good <= 2,
                        "lines are no JSON: {end:?} {:?}",
                        String::from_utf8_lossy(&self.text)
                    ),
                }
                if let (Some(End::Error), Some(last)) = (end, documents.last()) {
                    let last: Value = serde_json::from_slice(last).expect("an error is JSON");
                    assert!(last["error"].is_object(), "the error is not the last");
                }
            }
        }
    }

    /// The documents of an answer of lines or events.
    fn documents(&self, end: Option<End>) -> Vec<Vec<u8>> {
        if self.events {
            let broken = end != Some(End::Good) && end != Some(End::Error);
            let events = events::parse(&self.text);
            assert!(broken || events.is_some(), "an event has no end");
            return events
                .unwrap_or_default()
                .into_iter()
                .map(|event| event.data)
                .filter(|data| !data.is_empty()) // a heartbeat
                .collect();
        }
        let lines = self.text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// Whether the same exchange, cut otherwise and in other turns, has come to the same as far as it has come.
    pub fn assert_like(&self, other: &Self) {
        if self.end == Some(End::Good) && other.end == self.end {
            let whole = |seen: &Self| match seen.events {
                // Heartbeats come when it is time for them.
                true => seen.documents(seen.end),
                false => vec![seen.text.clone()],
            };
            assert_eq!(whole(self), whole(other), "another answer");
        }
        // An upstream that has ended its answer reads no further.
        assert!(alike(&self.upstream, &other.upstream), "other requests");
        let open = |end| matches!(end, None | Some(End::Good));
        if open(self.end) && open(other.end) {
            assert!(alike(&self.text, &other.text), "another answer");
        }
        if let (Some(End::Reply(one)), Some(End::Reply(two))) = (self.end, other.end) {
            assert_eq!(one, two, "another status");
        }
    }
}

/// Whether one begins with the other.
fn alike(one: &[u8], other: &[u8]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}
