//! How long calls may take: a client's own deadline, and calls that may wait for as long as they like.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::client::{Body, End, Request, Response, h1, h2};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Mode, Setup};
use testbed::upstream::{Script, Step, Upstream};

const LOCK: &str = "/v3/lock/lock";
const HELD: &str = r#"{"name":"aGVsZA=="}"#;

/// Calls at a time whose deadline passes.
const CALLS: usize = 20;

/// Has somebody hold the lock of [`HELD`].
fn hold_lock(etcd: &Etcd) {
    let gateway = Setup::new(Mode::Full, etcd.client_address()).start();
    let lease = gateway.post("/v3/lease/grant", r#"{"TTL":600}"#).json();
    let lock = json!({"name": "aGVsZA==", "lease": lease["ID"]});
    assert_eq!(gateway.post(LOCK, &lock.to_string()).status, 200);
}

fn assert_exceeded(response: &Response, case: &str) {
    assert_eq!(
        (response.status, response.json_error(), response.end),
        (504, Some(4), End::Clean),
        "{case}: {}",
        response.text()
    );
}

#[test]
fn a_call_whose_deadline_passes_is_504_code_4_every_time() {
    for version in [Version::V3_5_1, Version::V3_7_3] {
        let etcd = Etcd::start(version).unwrap();
        hold_lock(&etcd);
        for mode in Mode::BOTH {
            let gateway = Setup::new(mode, etcd.client_address()).start();
            for timeout in ["1m", "20m", "300m"] {
                let case = format!("{version} {mode:?} {timeout}");
                let ask = || {
                    let request = Request::post(LOCK, HELD).header("Grpc-Timeout", timeout);
                    h1::send(gateway.address(), &request).unwrap()
                };
                let answers: Vec<Response> = thread::scope(|scope| {
                    let calls: Vec<_> = (0..CALLS).map(|_| scope.spawn(ask)).collect();
                    calls.into_iter().map(|call| call.join().unwrap()).collect()
                });
                for answer in answers {
                    assert_exceeded(&answer, &case);
                }
            }
        }
    }
}

#[test]
fn a_stream_whose_deadline_passes_ends_with_an_error_line_of_code_4_every_time() {
    for version in [Version::V3_5_1, Version::V3_7_3] {
        let etcd = Etcd::start(version).unwrap();
        for mode in Mode::BOTH {
            let gateway = Setup::new(mode, etcd.client_address()).start();
            let ask = |over_h2: bool| {
                let body = r#"{"create_request":{"key":"YQ=="}}"#;
                let request = Request::post("/v3/watch", body).header("Grpc-Timeout", "200m");
                if over_h2 {
                    h2::send(gateway.address(), &request).unwrap()
                } else {
                    h1::send(gateway.address(), &request).unwrap()
                }
            };
            let answers: Vec<Response> = thread::scope(|scope| {
                let ask = &ask;
                let calls: Vec<_> = (0..CALLS)
                    .map(|index| scope.spawn(move || ask(index % 2 == 0)))
                    .collect();
                calls.into_iter().map(|call| call.join().unwrap()).collect()
            });
            for answer in answers {
                let case = format!("{version} {mode:?} {answer:?}");
                let text = answer.text();
                let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
                assert_eq!(last["error"]["code"], 4, "{case}");
                assert_eq!((answer.status, answer.end), (200, End::Clean), "{case}");
            }
        }
    }
}

/// An upstream that keeps no deadline, hung or hostile.
#[test]
fn a_deadline_holds_before_an_upstream_that_does_not_keep_it() {
    let late = || Script::after_request().step(Step::Delay(Duration::from_millis(300)));
    for (name, script) in [
        ("nothing", Script::stall()),
        ("a reset", late().reset(8)),
        ("an end", late().step(Step::Disconnect)),
    ] {
        for mode in Mode::BOTH {
            let upstream = Upstream::start().unwrap();
            upstream.always(script.clone());
            let gateway = Setup::new(mode, upstream.address()).start();
            for (path, body) in [
                ("/v3/kv/put", "{}"),
                ("/v3/watch", r#"{"create_request":{"key":"YQ=="}}"#),
            ] {
                let request = Request::post(path, body).header("Grpc-Timeout", "250m");
                let started = Instant::now();
                let answer = gateway.send(&request);
                assert_eq!(answer.status, 504, "{name} {mode:?} {path}: {answer:?}");
                assert!(
                    started.elapsed() < Duration::from_secs(5),
                    "{name} {mode:?}"
                );
                thread::sleep(Duration::from_millis(100)); // until its connection has ended
            }
        }
    }
}

#[test]
fn an_error_before_the_deadline_is_the_error_that_it_is() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::error(14, "etcdserver: no leader"));
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).start();
        let request = Request::post("/v3/kv/put", "{}").header("Grpc-Timeout", "20S");
        let answer = gateway.send(&request);
        assert_eq!(answer.json_error(), Some(14), "{mode:?}: {answer:?}");
    }
}

#[test]
fn calls_that_may_wait_do_so_whatever_the_route_s_timeout() {
    let upstream = Upstream::start().unwrap();
    let late = Script::after_request()
        .step(Step::Delay(Duration::from_millis(1200)))
        .head()
        .data(testbed::wire::frame(b""))
        .status(0, "");
    upstream.always(late);
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .route(json!({"timeout": "0.4s"}))
            .start();
        let address = gateway.address();
        let ask = |path: &'static str| {
            let request = Request::post(path, "{}");
            thread::spawn(move || (path, h1::send(address, &request).unwrap()))
        };
        let calls = [
            LOCK,
            "/v3/election/campaign",
            "/v3/maintenance/defragment",
            "/v3/lease/keepalive",
            "/v3/maintenance/snapshot",
            "/v3/kv/put",
        ];
        for call in calls.map(ask) {
            let (path, answer) = call.join().unwrap();
            let expected = if path.ends_with("put") { 504 } else { 200 };
            assert_eq!(answer.status, expected, "{mode:?} {path}: {answer:?}");
        }
    }
}

#[test]
fn a_body_in_pieces_does_not_move_a_deadline() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::stall());
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).start();
        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        let request = Request::new("POST", "/v3/kv/put")
            .header("Grpc-Timeout", "300m")
            .body(Body::Pieces(Vec::new()));
        connection.send_head(&request).unwrap();
        thread::sleep(Duration::from_millis(200));
        connection.send_chunk(b"{}").unwrap();
        connection.finish(&[]).unwrap();
        assert_exceeded(&connection.response().unwrap(), &format!("{mode:?}"));
    }
}
