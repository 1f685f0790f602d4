//! Upstreams that are not there, too slow, about to end or too quick; and clients that leave.

use std::net::TcpListener;

use serde_json::json;
use testbed::client::{Body, Request, h1};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::{frame, varint_field};

const RANGE: &str = "/v3/kv/range";

#[test]
fn an_upstream_that_is_not_there_is_503_code_14() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for mode in Mode::BOTH {
        for (name, setup) in [
            ("no endpoint", Setup::new(mode, nobody).without_upstream()),
            ("a port without a listener", Setup::new(mode, nobody)),
        ] {
            let gateway = setup.callouts().start();
            for request in [Request::post(RANGE, "{}"), Request::new("POST", RANGE)] {
                for response in [gateway.send(&request), gateway.send_h2(&request)] {
                    let case = format!("{mode:?} {name}: {response:?}");
                    assert_eq!(
                        (response.status, response.json_error()),
                        (503, Some(14)),
                        "{case}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_route_timeout_is_504_code_4() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::stall());
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .route(json!({"timeout": "0.2s"}))
            .start();
        let response = gateway.post(RANGE, "{}");
        assert_eq!(
            (response.status, response.json_error()),
            (504, Some(4)),
            "{mode:?}"
        );
        upstream.wait_for("the cancellation", |requests| {
            requests.iter().all(|request| request.reset.is_some())
        });
    }
}

#[test]
fn an_upstream_that_announces_its_end_still_answers() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for _ in 0..3 {
            let reply = frame(&varint_field(4, 7));
            upstream.once(
                Script::after_request()
                    .step(Step::GoAway)
                    .head()
                    .data(reply)
                    .status(0, ""),
            );
            assert_eq!(
                gateway.post(RANGE, "{}").text(),
                r#"{"count":"7"}"#,
                "{mode:?}"
            );
        }
    }
}

#[test]
fn an_error_that_comes_before_the_body_has_ended_reaches_the_client() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let Step::Head {
            status, headers, ..
        } = testbed::upstream::grpc_head()
        else {
            panic!("no head")
        };
        let headers = [
            headers,
            testbed::upstream::status_fields(8, "too many requests"),
        ]
        .concat();
        upstream.once(Script::default().step(Step::Head {
            status,
            headers,
            end: true,
        }));
        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        connection
            .send_head(&Request::new("POST", RANGE).body(Body::Pieces(Vec::new())))
            .unwrap();
        connection.send_chunk(br#"{"key":"#).unwrap();
        if mode == Mode::Plain {
            upstream.wait_for("the head", |requests| !requests.is_empty());
        }
        // The gateway may have answered and closed already.
        let _ = connection
            .send_chunk(br#""Zm9v"}"#)
            .and_then(|()| connection.finish(&[]));
        let response = connection.response().unwrap();
        assert_eq!(
            (response.status, response.json_error()),
            (429, Some(8)),
            "{mode:?}: {response:?}"
        );
        upstream.take();
    }
}

#[test]
fn a_client_that_leaves_cancels_its_call() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).callouts().start();
        for request in [Request::post(RANGE, "{}"), Request::new("POST", RANGE)] {
            let mut connection = h1::Connection::open(gateway.address()).unwrap();
            connection.send(&request).unwrap();
            let call = upstream.call();
            call.wait_for("its end", |received| received.ended);
            drop(connection);
            let what = format!("the cancellation, {mode:?}, {:?}", request.body);
            call.wait_for(&what, |received| received.reset.is_some());
        }
    }
}
