//! What an exchange takes, of memory and of time, and what is refused for it.

use super::*;

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

/// A keepalive whose answer has not begun, with what it has been sent.
fn keepalive(settings: &Rc<Settings>, waiting: usize) -> (Exchange, RequestBody) {
    let mut exchange = Exchange::new(Rc::clone(settings));
    let head = [(":method", "POST"), (":path", "/v3/lease/keepalive")];
    exchange.request_head(&headers(&head), false);
    exchange.request_body(br#"{"ID":1}"#.into(), false);
    exchange.set_kept(waiting);
    let action = exchange.request_body(br#"{"ID":2}"#.into(), false);
    (exchange, action)
}

#[test]
fn what_waits_for_an_answer_is_bounded_for_the_stream_and_for_the_worker() {
    let settings = |text: &str| {
        let config = Config::parse(text.as_bytes()).unwrap();
        Rc::new(Settings::new(&config))
    };
    let sent = |action: &RequestBody| matches!(action, RequestBody::Send(_));
    // What waits for a turn alone is never too much.
    assert!(sent(
        &keepalive(&settings(r#"{"max_request_bytes":10}"#), 32 << 10).1
    ));
    let small = settings(r#"{"max_request_bytes":1000}"#);
    assert!(sent(&keepalive(&small, 33 << 10).1));
    assert!(matches!(
        keepalive(&small, 40 << 10).1,
        RequestBody::Reply(_)
    ));
    let default = settings("");
    assert!(sent(&keepalive(&default, 1 << 20).1));
    let others = fill(&default);
    assert!(
        matches!(keepalive(&default, 1 << 20).1, RequestBody::Reply(reply) if reply.status == 429)
    );
    assert!(sent(&keepalive(&default, 16 << 10).1));
    drop(others);
}
