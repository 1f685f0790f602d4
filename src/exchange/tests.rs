//! Scripted exchanges: what the client and etcd send, and what the host is told to do.

use super::*;
use crate::config::Config;
use crate::grpc::{HEADER_LEN, seal};
use crate::http::Headers;
use crate::schema;
use deadline::Deadline;
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
fn a_request_that_may_wait_keeps_its_head_until_its_message_has_come() {
    for path in ["/v3/watch", "/v3/lock/lock", "/v3/maintenance/defragment"] {
        let mut exchange = exchange(r#"{"allow_on_headers_stop_iteration":true}"#);
        let head = [
            (":method", "POST"),
            (":path", path),
            ("content-length", "23"),
        ];
        let head = headers(&head);
        assert_eq!(exchange.request_head(&head, false), RequestHead::Hold);
        let (first, rest) = WATCH_REQUEST.as_bytes().split_at(3);
        assert_eq!(
            exchange.request_body(first.into(), false),
            RequestBody::HoldLoosely
        );
        let action = exchange.request_body(rest.into(), false);
        if path == "/v3/watch" {
            assert!(matches!(action, RequestBody::Send(bytes) if !bytes.is_empty()));
        }
        let list = exchange.held_head(&head).unwrap_or_default();
        let sent = |name: &[u8]| list.iter().find(|(other, _)| **other == *name);
        if path == "/v3/watch" {
            assert_eq!(&*sent(b":path").unwrap().1, b"/etcdserverpb.Watch/Watch");
            assert_eq!(&*sent(b"x-envoy-upstream-rq-timeout-ms").unwrap().1, b"0");
        }
    }
    let mut plain = exchange("");
    let head = [(":method", "POST"), (":path", "/v3/watch")];
    assert!(matches!(
        plain.request_head(&headers(&head), false),
        RequestHead::Forward(_)
    ));
}

/// Ticks that an exchange sees until it is ended, if it ends.
fn ticks(exchange: &mut Exchange) -> (u8, Option<RequestBody>) {
    for count in 0..=u8::MAX {
        if let Some(action) = exchange.tick() {
            return (count, Some(action));
        }
    }
    (u8::MAX, None)
}

#[test]
fn a_body_that_does_not_come_to_its_end_is_refused_in_time() {
    for (path, body) in [
        ("/v3/kv/put", "{"),
        ("/v3/kv/put", ""),
        ("/v3/watch", "{"),
        ("/v3/watch", ""),
        ("/v3/maintenance/snapshot", " "),
    ] {
        let mut exchange = exchange("");
        exchange.request_head(&headers(&[(":method", "POST"), (":path", path)]), false);
        exchange.request_body(body.into(), false);
        let (count, Some(RequestBody::Reply(reply))) = ticks(&mut exchange) else {
            panic!("{path} {body}")
        };
        assert_eq!((count, reply.status), (MAX_TICKS, 408), "{path} {body}");
        let body = String::from_utf8(reply.body).unwrap();
        assert!(body.contains(r#""code":4"#), "{body}");
        assert_eq!(exchange.settings.held(), 0);
    }
}

#[test]
fn a_stream_whose_next_request_does_not_come_to_its_end_gets_an_error_line() {
    let mut exchange = answering("", "/v3/watch", WATCH_REQUEST);
    assert_eq!(
        ticks(&mut exchange).1,
        None,
        "a quiet watch is no such stream"
    );
    exchange.request_body(b"{\"progress".to_vec(), false);
    assert_eq!(exchange.tick(), None);
    // A request has come to its end, and the next begun.
    exchange.request_body(b"_request\":{}}{".to_vec(), false);
    let (count, Some(RequestBody::End(line))) = ticks(&mut exchange) else {
        panic!()
    };
    assert_eq!(count, MAX_TICKS);
    let line = String::from_utf8(line).unwrap();
    assert!(line.contains(r#""code":4"#), "{line}");
    assert_eq!(ticks(&mut exchange).1, None, "it has ended");
}

/// Half-sent bodies that hold as much as such may.
fn fill(settings: &Rc<Settings>) -> Vec<Exchange> {
    let mut others = Vec::new();
    while settings.held() < MAX_LARGE {
        let mut other = Exchange::new(Rc::clone(settings));
        other.request_head(&headers(&HEAD), false);
        other.request_body(Vec::with_capacity(4 << 20), false);
        others.push(other);
    }
    others
}

#[test]
fn a_worker_at_its_bound_serves_small_requests_and_refuses_large_ones() {
    let settings = Rc::new(Settings::new(&Config::default()));
    let others = fill(&settings);
    let mut small = Exchange::new(Rc::clone(&settings));
    small.request_head(&headers(&HEAD), false);
    let sent = small.request_body(PUT.as_bytes().to_vec(), true);
    assert_eq!(sent, RequestBody::Send(frame(PUT_MESSAGE)));

    let value = "a".repeat(60_000);
    let mut head = HEAD.to_vec();
    head.push(("authorization", &value));
    let mut large = Exchange::new(Rc::clone(&settings));
    assert_eq!(
        reply_of(large.request_head(&headers(&head), false)).status,
        429
    );

    let mut slow = Exchange::new(Rc::clone(&settings));
    slow.request_head(&headers(&HEAD), false);
    let RequestBody::Reply(reply) = slow.request_body(b"{".to_vec(), false) else {
        panic!()
    };
    assert_eq!(reply.status, 429);
    drop((others, small, large, slow));
    assert_eq!(settings.held(), 0);
}

#[test]
fn a_watch_at_the_worker_s_bound_is_told_so_by_a_line() {
    let mut watch = answering("", "/v3/watch", WATCH_REQUEST);
    watch.response_body(&frame(b""), false);
    let settings = Rc::clone(&watch.settings);
    let others = fill(&settings);
    // Whole requests are served as ever.
    let whole = watch.request_body(WATCH_REQUEST.as_bytes().to_vec(), false);
    assert!(matches!(whole, RequestBody::Send(bytes) if !bytes.is_empty()));
    let RequestBody::End(line) = watch.request_body(b"{\"progress".to_vec(), false) else {
        panic!()
    };
    let line = String::from_utf8(line).unwrap();
    assert!(line.contains(r#""code":8"#), "{line}");
    drop(others);
}

#[test]
fn calls_beside_their_requests_are_counted_until_they_end() {
    let settings = Rc::new(Settings::new(&Config::default()));
    let probe = [(":method", "GET"), (":path", "/health")];
    let mut probes = Vec::new();
    let refused = loop {
        let mut exchange = Exchange::new(Rc::clone(&settings));
        match exchange.request_head(&headers(&probe), true) {
            RequestHead::Call(_) => probes.push(exchange),
            action => break reply_of(action),
        }
    };
    assert_eq!(refused.status, 429);
    assert!((2_000..12_000).contains(&probes.len()), "{}", probes.len());
    for probe in &mut probes {
        probe.call_answered(Ok(b""));
        probe.call_answered(Ok(b""));
    }
    assert_eq!(settings.held(), 0);
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
fn what_is_not_ours_passes() {
    for head in [
        &[
            (":method", "POST"),
            (":path", "/etcdserverpb.KV/Put"),
            ("content-type", "application/json"),
        ][..],
        &[(":method", "GET"), (":path", "/metrics")],
        &[(":method", "OPTIONS"), (":path", "/")],
    ] {
        let mut exchange = exchange("");
        assert_eq!(
            exchange.request_head(&headers(head), false),
            RequestHead::Pass
        );
        assert_eq!(exchange.request_body(vec![1], true), RequestBody::Pass);
        assert_eq!(
            exchange.response_head(&headers(&ANSWER_HEAD), false, || None),
            ResponseHead::Pass
        );
        assert_eq!(exchange.response_body(b"x", true), ResponseBody::Pass);
        assert_eq!(
            exchange.response_trailers(&headers(&OK)),
            ResponseTrailers::Pass
        );
    }
}

#[test]
fn native_grpc_is_marked_as_coming_through_a_gateway_or_refused() {
    let head = |content_type| {
        [
            (":method", "POST"),
            (":path", "/etcdserverpb.KV/Put"),
            ("content-type", content_type),
        ]
    };
    for content_type in [
        "application/grpc",
        "application/grpc+proto",
        "Application/GRPC",
    ] {
        let of = |configuration| {
            let head = head(content_type);
            match exchange(configuration).request_head(&headers(&head), false) {
                RequestHead::PassWith(header) => (Some(header), None),
                RequestHead::RefuseGrpc(status) => (None, Some(status.code)),
                RequestHead::Pass => (None, None),
                other => panic!("{other:?}"),
            }
        };
        let mark = (&b"grpcgateway-accept"[..], &b"*/*"[..]);
        assert_eq!(of(""), (Some(mark), None));
        assert_eq!(of(r#"{"native_grpc":"as_certificate"}"#), (None, None));
        let refused = (None, Some(Code::UNIMPLEMENTED));
        assert_eq!(of(r#"{"native_grpc":"refuse"}"#), refused);
    }
}

#[test]
fn under_a_prefix_the_content_type_decides_nothing() {
    let mut head = HEAD.to_vec();
    head.push(("content-type", "application/grpc"));
    assert!(matches!(
        exchange("").request_head(&headers(&head), false),
        RequestHead::Forward(_)
    ));
}

#[test]
fn a_page_of_an_origin_that_is_not_listed_is_refused_whatever_it_asks_for() {
    for (method, path) in [
        ("POST", "/v3/kv/put"),
        ("OPTIONS", "/v3/kv/put"),
        ("GET", "/version"),
        ("POST", "/v3/watch"),
    ] {
        let head = [
            (":method", method),
            (":path", path),
            (":authority", "etcd.example"),
            ("origin", "http://evil.example"),
        ];
        let mut exchange = exchange(r#"{"cors":["http://page.example"]}"#);
        let reply = reply_of(exchange.request_head(&headers(&head), false));
        assert_eq!(reply.status, 403, "{method} {path}");
        assert!(
            reply
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with(b"access-control-")),
            "{method} {path}"
        );
    }
}

#[test]
fn an_escaped_path_is_no_route() {
    for path in [
        "/v3/kv%2Fput",
        "/%76%33/kv/put",
        "/v3/kv/p%75t",
        "/vers%69on",
    ] {
        let head = [(":method", "POST"), (":path", path)];
        let reply = reply_of(exchange("").request_head(&headers(&head), false));
        assert_eq!(reply.status, 404, "{path}");
    }
}

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
fn what_etcd_says_once_the_deadline_has_passed_is_that_it_has_passed() {
    thread_local! {
        static NOW: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
    }
    let settings = Rc::new(Settings::new(&Config::default()).with_clock(|| NOW.get()));
    let mut head = HEAD.to_vec();
    head.push(("grpc-timeout", "1S"));
    for (elapsed, status) in [(500_000_000, 503), (1_000_000_000, 504)] {
        NOW.set(0);
        let mut exchange = Exchange::new(Rc::clone(&settings));
        exchange.request_head(&headers(&head), false);
        exchange.request_body(PUT.into(), true);
        NOW.set(elapsed);
        // Envoy's words for etcd's reset.
        let local = [(":status", "503"), ("content-type", "text/plain")];
        let origin = || Some("upstream reset before response started".to_owned());
        let ResponseHead::Reply(reply) = exchange.response_head(&headers(&local), false, origin)
        else {
            panic!()
        };
        assert_eq!(reply.status, status);
    }
}

#[test]
fn calls_that_may_wait_have_no_timeout_but_their_callers() {
    for (path, timeout, expected) in [
        ("/v3/lock/lock", None, Some("0")),
        ("/v3/election/campaign", None, Some("0")),
        ("/v3/maintenance/defragment", None, Some("0")),
        ("/v3/lock/lock", Some("2S"), Some("2000")),
        ("/v3/kv/put", None, None),
    ] {
        let mut head = vec![(":method", "POST"), (":path", path)];
        head.extend(timeout.map(|timeout| ("grpc-timeout", timeout)));
        let mut exchange = exchange("");
        let RequestHead::Forward(list) = exchange.request_head(&headers(&head), false) else {
            panic!()
        };
        let set = list
            .iter()
            .find(|(name, _)| &**name == b"x-envoy-upstream-rq-timeout-ms");
        assert_eq!(
            set.map(|(_, value)| value.to_vec()),
            expected.map(|value| value.as_bytes().to_vec()),
            "{path}"
        );
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

#[test]
fn requests_together_hold_no_more_than_the_worker_may() {
    let settings = Rc::new(Settings::new(
        &Config::parse(br#"{"max_request_bytes":67108864}"#).unwrap(),
    ));
    let mut uploads: Vec<Exchange> = (0..4)
        .map(|_| Exchange::new(Rc::clone(&settings)))
        .collect();
    let refused = |exchange: &mut Exchange| {
        exchange.request_head(&headers(&HEAD), false);
        let body = exchange.request_body(vec![b' '; 60 << 20], false);
        matches!(body, RequestBody::Reply(Reply { status: 429, .. }))
    };
    let outcomes: Vec<bool> = uploads.iter_mut().map(refused).collect();
    assert_eq!(outcomes, [false, false, false, true]);
    drop(uploads);
    assert!(!refused(&mut Exchange::new(settings)));
}

#[test]
fn an_answer_to_a_call_that_is_too_large_as_text_is_an_error() {
    let settings = Settings::new(&Config::default());
    let unary = Unary::new(
        schema::route("/kv/put").unwrap().method,
        &headers(&HEAD),
        Deadline::default(),
    );
    let text = |most| unary.text(&settings, b"\x0a\x02\x18\x05", most);
    let whole = br#"{"header":{"revision":"5"}}"#;
    assert_eq!(text(whole.len()), Ok(whole.to_vec()));
    let error = text(whole.len() - 1).unwrap_err();
    assert_eq!(error.code, Code::RESOURCE_EXHAUSTED);
}
