//! HTTP/1.1 to the byte: framing that contradicts itself.

use envoy_tests::verdict::{Answer, Expect, read_to_end};
use envoy_tests::world::{Case, SERVED, World};
use testbed::client::h1;

/// The head of a POST to a unary call, up to its last fields.
pub const POST: &str = "POST /v3/kv/range HTTP/1.1\r\nHost: etcd\r\n";

/// Sends these bytes and then reads so many answers, each of which must be as expected.
pub fn raw(name: &'static str, bytes: impl Into<Vec<u8>>, expected: Vec<Expect>) -> Case {
    let bytes = bytes.into();
    Case::new(name, move |world: &World| {
        let open = h1::Connection::open(world.gateway.address());
        let mut connection = open.map_err(|error| error.to_string())?;
        // Whoever refuses the first bytes may close before the last.
        let _ = connection.send_raw(&bytes);
        for expect in &expected {
            expect.check(&read(&mut connection))?;
        }
        Ok(())
    })
}

/// Sends these bytes, which Envoy takes for the beginning of something endless, and leaves.
pub fn leaving(name: &'static str, bytes: String) -> Case {
    Case::new(name, move |world: &World| {
        let open = h1::Connection::open(world.gateway.address());
        let sent = open.and_then(|mut connection| connection.send_raw(bytes.as_bytes()));
        sent.map_err(|error| error.to_string())
    })
}

fn read(connection: &mut h1::Connection) -> Answer {
    let head = connection.read_head()?;
    read_to_end(head, |head| connection.read_piece(head))
}

pub fn post(rest: &str) -> String {
    format!("{POST}{rest}")
}

pub fn served() -> Expect {
    Expect::Body(SERVED.to_owned())
}

pub fn cases() -> Vec<Case> {
    let chunked = |body: &str| post(&format!("Transfer-Encoding: chunked\r\n\r\n{body}"));
    let refused = || vec![Expect::Refusal];
    vec![
        raw(
            "two lengths",
            post("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "a length twice",
            post("Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a list of lengths",
            post("Content-Length: 2, 2\r\n\r\n{}"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a negative length",
            post("Content-Length: -1\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "a length of 2^64",
            post("Content-Length: 18446744073709551616\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "a length of 2^63",
            post("Content-Length: 9223372036854775808\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "a length of 4 GiB",
            post("Content-Length: 4294967296\r\n\r\n{}"),
            vec![Expect::Error(413, 8)],
        ),
        raw(
            "a length in hexadecimal",
            post("Content-Length: 0x2\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "a length and chunks",
            post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
            refused(),
        ),
        raw(
            "a coding that is unknown",
            post("Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
            refused(),
        ),
        raw(
            "chunks before gzip",
            post("Transfer-Encoding: chunked, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
            refused(),
        ),
        raw(
            "chunked twice",
            post(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            ),
            refused(),
        ),
        raw(
            "a chunk extension",
            chunked("2;a=b;c=\"d\"\r\n{}\r\n0;e\r\n\r\n"),
            vec![served()],
        ),
        raw(
            "a chunk extension of 100 KB",
            chunked(&format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(100_000))),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a chunk size that is none",
            chunked("zz\r\n{}\r\n0\r\n\r\n"),
            refused(),
        ),
        raw(
            "a chunk size of 2^64",
            chunked("10000000000000000\r\n{}"),
            refused(),
        ),
        raw(
            "a chunk longer than its size",
            chunked("1\r\n{}\r\n0\r\n\r\n"),
            refused(),
        ),
        raw(
            "chunked trailers",
            chunked("2\r\n{}\r\n0\r\nx: y\r\n:path: /\r\n\r\n"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "trailers that frame",
            chunked("2\r\n{}\r\n0\r\ncontent-length: 5\r\n\r\n"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "Expect: 100-continue",
            post("Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"),
            vec![served()],
        ),
        raw(
            "another expectation",
            post("Expect: a miracle\r\nContent-Length: 2\r\n\r\n{}"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "TE: gzip",
            post("TE: gzip;q=1, trailers\r\nConnection: TE\r\nContent-Length: 2\r\n\r\n{}"),
            vec![served()],
        ),
        raw(
            "Connection names all",
            post("Connection: host, content-length, keep-alive\r\nContent-Length: 2\r\n\r\n{}"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a folded line",
            post("X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}"),
            vec![Expect::AnyEnd],
        ),
        raw(
            "a bare line feed",
            POST.replace("\r\n", "\n") + "Content-Length: 2\n\n{}",
            vec![Expect::AnyEnd],
        ),
        raw(
            "a NUL in a header",
            post("X: a\0b\r\nContent-Length: 2\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "a name with a space",
            post("X : a\r\nContent-Length: 2\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "no name",
            post(": a\r\nContent-Length: 2\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "a pseudo header",
            post(":path: /x\r\nContent-Length: 2\r\n\r\n{}"),
            refused(),
        ),
        raw(
            "two hosts",
            post("Host: b\r\nContent-Length: 2\r\n\r\n{}"),
            vec![Expect::AnyEnd],
        ),
    ]
}
