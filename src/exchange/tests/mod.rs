//! Scripted exchanges: what the client and etcd send, and what the host is told to do.

mod bounds;
mod head;
mod plain;
mod socket;
mod streaming;
mod unary;

use super::*;
use crate::config::Config;
use crate::grpc::{HEADER_LEN, seal};
use crate::http::Headers;
use crate::schema;
use crate::transcode::BytesAs;
use deadline::Deadline;
use guard::Guard;
use waiting::MAX_TICKS;

const PUT: &str = r#"{"key":"Zm9v","value":"YmFy"}"#;
const PUT_MESSAGE: &[u8] = b"\x0a\x03foo\x12\x03bar";
const HEAD: [(&str, &str); 3] = [
    (":method", "POST"),
    (":path", "/v3/kv/put"),
    (":authority", "etcd"),
];
const ANSWER_HEAD: [(&str, &str); 3] = [
    (":status", "200"),
    ("content-type", "application/grpc"),
    ("grpc-encoding", "identity"),
];
/// A request that a watch takes.
const WATCH_REQUEST: &str = r#"{"progress_request":{}}"#;
const OK: [(&str, &str); 1] = [("grpc-status", "0")];

fn headers<'a>(list: &[(&'a str, &'a str)]) -> Headers<'a> {
    Headers::new(
        list.iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect(),
    )
}

fn exchange(configuration: &str) -> Exchange {
    Exchange::new(Rc::new(Settings::new(
        &Config::parse(configuration.as_bytes()).unwrap(),
    )))
}

/// An exchange whose call has been sent and whose answer begins.
fn answering(configuration: &str, path: &'static str, body: &str) -> Exchange {
    let mut exchange = exchange(configuration);
    let head = [(":method", "POST"), (":path", path)];
    assert!(matches!(
        exchange.request_head(&headers(&head), false),
        RequestHead::Forward(_)
    ));
    assert!(matches!(
        exchange.request_body(body.as_bytes().to_vec(), true),
        RequestBody::Send(_)
    ));
    assert!(matches!(
        exchange.response_head(&headers(&ANSWER_HEAD), false, || None),
        ResponseHead::Rewrite { .. }
    ));
    exchange
}

fn frame(message: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; HEADER_LEN];
    frame.extend_from_slice(message);
    seal(&mut frame);
    frame
}

fn reply_of(action: RequestHead<'_>) -> Reply {
    match action {
        RequestHead::Reply(reply) => reply,
        action => panic!("{action:?}"),
    }
}
