//! gRPC frames that are corrupt, cut short, compressed or gigantic, and messages that are no messages.

use envoy_tests::answers::{MESSAGE, head, message, status, success};
use envoy_tests::frames::{self, DATA, END_STREAM, PADDED, data, headers};
use envoy_tests::raw_upstream::Act;
use testbed::wire::{bytes_field, frame, frame_with_flag, varint_field};

use super::{Row, Shows, acts, row};

/// An answer whose body is these bytes.
fn body(name: &str, shows: Shows, bytes: impl Into<Vec<u8>>) -> Row {
    let bytes = bytes.into();
    row(name, shows, move |stream| {
        [head(stream), data(stream, 0, &bytes), status(stream, "0")].concat()
    })
}

pub fn rows() -> Vec<Row> {
    [prefixes(), messages(), splits()]
        .into_iter()
        .flatten()
        .collect()
}

/// Wrong in the five bytes before a message.
fn prefixes() -> Vec<Row> {
    let gigantic = |flag: u8| [&[flag, 0xff, 0xff, 0xff, 0xff], MESSAGE].concat();
    vec![
        body("nothing", Shows::FailureOfUnary, b""),
        body("half a prefix", Shows::Failure, [0, 0, 0]),
        body("a prefix alone", Shows::Failure, [0, 0, 0, 0, 9]),
        body(
            "a compressed message",
            Shows::Failure,
            frame_with_flag(1, b"\x1f\x8b"),
        ),
        body(
            "a compressed message of no length",
            Shows::FailureOfStreams,
            frame_with_flag(1, b""),
        ),
        body(
            "an unknown flag",
            Shows::Failure,
            frame_with_flag(0x80, MESSAGE),
        ),
        body(
            "the flag of gRPC-Web's trailers",
            Shows::Failure,
            frame_with_flag(0x80, b"grpc-status: 0\r\n"),
        ),
        body(
            "a message of 4 GiB that ends at once",
            Shows::Failure,
            gigantic(0),
        ),
        body("a compressed message of 4 GiB", Shows::Failure, gigantic(1)),
        body(
            "an HTTP/1.1 answer",
            Shows::Failure,
            &b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[..],
        ),
        body("zeros", Shows::FailureOfStreams, [0; 1003]),
        body(
            "a message and rubbish",
            Shows::Failure,
            [frame(MESSAGE), vec![0xff; 40]].concat(),
        ),
        body(
            "a message and half a prefix",
            Shows::FailureOfStreams,
            [frame(MESSAGE), vec![0; 4]].concat(),
        ),
        body(
            "a good message and a compressed one",
            Shows::Failure,
            [frame(MESSAGE), frame_with_flag(1, b"x")].concat(),
        ),
    ]
}

/// Wrong in a message.
fn messages() -> Vec<Row> {
    let deep = (0..1000).fold(Vec::new(), |inner, _| {
        bytes_field(2, &bytes_field(4, &inner))
    });
    let groups = vec![0x0b; 3000];
    let long = |bytes: &[u8]| frame(&[&[0x0a, 0x02, 0x18, 0x07], bytes].concat());
    let bad = [
        ("an endless varint", vec![0xff; 64]),
        ("a field that is cut short", b"\x12\xff\xff".to_vec()),
        (
            "a field of 2^63 bytes",
            b"\x12\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01".to_vec(),
        ),
        ("field number 0", b"\x00\x01".to_vec()),
        ("a wire type that is none", b"\x0f\x01".to_vec()),
        ("an end of a group that was not begun", b"\x0c".to_vec()),
        ("groups without an end", groups),
        (
            "a kilobyte of 0xff behind a header",
            [b"\x0a\x02\x18\x07".to_vec(), vec![0xff; 1000]].concat(),
        ),
    ];
    let mut rows: Vec<Row> = bad
        .into_iter()
        .map(|(name, bytes)| body(name, Shows::FailureUnlessVersion, frame(&bytes)))
        .collect();
    rows.extend([
        body("a thousand levels", Shows::AnyEnd, frame(&deep)),
        body(
            "50 KB in a header that repeats",
            Shows::AnyEnd,
            frame(&bytes_field(1, &[0x18, 7]).repeat(12_000)),
        ),
        body(
            "100 KB out of order",
            Shows::AnyEnd,
            frame(
                &[varint_field(4, 7), bytes_field(1, &[0x18, 7])]
                    .concat()
                    .repeat(12_000),
            ),
        ),
        body(
            "200 KB of a field that nobody knows",
            Shows::SuccessUnlessVersion,
            long(&bytes_field(999, &[7; 200_000])),
        ),
        body(
            "text that is not UTF-8",
            Shows::AnyEnd,
            frame(&bytes_field(6, b"\xff\xfe")),
        ),
        body(
            "text that is not UTF-8 in a long message",
            Shows::AnyEnd,
            long(&[bytes_field(999, &[0; 70_000]), bytes_field(6, b"\xff\xfe")].concat()),
        ),
        body(
            "20000 empty messages",
            Shows::FailureOfUnary,
            frame(b"").repeat(20_000),
        ),
        body(
            "20000 empty lists of events",
            Shows::AnyEnd,
            frame(&bytes_field(11, b"").repeat(20_000)),
        ),
    ]);
    rows
}

/// Cut in unusual ways.
fn splits() -> Vec<Row> {
    let each_byte = |stream: u32, bytes: &[u8]| -> Vec<u8> {
        bytes
            .iter()
            .flat_map(|byte| data(stream, 0, &[*byte]))
            .collect()
    };
    let whole = frame(&bytes_field(999, &[7; 2000]));
    let long = frame(&bytes_field(999, &[7; 300_000]));
    vec![
        row(
            "every byte in a frame of its own",
            Shows::Success,
            move |stream| [head(stream), each_byte(stream, &whole), status(stream, "0")].concat(),
        ),
        row("one empty DATA frame", Shows::Success, |stream| {
            [
                head(stream),
                data(stream, 0, b""),
                message(stream, MESSAGE),
                status(stream, "0"),
            ]
            .concat()
        }),
        row("empty DATA frames without end", Shows::AnyEnd, |stream| {
            let empty = data(stream, 0, b"").repeat(20_000);
            [
                head(stream),
                empty,
                message(stream, MESSAGE),
                status(stream, "0"),
            ]
            .concat()
        }),
        row("padding alone", Shows::AnyEnd, |stream| {
            let padding = frames::frame(DATA, PADDED, stream, &[255; 256]);
            [
                head(stream),
                padding.repeat(40),
                message(stream, MESSAGE),
                status(stream, "0"),
            ]
            .concat()
        }),
        row("padding longer than its frame", Shows::Failure, |stream| {
            [
                head(stream),
                frames::frame(DATA, PADDED, stream, &[255; 10]),
                status(stream, "0"),
            ]
            .concat()
        }),
        row("a DATA frame over the limit", Shows::Failure, |stream| {
            [
                head(stream),
                frames::frame(DATA, 0, stream, &[0; 20_000]),
                status(stream, "0"),
            ]
            .concat()
        }),
        acts(
            "a DATA frame that is cut short by the connection's end",
            Shows::Failure,
            |stream| {
                let mut bytes = [head(stream), message(stream, &[7; 1000])].concat();
                bytes.truncate(600);
                vec![Act::AwaitEnd, Act::Send(bytes), Act::Close]
            },
        ),
        row(
            "an end without trailers",
            Shows::FailureOfStreams,
            |stream| [head(stream), data(stream, END_STREAM, &frame(MESSAGE))].concat(),
        ),
        row(
            "an end without trailers behind a long message",
            Shows::FailureOfStreams,
            move |stream| [head(stream), data(stream, END_STREAM, &long)].concat(),
        ),
        acts(
            "half a message, and the rest much later",
            Shows::Success,
            |stream| {
                let whole = success(stream);
                let (first, rest) = whole.split_at(whole.len() / 2);
                let pause = Act::Delay(std::time::Duration::from_millis(100));
                vec![
                    Act::AwaitEnd,
                    Act::Send(first.to_vec()),
                    pause,
                    Act::Send(rest.to_vec()),
                ]
            },
        ),
        row("content-encoding: gzip", Shows::AnyEnd, |stream| {
            let fields = [
                (":status", "200"),
                ("content-type", "application/grpc"),
                ("content-encoding", "gzip"),
                ("grpc-encoding", "gzip"),
            ];
            [
                headers(stream, 0, &fields),
                data(stream, 0, &frame_with_flag(1, b"\x1f\x8b\x08")),
                status(stream, "0"),
            ]
            .concat()
        }),
    ]
}
