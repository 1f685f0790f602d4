//! Calls with one message in each direction.

use super::*;

#[test]
fn a_body_becomes_one_frame_however_it_is_split() {
    for split in 0..=PUT.len() {
        for announced in [false, true] {
            let length = PUT.len().to_string();
            let mut head = HEAD.to_vec();
            head.extend(announced.then_some(("content-length", length.as_str())));
            let mut exchange = exchange("");
            assert!(matches!(
                exchange.request_head(&headers(&head), false),
                RequestHead::Forward(_)
            ));
            let (first, second) = PUT.as_bytes().split_at(split);
            let mut sent = Vec::new();
            for (chunk, end) in [(first, false), (second, false), (&[][..], true)] {
                match exchange.request_body(chunk.to_vec(), end) {
                    RequestBody::Send(bytes) => sent.extend(bytes),
                    RequestBody::Hold if !announced && !end => {}
                    action => panic!("{action:?}"),
                }
                assert!(end || sent.is_empty() || announced, "sent before the end");
            }
            assert_eq!(sent, frame(PUT_MESSAGE), "split at {split}");
        }
    }
}

#[test]
fn a_small_answer_waits_for_its_status_however_it_is_split() {
    let answer = frame(b"\x0a\x02\x18\x05");
    for split in 0..=answer.len() {
        let mut exchange = answering(
            r#"{"allow_on_headers_stop_iteration":true}"#,
            "/v3/kv/put",
            PUT,
        );
        let (first, second) = answer.split_at(split);
        let mut text = Vec::new();
        for chunk in [first, second] {
            match exchange.response_body(chunk, false) {
                ResponseBody::Send(bytes) => text.extend(bytes),
                ResponseBody::Hold | ResponseBody::HoldLoosely => {}
                action => panic!("{action:?}"),
            }
        }
        if let ResponseTrailers::Send(body) = exchange.response_trailers(&headers(&OK)) {
            text.extend(body);
        }
        assert_eq!(
            String::from_utf8(text).unwrap(),
            r#"{"header":{"revision":"5"}}"#,
            "split at {split}"
        );
    }
}

#[test]
fn an_error_behind_a_held_answer_replaces_it() {
    let mut exchange = answering("", "/v3/kv/put", PUT);
    assert_eq!(
        exchange.response_body(&frame(b"\x0a\x02\x18\x05"), false),
        ResponseBody::Hold
    );
    let trailers = [
        ("grpc-status", "14"),
        ("grpc-message", "etcdserver: no leader"),
    ];
    let ResponseTrailers::Reply(reply) = exchange.response_trailers(&headers(&trailers)) else {
        panic!()
    };
    assert_eq!(reply.status, 503);
}

#[test]
fn a_large_answer_goes_out_as_it_comes() {
    let mut exchange = answering("", "/v3/kv/range", "{}");
    // kvs[0].value of 1 MiB
    let mut message = b"\x12\x84\x80\x40\x2a\x80\x80\x40".to_vec();
    message.resize(message.len() + (1 << 20), b'x');
    let mut text = Vec::new();
    for chunk in frame(&message).chunks(16 << 10) {
        match exchange.response_body(chunk, false) {
            ResponseBody::Send(bytes) => {
                assert!(bytes.len() < 32 << 10, "{} bytes at once", bytes.len());
                text.extend(bytes);
            }
            action => panic!("{action:?}"),
        }
    }
    assert_eq!(
        exchange.response_trailers(&headers(&OK)),
        ResponseTrailers::End
    );
    assert!(text.starts_with(br#"{"kvs":[{"value":"eHh4"#) && text.ends_with(br#"eA=="}]}"#));
}

#[test]
fn answers_that_break_the_protocol_are_errors() {
    let body = |bytes: &[u8], end| {
        let mut exchange = answering("", "/v3/kv/put", PUT);
        match exchange.response_body(bytes, end) {
            ResponseBody::Reply(reply) => reply,
            _ => match exchange.response_trailers(&headers(&OK)) {
                ResponseTrailers::Reply(reply) => reply,
                action => panic!("{action:?}"),
            },
        }
    };
    let two = [frame(b""), frame(b"")].concat();
    for (bytes, end) in [
        (&b"\x01\0\0\0\0"[..], false),
        (b"<html>", false),
        (b"\0\0\0\0\x05abc", false),
        (b"\0\0\0", false),
        (b"", false),
        (&two, false),
        (&frame(b"\x0a\x7f"), false),
        (&frame(b""), true),
    ] {
        let reply = body(bytes, end);
        assert_eq!(reply.status, 500, "{bytes:?}");
        assert!(
            String::from_utf8(reply.body)
                .unwrap()
                .contains(r#""code":13"#),
            "{bytes:?}"
        );
    }
}

#[test]
fn answers_that_are_not_grpc_are_errors() {
    for (status, origin, expected, code) in [
        ("503", Some("no healthy upstream"), 503, 14),
        ("504", Some("response timeout"), 504, 4),
        ("403", Some("rbac access denied"), 403, 7),
        ("200", None, 502, 2),
        ("404", None, 502, 12),
        ("503", None, 503, 14),
    ] {
        let mut exchange = exchange("");
        exchange.request_head(&headers(&HEAD), false);
        let head = [(":status", status), ("content-type", "text/plain")];
        let origin = || origin.map(str::to_owned);
        let ResponseHead::Reply(reply) = exchange.response_head(&headers(&head), false, origin)
        else {
            panic!()
        };
        let body = String::from_utf8(reply.body).unwrap();
        assert_eq!(reply.status, expected, "{body}");
        assert!(body.contains(&format!(r#""code":{code}"#)), "{body}");
    }
}

#[test]
fn a_call_without_a_body_is_refused() {
    for (path, status) in [
        ("/v3/auth/disable", 411),
        ("/v3/maintenance/snapshot", 411),
        ("/v3/watch", 400),
        ("/v3/lease/keepalive", 400),
    ] {
        let head = [(":method", "POST"), (":path", path)];
        let reply = reply_of(exchange("").request_head(&headers(&head), true));
        assert_eq!(reply.status, status, "{path}");
    }
}

#[test]
fn a_call_without_a_body_is_a_callout_with_the_empty_message_where_that_is_allowed() {
    let mut exchange = exchange(r#"{"bodyless_calls":"callout"}"#);
    let head = [
        (":method", "POST"),
        (":path", "/v3/auth/enable"),
        ("authorization", "Bearer T"),
    ];
    let RequestHead::Call(call) = exchange.request_head(&headers(&head), true) else {
        panic!()
    };
    assert_eq!(
        (call.path, call.message.as_slice()),
        ("/etcdserverpb.Auth/AuthEnable", &b""[..])
    );
    assert!(
        call.metadata
            .contains(&(b"authorization".into(), b"T".into()))
    );
    assert!(
        call.metadata
            .iter()
            .all(|(name, _)| !name.starts_with(b":") && **name != *b"te")
    );
    let Answered::Reply(reply) = exchange.call_answered(Ok(b"")) else {
        panic!()
    };
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"{}"[..]));
}

#[test]
fn trailers_behind_a_body_of_unknown_length_end_it() {
    let mut exchange = exchange("");
    exchange.request_head(&headers(&HEAD), false);
    let held = exchange.request_body(PUT.as_bytes().to_vec(), false);
    assert_eq!(held, RequestBody::Hold);
    let RequestTrailers::Send(sent) = exchange.request_trailers() else {
        panic!()
    };
    assert_eq!(sent, frame(PUT_MESSAGE));
}

#[test]
fn trailers_behind_a_body_that_is_too_long_to_be_held_or_that_has_not_come_are_refused() {
    for pieces in [vec![], vec![30_000], vec![10, 30_000]] {
        let mut exchange = exchange("");
        exchange.request_head(&headers(&HEAD), false);
        for piece in &pieces {
            exchange.request_body([b"{}".to_vec(), vec![b' '; *piece]].concat(), false);
        }
        let RequestTrailers::Reply(reply) = exchange.request_trailers() else {
            panic!()
        };
        assert_eq!(reply.status, 411, "{pieces:?}");
    }
}

#[test]
fn a_body_that_cannot_fit_is_refused_before_it_is_read() {
    let configuration = r#"{"max_request_bytes":100}"#;
    let mut head = HEAD.to_vec();
    head.push(("content-length", "201"));
    assert_eq!(
        reply_of(exchange(configuration).request_head(&headers(&head), false)).status,
        413
    );
    let mut exchange = exchange(configuration);
    exchange.request_head(&headers(&HEAD), false);
    assert_eq!(
        exchange.request_body(vec![b' '; 200], false),
        RequestBody::Hold
    );
    let RequestBody::Reply(reply) = exchange.request_body(vec![b' '], false) else {
        panic!()
    };
    assert_eq!(reply.status, 413);
}

#[test]
fn a_body_that_has_come_whole_is_refused_once_it_has_ended() {
    for path in ["/v3/kv/put", "/v3/watch"] {
        let head = [
            (":method", "POST"),
            (":path", path),
            ("content-length", "3"),
        ];
        let mut exchange = exchange("");
        exchange.request_head(&headers(&head), false);
        for chunk in ["[", "]x"] {
            let action = exchange.request_body(chunk.into(), false);
            if chunk == "[" {
                assert!(!matches!(action, RequestBody::Reply(_)), "{path}");
            } else {
                assert_eq!(action, RequestBody::Hold, "{path}");
            }
        }
        let RequestBody::Reply(reply) = exchange.request_body(Vec::new(), true) else {
            panic!("{path}")
        };
        assert_eq!(reply.status, 400, "{path}");
    }
}

#[test]
fn an_encoded_body_that_is_no_json_is_told_so() {
    let mut head = HEAD.to_vec();
    head.push(("content-encoding", "gzip"));
    let mut exchange = exchange("");
    exchange.request_head(&headers(&head), false);
    let RequestBody::Reply(reply) = exchange.request_body(b"\x1f\x8b\x08".to_vec(), true) else {
        panic!()
    };
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.contains("content-encoding"), "{text}");
}

#[test]
fn trailers_of_a_request_never_reach_etcd() {
    let mut exchange = exchange("");
    let mut head = HEAD.to_vec();
    let length = PUT.len().to_string();
    head.push(("content-length", &length));
    exchange.request_head(&headers(&head), false);
    exchange.request_body(PUT.as_bytes().to_vec(), false);
    assert_eq!(exchange.request_trailers(), RequestTrailers::Drop);
}

#[test]
fn an_answer_to_a_call_that_is_too_large_as_text_is_an_error() {
    let settings = Settings::new(&Config::default());
    let method = schema::route("/kv/put").unwrap().method;
    let head = headers(&HEAD);
    let guard = Guard::new(&settings, method, &head, None).unwrap();
    let unary = Unary::new(guard, &head, BytesAs::Base64, Deadline::default());
    let text = |most| unary.text(&settings, b"\x0a\x02\x18\x05", most);
    let whole = br#"{"header":{"revision":"5"}}"#;
    assert_eq!(text(whole.len()), Ok(whole.to_vec()));
    let error = text(whole.len() - 1).unwrap_err();
    assert_eq!(error.code, Code::RESOURCE_EXHAUSTED);
}
