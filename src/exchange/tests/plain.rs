//! Bytes as plain text, by header, query string or configuration.

use super::*;

const TEXT: (&str, &str) = ("x-etcd-bytes", "text");
/// A `RangeResponse` with the pair `foo`, `bar`.
const PAIR: &[u8] = b"\x12\x0a\x0a\x03foo\x2a\x03bar";

/// What goes upstream for a request, and what its answer becomes.
fn call(configuration: &str, more: &[(&str, &str)], path: &str, body: &str) -> (Vec<u8>, String) {
    let mut exchange = exchange(configuration);
    let mut head = vec![(":method", "POST"), (":path", path)];
    head.extend(more);
    match exchange.request_head(&headers(&head), false) {
        RequestHead::Forward(list) => {
            let name = b"x-etcd-bytes".as_slice();
            assert!(list.iter().all(|(other, _)| **other != *name));
        }
        action => panic!("{action:?}"),
    }
    let sent = match exchange.request_body(body.into(), true) {
        RequestBody::Send(sent) => sent,
        action => panic!("{action:?}"),
    };
    exchange.response_head(&headers(&ANSWER_HEAD), false, || None);
    let text = match exchange.response_body(&frame(PAIR), false) {
        ResponseBody::Hold => match exchange.response_trailers(&headers(&OK)) {
            ResponseTrailers::Send(text) => text,
            action => panic!("{action:?}"),
        },
        ResponseBody::Lines { lines, .. } => lines.concat(),
        action => panic!("{action:?}"),
    };
    (sent, String::from_utf8(text).unwrap())
}

#[test]
fn a_request_says_by_header_query_string_or_configuration_what_bytes_are() {
    let configured = r#"{"bytes":"text"}"#;
    let range = "/v3/kv/range";
    let plain = r#"{"kvs":[{"key":"foo","value":"bar"}]}"#;
    for (configuration, more, path) in [
        ("", &[TEXT][..], range),
        ("", &[], "/v3/kv/range?x-etcd-bytes=text"),
        (configured, &[], range),
        (configured, &[TEXT], range),
    ] {
        let (sent, text) = call(configuration, more, path, r#"{"key":"foo"}"#);
        assert_eq!(sent, frame(b"\x0a\x03foo"));
        assert_eq!(text, plain);
    }
    let encoded = r#"{"kvs":[{"key":"Zm9v","value":"YmFy"}]}"#;
    let base64 = ("x-etcd-bytes", "base64");
    for (configuration, more) in [("", &[][..]), (configured, &[base64]), ("", &[base64])] {
        let (sent, text) = call(configuration, more, range, r#"{"key":"Zm9v"}"#);
        assert_eq!(sent, frame(b"\x0a\x03foo"));
        assert_eq!(text, encoded);
    }
}

#[test]
fn streams_are_plain_text_too() {
    let path = "/v3/kv/rangestream";
    let body = r#"{"key":"foo","range_end":{"prefix":true}}"#;
    // A `RangeStreamResponse` has a `RangeResponse` as its first field.
    let (sent, text) = call("", &[TEXT], path, body);
    assert_eq!(sent, frame(b"\x0a\x03foo\x12\x03fop"));
    assert!(text.starts_with(r#"{"result":{"#), "{text}");
    let mut watch = answering(r#"{"bytes":"text"}"#, "/v3/watch", WATCH_REQUEST);
    // events: kv: key "a", value FF
    let message = b"\x5a\x08\x12\x06\x0a\x01a\x2a\x01\xff";
    match watch.response_body(&frame(message), false) {
        ResponseBody::Lines { lines, .. } => assert_eq!(
            String::from_utf8(lines.concat()).unwrap(),
            "{\"result\":{\"events\":[{\"kv\":{\"key\":\"a\",\"value\":{\"base64\":\"/w==\"}}}]}}\n"
        ),
        action => panic!("{action:?}"),
    }
}

#[test]
fn a_browser_s_event_stream_asks_for_plain_text_in_its_query_string() {
    let path =
        "/v3/watch?x-etcd-bytes=text&create_request.key=/a&create_request.range_end.prefix=true";
    let head = [
        (":method", "GET"),
        (":path", path),
        ("accept", "text/event-stream"),
    ];
    let mut exchange = exchange("");
    assert!(matches!(
        exchange.request_head(&headers(&head), false),
        RequestHead::Forward(_)
    ));
    let RequestBody::Send(sent) = exchange.request_body(Vec::new(), true) else {
        panic!("nothing is sent")
    };
    assert_eq!(sent, frame(b"\x0a\x08\x0a\x02/a\x12\x02/b"));
}

#[test]
fn what_bytes_cannot_be_is_refused_on_etcd_s_routes_alone() {
    for (value, path) in [
        ("Text", "/v3/kv/put"),
        ("", "/v3/kv/put"),
        ("text", "/v3/kv/put?x-etcd-bytes=hex"),
        ("text", "/v3/kv/put?x-etcd-bytes=base64"),
    ] {
        let head = [
            (":method", "POST"),
            (":path", path),
            ("x-etcd-bytes", value),
        ];
        let reply = reply_of(exchange("").request_head(&headers(&head), false));
        let text = String::from_utf8(reply.body).unwrap();
        assert_eq!(reply.status, 400, "{text}");
        assert!(text.contains("X-Etcd-Bytes"), "{text}");
    }
    for path in ["/version", "/health"] {
        let head = [(":method", "GET"), (":path", path), ("x-etcd-bytes", "x")];
        let action = exchange("").request_head(&headers(&head), true);
        assert!(matches!(action, RequestHead::Call(_)), "{action:?}");
    }
}

#[test]
fn a_call_without_a_body_is_answered_in_plain_text() {
    let mut exchange = exchange(r#"{"bodyless_calls":"callout"}"#);
    let head = [(":method", "POST"), (":path", "/v3/kv/range"), TEXT];
    let action = exchange.request_head(&headers(&head), true);
    assert!(matches!(action, RequestHead::Call(_)), "{action:?}");
    match exchange.call_answered(Ok(PAIR)) {
        Answered::Reply(reply) => {
            assert_eq!(reply.body, br#"{"kvs":[{"key":"foo","value":"bar"}]}"#)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_that_may_be_text_are_refused_where_too_much_is_held() {
    let settings = Rc::new(Settings::new(&Config::default()));
    let value = vec![b'x'; 40 << 10];
    let pair = [b"\x2a\x80\xc0\x02".as_slice(), &value].concat();
    let message = [b"\x12\x84\xc0\x02".as_slice(), &pair].concat();
    let filler = [b"\x9a\x1f\xff\xff\x02", [0; 49_151].as_slice()].concat();
    let message = frame(&[message, filler].concat()); // over 64 KiB, so that it streams
    let mut open = Vec::new();
    let mut refused = None;
    for _ in 0..10_000 {
        let mut exchange = Exchange::new(Rc::clone(&settings));
        let head = [(":method", "POST"), (":path", "/v3/kv/range"), TEXT];
        exchange.request_head(&headers(&head), false);
        exchange.request_body(b"{}".to_vec(), true);
        exchange.response_head(&headers(&ANSWER_HEAD), false, || None);
        match exchange.response_body(&message[..30 << 10], false) {
            ResponseBody::Reply(reply) => {
                refused = Some(reply);
                break;
            }
            _ => open.push(exchange),
        }
    }
    assert_eq!(refused.unwrap().status, 429);
    assert!(settings.held() < MAX_LARGE, "{}", settings.held());
    assert!(open.len() > 1000, "{}", open.len());
    // One that is being read is not in the way of another, whose bytes are base64.
    let mut other = Exchange::new(settings);
    other.request_head(
        &headers(&[(":method", "POST"), (":path", "/v3/kv/range")]),
        false,
    );
    other.request_body(b"{}".to_vec(), true);
    other.response_head(&headers(&ANSWER_HEAD), false, || None);
    let action = other.response_body(&message[..30 << 10], false);
    assert!(matches!(action, ResponseBody::Send(_)), "{action:?}");
}
