//! The most that is held of a request or an answer, whatever its shape.

use std::rc::Rc;

use etcd_json_gateway::config::Config;
use etcd_json_gateway::exchange::{ANSWER_BYTES, DOCUMENT_TIMES, REQUEST_TIMES, Settings};
use etcd_json_gateway::transcode::WHOLE_LIMIT;
use testbed::wire::frame;

use crate::shapes::{ANSWERS, BODIES, LINES, STREAMS};
use crate::{FRAME, counted, feed};

/// The two limits of the configuration, here smaller than by default.
const MAX_REQUEST: u32 = 64 << 10;
const MAX_DOCUMENT: u32 = 128 << 10;

/// Bytes up to which a message is taken whole.
const WHOLE: usize = WHOLE_LIMIT as usize;

fn settings() -> Rc<Settings> {
    let config = Config {
        max_request_bytes: MAX_REQUEST,
        stream_document_bytes: MAX_DOCUMENT,
        ..Config::default()
    };
    Rc::new(Settings::new(&config))
}

/// What the input itself and what a callback brings may add.
const SLACK: usize = 64 << 10;

#[test]
fn a_request_takes_a_few_times_what_is_allowed_whatever_its_shape() {
    let settings = settings();
    let bound = REQUEST_TIMES * MAX_REQUEST as usize + SLACK;
    for shape in BODIES.iter().chain(STREAMS) {
        // The first may be taken; the second is as long as a body may be; the third is refused.
        for size in [MAX_REQUEST, MAX_REQUEST * 2 - 200, MAX_REQUEST * 4] {
            let body = (shape.make)(size as usize);
            let peak = counted::peak(|| {
                feed::request(&settings, shape.route, &body, FRAME);
            });
            println!(
                "{:>7} bytes take {peak:>7}: {} {}",
                body.len(),
                shape.route,
                shape.name
            );
            assert!(peak <= bound, "{}: {peak} bytes, not {bound}", shape.name);
        }
    }
}

#[test]
fn an_answer_takes_the_same_however_long_it_is() {
    let settings = settings();
    for shape in ANSWERS {
        for size in [WHOLE - 2048, 16 * WHOLE] {
            let frames = frame(&(shape.make)(size));
            let peak = counted::peak(|| {
                feed::answer(&settings, shape.route, &frames, FRAME, false);
            });
            println!(
                "{:>7} bytes take {peak:>7}: {} {}",
                frames.len(),
                shape.route,
                shape.name
            );
            assert!(
                peak <= ANSWER_BYTES,
                "{}: {peak} bytes, not {ANSWER_BYTES}",
                shape.name
            );
        }
    }
}

#[test]
fn a_stream_takes_a_few_documents_however_long_it_is() {
    let settings = settings();
    let bound = ANSWER_BYTES + DOCUMENT_TIMES * MAX_DOCUMENT as usize;
    for shape in LINES {
        for size in [WHOLE - 2048, 16 * WHOLE] {
            let frames = (shape.make)(size);
            let peak = counted::peak(|| {
                feed::answer(&settings, shape.route, &frames, FRAME, true);
            });
            println!(
                "{:>7} bytes take {peak:>7}: {} {}",
                frames.len(),
                shape.route,
                shape.name
            );
            assert!(peak <= bound, "{}: {peak} bytes, not {bound}", shape.name);
        }
    }
}
