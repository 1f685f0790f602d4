//! More than fits: many lines at once with the end behind them, a real keepalive flood, request trailers.

use std::time::Duration;

use envoy_tests::open::{KEEPALIVE, REQUEST, WATCH};
use serde_json::json;
use testbed::client::{End, Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::{bytes_field, frame};

/// The line of an empty message.
const LINE: &[u8] = b"{\"result\":{}}\n";

#[test]
fn more_lines_than_envoys_buffer_takes_are_all_sent_or_the_answer_is_cut() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for frames in [1, 4, 16, 64] {
            let data = Step::Data(frame(b"").repeat(3276));
            let start = Script::default().step(Step::AwaitMessages(1)).head();
            let script = (0..frames).fold(start, |script, _| script.step(data.clone()));
            upstream.always(script.status(0, ""));
            let answer = gateway.post(WATCH, REQUEST);
            let lines = LINE.repeat(frames * 3276);
            let body = answer.body();
            assert!(lines.starts_with(&body), "{mode:?}: {} bytes", body.len());
            assert!(
                answer.end == End::Cut || body.len() == lines.len(),
                "{mode:?}: {} of {} bytes and a clean end",
                body.len(),
                lines.len()
            );
        }
        upstream.always(Script::message(b""));
        assert_eq!(gateway.post("/v3/kv/put", "{}").status, 200);
    }
}

#[test]
fn a_bad_frame_behind_a_line_that_is_too_large_cuts_the_answer() {
    let upstream = Upstream::start().unwrap();
    let events: Vec<u8> = (0..6000).flat_map(|_| bytes_field(11, b"")).collect();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for bad in [&b"\x02\0\0\0\0"[..], b"\x01\0\0\0\0"] {
            let data = [frame(&events), bad.to_vec()].concat();
            let start = Script::default().step(Step::AwaitMessages(1)).head();
            upstream.always(start.data(frame(b"")).data(data));
            let answer = gateway.post(WATCH, REQUEST);
            assert_eq!(answer.end, End::Cut, "{mode:?}");
        }
    }
}

#[test]
fn a_flood_of_keepalives_that_nobody_reads_harms_nobody() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let address = etcd.client_address();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, &address).start();
        let flood = Request::post(KEEPALIVE, r#"{"ID":1}"#.repeat(100_000));
        let mut connection = h1::Connection::open(gateway.address()).unwrap();
        connection.send(&flood).unwrap();
        std::thread::sleep(Duration::from_secs(2)); // long enough for every buffer on the way to fill
        let answer = connection.response().unwrap();
        let body = answer.text();
        let complete = body.lines().count() == 100_000 && body.ends_with('\n');
        assert!(complete || answer.end == End::Cut, "{mode:?}");
        assert_eq!(gateway.post("/v3/kv/put", r#"{"key":"YQ=="}"#).status, 200);
    }
}

#[test]
fn trailers_of_a_request_never_reach_etcd() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let address = etcd.client_address();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, &address).start();
        let grant = gateway.post("/v3/lease/grant", r#"{"TTL":60}"#).json();
        let id = grant["ID"].as_str().unwrap();
        let put = r#"{"key":"YQ==","value":"Yg=="}"#;
        let keepalive = format!("{{\"ID\":{id}}}");
        for (path, body) in [("/v3/kv/put", put), (KEEPALIVE, &keepalive)] {
            let request = Request::post(path, body).trailer("x-foo", "1");
            let answer = gateway.send_h2(&request);
            assert_eq!(
                (answer.status, answer.end),
                (200, End::Clean),
                "{mode:?} {path}"
            );
        }
    }
}
