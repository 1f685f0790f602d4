//! An upstream that sends as fast as it can what grows when it becomes JSON.

use std::sync::Arc;

use envoy_tests::answers::{MESSAGE, head, status};
use envoy_tests::frames::data;
use envoy_tests::raw_upstream::{Act, CASE, RawUpstream, Script, case_value};
use serde_json::json;
use testbed::client::{End, Request, h1};
use testbed::gateway::{Mode, Setup};
use testbed::wire::frame;

/// What Envoy may hold more than before: its own windows and buffers, and ours, with what is in them as lines. It does
/// not grow with the flood, which is of 230 MB of lines.
const GROWTH: u64 = 192 << 20;

/// DATA frames of it, and messages in each.
const FRAMES: usize = 4000;
const MESSAGES: usize = 2000;

#[test]
fn a_flood_of_small_messages_does_not_wait_in_the_filter() {
    let script: Script = Arc::new(|stream| {
        let messages = frame(MESSAGE).repeat(MESSAGES);
        vec![
            Act::AwaitEnd,
            Act::Send(head(stream)),
            Act::Flood(data(stream, 0, &messages), FRAMES),
            Act::Send(status(stream, "0")),
        ]
    });
    for mode in Mode::BOTH {
        let hostile = RawUpstream::start(Arc::new(vec![Arc::clone(&script)]));
        let mut gateway = Setup::new(mode, hostile.address())
            .plugin(json!({"metadata": ["*"]}))
            .start();
        let before = gateway.process().usage().unwrap().rss;
        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        let case = format!("Grpc-Metadata-{CASE}");
        let request =
            Request::post("/v3/watch", r#"{"progress_request":{}}"#).header(&case, case_value(0));
        connection.send(&request).unwrap();
        let mut head = connection.read_head().unwrap();
        let mut lines = 0;
        let count = |piece: &[u8]| lines += piece.iter().filter(|byte| **byte == b'\n').count();
        connection.drain(&mut head, count).unwrap();
        let peak = gateway.process().usage().unwrap().peak_rss;
        let growth = peak.saturating_sub(before);
        assert!(growth < GROWTH, "{mode:?}: {growth} bytes");
        let whole = lines == FRAMES * MESSAGES;
        assert!(whole || head.end == End::Cut, "{mode:?}: {lines} lines");
    }
}
