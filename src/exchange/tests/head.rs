//! Which requests are ours.

use super::*;

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
