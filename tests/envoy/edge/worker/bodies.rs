//! Bodies in pieces that together are as much as a worker holds of them.

use serde_json::json;
use testbed::client::{Body, End, Request, h1};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Upstream};
use testbed::wire::varint_field;

/// What is sent of each request: nearly all that a body may be by default, which a buffer of 4 MiB holds.
const SENT: usize = 4_100_000;

/// More of them than three quarters of 256 MiB have room for.
const REQUESTS: usize = 70;

/// Over all of them Envoy's memory grows by less than this, in bytes: well below the 1 GiB of the module's.
const GROWTH: u64 = 800 << 20;

/// Asks for a put and sends all but the end of a body.
fn unfinished(gateway: &Gateway, body: &[u8]) -> h1::Connection {
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    let request = Request::new("POST", "/v3/kv/put").body(Body::Pieces(Vec::new()));
    connection.send_head(&request).unwrap();
    // Those that are refused are closed while they send.
    let _ = connection.send_chunk(body);
    connection
}

#[test]
fn a_worker_that_is_full_refuses_what_it_cannot_hold_and_answers_all_else() {
    let _alone = testbed::alone();
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(&varint_field(4, 7)));
    let mut gateway = Gateway::start(Mode::Full, json!({}), &upstream);
    let before = gateway.process().usage().unwrap().rss;
    // White space, so that the message is small whatever the body is.
    let mut body = b"{\"key\":\"YQ==\"".to_vec();
    body.resize(SENT, b' ');
    let open: Vec<_> = (0..REQUESTS).map(|_| unfinished(&gateway, &body)).collect();

    let small = gateway.post("/v3/kv/range", "{}");
    assert_eq!((small.status, small.end), (200, End::Clean), "{small:?}");

    let (mut answered, mut refused) = (0, 0);
    for mut connection in open {
        let sent = connection
            .send_chunk(b"}")
            .and_then(|()| connection.finish(&[]));
        let status = connection.response().map(|response| response.status);
        match status {
            Ok(200) if sent.is_ok() => answered += 1,
            Ok(429) => refused += 1,
            // The refusal may be lost where its sender still sends (RFC 9112, 9.6).
            Err(_) if sent.is_err() => refused += 1,
            other => panic!("{other:?}, sent: {sent:?}"),
        }
    }
    let growth = gateway
        .process()
        .usage()
        .unwrap()
        .peak_rss
        .saturating_sub(before);
    println!("{answered} answered, {refused} refused, {growth} bytes");
    assert!(answered >= 45, "{answered} answered");
    assert!(refused >= 1, "none refused");
    assert!(growth < GROWTH, "{growth} bytes");
}
