//! Events that end badly, and requests that start none.

use serde_json::json;
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream, grpc_head, status_fields};
use testbed::wire::frame;

use crate::events::*;

#[test]
fn an_error_behind_the_first_event_is_an_event_of_its_own() {
    let upstream = Upstream::start().unwrap();
    let message = frame(&watch_response(7));
    let begun = Script::default()
        .step(Step::AwaitMessages(1))
        .head()
        .data(message);
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in PROTOCOLS {
            for (name, script, code) in [
                ("a status", begun.clone().status(8, "too many"), 8),
                ("a reset", begun.clone().reset(2), 14),
                (
                    "a lost connection",
                    begun.clone().step(Step::Disconnect),
                    14,
                ),
                ("no status", begun.clone().end(), 13),
                ("a bad frame", begun.clone().data(*b"\x07\0\0\0\0"), 13),
            ] {
                let case = format!("{mode:?} {protocol:?} {name}");
                upstream.once(script);
                let mut events = Events::open(&gateway, protocol, &watch("a"));
                assert_eq!(events.next().id, Some(7), "{case}");
                let error = events.next();
                assert_eq!(error.kind.as_deref(), Some("error"), "{case}");
                assert_eq!(error.data["error"]["code"], code, "{case}: {error:?}");
                assert_eq!(error.id, None, "{case}");
                assert!(events.next_or_end().is_none(), "{case}");
            }
        }
    }
}

#[test]
fn an_etcd_that_is_killed_is_an_error_event() {
    let mut etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        let mut events = PROTOCOLS.map(|protocol| Events::open(&gateway, protocol, &watch("a")));
        for events in &mut events {
            events.next();
        }
        etcd.kill().unwrap();
        for mut events in events {
            let error = events.next();
            assert_eq!(error.kind.as_deref(), Some("error"), "{mode:?}");
            assert_eq!(error.data["error"]["code"], 14, "{mode:?}: {error:?}");
            assert!(events.next_or_end().is_none(), "{mode:?}");
        }
        etcd.restart().unwrap();
    }
}

#[test]
fn an_error_before_the_first_event_is_an_http_status() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for (code, status) in [(16, 401), (14, 503)] {
            for head in [true, false] {
                let script = Script::default().step(Step::AwaitMessages(1));
                let script = match (mode, head) {
                    // In this mode a head has gone out when its trailers come.
                    (Mode::Plain, _) | (_, false) => {
                        let Step::Head {
                            status, headers, ..
                        } = grpc_head()
                        else {
                            panic!("no head")
                        };
                        let headers = [headers, status_fields(code, "no")].concat();
                        script.step(Step::Head {
                            status,
                            headers,
                            end: true,
                        })
                    }
                    (Mode::Full, true) => script.head().status(code, "no"),
                };
                for send in [Gateway::send, Gateway::send_h2] {
                    upstream.once(script.clone());
                    let answer = send(
                        &gateway,
                        &watch("a").header("Origin", "http://page.example"),
                    );
                    let case = format!("{mode:?} {answer:?}");
                    assert_eq!(answer.status, status, "{case}");
                    assert_eq!(answer.json()["error"]["code"], code, "{case}");
                    assert_eq!(
                        answer.header("access-control-allow-origin").as_deref(),
                        Some("*"),
                        "{case}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_query_that_cannot_be_a_request_is_400() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({"cors": ["http://page.example"]}), &upstream);
        for (query, named) in [
            ("create_request.start_revision=x", "start_revision"),
            ("create_request.start_revision=", "start_revision"),
            ("create_request.key=*", "key"),
            ("create_request.filters=NOPE", "filters"),
            ("create_request.prev_kv=yes", "prev_kv"),
            (
                "create_request.key=YQ==&cancel_request.watch_id=1",
                "cancel_request",
            ),
            ("key=YQ==", "query string"),
            ("", "query string"),
        ] {
            let request = get(&format!("{WATCH}?{query}")).header("Origin", "http://page.example");
            for answer in [gateway.send(&request), gateway.send_h2(&request)] {
                let case = format!("{mode:?} {query}: {answer:?}");
                assert_eq!(
                    (answer.status, answer.json_error()),
                    (400, Some(3)),
                    "{case}"
                );
                let message = answer.json()["message"].clone();
                assert!(message.as_str().unwrap().contains(named), "{case}");
                assert_eq!(
                    answer.header("access-control-allow-origin").as_deref(),
                    Some("http://page.example"),
                    "{case}"
                );
            }
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");
    }
}

#[test]
fn a_get_that_nobody_gave_a_body_is_501_and_says_what_to_do() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .without_body_for_bodyless()
            .start();
        for answer in [gateway.send(&watch("a")), gateway.send_h2(&watch("a"))] {
            assert_eq!(
                (answer.status, answer.json_error()),
                (501, Some(12)),
                "{answer:?}"
            );
            let message = answer.json()["message"].clone();
            assert!(
                message
                    .as_str()
                    .unwrap()
                    .contains("envoy/body-for-bodyless.yaml"),
                "{answer:?}"
            );
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");
    }
}
