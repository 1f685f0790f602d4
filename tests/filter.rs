//! The filter itself, natively, with a model of Envoy around it: every event is split at every place.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

use std::rc::Rc;

use envoy_model::{Ended, List, Model, Options};
use etcd_json_gateway::filter::callbacks;
use serde_json::Value;
use testbed::wire::{bytes_field, frame, varint_field};

fn list(headers: &[(&str, &str)]) -> List {
    let owned =
        |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
    headers.iter().map(owned).collect()
}

fn head(path: &str) -> List {
    list(&[
        (":method", "POST"),
        (":path", path),
        (":authority", "etcd"),
        (":scheme", "http"),
        ("content-type", "application/json"),
    ])
}

fn grpc_head() -> List {
    list(&[(":status", "200"), ("content-type", "application/grpc")])
}

fn ok() -> List {
    list(&[("grpc-status", "0")])
}

/// Every kind of Envoy that the filter may meet.
fn kinds() -> Vec<Options> {
    let mut kinds = Vec::new();
    for holds_heads in [true, false] {
        for http2 in [true, false] {
            for retries in [true, false] {
                kinds.push(Options {
                    plugin: format!(
                        r#"{{"allow_on_headers_stop_iteration":{holds_heads},"write_retries":"route"}}"#
                    ),
                    holds_heads,
                    http2,
                    retries,
                    buffer: 32 << 10,
                });
            }
        }
    }
    kinds
}

/// A text in two pieces, cut at every place.
fn cuts(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    (0..=bytes.len()).map(|at| bytes.split_at(at))
}

fn text(model: &Model) -> String {
    String::from_utf8(model.to_client().concat()).unwrap()
}

#[test]
fn a_unary_call_is_the_same_however_it_is_cut() {
    const BODY: &[u8] = br#"{"key":"YQ==","value":"Yg=="}"#;
    let message = [bytes_field(1, b"a"), bytes_field(2, b"b")].concat();
    let answer = frame(&bytes_field(1, &varint_field(3, 7)));
    for options in kinds() {
        for (first, second) in cuts(BODY) {
            for (begun, rest) in [answer.split_at(0), answer.split_at(3), answer.split_at(6)] {
                let model = Model::open(options.clone());
                model.request_headers(head("/v3/kv/put"), false);
                model.request_body(first, false);
                model.turn();
                model.request_body(second, true);
                assert_eq!(model.to_upstream(), frame(&message), "{options:?}");
                model.halves(|request, _| assert!(request.head_out && request.end_out));
                model.response_headers(grpc_head(), false);
                model.response_body(begun, false);
                model.response_body(rest, false);
                model.response_trailers(ok());
                let json: Value = serde_json::from_str(&text(&model)).unwrap();
                assert_eq!(json["header"]["revision"], "7", "{options:?}");
                model.halves(|_, response| assert!(response.end_out));
                model.close();
            }
        }
    }
}

#[test]
fn an_error_of_etcd_s_is_a_reply_or_cuts_the_answer_off() {
    for options in kinds() {
        let model = Model::open(options.clone());
        model.request_headers(head("/v3/kv/put"), false);
        model.request_body(br#"{"key":"YQ=="}"#, true);
        model.response_headers(grpc_head(), false);
        model.response_trailers(list(&[("grpc-status", "8"), ("grpc-message", "no space")]));
        match model.ended() {
            Some(Ended::Reply { status, body, .. }) => {
                assert!(options.holds_heads);
                let json: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!((status, &json["code"]), (429, &8.into()));
            }
            ended => assert_eq!((ended, options.holds_heads), (Some(Ended::Cut), false)),
        }
        model.close();
    }
}

/// The requests of a keepalive, and its frames.
fn requests(count: u64) -> (String, Vec<u8>) {
    let values = (1..=count).map(|number| format!("{{\"ID\":{number}}} "));
    let frames = (1..=count).map(|number| frame(&varint_field(1, number)));
    (values.collect(), frames.flatten().collect())
}

#[test]
fn values_of_a_stream_go_out_once_and_in_order_however_they_come() {
    let (values, frames) = requests(3);
    let values = values.as_bytes();
    let answer = frame(&varint_field(2, 1));
    for options in kinds() {
        for first in 0..=values.len() {
            for second in first..=values.len() {
                // When the event loop turns, when the answer begins, and when the request ends.
                for order in 0..16_u8 {
                    let [turns, early, ends, late] = [1, 2, 4, 8].map(|bit| order & bit != 0);
                    let model = Model::open(options.clone());
                    model.request_headers(head("/v3/lease/keepalive"), false);
                    let pieces = [&values[..first], &values[first..second], &values[second..]];
                    for (index, piece) in pieces.into_iter().enumerate() {
                        model.request_body(piece, ends && index == 2);
                        if turns {
                            model.turn();
                        }
                        let begun = !model.to_upstream().is_empty();
                        let has_head = model.halves(|_, response| !response.headers.is_empty());
                        if early && begun && !has_head {
                            model.response_headers(grpc_head(), false);
                            model.response_body(&answer, false);
                        }
                    }
                    if !model.halves(|_, response| !response.headers.is_empty()) {
                        model.response_headers(grpc_head(), false);
                    }
                    model.turn();
                    model.turn();
                    if !ends && late {
                        model.request_body(b"", true);
                        model.turn();
                    }
                    let what = format!("{options:?} {first} {second} {order}");
                    assert_eq!(model.to_upstream(), frames, "{what}");
                    let ended = model.halves(|request, _| request.end_out);
                    assert_eq!(ended, ends || late, "{what}");
                    assert_eq!(model.ended(), None, "{what}");
                    model.close();
                }
            }
        }
    }
}

#[test]
fn lines_of_a_stream_come_whole_and_in_order_however_they_come() {
    let answer = |number: u64| frame(&varint_field(2, number));
    let answers = [answer(1), answer(2), answer(3)].concat();
    for options in kinds() {
        for first in 0..=answers.len() {
            for second in first..=answers.len() {
                for order in 0..4_u8 {
                    let [turns, lost] = [1, 2].map(|bit| order & bit != 0);
                    let model = Model::open(options.clone());
                    model.request_headers(head("/v3/lease/keepalive"), false);
                    model.request_body(b"{\"ID\":1}", false);
                    model.turn();
                    model.response_headers(grpc_head(), false);
                    let pieces = [
                        &answers[..first],
                        &answers[first..second],
                        &answers[second..],
                    ];
                    for piece in pieces {
                        model.response_body(piece, false);
                        if turns {
                            model.turn();
                        }
                    }
                    for _ in 0..4 {
                        model.turn();
                    }
                    let what = format!("{options:?} {first} {second} {order}");
                    if lost {
                        model.lost("upstream_reset_after_response_started{connection_termination}");
                    } else {
                        model.response_trailers(ok());
                    }
                    let text = text(&model);
                    let lines: Vec<Value> = text
                        .lines()
                        .map(|line| {
                            serde_json::from_str(line).unwrap_or_else(|_| panic!("{what}: {text}"))
                        })
                        .collect();
                    for (line, id) in lines.iter().zip(["1", "2", "3"]) {
                        assert_eq!(line["result"]["ID"], id, "{what}");
                    }
                    assert_eq!(lines.len(), 3 + usize::from(lost), "{what}: {text}");
                    if lost {
                        assert_eq!(lines[3]["error"]["grpc_code"], 14, "{what}");
                    }
                    model.close();
                }
            }
        }
    }
}

#[test]
fn a_module_that_ends_ends_all_its_streams() {
    let model = Model::open(kinds().remove(0));
    let others: Vec<u32> = (0..100).map(|_| model.another()).collect();
    model.call_in(|| callbacks::end_all("out of memory"));
    let answered = model.answered();
    assert_eq!(answered.len(), 1 + others.len());
    assert!(others.iter().all(|id| answered.contains(id)));
    assert_eq!(model.log(), ["out of memory"]);
    model.close();
}

#[test]
fn callbacks_for_nobody_do_nothing() {
    let model = Model::open(kinds().remove(0));
    model.call_in(|| {
        for id in [0, 77, u32::MAX] {
            callbacks::create(id, 78);
            callbacks::request_headers(id, true);
            callbacks::request_body(id, 3, true);
            callbacks::request_trailers(id);
            callbacks::response_headers(id, true);
            callbacks::response_body(id, 3, true);
            callbacks::response_trailers(id);
            callbacks::call_answered(id, 0, 5);
            callbacks::tick(id);
            callbacks::queue_ready(id);
            callbacks::delete(id);
        }
    });
    assert_eq!(model.ended(), None);
    let _: Rc<Model> = Rc::clone(&model);
    model.close();
}

#[test]
fn a_request_that_does_not_come_to_its_end_is_given_up() {
    for options in kinds() {
        for path in ["/v3/kv/put", "/v3/watch"] {
            let model = Model::open(options.clone());
            model.request_headers(head(path), false);
            model.request_body(b"{", false);
            // 300 seconds of ticks, a tick each 15.
            for _ in 0..20 {
                model.tick();
            }
            assert_eq!(model.ended(), None, "{options:?} {path}");
            model.tick();
            let Some(Ended::Reply { status, .. }) = model.ended() else {
                panic!("{options:?} {path}: {:?}", model.ended());
            };
            assert_eq!(status, 408, "{options:?} {path}");
            model.close();
        }
    }
}

#[test]
fn values_do_not_wait_for_ever_for_an_answer_that_does_not_come() {
    let (values, frames) = requests(3);
    for options in kinds() {
        let model = Model::open(options.clone());
        model.request_headers(head("/v3/lease/keepalive"), false);
        for value in values.split_inclusive(' ') {
            model.request_body(value.as_bytes(), false);
        }
        model.turn();
        model.tick();
        model.tick();
        assert_eq!(model.to_upstream(), frames, "{options:?}");
        model.response_headers(grpc_head(), false);
        model.turn();
        model.request_body(b"", true);
        assert_eq!(model.to_upstream(), frames, "{options:?}");
        model.halves(|request, _| assert!(request.end_out));
        model.close();
    }
}

#[test]
fn what_a_client_sends_is_not_taken_for_what_has_gone_out() {
    for options in kinds() {
        let model = Model::open(options.clone());
        model.request_headers(head("/v3/lease/keepalive"), false);
        model.request_body(br#"{"ID":1}"#, false);
        model.request_body(br#"{"ID":2}"#, false);
        model.request_body(b"\0\0\0\0\0{\"ID\":3}", false);
        let Some(Ended::Reply { status, .. }) = model.ended() else {
            panic!("{options:?}: {:?}", model.ended());
        };
        assert_eq!(status, 400, "{options:?}");
        model.close();
    }
}

/// A watch by lines and one over WebSocket: the request's head, its first piece, and a second one that cannot be read.
fn watches() -> [(List, Vec<u8>, Vec<u8>); 2] {
    let json = br#"{"create_request":{}}"#.to_vec();
    let offer = [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let mut socket = head("/v3/watch");
    socket[0].1 = b"GET".to_vec();
    socket.extend(list(&offer));
    let wrong = br#"{"create_request":7}"#;
    // A text frame, whose mask of zeros changes nothing.
    let bad = [&[0x81, 0x80 | wrong.len() as u8, 0, 0, 0, 0][..], wrong].concat();
    [
        (head("/v3/watch"), json, wrong.to_vec()),
        (socket, Vec::new(), bad),
    ]
}

#[test]
fn an_error_before_the_first_piece_of_an_answer_goes_with_it() {
    let answer = frame(&varint_field(3, 1));
    for options in kinds().into_iter().filter(|kind| !kind.http2) {
        for (head, first, bad) in watches() {
            let socket = first.is_empty();
            if socket && !options.holds_heads {
                continue;
            }
            let refused = || {
                let model = Model::open(options.clone());
                model.request_headers(head.clone(), false);
                if !socket {
                    model.request_body(&first, false);
                }
                model.turn();
                model.response_headers(grpc_head(), false);
                model.request_body(&bad, false);
                model.turn();
                model
            };
            for at in 0..=answer.len() {
                let what = format!("{options:?} {socket} {at}");
                let model = refused();
                if matches!(model.ended(), Some(Ended::Reply { status: 400, .. })) {
                    assert!(!socket, "{what}"); // the head was held
                    model.close();
                    continue;
                }
                assert_eq!(model.ended(), None, "{what}");
                for piece in [&answer[..at], &answer[at..]] {
                    model.response_body(piece, false);
                    model.turn();
                }
                model.turn();
                assert_eq!(model.ended(), Some(Ended::Cut), "{what}");
                let told = String::from_utf8_lossy(&model.to_client().concat()).into_owned();
                assert!(told.contains(r#""grpc_code":3"#), "{what}: {told}");
                assert_eq!(told.contains("\u{3}"), socket, "{what}: {told}");
                model.close();

                // etcd says nothing at all.
                let model = refused();
                model.tick();
                assert_eq!(model.ended(), Some(Ended::Cut), "{what}");
                model.close();
            }
        }
    }
}
