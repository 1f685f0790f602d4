//! How a call ended, as its trailers say: codes that are none, messages of any bytes, trailers without either.

use envoy_tests::answers::{MESSAGE, head, message};
use envoy_tests::frames::{self, END_STREAM};

use super::heads::split_headers;
use super::{Row, Shows, row};

/// A head that ends the stream, with status 200 and these fields.
fn alone(name: &str, shows: Shows, fields: &[(&str, &[u8])]) -> Row {
    let mut all = vec![
        (":status", &b"200"[..]),
        ("content-type", b"application/grpc"),
    ];
    all.extend(fields);
    let block = frames::block(&all);
    row(name, shows, move |stream| {
        split_headers(stream, END_STREAM, &block)
    })
}

/// A good head and message, and trailers with these fields.
fn trailing(name: &str, shows: Shows, fields: &[(&str, &[u8])]) -> Row {
    let block = frames::block(fields);
    row(name, shows, move |stream| {
        let trailers = split_headers(stream, END_STREAM, &block);
        [head(stream), message(stream, MESSAGE), trailers].concat()
    })
}

/// gRPC statuses, alone and behind a message.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for code in [
        "",
        "abc",
        "-1",
        "17",
        "99999",
        "4294967296",
        "18446744073709551616",
        "0x0",
        "5.0",
        " 5",
        "\u{663}",
    ] {
        let fields: &[(&str, &[u8])] = &[("grpc-status", code.as_bytes())];
        rows.push(alone(
            &format!("grpc-status {code:?} alone"),
            Shows::Failure,
            fields,
        ));
        rows.push(trailing(
            &format!("grpc-status {code:?}"),
            Shows::Failure,
            fields,
        ));
    }
    for (name, message) in [
        ("a grpc-message of bad escapes", &b"%zz%f%%%"[..]),
        ("a grpc-message that is not UTF-8", b"\xff\xfe\x80"),
        (
            "a grpc-message that is not UTF-8 in escapes",
            b"%FF%FE%00%0A",
        ),
        ("a grpc-message of 50 KB", &[b'%'; 50_000]),
        ("a grpc-message of quotes", &[b'"'; 5000]),
        (
            "a grpc-message with line feeds",
            b"%0D%0ASet-Cookie: x%0D%0A%0D%0A",
        ),
    ] {
        let fields: &[(&str, &[u8])] = &[("grpc-status", b"3"), ("grpc-message", message)];
        rows.push(alone(&format!("{name}, alone"), Shows::Code(3), fields));
        rows.push(trailing(name, Shows::Code(3), fields));
        let unauthenticated: &[(&str, &[u8])] =
            &[("grpc-status", b"16"), ("grpc-message", message)];
        rows.push(alone(
            &format!("{name}, as code 16"),
            Shows::Code(16),
            unauthenticated,
        ));
    }
    rows.push(alone("no grpc-status alone", Shows::FailureOfStreams, &[]));
    rows.push(alone(
        "success alone",
        Shows::FailureOfUnary,
        &[("grpc-status", b"0")],
    ));
    rows.push(trailing(
        "trailers without a status",
        Shows::FailureOfStreams,
        &[("x", b"y")],
    ));
    rows.push(trailing("empty trailers", Shows::FailureOfStreams, &[]));
    rows.push(trailing(
        "two statuses in trailers",
        Shows::AnyEnd,
        &[("grpc-status", b"0"), ("grpc-status", b"5")],
    ));
    rows.push(trailing(
        "a status of HTTP in trailers",
        Shows::AnyEnd,
        &[(":status", b"200"), ("grpc-status", b"0")],
    ));
    rows
}
