//! Processor time at two sizes of the same shape.

use std::time::Duration;

use testbed::usage;
use testbed::wire::frame;

use crate::shapes::{ANSWERS, BODIES, LINES, Make, STREAMS, Shape};
use crate::{PIECES, feed, shapes};

/// The smaller size, in bytes, and how many times larger the other is.
const SMALL: usize = 2 << 10;
const TIMES: usize = 8;

/// The same for messages that are too large to be taken whole: over 64 KiB.
const SMALL_STREAMED: usize = 68 << 10;
const TIMES_STREAMED: usize = 4;

/// How much faster than size time may grow: well below what the square would be.
const MARGIN: f64 = 2.5;

/// How often each is measured. The best counts, for whatever else goes on can only add.
const TRIES: usize = 2;

fn best(mut act: impl FnMut()) -> Duration {
    let tries = (0..TRIES).map(|_| {
        let before = usage::this_thread();
        act();
        usage::this_thread() - before
    });
    tries.min().unwrap()
}

/// Rows of the table of time against size, and which of them grow too fast.
#[derive(Default)]
struct Table {
    bad: Vec<String>,
}

impl Table {
    /// Measures at `small` bytes and at `times` as many.
    fn row(
        &mut self,
        name: &str,
        (small, times): (usize, usize),
        make: impl Fn(usize) -> Vec<u8>,
        act: impl Fn(&[u8]),
    ) {
        let (few, many) = (make(small), make(small * times));
        let (quick, slow) = (best(|| act(&few)), best(|| act(&many)));
        let growth = many.len() as f64 / few.len() as f64;
        let ratio = slow.as_secs_f64() / quick.as_secs_f64();
        println!(
            "{:>7} bytes {quick:>9.1?} {:>7} bytes {slow:>9.1?} {ratio:>5.1} times: {name}",
            few.len(),
            many.len()
        );
        if ratio > growth * MARGIN {
            self.bad.push(format!(
                "{name}: {ratio:.1} times the time for {growth:.1} times the size"
            ));
        }
    }

    fn finish(self) {
        assert!(self.bad.is_empty(), "{:#?}", self.bad);
    }
}

const USUAL: (usize, usize) = (SMALL, TIMES);
const STREAMED: (usize, usize) = (SMALL_STREAMED, TIMES_STREAMED);

fn named(shape: &Shape, how: &str) -> String {
    format!("{}: {} {how}", shape.route, shape.name)
}

#[test]
fn time_grows_no_faster_than_a_clients_body() {
    let settings = feed::settings();
    let mut table = Table::default();
    for (piece, way) in PIECES {
        for shape in BODIES.iter().chain(STREAMS) {
            table.row(&named(shape, way), USUAL, shape.make, |body| {
                feed::request(&settings, shape.route, body, piece);
            });
        }
    }
    table.finish();
}

/// What follows `/v3/watch?`, or `/v3/`.
const QUERIES: [(&str, Make); 6] = [
    ("parameters", |size| {
        b"create_request.key=YQ==&".repeat(size / 24)
    }),
    ("unknown names", |size| b"a&".repeat(size / 2)),
    ("dots", |size| b".".repeat(size)),
    ("escapes in parameters", |size| {
        b"create_request.key=%41&".repeat(size / 23)
    }),
    ("escapes in a value", |size| {
        [b"create_request.key=".to_vec(), b"%41".repeat(size / 3)].concat()
    }),
    ("control characters", |size| {
        [b"create_request.key=".to_vec(), b"%01".repeat(size / 3)].concat()
    }),
];

#[test]
fn time_grows_no_faster_than_a_clients_head() {
    let settings = feed::settings();
    let mut table = Table::default();
    for (name, make) in QUERIES {
        table.row(&format!("a query of {name}"), USUAL, make, |query| {
            let path = format!("/v3/watch?{}", std::str::from_utf8(query).unwrap());
            feed::head(&settings, "GET", &path, &[("accept", b"text/event-stream")]);
        });
        table.row(&format!("health, {name}"), USUAL, make, |query| {
            let path = format!("/health?{}", std::str::from_utf8(query).unwrap());
            feed::head(&settings, "GET", &path, &[]);
        });
    }
    table.row(
        "a path of escapes",
        USUAL,
        |size| b"%61".repeat(size / 3),
        |path| {
            let path = format!("/v3/{}", std::str::from_utf8(path).unwrap());
            feed::head(&settings, "POST", &path, &[]);
        },
    );
    for (header, byte) in [
        ("accept", b','),
        ("authorization", b'x'),
        ("grpc-metadata-a-bin", b'A'),
        ("grpc-timeout", b'1'),
    ] {
        table.row(
            &format!("a long {header}"),
            USUAL,
            |size| vec![byte; size],
            |value| {
                feed::head(&settings, "POST", "/v3/watch", &[(header, value)]);
            },
        );
    }
    table.row(
        "many headers",
        USUAL,
        |size| vec![b'x'; size],
        |bytes| {
            let headers: Vec<(&str, &[u8])> = bytes
                .iter()
                .map(|_| ("grpc-metadata-a", &b"b"[..]))
                .collect();
            feed::head(&settings, "POST", "/v3/kv/put", &headers);
        },
    );
    table.finish();
}

#[test]
fn time_grows_no_faster_than_an_upstreams_answer() {
    let settings = feed::settings();
    let mut table = Table::default();
    for (piece, way) in PIECES {
        for shape in ANSWERS {
            for sizes in [USUAL, STREAMED] {
                if sizes == STREAMED && piece == 1 && shape.name != shapes::LONG_VALUE {
                    continue; // nothing else of it depends on the pieces
                }
                table.row(
                    &named(shape, way),
                    sizes,
                    |size| frame(&(shape.make)(size)),
                    |frames| {
                        feed::answer(&settings, shape.route, frames, piece, false);
                    },
                );
            }
        }
    }
    table.finish();
}

#[test]
fn time_grows_no_faster_than_an_upstreams_stream() {
    let settings = feed::settings();
    let mut table = Table::default();
    for (piece, way) in PIECES {
        for shape in LINES {
            for (events, form) in [(false, "as lines"), (true, "as events")] {
                table.row(
                    &named(shape, &format!("{form} {way}")),
                    USUAL,
                    shape.make,
                    |frames| {
                        feed::answer(&settings, shape.route, frames, piece, events);
                    },
                );
            }
        }
    }
    for (name, part) in [
        ("escapes", "%41"),
        ("what is not UTF-8", "%ff"),
        ("control characters", "%01"),
    ] {
        table.row(
            &format!("an error of {name}"),
            USUAL,
            |size| part.repeat(size / 3).into_bytes(),
            |message| {
                feed::error(&settings, message);
            },
        );
    }
    table.finish();
}
