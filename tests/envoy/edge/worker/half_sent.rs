//! Bodies that are begun and never come to their end, with the example's own routes, which lift the idle timeout of calls
//! that may wait.

use std::time::Duration;

use serde_json::json;
use testbed::client::{Body, Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Received, Script, Step, Upstream};
use testbed::wire::{frame, varint_field};

/// The listener's idle timeout, here shorter.
const IDLE: &str = "2s";

const PATHS: [&str; 7] = [
    "/v3/lock/lock",
    "/v3/election/campaign",
    "/v3/maintenance/defragment",
    "/v3/maintenance/snapshot",
    "/v3/watch",
    "/v3/lease/keepalive",
    "/v3/kv/put",
];

fn start(upstream: &Upstream) -> Gateway {
    let change = |config: &mut EnvoyConfig| {
        config.connection_manager()?["stream_idle_timeout"] = json!(IDLE);
        Ok(())
    };
    Setup::example(Mode::Full, upstream.address())
        .change(change)
        .start()
}

/// A request of which this is sent of the body.
fn begin(gateway: &Gateway, path: &str, body: &[u8]) -> h1::Connection {
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    let request = Request::new("POST", path).body(Body::Pieces(Vec::new()));
    connection.send_head(&request).unwrap();
    if !body.is_empty() {
        connection.send_chunk(body).unwrap();
    }
    connection
}

#[test]
fn a_body_that_does_not_come_to_its_end_ends_at_the_listener_s_idle_timeout() {
    let _alone = testbed::alone();
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::stall());
    let gateway = start(&upstream);
    let mut open = Vec::new();
    for path in PATHS {
        for body in [&b""[..], b"{", b"{\"key\":"] {
            open.push((path, body, begin(&gateway, path, body)));
        }
    }
    for (path, body, mut connection) in open {
        let answer = connection.response().unwrap();
        let body = String::from_utf8_lossy(body);
        assert_eq!(answer.status, 408, "{path} {body}: {answer:?}");
        assert_eq!(answer.json()["code"], 4, "{path} {body}: {answer:?}");
    }
}

/// Opens watches, and answers locks late.
fn answer(received: &Received) -> Script {
    let late = Step::Delay(Duration::from_secs(4));
    match received.path.as_str() {
        "/etcdserverpb.Watch/Watch" => Script::default()
            .step(Step::AwaitMessages(1))
            .step(late)
            .head()
            .data(frame(&varint_field(3, 1))),
        _ => Script::after_request()
            .step(late)
            .head()
            .data(frame(&varint_field(3, 1)))
            .status(0, ""),
    }
}

#[test]
fn a_call_that_has_come_whole_may_wait_for_longer() {
    let _alone = testbed::alone();
    let upstream = Upstream::start().unwrap();
    upstream.always_with(answer);
    let gateway = start(&upstream);
    let mut watch = begin(&gateway, "/v3/watch", br#"{"create_request":{}}"#);
    let mut lock = begin(&gateway, "/v3/lock/lock", b"{}");
    lock.finish(&[]).unwrap();
    let mut head = watch.read_head().unwrap();
    assert_eq!(head.status, 200);
    assert!(watch.read_piece(&mut head).unwrap().is_some());
    assert_eq!(lock.response().unwrap().status, 200);
}
