//! How fast range answers become JSON text: `cargo bench --bench to_json`.
//!
//! Each answer is fed in pieces as an HTTP/2 upstream's frames bring it. A rate is MB of protobuf a
//! second, at best.
// A benchmark may panic: that is how it fails.
#![allow(clippy::expect_used, clippy::arithmetic_side_effects)]
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use etcd_json_gateway::schema::tables::ETCDSERVERPB_RANGE_RESPONSE;
use etcd_json_gateway::transcode::to_json::{Style, ToJson};
use prost::encoding::{bytes, encode_varint, int64};

/// Bytes that come at once: HTTP/2's default frame size.
const PIECE: usize = 16 * 1024;

/// An answer is measured for this long, in rounds of which the best counts: the others were
/// disturbed by what else the machine does.
const TOTAL: Duration = Duration::from_secs(2);

/// Long for the clock, short for a machine to be left alone.
const ROUND: Duration = Duration::from_millis(2);

fn main() {
    report("8 values of 1 MB", &range(8, 1 << 20));
    report("1000 keys of 100 bytes", &range(1000, 100));
    report("1 key of 100 bytes", &range(1, 100));
}

fn report(name: &str, answer: &[u8]) {
    let mut out = Vec::new();
    let mut best = Duration::MAX;
    let begin = Instant::now();
    while begin.elapsed() < TOTAL {
        let (start, mut times) = (Instant::now(), 0);
        while start.elapsed() < ROUND {
            transcode(answer, &mut out);
            times += 1;
        }
        best = best.min(start.elapsed() / times);
    }
    let rate = answer.len() as f64 / 1e6 / best.as_secs_f64();
    println!("{name}: {} bytes, {best:.1?}, {rate:.0} MB/s", answer.len());
}

/// What is written is handed on after each piece.
fn transcode(answer: &[u8], out: &mut Vec<u8>) {
    let style = Style { escape_html: false };
    let mut to_json = ToJson::new(&ETCDSERVERPB_RANGE_RESPONSE, answer.len() as u32, style);
    for piece in answer.chunks(PIECE) {
        out.clear();
        to_json.push(piece, out).expect("a valid answer");
        black_box(out.as_slice());
    }
    assert!(to_json.is_done());
}

/// A `RangeResponse` of `keys` pairs with values of `value` bytes.
fn range(keys: usize, value: usize) -> Vec<u8> {
    let mut message = Vec::new();
    let mut header = Vec::new();
    for (number, field) in (1..).zip([14_841_639_068_965_178_418_u64, 10_276_657_743_932_975_437]) {
        prost::encoding::uint64::encode(number, &field, &mut header);
    }
    int64::encode(3, &812_345, &mut header);
    prost::encoding::uint64::encode(4, &7, &mut header);
    bytes::encode(1, &header, &mut message);
    let value: Vec<u8> = (0..=u8::MAX).cycle().take(value).collect();
    for index in 0..keys as i64 {
        let mut pair = Vec::new();
        bytes::encode(
            1,
            &format!("/registry/pods/default/pod-{index:05}").into_bytes(),
            &mut pair,
        );
        int64::encode(2, &(500_000 + index), &mut pair);
        int64::encode(3, &(700_000 + index), &mut pair);
        int64::encode(4, &(1 + index % 30), &mut pair);
        bytes::encode(5, &value, &mut pair);
        bytes::encode(2, &pair, &mut message);
    }
    encode_varint(4 << 3, &mut message);
    encode_varint(keys as u64, &mut message);
    message
}
