//! Calls over WebSocket.

use super::*;
use crate::exchange::Lost;

const FULL: &str = r#"{"allow_on_headers_stop_iteration":true}"#;

/// The answers to a watch's primer.
const CREATED: &[u8] = b"\x10\x80\x80\x80\x80\x80\x80\x80\x80\x40\x18\x01";
const ENDED: &[u8] = b"\x10\x80\x80\x80\x80\x80\x80\x80\x80\x40\x20\x01";

fn handshake<'a>(path: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut head = vec![
        (":method", "GET"),
        (":path", path),
        (":authority", "etcd"),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    head.extend(more);
    head
}

/// A client's frame, with a mask that changes nothing.
fn sent(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![
        first,
        0x80 | u8::try_from(payload.len()).unwrap(),
        0,
        0,
        0,
        0,
    ];
    frame.extend(payload);
    frame
}

/// A socket that is open, and the primer.
fn open(path: &str) -> (Exchange, Vec<u8>) {
    let mut exchange = exchange(FULL);
    assert_eq!(
        exchange.request_head(&headers(&handshake(path, &[])), false),
        RequestHead::Hold
    );
    let RequestBody::Send(primer) = exchange.request_body(Vec::new(), false) else {
        panic!("no primer")
    };
    let head = exchange.response_head(&headers(&grpc_head()), false, || None);
    let ResponseHead::Open(list) = head else {
        panic!("{head:?}")
    };
    assert_eq!(list[0], (b":status".into(), b"101".into()));
    (exchange, primer)
}

fn grpc_head() -> [(&'static str, &'static str); 2] {
    [(":status", "200"), ("content-type", "application/grpc")]
}

/// The frames that a client gets for messages of etcd's.
fn received(exchange: &mut Exchange, messages: &[&[u8]]) -> Vec<u8> {
    let frames: Vec<u8> = messages.iter().flat_map(|message| frame(message)).collect();
    match exchange.response_body(&frames, false) {
        ResponseBody::Lines { lines, .. } => lines.concat(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_watch_opens_with_a_primer_that_its_client_never_sees() {
    let (mut exchange, primer) = open("/v3/watch");
    let id = b"\x80\x80\x80\x80\x80\x80\x80\x80\x40";
    let create = [&b"\x0a\x0e\x28\0\x28\x01\x38"[..], id].concat();
    let cancel = [&b"\x12\x0a\x08"[..], id].concat();
    assert_eq!(primer, [frame(&create), frame(&cancel)].concat());
    assert_eq!(received(&mut exchange, &[CREATED]), b"");
    let request = sent(0x81, br#"{"create_request":{"key":"YQ=="}}"#);
    let upstream = exchange.request_body(request, false);
    assert_eq!(upstream, RequestBody::Send(frame(b"\x0a\x03\x0a\x01a")));
    assert_eq!(
        received(&mut exchange, &[ENDED, b"\x18\x01"]),
        b"\x81\x1b{\"result\":{\"created\":true}}"
    );
}

#[test]
fn a_keepalive_opens_with_one_of_no_lease() {
    let (mut exchange, primer) = open("/v3/lease/keepalive");
    assert_eq!(primer, frame(b""));
    assert_eq!(
        received(&mut exchange, &[b"", b"\x10\x01"]),
        b"\x81\x15{\"result\":{\"ID\":\"1\"}}"
    );
}

#[test]
fn several_messages_and_values_are_several_requests() {
    let (mut exchange, _) = open("/v3/lease/keepalive");
    let frames = [
        sent(0x81, br#"{"ID":1}{"ID":2}"#),
        sent(0x01, br#"{"ID""#),
        sent(0x89, b"p"),
        sent(0x80, b":3}"),
        sent(0x82, br#"{"ID":4}"#),
    ];
    let expected = [1, 2, 3, 4].map(|id| frame(&[8, id])).concat();
    assert_eq!(
        exchange.request_body(frames.concat(), false),
        RequestBody::Send(expected)
    );
    assert_eq!(exchange.take_pong(), Some(b"\x8a\x01p".to_vec()));
    assert_eq!(exchange.take_pong(), None);
}

/// How a socket ends for what its client sends.
fn end_for(frames: &[u8]) -> (String, u16) {
    let (mut exchange, _) = open("/v3/watch");
    let RequestBody::End(end) = exchange.request_body(frames.to_vec(), false) else {
        panic!("it goes on")
    };
    assert_eq!(
        received(&mut exchange, &[b"\x18\x01"]),
        b"",
        "nothing follows"
    );
    assert_eq!(
        exchange.request_body(frames.to_vec(), false),
        RequestBody::Send(Vec::new())
    );
    let at = end.iter().rposition(|byte| *byte == 0x88).unwrap();
    let code = end
        .get(at + 2..at + 4)
        .map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
    (String::from_utf8_lossy(&end[..at]).into_owned(), code)
}

#[test]
fn a_socket_ends_with_the_close_code_that_its_client_has_earned() {
    for (frames, code) in [
        (sent(0x88, b"\x03\xe8"), 1000),
        (sent(0x88, b""), 1005),
        (sent(0x83, b""), 1002),
        (sent(0x81, b"\xff"), 1007),
        (b"\x82\xff\0\0\0\xff\0\0\0\0abcd".to_vec(), 1009),
    ] {
        assert_eq!(end_for(&frames), (String::new(), code), "{frames:?}");
    }
    let (line, code) = end_for(&sent(0x81, b"{]"));
    assert_eq!(code, 1011);
    assert!(line.contains(r#""grpc_code":3"#), "{line}");
}

#[test]
fn a_call_that_ends_closes_its_socket() {
    let tail = |status: &str| {
        let (mut exchange, _) = open("/v3/watch");
        let trailers = [("grpc-status", status), ("grpc-message", "gone")];
        match exchange.response_trailers(&headers(&trailers)) {
            ResponseTrailers::Tail(tail) => tail,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(tail("0"), b"\x88\x02\x03\xe8");
    let failed = tail("14");
    assert!(
        failed.starts_with(b"\x81") && failed.ends_with(b"\x88\x02\x03\xf3"),
        "{failed:?}"
    );
    let (mut exchange, _) = open("/v3/watch");
    let lost = exchange.response_lost(Lost::Gone("gone".into())).unwrap();
    assert!(lost.ends_with(b"}}\x88\x02\x03\xf3"), "{lost:?}");
}

#[test]
fn what_cannot_be_a_socket_is_refused_before_it_is_open() {
    let refused = |config: &str, path: &str, more: &[(&str, &str)]| {
        let head = handshake(path, more);
        let reply = reply_of(exchange(config).request_head(&headers(&head), false));
        (reply.status, String::from_utf8(reply.body).unwrap())
    };
    let (status, text) = refused("", "/v3/watch", &[]);
    assert_eq!(status, 501);
    assert!(text.contains("allow_on_headers_stop_iteration"), "{text}");
    assert_eq!(refused(FULL, "/v3/kv/range", &[]).0, 501);
    assert_eq!(refused(FULL, "/v3/nowhere", &[]).0, 404);
    let only = r#"{"allow_on_headers_stop_iteration":true,"cors":["https://a"]}"#;
    assert_eq!(
        refused(only, "/v3/watch", &[("origin", "https://b")]).0,
        403
    );
    let mut post = handshake("/v3/watch", &[]);
    post[0].1 = "POST";
    let reply = reply_of(exchange(FULL).request_head(&headers(&post), false));
    assert_eq!(reply.status, 405);
}

#[test]
fn an_error_before_the_socket_is_open_is_a_reply() {
    let mut exchange = exchange(FULL);
    exchange.request_head(&headers(&handshake("/v3/lease/keepalive", &[])), false);
    exchange.request_body(Vec::new(), false);
    let head = [
        (":status", "200"),
        ("content-type", "application/grpc"),
        ("grpc-status", "3"),
        ("grpc-message", "user name is empty"),
    ];
    let ResponseHead::Reply(reply) = exchange.response_head(&headers(&head), true, || None) else {
        panic!("no reply")
    };
    assert_eq!(reply.status, 400);
}

/// The token that etcd gets, before this list of origins.
fn token(cors: &str, more: &[(&str, &str)]) -> Option<String> {
    let config = format!(r#"{{"allow_on_headers_stop_iteration":true,"cors":{cors}}}"#);
    let mut exchange = exchange(&config);
    let head = handshake("/v3/watch", more);
    let head = headers(&head);
    assert_eq!(exchange.request_head(&head, false), RequestHead::Hold);
    let list = exchange.held_head(&head).unwrap();
    assert!(
        !list
            .iter()
            .any(|(name, _)| name.starts_with(b"sec-websocket"))
    );
    let mut tokens = list.iter().filter(|(name, _)| &**name == b"authorization");
    let token = tokens
        .next()
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    assert!(tokens.next().is_none());
    token
}

#[test]
fn a_page_s_token_comes_by_subprotocol_or_by_its_own_cookie() {
    let protocol = ("sec-websocket-protocol", "Bearer, p");
    let cookie = ("cookie", "token=c");
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(token(r#"["*"]"#, &[]), None);
    assert_eq!(token(r#"["*"]"#, &[protocol]), some("p"));
    assert_eq!(token(r#"["*"]"#, &[protocol, cookie]), some("c"));
    assert_eq!(
        token(r#"["*"]"#, &[("authorization", "Bearer a")]),
        some("a")
    );
    assert_eq!(
        token(r#"["*"]"#, &[("authorization", "a"), protocol]),
        some("p")
    );
    // Every page may open a socket there, and none may use another's cookie.
    let own = ("origin", "http://etcd");
    let foreign = ("origin", "https://b");
    assert_eq!(token(r#"["*"]"#, &[cookie, own]), some("c"));
    assert_eq!(token(r#"["*"]"#, &[cookie, foreign]), None);
    assert_eq!(token(r#"["https://b"]"#, &[cookie, foreign]), some("c"));
}
