//! A watch that is followed.

use testbed::client::{End, Request, h1};
use testbed::gateway::Gateway;

/// A watch as lines or as events, with a put meanwhile, which it has to see.
pub fn a_put(gateway: &Gateway, accept: &str, case: &str) {
    let body = r#"{"create_request":{"key":"d2F0Y2hlZA=="}}"#;
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    let request = Request::post("/v3/watch", body).header("Accept", accept);
    connection.send(&request).unwrap();
    let mut head = connection.read_head().unwrap();
    let mut next = || {
        let piece = connection.read_piece(&mut head).unwrap().unwrap();
        String::from_utf8(piece).unwrap()
    };
    assert!(next().contains(r#""created":true"#), "{case} {accept}");
    let put = gateway.post("/v3/kv/put", r#"{"key":"d2F0Y2hlZA==","value":"YQ=="}"#);
    assert_eq!((put.status, put.end), (200, End::Clean), "{case}: {put:?}");
    assert!(next().contains(r#""value":"YQ==""#), "{case} {accept}");
}
