//! The chunk rule: each document one HTTP/1.1 chunk or HTTP/2 DATA frame, ending in exactly one line feed.

use envoy_tests::open::{Open, Protocol, REQUEST, SNAPSHOT, WATCH, assert_is_document, is_clean};
use serde_json::json;
use testbed::client::Response;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Call, Step, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

/// Envoy's own limit on an HTTP/2 DATA frame.
const H2_FRAME: usize = 16 << 10;

/// The blob of a snapshot's message, of this many bytes, and the line that it makes.
fn blob(length: usize) -> (Vec<u8>, String) {
    use base64::Engine;
    let bytes: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
    let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
    let line = format!("{{\"result\":{{\"remaining_bytes\":\"7\",\"blob\":\"{text}\"}}}}\n");
    let message = [varint_field(2, 7), bytes_field(3, &bytes)].concat();
    (message, line)
}

/// An open call of `path` and its other end.
fn call(gateway: &Gateway, upstream: &Upstream, protocol: Protocol, path: &str) -> (Open, Call) {
    let mut open = Open::start(gateway.address(), protocol, path);
    open.send(REQUEST);
    (open, upstream.call())
}

/// A watch's answer that holds nothing but this watch id, and its line.
fn watch_answer(id: u64) -> (Vec<u8>, serde_json::Value) {
    (
        varint_field(2, id),
        json!({"result": {"watch_id": id.to_string()}}),
    )
}

#[test]
fn messages_that_come_in_one_data_frame_are_a_chunk_each() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in Protocol::BOTH {
            let (mut open, call) = call(&gateway, &upstream, protocol, WATCH);
            call.head();
            for first in [1, 11, 21] {
                let ids = first..first + 10;
                let frames: Vec<Vec<u8>> =
                    ids.clone().map(|id| frame(&watch_answer(id).0)).collect();
                call.send(Step::Data(frames.concat()));
                for id in ids {
                    assert_eq!(open.document(), watch_answer(id).1, "{mode:?} {protocol:?}");
                }
            }
            call.finish(0, "");
            assert!(open.piece().is_none());
        }
    }
}

#[test]
fn messages_that_come_together_with_the_end_come_whole_and_in_order() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for (mode, protocol) in Mode::BOTH
        .into_iter()
        .flat_map(|mode| Protocol::BOTH.map(|protocol| (mode, protocol)))
    {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for count in [1, 2, 5] {
            for code in [0, 14] {
                let (open, call) = call(&gateway, &upstream, protocol, WATCH);
                call.head();
                let ids: Vec<u64> = (1..=count).collect();
                let frames: Vec<Vec<u8>> =
                    ids.iter().map(|id| frame(&watch_answer(*id).0)).collect();
                call.send(Step::Data(frames.concat()));
                call.finish(code, "over");
                let response = open.rest();
                let case = format!("{mode:?} {protocol:?} {count} {code}: {response:?}");
                assert!(is_clean(&response), "{case}");
                let text = response.text();
                let mut lines = text.lines();
                for id in ids {
                    let line: serde_json::Value =
                        serde_json::from_str(lines.next().unwrap()).unwrap();
                    assert_eq!(line, watch_answer(id).1, "{case}");
                }
                assert_eq!(lines.next().is_some(), code != 0, "{case}");
            }
        }
    }
}

#[test]
fn messages_that_come_byte_by_byte_are_a_chunk_each() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in Protocol::BOTH {
            let (mut open, call) = call(&gateway, &upstream, protocol, WATCH);
            call.head();
            for id in 1..5 {
                for byte in frame(&watch_answer(id).0) {
                    call.send(Step::Data(vec![byte]));
                }
                assert_eq!(open.document(), watch_answer(id).1, "{mode:?} {protocol:?}");
            }
        }
    }
}

/// Asserts that these pieces are the lines, one a chunk over HTTP/1.1.
fn assert_lines(response: &Response, lines: &[&String], protocol: Protocol, case: &str) {
    let whole: String = lines.iter().map(|line| line.as_str()).collect();
    assert!(
        response.text() == whole,
        "{case}: wrong bytes in {response:?}"
    );
    assert!(is_clean(response), "{case}: {response:?}");
    match protocol {
        Protocol::Http1 => {
            for piece in &response.pieces {
                assert_is_document(piece);
            }
        }
        Protocol::Http2 => {
            // A frame is cut short where a flow-control window ends, of which there is no saying when it opens.
            let full: usize = lines.iter().map(|line| line.len() / H2_FRAME + 1).sum();
            let pieces = response.pieces.len();
            assert!(
                pieces <= 2 * (full + lines.len()),
                "{case}: {pieces} pieces"
            );
        }
    }
}

#[test]
fn a_document_of_any_size_is_one_chunk() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let sizes = [
        10, 1000, 8000, 12_000, 16_000, 20_000, 24_600, 33_000, 50_000, 100_000, 700_000, 3_000_000,
    ];
    let blobs: Vec<_> = sizes.into_iter().map(blob).collect();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in Protocol::BOTH {
            for (message, line) in &blobs {
                let (mut open, call) = call(&gateway, &upstream, protocol, SNAPSHOT);
                call.head();
                let (small, small_line) = blob(3);
                // A small one in front and behind, each by itself: the way out changes in between.
                call.reply(&small);
                let first = open.piece().unwrap();
                assert_eq!(String::from_utf8(first).unwrap(), small_line);
                call.reply(message);
                call.reply(&small);
                let mut length = 0;
                let mut pieces = Vec::new();
                while length < line.len() + small_line.len() {
                    let piece = open.piece().unwrap();
                    length += piece.len();
                    pieces.push(piece);
                }
                call.finish(0, "");
                let mut response = open.rest();
                pieces.append(&mut response.pieces);
                response.pieces = pieces;
                let case = format!("{mode:?} {protocol:?} {} bytes", line.len());
                assert_lines(&response, &[line, &small_line], protocol, &case);
            }
        }
    }
}

#[test]
fn a_document_over_the_limit_comes_in_pieces_that_join_to_the_line() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let (message, line) = blob(400_000);
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({"stream_document_bytes": 65536}), &upstream);
        for protocol in Protocol::BOTH {
            let (mut open, call) = call(&gateway, &upstream, protocol, SNAPSHOT);
            open.finish();
            // Envoy resets an HTTP/2 stream whose answer ends before its request.
            call.wait_for("the end of the request", |request| request.ended);
            call.head();
            call.reply(&message);
            call.reply(&message);
            call.finish(0, "");
            let response = open.rest();
            assert!(
                response.text() == line.repeat(2),
                "{mode:?} {protocol:?}: {response:?}"
            );
            assert!(is_clean(&response), "{mode:?} {protocol:?}: {response:?}");
            assert!(
                response.pieces.len() > 8,
                "{mode:?} {protocol:?}: {response:?}"
            );
        }
    }
}

#[test]
fn small_buffers_in_envoy_neither_break_nor_change_a_stream() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let sizes = [
        100, 12_000, 20_000, 24_600, 33_000, 48_000, 60_000, 90_000, 300_000, 17,
    ];
    let blobs: Vec<_> = sizes.into_iter().map(blob).collect();
    let expected: String = blobs.iter().map(|(_, line)| line.as_str()).collect();
    let messages: Vec<Vec<u8>> = blobs.iter().map(|(message, _)| frame(message)).collect();
    for (mode, limit) in Mode::BOTH
        .into_iter()
        .flat_map(|mode| [(mode, 32 << 10), (mode, 64 << 10)])
    {
        {
            let setup = Setup::new(mode, upstream.address());
            let gateway = setup
                .change(move |config| config.buffer_limit(limit).map(|_| ()))
                .start();
            for (protocol, together) in Protocol::BOTH
                .into_iter()
                .flat_map(|protocol| [(protocol, true), (protocol, false)])
            {
                let (mut open, call) = call(&gateway, &upstream, protocol, SNAPSHOT);
                open.finish();
                call.wait_for("the end of the request", |request| request.ended);
                call.head();
                if together {
                    call.send(Step::Data(messages.concat()));
                } else {
                    messages
                        .iter()
                        .for_each(|message| call.send(Step::Data(message.clone())));
                }
                call.finish(0, "");
                let response = open.rest();
                let case = format!("{mode:?} {limit} {protocol:?} {together}: {response:?}");
                assert!(response.text() == expected, "{case}");
                assert!(is_clean(&response), "{case}");
            }
        }
    }
}
