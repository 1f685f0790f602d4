//! HTTP/2 to the byte: bodies and trailers that are wrong, resets, floods.

use envoy_tests::frames::{
    self, DATA, END_HEADERS, END_STREAM, PADDED, PING, SETTINGS, WINDOW_UPDATE, data, headers,
    reset,
};
use envoy_tests::raw_client::{post, with};
use envoy_tests::raw_upstream::case_value;
use envoy_tests::world::{Case, RANGE};
use testbed::wire;

use crate::http2::raw;

/// Resets in a row: below those for which Envoy closes the connection.
const RESETS: u32 = 200;

pub fn cases() -> Vec<Case> {
    let mut cases = bodies();
    cases.extend(floods());
    cases
}

fn bodies() -> Vec<Case> {
    let length = |length: &str, body: &[u8]| {
        [
            with(1, RANGE, 0, &[("content-length", length)]),
            data(1, END_STREAM, body),
        ]
        .concat()
    };
    let empty = data(1, 0, b"");
    let padded = frames::frame(DATA, PADDED, 1, &[255; 256]);
    let trailers = |fields: &[(&str, &str)], flags: u8| {
        [
            post(1, RANGE, 0),
            data(1, 0, b"{}"),
            headers(1, flags, fields),
        ]
        .concat()
    };
    let grpc = [("content-type", "application/grpc"), ("te", "trailers")];
    vec![
        raw("less than the length", length("5", b"{}")),
        raw("more than the length", length("1", b"{}")),
        raw("a length that is none", length("x", b"{}")),
        raw(
            "a length without a body",
            with(1, RANGE, END_STREAM, &[("content-length", "5")]),
        ),
        raw(
            "an empty frame",
            [post(1, RANGE, 0), empty.clone(), data(1, END_STREAM, b"{}")].concat(),
        ),
        raw(
            "a thousand empty frames",
            [
                post(1, RANGE, 0),
                empty.repeat(1000),
                data(1, END_STREAM, b"{}"),
            ]
            .concat(),
        ),
        raw(
            "a thousand empty frames of a watch",
            [
                post(1, "/v3/watch", 0),
                empty.repeat(1000),
                data(1, END_STREAM, b"{}"),
            ]
            .concat(),
        ),
        raw(
            "a hundred frames of padding",
            [
                post(1, RANGE, 0),
                padded.repeat(100),
                data(1, END_STREAM, b"{}"),
            ]
            .concat(),
        ),
        raw(
            "padding longer than its frame",
            [post(1, RANGE, 0), frames::frame(DATA, PADDED, 1, &[9, 1])].concat(),
        ),
        raw(
            "a frame over the limit",
            [
                post(1, RANGE, 0),
                frames::frame(DATA, END_STREAM, 1, &[b' '; 20_000]),
            ]
            .concat(),
        ),
        raw(
            "a frame of 16 MB",
            [post(1, RANGE, 0), vec![0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]].concat(),
        ),
        raw(
            "data behind the end",
            [
                post(1, RANGE, END_STREAM),
                data(1, END_STREAM, b"{}").repeat(20),
            ]
            .concat(),
        ),
        raw("data before a head", data(1, END_STREAM, b"{}")),
        raw(
            "a head twice",
            [post(1, RANGE, 0), post(1, RANGE, END_STREAM)].concat(),
        ),
        raw("trailers", trailers(&[("x", "y")], END_STREAM)),
        raw("trailers without an end", trailers(&[("x", "y")], 0)),
        raw(
            "trailers with a pseudo header",
            trailers(&[(":path", "/")], END_STREAM),
        ),
        raw(
            "trailers with a length",
            trailers(&[("content-length", "7")], END_STREAM),
        ),
        raw(
            "trailers alone",
            [post(1, RANGE, 0), headers(1, END_STREAM, &[("x", "y")])].concat(),
        ),
        raw(
            "trailers alone of a watch",
            [
                post(1, "/v3/watch", 0),
                headers(1, END_STREAM, &[("x", "y")]),
            ]
            .concat(),
        ),
        raw(
            "a gRPC call that is cut short",
            [
                with(1, "/etcdserverpb.KV/Range", 0, &grpc),
                data(1, END_STREAM, &wire::frame(b"abc")[..6]),
            ]
            .concat(),
        ),
        raw(
            "a window widened by nothing",
            [
                post(1, RANGE, 0),
                frames::frame(WINDOW_UPDATE, 0, 1, &[0; 4]),
            ]
            .concat(),
        ),
        raw(
            "a window that is too wide",
            [
                post(1, RANGE, 0),
                frames::frame(WINDOW_UPDATE, 0, 1, &0x7fff_ffff_u32.to_be_bytes()).repeat(2),
            ]
            .concat(),
        ),
        raw(
            "settings that are none",
            [
                post(1, RANGE, 0),
                frames::frame(SETTINGS, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff]),
            ]
            .concat(),
        ),
        raw(
            "a pushed stream",
            [
                post(1, RANGE, 0),
                frames::frame(5, END_HEADERS, 1, &[0, 0, 0, 2]),
            ]
            .concat(),
        ),
    ]
}

/// Very much of something, and a good request behind it, if it is still heard.
fn floods() -> Vec<Case> {
    let good = |stream: u32| [post(stream, RANGE, 0), data(stream, END_STREAM, b"{}")].concat();
    let rapid = |paths: &'static [&'static str], flags: u8, body: &'static [u8]| {
        move |count: u32| -> Vec<u8> {
            let one = |index: u32| {
                let (stream, path) = (3 + 2 * index, paths[index as usize % paths.len()]);
                let body = if body.is_empty() {
                    Vec::new()
                } else {
                    data(stream, 0, body)
                };
                // They must not make the upstream of the requests behind them close its connection.
                let case = case_value(0);
                let head = with(stream, path, flags, &[("grpc-metadata-case", &case)]);
                [head, body, reset(stream, 8)].concat()
            };
            (0..count).flat_map(one).collect()
        }
    };
    let everywhere = &[
        RANGE,
        "/v3/watch",
        "/v3/kv/put",
        "/version",
        "/v3/nowhere",
        "/elsewhere",
    ];
    vec![
        flood("resets of heads", rapid(everywhere, 0, b"")(RESETS)),
        flood(
            "resets of requests without bodies",
            rapid(&[RANGE, "/version", "/health"], END_STREAM, b"")(RESETS),
        ),
        flood(
            "resets of requests within their bodies",
            rapid(everywhere, 0, b"{\"key\":")(RESETS),
        ),
        flood(
            "resets of requests with whole bodies",
            rapid(everywhere, 0, b"{}")(RESETS),
        ),
        flood(
            "resets of streams that are not there",
            reset(1001, 8).repeat(1000),
        ),
        flood(
            "settings",
            frames::frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0xff, 0xff]).repeat(20_000),
        ),
        flood("pings", frames::frame(PING, 0, 0, &[0; 8]).repeat(20_000)),
        flood(
            "frames that are unknown",
            frames::frame(0xbe, 0xff, 1, &[0; 10]).repeat(20_000),
        ),
        flood(
            "priorities",
            frames::frame(2, 0, 1, &[0, 0, 0, 0, 9]).repeat(20_000),
        ),
        flood(
            "windows",
            frames::frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()).repeat(20_000),
        ),
        flood("goodbyes", frames::go_away(0, 0).repeat(100)),
        raw(
            "a hundred requests at once",
            (0..100)
                .rev()
                .flat_map(|index| good(1 + 2 * (99 - index)))
                .collect(),
        ),
    ]
}

fn flood(name: &'static str, bytes: Vec<u8>) -> Case {
    let first = [post(1, RANGE, 0), bytes, data(1, END_STREAM, b"{}")].concat();
    raw(name, first)
}
