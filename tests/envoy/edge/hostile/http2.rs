//! HTTP/2 to the byte: heads that are wrong.

use envoy_tests::frames::{
    self, ACK, CONTINUATION, END_HEADERS, END_STREAM, HEADERS, SETTINGS, data, headers,
};
use envoy_tests::raw_client::{Ended, Raw, post, with};
use envoy_tests::world::{Case, RANGE, World};

/// Sends these bytes, after which stream 1 must end somehow.
pub fn raw(name: &'static str, bytes: Vec<u8>) -> Case {
    Case::new(name, move |world: &World| {
        let mut client = Raw::open(world).map_err(|error| error.to_string())?;
        client.send(&bytes);
        match client.end_of(1) {
            Ended::Not => Err("it never ended".to_owned()),
            _ => Ok(()),
        }
    })
}

pub fn cases() -> Vec<Case> {
    let fields = |fields: &[(&str, &str)]| headers(1, END_STREAM, fields);
    let scheme = (":scheme", "http");
    let authority = (":authority", "etcd");
    let split = {
        let block = frames::block(&[(":method", "POST"), scheme, authority, (":path", RANGE)]);
        let pieces = block
            .iter()
            .map(|byte| frames::frame(CONTINUATION, 0, 1, &[*byte]));
        let first = frames::frame(HEADERS, END_STREAM, 1, &[]);
        let last = frames::frame(CONTINUATION, END_HEADERS, 1, &[]);
        [first, pieces.flatten().collect(), last].concat()
    };
    vec![
        raw("no method", fields(&[scheme, authority, (":path", RANGE)])),
        raw("no path", fields(&[(":method", "POST"), scheme, authority])),
        raw(
            "an empty path",
            fields(&[(":method", "POST"), scheme, authority, (":path", "")]),
        ),
        raw(
            "no scheme",
            fields(&[(":method", "POST"), authority, (":path", RANGE)]),
        ),
        raw(
            "no authority",
            fields(&[(":method", "POST"), scheme, (":path", RANGE)]),
        ),
        raw(
            "two paths",
            fields(&[
                (":method", "POST"),
                scheme,
                authority,
                (":path", RANGE),
                (":path", "/"),
            ]),
        ),
        raw(
            "a path with a space",
            fields(&[
                (":method", "POST"),
                scheme,
                authority,
                (":path", "/v3/kv/ range"),
            ]),
        ),
        raw("CONNECT", fields(&[(":method", "CONNECT"), authority])),
        raw(
            "CONNECT with a body",
            [
                headers(1, 0, &[(":method", "CONNECT"), authority]),
                data(1, END_STREAM, b"{}"),
            ]
            .concat(),
        ),
        raw(
            "extended CONNECT",
            [
                headers(
                    1,
                    0,
                    &[
                        (":method", "CONNECT"),
                        (":protocol", "websocket"),
                        scheme,
                        authority,
                        (":path", "/v3/watch"),
                    ],
                ),
                data(1, END_STREAM, b"{}"),
            ]
            .concat(),
        ),
        raw(
            "extended CONNECT of a unary call",
            headers(
                1,
                END_STREAM,
                &[
                    (":method", "CONNECT"),
                    (":protocol", "websocket"),
                    scheme,
                    authority,
                    (":path", RANGE),
                ],
            ),
        ),
        raw(
            "extended CONNECT to rubbish",
            headers(
                1,
                END_STREAM,
                &[
                    (":method", "CONNECT"),
                    (":protocol", "\u{fffd}"),
                    scheme,
                    authority,
                    (":path", RANGE),
                ],
            ),
        ),
        raw(
            "a response's pseudo header",
            with(1, RANGE, END_STREAM, &[(":status", "200")]),
        ),
        raw(
            "an unknown pseudo header",
            with(1, RANGE, END_STREAM, &[(":foo", "x")]),
        ),
        raw(
            "an upper-case name",
            with(1, RANGE, END_STREAM, &[("X-Upper", "x")]),
        ),
        raw(
            "connection: close",
            with(1, RANGE, END_STREAM, &[("connection", "close")]),
        ),
        raw(
            "transfer-encoding: chunked",
            with(1, RANGE, END_STREAM, &[("transfer-encoding", "chunked")]),
        ),
        raw("te: gzip", with(1, RANGE, END_STREAM, &[("te", "gzip")])),
        raw(
            "an upgrade",
            with(1, RANGE, END_STREAM, &[("upgrade", "websocket")]),
        ),
        raw(
            "a NUL in a value",
            with(1, RANGE, END_STREAM, &[("x", "a\0b")]),
        ),
        raw(
            "line feeds in a value",
            with(1, RANGE, END_STREAM, &[("x", "a\r\nb: c")]),
        ),
        raw(
            "two hosts",
            with(1, RANGE, END_STREAM, &[("host", "other")]),
        ),
        raw(
            "a block of rubbish",
            frames::frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 200]),
        ),
        raw(
            "a block of an index that is not there",
            frames::frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xfe]),
        ),
        raw("a block in 60 frames", split),
        raw(
            "an endless block",
            [
                frames::frame(HEADERS, 0, 1, &[]),
                frames::frame(CONTINUATION, 0, 1, &[0x82; 1000]).repeat(5000),
            ]
            .concat(),
        ),
        raw(
            "a stream of an even number",
            [post(2, RANGE, END_STREAM), post(1, RANGE, END_STREAM)].concat(),
        ),
        raw("stream 0", post(0, RANGE, END_STREAM)),
        raw(
            "a stream that depends on itself",
            frames::frame(
                HEADERS,
                END_HEADERS | END_STREAM | 0x20,
                1,
                &[
                    &[0, 0, 0, 1, 0][..],
                    &frames::block(&[(":method", "POST"), scheme, authority, (":path", RANGE)]),
                ]
                .concat(),
            ),
        ),
        raw(
            "no preface but settings twice",
            frames::frame(SETTINGS, ACK, 0, &[1; 6]),
        ),
    ]
}
