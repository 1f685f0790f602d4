//! Calls with a stream in one direction or both.

use super::*;

#[test]
fn a_watch_that_names_no_request_is_refused_and_told_what_it_takes() {
    for body in [
        "{}",
        r#"{"key":"YQ=="}"#,
        r#"{"request_union":{"create_request":{}}}"#,
    ] {
        let mut exchange = exchange("");
        let head = [(":method", "POST"), (":path", "/v3/watch")];
        exchange.request_head(&headers(&head), false);
        let RequestBody::Reply(reply) = exchange.request_body(body.into(), false) else {
            panic!("{body}")
        };
        let text = String::from_utf8(reply.body).unwrap();
        assert_eq!(reply.status, 400, "{text}");
        assert!(text.contains("create_request"), "{text}");
    }
}

#[test]
fn a_fault_in_a_query_string_has_no_place_in_it() {
    let path = "/v3/watch?create_request.filters=01";
    let head = [
        (":method", "GET"),
        (":path", path),
        ("accept", "text/event-stream"),
    ];
    let reply = reply_of(exchange("").request_head(&headers(&head), false));
    let text = String::from_utf8(reply.body).unwrap();
    assert_eq!(reply.status, 400, "{text}");
    assert!(
        text.contains("the query string: create_request.filters"),
        "{text}"
    );
    assert!(!text.contains("column"), "{text}");
}

#[test]
fn every_watch_of_a_post_for_events_goes_on_behind_the_last_event() {
    let body =
        r#"{"create_request":{"key":"YQ=="}}{"create_request":{"key":"Yg==","start_revision":2}}"#;
    let sent = |headers_of: &[(&str, &str)]| {
        let mut head = vec![(":method", "POST"), (":path", "/v3/watch")];
        head.extend(headers_of);
        let mut exchange = exchange("");
        exchange.request_head(&headers(&head), false);
        match exchange.request_body(body.into(), false) {
            RequestBody::Send(bytes) => bytes,
            other => panic!("{other:?}"),
        }
    };
    let events = ("accept", "text/event-stream");
    assert_eq!(
        sent(&[events, ("last-event-id", "8")]),
        [
            frame(b"\x0a\x05\x0a\x01a\x18\x09"),
            frame(b"\x0a\x07\x0a\x01b\x18\x02\x18\x09"),
        ]
        .concat()
    );
    let unchanged = [
        frame(b"\x0a\x03\x0a\x01a"),
        frame(b"\x0a\x05\x0a\x01b\x18\x02"),
    ]
    .concat();
    for headers in [
        &[("last-event-id", "8")][..], // lines have no ids
        &[events],
        &[events, ("last-event-id", "x")],
    ] {
        assert_eq!(sent(headers), unchanged, "{headers:?}");
    }
}

#[test]
fn values_of_a_stream_are_forwarded_with_their_last_byte() {
    let mut exchange = exchange("");
    let head = [(":method", "POST"), (":path", "/v3/lease/keepalive")];
    assert!(matches!(
        exchange.request_head(&headers(&head), false),
        RequestHead::Forward(_)
    ));
    let mut sent = Vec::new();
    for (index, byte) in br#"{"ID":1} {"ID":2}"#.iter().enumerate() {
        match exchange.request_body(vec![*byte], false) {
            RequestBody::Send(bytes) if bytes.is_empty() => assert!(index > 7, "{index}"),
            RequestBody::Send(bytes) => sent.push((index, bytes)),
            action => assert_eq!((action, sent.len()), (RequestBody::Hold, 0), "{index}"),
        }
    }
    assert_eq!(sent, [(7, frame(b"\x08\x01")), (16, frame(b"\x08\x02"))]);
}

#[test]
fn messages_of_a_stream_become_a_line_each() {
    let mut exchange = answering("", "/v3/lease/keepalive", "{}");
    let answers = [frame(b"\x10\x01"), frame(b"\x10\x02")].concat();
    let mut lines = Vec::new();
    for byte in answers.chunks(1) {
        match exchange.response_body(byte, false) {
            ResponseBody::Lines { lines: more, .. } => lines.extend(more),
            action => panic!("{action:?}"),
        }
    }
    assert_eq!(
        lines,
        [
            &b"{\"result\":{\"ID\":\"1\"}}\n"[..],
            b"{\"result\":{\"ID\":\"2\"}}\n"
        ]
    );
    assert_eq!(
        exchange.response_trailers(&headers(&OK)),
        ResponseTrailers::Tail(Vec::new())
    );
}

#[test]
fn a_stream_that_fails_after_a_line_ends_with_an_error_line() {
    let mut exchange = answering(r#"{"dialect":"v2"}"#, "/v3/watch", WATCH_REQUEST);
    exchange.response_body(&frame(b""), false);
    let trailers = [("grpc-status", "14"), ("grpc-message", "gone")];
    let tail = b"{\"error\":{\"code\":14,\"message\":\"gone\"}}\n".to_vec();
    assert_eq!(
        exchange.response_trailers(&headers(&trailers)),
        ResponseTrailers::Tail(tail.clone())
    );
    assert_eq!(
        exchange.response_lost(Lost::Gone("gone".into())),
        Some(tail)
    );
    let RequestBody::End(line) = exchange.request_body(b"{]".to_vec(), false) else {
        panic!()
    };
    assert!(line.starts_with(br#"{"error":{"code":3,"#));
}

#[test]
fn a_stream_without_a_first_message_is_refused_at_once() {
    let head = [(":method", "POST"), (":path", "/v3/watch")];
    assert_eq!(
        reply_of(exchange("").request_head(&headers(&head), true)).status,
        400
    );
    for body in ["", " \n", "{]", "5", r#"{"create_request":{"key":"!"}}"#] {
        let mut exchange = exchange("");
        exchange.request_head(&headers(&head), false);
        let RequestBody::Reply(reply) = exchange.request_body(body.into(), true) else {
            panic!("{body}")
        };
        assert_eq!(reply.status, 400, "{body}");
    }
}

#[test]
fn trailers_end_a_stream_of_requests_as_its_end_would() {
    let trailers = |body: &str| {
        let mut exchange = exchange("");
        let head = [(":method", "POST"), (":path", "/v3/watch")];
        exchange.request_head(&headers(&head), false);
        exchange.request_body(body.into(), false);
        exchange.request_trailers()
    };
    assert_eq!(trailers(WATCH_REQUEST), RequestTrailers::Drop);
    for body in ["", "{\"create_request\":{"] {
        let RequestTrailers::Reply(reply) = trailers(body) else {
            panic!("{body}")
        };
        assert_eq!(reply.status, 400, "{body}");
    }
}

#[test]
fn nothing_follows_the_error_that_ends_a_stream() {
    let mut exchange = answering("", "/v3/watch", WATCH_REQUEST);
    exchange.response_body(&frame(b""), false);
    let bad = [frame(b""), b"\x02\0\0\0\0".to_vec(), frame(b"")].concat();
    let ResponseBody::LastLines(lines) = exchange.response_body(&bad, false) else {
        panic!()
    };
    assert_eq!(lines.len(), 2);
    let nothing = ResponseBody::Lines {
        lines: Vec::new(),
        awaited: 0,
    };
    assert_eq!(exchange.response_body(&frame(b""), false), nothing);
    assert_eq!(
        exchange.request_body(b"{}".to_vec(), true),
        RequestBody::Send(Vec::new())
    );
}
