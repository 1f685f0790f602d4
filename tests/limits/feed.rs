//! Feeds an exchange as Envoy would.

use std::rc::Rc;

use etcd_json_gateway::config::Config;
use etcd_json_gateway::exchange::{
    Exchange, RequestBody, RequestHead, ResponseBody, ResponseHead, ResponseTrailers, Settings,
};
use etcd_json_gateway::http::Headers;

/// An exchange that has been asked for `path` with these further headers.
fn asked(
    settings: &Rc<Settings>,
    method: &str,
    path: &str,
    more: &[(&str, &[u8])],
) -> Option<Exchange> {
    let mut exchange = Exchange::new(Rc::clone(settings));
    let mut headers: Vec<(&[u8], &[u8])> = vec![
        (b":method", method.as_bytes()),
        (b":path", path.as_bytes()),
        (b":authority", b"etcd"),
    ];
    headers.extend(more.iter().map(|(name, value)| (name.as_bytes(), *value)));
    match exchange.request_head(&Headers::new(headers), false) {
        RequestHead::Forward(_) => Some(exchange),
        _ => None,
    }
}

pub fn settings() -> Rc<Settings> {
    Rc::new(Settings::new(&Config::default()))
}

/// A request of this route with a body in pieces of `piece` bytes; whether it was taken.
pub fn request(settings: &Rc<Settings>, route: &str, body: &[u8], piece: usize) -> bool {
    let Some(mut exchange) = asked(settings, "POST", &format!("/v3{route}"), &[]) else {
        return false;
    };
    for chunk in body.chunks(piece) {
        if !matches!(
            exchange.request_body(chunk.to_vec(), false),
            RequestBody::Send(_)
        ) {
            return false;
        }
    }
    matches!(
        exchange.request_body(Vec::new(), true),
        RequestBody::Send(_)
    )
}

/// An answer of this route, in pieces; how many bytes the client gets.
pub fn answer(
    settings: &Rc<Settings>,
    route: &str,
    frames: &[u8],
    piece: usize,
    events: bool,
) -> usize {
    let accept: &[u8] = if events { b"text/event-stream" } else { b"*/*" };
    let mut exchange = asked(
        settings,
        "POST",
        &format!("/v3{route}"),
        &[("accept", accept)],
    )
    .unwrap();
    // A request that a watch takes; to other calls an empty message.
    exchange.request_body(br#"{"progress_request":{}}"#.to_vec(), false);
    exchange.request_trailers();
    let head = Headers::new(vec![
        (b":status", b"200"),
        (b"content-type", b"application/grpc"),
    ]);
    assert!(matches!(
        exchange.response_head(&head, false, || None),
        ResponseHead::Rewrite { .. }
    ));
    let mut sent = 0;
    for chunk in frames.chunks(piece) {
        sent += match exchange.response_body(chunk, false) {
            ResponseBody::Send(bytes) => bytes.len(),
            ResponseBody::Lines { lines, .. } | ResponseBody::LastLines(lines) => {
                lines.iter().map(Vec::len).sum()
            }
            ResponseBody::Reply(reply) => return sent + reply.body.len(),
            ResponseBody::Hold | ResponseBody::HoldLoosely | ResponseBody::Pass => 0,
        };
    }
    sent + match exchange.response_trailers(&Headers::new(vec![(b"grpc-status", b"0")])) {
        ResponseTrailers::Send(bytes) | ResponseTrailers::Tail(bytes) => bytes.len(),
        ResponseTrailers::Reply(reply) => reply.body.len(),
        ResponseTrailers::End | ResponseTrailers::Pass => 0,
    }
}

/// A request head alone.
pub fn head(settings: &Rc<Settings>, method: &str, path: &str, headers: &[(&str, &[u8])]) -> bool {
    asked(settings, method, path, headers).is_some()
}

/// A call that ends with an error whose message is this, before anything else.
pub fn error(settings: &Rc<Settings>, message: &[u8]) -> usize {
    let mut exchange = asked(settings, "POST", "/v3/kv/put", &[]).unwrap();
    let head: Vec<(&[u8], &[u8])> = vec![
        (b":status", b"200"),
        (b"content-type", b"application/grpc"),
        (b"grpc-status", b"2"),
        (b"grpc-message", message),
    ];
    match exchange.response_head(&Headers::new(head), true, || None) {
        ResponseHead::Reply(reply) => reply.body.len(),
        _ => 0,
    }
}
