//! What a hostile client or upstream could send, at any size.

use testbed::wire::{bytes_field, frame, varint_field};

/// Makes input of about so many bytes.
pub type Make = fn(usize) -> Vec<u8>;

/// Input of a form that is costly to read.
pub struct Shape {
    pub name: &'static str,
    pub route: &'static str,
    pub make: Make,
}

/// The answer that is one value.
pub const LONG_VALUE: &str = "one long value";

const fn shape(name: &'static str, route: &'static str, make: Make) -> Shape {
    Shape { name, route, make }
}

/// `part` again and again between `head` and `tail`.
fn filled(head: &str, part: &str, tail: &str, size: usize) -> Vec<u8> {
    [head, &part.repeat(size / part.len()), tail]
        .concat()
        .into_bytes()
}

/// Request bodies of unary calls.
pub const BODIES: &[Shape] = &[
    shape("brackets", "/kv/put", |size| {
        filled("{\"x\":", "[", "", size)
    }),
    shape("brackets that match", "/kv/put", |size| {
        [
            filled("{\"x\":", "[", "", size / 2),
            filled("", "]", "}", size / 2),
        ]
        .concat()
    }),
    shape("objects within objects", "/kv/put", |size| {
        filled("", "{\"x\":", "", size)
    }),
    shape("unknown keys", "/kv/put", |size| {
        filled("{", "\"a\":1,", "\"a\":1}", size)
    }),
    shape("escaped keys", "/kv/put", |size| {
        filled("{", "\"\\u0061\":1,", "\"a\":1}", size)
    }),
    shape("digits", "/kv/range", |size| {
        filled("{\"limit\":", "1", "}", size)
    }),
    shape("digits in a string", "/kv/range", |size| {
        filled("{\"limit\":\"", "1", "\"}", size)
    }),
    shape("zeros behind a point", "/kv/range", |size| {
        filled("{\"limit\":0.", "0", "1e999999999}", size)
    }),
    shape("escapes in a key", "/kv/put", |size| {
        filled("{\"key\":\"", "\\u0041", "\"}", size)
    }),
    shape("escapes in text", "/auth/user/add", |size| {
        filled("{\"name\":\"", "\\u0041", "\"}", size)
    }),
    shape("surrogate pairs", "/kv/put", |size| {
        filled("{\"x\":\"", "\\ud83d\\ude00", "\"}", size)
    }),
    shape("backslashes", "/kv/put", |size| {
        filled("{\"x\":\"", "\\\\", "\"}", size)
    }),
    shape("base64", "/kv/put", |size| {
        filled("{\"value\":\"", "AAAA", "\"}", size)
    }),
    shape("base64 in lines", "/kv/put", |size| {
        filled("{\"value\":\"", "AAAA\\n", "\"}", size)
    }),
    shape("base64 that ends badly", "/kv/put", |size| {
        filled("{\"value\":\"", "AAAA", "!\"}", size)
    }),
    shape("bytes as numbers", "/kv/put", |size| {
        filled("{\"value\":[", "1,", "1]}", size)
    }),
    shape("messages without fields", "/kv/txn", |size| {
        filled("{\"success\":[", "{},", "{}]}", size)
    }),
    shape("null messages", "/kv/txn", |size| {
        filled("{\"success\":[", "null,", "null]}", size)
    }),
    shape("a bad last element", "/kv/txn", |size| {
        filled("{\"success\":[", "{},", "1]}", size)
    }),
    shape("small puts", "/kv/txn", |size| {
        filled(
            "{\"success\":[",
            "{\"request_put\":{\"key\":\"YQ==\"}},",
            "{}]}",
            size,
        )
    }),
    shape("puts of over 127 bytes", "/kv/txn", |size| {
        let put = format!("{{\"request_put\":{{\"value\":\"{}\"}}}},", "A".repeat(200));
        filled("{\"success\":[", &put, "{}]}", size)
    }),
    shape("a value in the deepest transaction", "/kv/txn", |size| {
        let (open, close) = ("{\"success\":[{\"request_txn\":", "}]}");
        let levels = 40;
        let value = format!(
            "{{\"success\":[{{\"request_put\":{{\"value\":\"{}\"}}}}]}}",
            "AAAA".repeat(size / 4)
        );
        [&open.repeat(levels), value.as_str(), &close.repeat(levels)]
            .concat()
            .into_bytes()
    }),
    shape("space before the value", "/kv/put", |size| {
        filled("", " ", "{}", size)
    }),
    shape("space in the value", "/kv/put", |size| {
        filled("{", " \n", "}", size)
    }),
    shape("lines before a mistake", "/kv/put", |size| {
        filled("{", "\n", "x}", size)
    }),
    shape("bytes that are not UTF-8", "/kv/put", |size| {
        [b"{\"x\":\"".to_vec(), vec![0xff; size]].concat()
    }),
    shape("values behind the first", "/kv/put", |size| {
        filled("", "{}", "", size)
    }),
];

/// Request bodies of streams.
pub const STREAMS: &[Shape] = &[
    shape("empty messages", "/lease/keepalive", |size| {
        filled("", "{}", "", size)
    }),
    shape("small requests", "/watch", |size| {
        filled("", "{\"progress_request\":{}}", "", size)
    }),
    shape("numbers", "/watch", |size| filled("", "1 ", "", size)),
    shape("space between values", "/watch", |size| {
        let request = "{\"progress_request\":{}}";
        filled(request, " ", request, size)
    }),
    shape("one large value", "/watch", |size| {
        filled("{\"create_request\":{\"key\":\"", "AAAA", "\"}}", size)
    }),
    shape("a value without an end", "/watch", |size| {
        filled("{\"x\":\"", "a", "", size)
    }),
];

/// Answers of unary calls, as messages. Fields: `RangeResponse.header` is 1, `kvs` 2, `count` 4; the number 99 is
/// unknown.
pub const ANSWERS: &[Shape] = &[
    shape("empty list elements", "/kv/range", |size| {
        bytes_field(2, b"").repeat(size / 2)
    }),
    shape("the same number", "/kv/range", |size| {
        varint_field(4, 1).repeat(size / 2)
    }),
    shape("fields in turns", "/kv/range", |size| {
        [varint_field(4, 1), bytes_field(2, b"")]
            .concat()
            .repeat(size / 4)
    }),
    shape("a header in pieces", "/kv/range", |size| {
        bytes_field(1, &varint_field(3, 1)).repeat(size / 4)
    }),
    shape("a header in pieces, backwards", "/kv/range", |size| {
        let piece = [varint_field(4, 1), varint_field(1, 1)].concat();
        bytes_field(1, &piece).repeat(size / 6)
    }),
    shape("members of a oneof in turns", "/kv/txn", |size| {
        let turns = [bytes_field(2, b""), bytes_field(1, b"")].concat();
        bytes_field(3, &turns.repeat(size / 4))
    }),
    shape("transactions within each other", "/kv/txn", |size| {
        let mut message = [varint_field(2, 1), bytes_field(1, b"")]
            .concat()
            .repeat(size / 4);
        for _ in 0..50 {
            message = bytes_field(3, &bytes_field(4, &message));
        }
        message
    }),
    shape("unknown fields", "/kv/range", |size| {
        varint_field(99, 1).repeat(size / 3)
    }),
    shape("unknown groups", "/kv/range", |size| {
        [0x9b, 6, 0x9c, 6].repeat(size / 4)
    }),
    shape(LONG_VALUE, "/kv/range", |size| {
        bytes_field(2, &bytes_field(5, &vec![b'x'; size]))
    }),
    shape("text that needs escapes", "/auth/user/list", |size| {
        bytes_field(2, &vec![1; size])
    }),
    shape("text of two-byte characters", "/auth/user/list", |size| {
        bytes_field(2, "\u{e9}".repeat(size / 2).as_bytes())
    }),
];

/// Answers of streams, in gRPC's frames.
pub const LINES: &[Shape] = &[
    shape("empty messages", "/watch", |size| {
        frame(b"").repeat(size / 5)
    }),
    shape("messages of one field", "/watch", |size| {
        frame(&varint_field(2, 1)).repeat(size / 7)
    }),
    shape("events without contents", "/watch", |size| {
        frame(&bytes_field(11, b"").repeat(size / 2))
    }),
    shape("one event", "/watch", |size| {
        frame(&bytes_field(
            11,
            &bytes_field(2, &bytes_field(5, &vec![b'x'; size])),
        ))
    }),
    shape("revisions", "/watch", |size| {
        let event = bytes_field(11, &bytes_field(2, &varint_field(3, 1)));
        frame(&event.repeat(size / event.len()))
    }),
];
