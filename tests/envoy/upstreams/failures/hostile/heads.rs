//! Heads that are wrong: statuses, content types, lengths, sizes, bytes, and in the wrong place.

use envoy_tests::answers::{MESSAGE, head, message, status, success};
use envoy_tests::frames::{self, CONTINUATION, END_HEADERS, END_STREAM, HEADERS, headers};
use envoy_tests::raw_upstream::Act;

use super::{Row, Shows, acts, row};

const GRPC: (&str, &str) = ("content-type", "application/grpc");

/// A head with these fields alone, and a good rest.
fn heading(name: &str, shows: Shows, fields: &[(&str, &[u8])]) -> Row {
    let block = frames::block(fields);
    row(name, shows, move |stream| {
        let head = frames::frame(HEADERS, END_HEADERS, stream, &block);
        [head, message(stream, MESSAGE), status(stream, "0")].concat()
    })
}

pub fn rows() -> Vec<Row> {
    let mut rows = statuses();
    rows.extend(content_types());
    rows.extend(sizes());
    rows.extend(places());
    rows.extend(interim());
    rows
}

/// HTTP statuses in and out of range.
fn statuses() -> Vec<Row> {
    let mut rows = Vec::new();
    for status in [
        "0",
        "99",
        "100",
        "101",
        "204",
        "205",
        "304",
        "400",
        "500",
        "600",
        "999",
        "2000",
        "-1",
        "+200",
        "abc",
        "",
        "18446744073709551817",
    ] {
        let fields = [
            (":status", status.as_bytes()),
            ("content-type", b"application/grpc"),
        ];
        rows.push(heading(
            &format!("status {status:?}"),
            Shows::Failure,
            &fields,
        ));
        if !["99", "204", "600", "abc"].contains(&status) {
            continue;
        }
        let block = frames::block(&fields);
        rows.push(row(
            format!("status {status:?} alone"),
            Shows::Failure,
            move |stream| frames::frame(HEADERS, END_HEADERS | END_STREAM, stream, &block),
        ));
    }
    rows.push(heading(
        "no status",
        Shows::Failure,
        &[("content-type", b"application/grpc")],
    ));
    rows.push(heading("nothing in a head", Shows::Failure, &[]));
    rows.push(heading(
        "two statuses",
        Shows::Failure,
        &[
            (":status", b"200"),
            (":status", b"503"),
            ("content-type", b"application/grpc"),
        ],
    ));
    rows
}

fn content_types() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        "text/html",
        "application/json",
        "",
        "application/GRPC",
        "\u{fffd}",
        " application/grpc",
    ]
    .into_iter()
    .map(|value| {
        let fields = [(":status", &b"200"[..]), ("content-type", value.as_bytes())];
        heading(
            &format!("content-type {value:?}"),
            Shows::FailureOfStreams,
            &fields,
        )
    })
    .collect();
    rows.push(heading(
        "no content-type",
        Shows::FailureOfStreams,
        &[(":status", b"200")],
    ));
    let twice = [
        (":status", &b"200"[..]),
        ("content-type", b"text/html"),
        ("content-type", b"application/grpc"),
    ];
    rows.push(heading("two content types", Shows::AnyEnd, &twice));
    for length in ["0", "5", "7", "8", "100000000000", "-1", "x"] {
        let fields = [
            (":status", &b"200"[..]),
            ("content-type", b"application/grpc"),
            ("content-length", length.as_bytes()),
        ];
        rows.push(heading(
            &format!("content-length {length}"),
            Shows::AnyEnd,
            &fields,
        ));
    }
    rows
}

/// Many or large fields, and bytes that are no text.
fn sizes() -> Vec<Row> {
    let many = |count: usize, status: &'static str| {
        move |stream: u32, first: &[(&str, &str)], flags: u8| {
            let names: Vec<String> = (0..count).map(|index| format!("x-{index}")).collect();
            let mut fields: Vec<(&str, &str)> = first.to_vec();
            fields.extend(names.iter().map(|name| (name.as_str(), status)));
            split_headers(stream, flags, &frames::block(&fields))
        }
    };
    let mut rows = Vec::new();
    for (count, value) in [
        (990, "y"),
        (1100, "y"),
        (2500, "y"),
        (100, LONG),
        (500, LONG),
        (1900, LONG),
    ] {
        let fields = many(count, value);
        let size = value.len();
        rows.push(row(
            format!("{count} headers of {size} bytes"),
            Shows::AnyEnd,
            move |stream| {
                let head = fields(stream, &[(":status", "200"), GRPC], 0);
                [head, message(stream, MESSAGE), status(stream, "0")].concat()
            },
        ));
        let fields = many(count, value);
        rows.push(row(
            format!("{count} trailers of {size} bytes"),
            Shows::AnyEnd,
            move |stream| {
                let trailers = fields(stream, &[("grpc-status", "0")], END_STREAM);
                [head(stream), message(stream, MESSAGE), trailers].concat()
            },
        ));
    }
    for (name, field, value) in [
        ("a value that is not UTF-8", "x-bytes", &b"\xff\xfe\x80"[..]),
        ("a NUL in a value", "x-nul", b"a\0b"),
        ("line feeds in a value", "x-lines", b"a\r\nset-cookie: b"),
        ("an upper-case name", "X-Upper", b"a"),
        ("an empty name", "", b"a"),
        ("a name with a space", "x y", b"a"),
        ("a connection header", "connection", b"close"),
        ("transfer-encoding", "transfer-encoding", b"chunked"),
        ("an upgrade", "upgrade", b"websocket"),
        ("a pseudo header behind others", ":status", b"200"),
        ("a pseudo header that is a request's", ":path", b"/"),
        ("a cookie", "set-cookie", b"a=b"),
        ("Envoy's own headers", "x-envoy-overloaded", b"true"),
    ] {
        let fields = [
            (":status", &b"200"[..]),
            ("content-type", b"application/grpc"),
            (field, value),
        ];
        rows.push(heading(name, Shows::AnyEnd, &fields));
    }
    rows
}

/// A value of some length that does not make the whole head too large for Envoy.
const LONG: &str = match std::str::from_utf8(&[b'y'; 1000]) {
    Ok(text) => text,
    Err(_) => "",
};

/// A header block in frames of at most HTTP/2's default size.
pub fn split_headers(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    let (first, rest) = block.split_at(block.len().min(1 << 14));
    let mut pieces = vec![first];
    pieces.extend(rest.chunks(1 << 14));
    let last = pieces.len() - 1;
    let frame = |(index, piece): (usize, &&[u8])| {
        let kind = if index == 0 { HEADERS } else { CONTINUATION };
        let end = if index == last { END_HEADERS } else { 0 };
        let flags = if index == 0 { flags } else { 0 };
        frames::frame(kind, flags | end, stream, piece)
    };
    pieces.iter().enumerate().flat_map(frame).collect()
}

/// Heads, bodies and trailers where they do not belong.
fn places() -> Vec<Row> {
    let failed = |stream: u32| {
        let fields = [
            (":status", "200"),
            GRPC,
            ("grpc-status", "5"),
            ("grpc-message", "gone"),
        ];
        headers(stream, END_STREAM, &fields)
    };
    vec![
        row("data behind an error alone", Shows::AnyEnd, move |stream| {
            [failed(stream), message(stream, MESSAGE)].concat()
        }),
        row("data behind trailers", Shows::AnyEnd, |stream| {
            [success(stream), message(stream, MESSAGE).repeat(50)].concat()
        }),
        row("trailers twice", Shows::AnyEnd, |stream| {
            [success(stream), status(stream, "5")].concat()
        }),
        row("data before the head", Shows::Failure, |stream| {
            [message(stream, MESSAGE), success(stream)].concat()
        }),
        row(
            "trailers that do not end the stream",
            Shows::Failure,
            |stream| {
                let trailers = headers(stream, 0, &[("grpc-status", "0")]);
                [head(stream), message(stream, MESSAGE), trailers].concat()
            },
        ),
        row(
            "a status in a head that does not end the stream",
            Shows::Success,
            |stream| {
                let fields = [(":status", "200"), GRPC, ("grpc-status", "0")];
                [
                    headers(stream, 0, &fields),
                    message(stream, MESSAGE),
                    status(stream, "0"),
                ]
                .concat()
            },
        ),
        row(
            "an error in a head and success in trailers",
            Shows::AnyEnd,
            |stream| {
                let fields = [(":status", "200"), GRPC, ("grpc-status", "5")];
                [
                    headers(stream, 0, &fields),
                    message(stream, MESSAGE),
                    status(stream, "0"),
                ]
                .concat()
            },
        ),
        row("a head twice", Shows::Failure, |stream| {
            [
                head(stream),
                head(stream),
                message(stream, MESSAGE),
                status(stream, "0"),
            ]
            .concat()
        }),
        row(
            "a head that is cut in its block",
            Shows::Failure,
            |stream| {
                let block = frames::block(&[(":status", "200"), GRPC]);
                frames::frame(HEADERS, END_HEADERS, stream, &block[..block.len() - 3])
            },
        ),
        row("a head of random bytes", Shows::Failure, |stream| {
            frames::frame(HEADERS, END_HEADERS, stream, &[0xfa; 100])
        }),
        acts(
            "an answer before the request has ended",
            Shows::Success,
            |stream| vec![Act::Send(success(stream))],
        ),
        acts(
            "an error before the request has ended",
            Shows::Code(5),
            move |stream| vec![Act::Send(failed(stream))],
        ),
        row("an answer to another stream", Shows::Failure, |stream| {
            success(stream + 2)
        }),
        row("an answer to stream 0", Shows::Failure, |_| success(0)),
    ]
}

/// Interim heads before the answer.
fn interim() -> Vec<Row> {
    ["100", "102", "103", "199"]
        .into_iter()
        .flat_map(|code| {
            [1, 1000].map(|count| {
                row(
                    format!("{count} interim heads {code}"),
                    Shows::AnyEnd,
                    move |stream| {
                        let head = headers(stream, 0, &[(":status", code), ("link", "x")]);
                        [head.repeat(count), success(stream)].concat()
                    },
                )
            })
        })
        .chain([row(
            "an interim head that ends the stream",
            Shows::Failure,
            |stream| headers(stream, END_STREAM, &[(":status", "103")]),
        )])
        .collect()
}
