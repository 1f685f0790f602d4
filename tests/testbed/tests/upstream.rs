//! The scripted upstream, seen by testbed's own HTTP/2 client.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test fails by panicking

use testbed::client::{Body, End, Request, h2};
use testbed::upstream::{Script, Step, Upstream, fields};
use testbed::wire;

fn call(upstream: &Upstream, request: &Request) -> testbed::client::Response {
    h2::send(upstream.address(), request).unwrap()
}

#[test]
fn a_request_is_recorded_and_answered_by_script() {
    let upstream = Upstream::start().unwrap();
    upstream.once(Script::message(b"reply"));
    let request = Request::post("/a.B/C", wire::frame(b"hello"))
        .header("x-bytes", b"\xfa")
        .trailer("t", "1");
    let response = call(&upstream, &request);

    assert_eq!(response.status, 200);
    assert_eq!(response.body(), wire::frame(b"reply"));
    assert_eq!(response.trailers, fields(&[("grpc-status", "0")]));
    let received = upstream.take().remove(0);
    assert_eq!(
        (received.method.as_str(), received.path.as_str()),
        ("POST", "/a.B/C")
    );
    assert_eq!(received.values("x-bytes"), [b"\xfa"]);
    assert_eq!(received.messages(), [b"hello"]);
    assert_eq!(received.trailers, fields(&[("t", "1")]));
    assert!(upstream.requests().is_empty());
}

#[test]
fn an_error_is_trailers_only() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::error(5, "not ключ"));
    let response = call(&upstream, &Request::post("/", wire::frame(b"")));
    assert_eq!(
        response.header("grpc-message").unwrap(),
        "not %D0%BA%D0%BB%D1%8E%D1%87"
    );
    assert!(response.trailers.is_empty());
}

#[test]
fn one_off_scripts_go_before_the_standing_one() {
    let upstream = Upstream::start().unwrap();
    upstream.once(Script::error(14, ""));
    upstream.always_with(|request| Script::message(request.path.as_bytes()));
    let first = call(&upstream, &Request::new("POST", "/x"));
    let second = call(&upstream, &Request::new("POST", "/y"));
    assert_eq!(first.header("grpc-status").unwrap(), "14");
    assert_eq!(second.body(), wire::frame(b"/y"));
}

#[test]
fn a_reset_a_lost_connection_and_data_frames_are_seen_as_they_are() {
    let upstream = Upstream::start().unwrap();
    upstream.once(
        Script::after_request()
            .head()
            .data_in_frames(b"abcde", 2)
            .reset(8),
    );
    let cut = call(&upstream, &Request::new("POST", "/"));
    assert_eq!(
        (cut.pieces, cut.end),
        (
            vec![b"ab".to_vec(), b"cd".to_vec(), b"e".to_vec()],
            End::Cut
        )
    );

    upstream.once(Script::after_request().step(Step::Disconnect));
    assert!(h2::send(upstream.address(), &Request::new("POST", "/")).is_err());
    assert_eq!(upstream.connections(), 2);
}

#[test]
fn a_live_call_reads_messages_as_they_arrive_and_sees_the_client_leave() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let connection = h2::Connection::open(upstream.address()).unwrap();
    let mut stream = connection
        .begin(&Request::new("POST", "/").body(Body::Pieces(Vec::new())))
        .unwrap();
    let call = upstream.call();
    call.head();
    let mut response = stream.read_head().unwrap();
    for text in [b"one", b"two"] {
        stream.send_data(&wire::frame(text), false).unwrap();
    }
    assert_eq!(call.message(1), b"two");
    call.reply(b"three");
    assert_eq!(
        stream.read_piece(&mut response).unwrap().unwrap(),
        wire::frame(b"three")
    );
    stream.reset(8);
    call.wait_for("the reset", |received| received.reset == Some(8));
}

#[test]
fn an_answer_before_the_end_of_the_request_arrives_before_it() {
    let upstream = Upstream::start().unwrap();
    upstream.always(
        Script::default()
            .head()
            .data(wire::frame(b"early"))
            .status(0, ""),
    );
    let connection = h2::Connection::open(upstream.address()).unwrap();
    let mut stream = connection
        .begin(&Request::new("POST", "/").body(Body::Pieces(Vec::new())))
        .unwrap();
    assert_eq!(stream.response().unwrap().body(), wire::frame(b"early"));
    assert!(!upstream.requests()[0].ended);
    stream.send_data(b"rest", true).unwrap();
    upstream.wait_for("the rest", |requests| requests[0].ended);
}
