//! Upstreams that reset, announce their end, hang up or fall silent at every point of an answer.

use envoy_tests::answers::{MESSAGE, head, message, status, success};
use envoy_tests::frames::{self, SETTINGS, WINDOW_UPDATE, go_away, reset};
use envoy_tests::raw_upstream::Act;

use std::time::Duration;

use super::{Row, Shows, acts, row};

/// The name of a place in an answer, and the answer's bytes up to there.
type Point = (&'static str, fn(u32) -> Vec<u8>);

/// How far an answer has come, and its bytes up to there.
fn points() -> Vec<Point> {
    vec![
        ("before the head", |_| Vec::new()),
        ("behind the head", head),
        ("within a prefix", |stream| {
            [head(stream), frames::data(stream, 0, &[0, 0, 0])].concat()
        }),
        ("within a message", |stream| {
            [
                head(stream),
                frames::data(stream, 0, &[0, 0, 0, 0, 200, 0x12, 3]),
            ]
            .concat()
        }),
        ("within a long message", |stream| {
            let piece = [
                &[0, 0, 4, 0, 0, 0xba, 0x3e, 0x80, 0x80, 8][..],
                &[7; 60_000],
            ]
            .concat();
            [head(stream), frames::data(stream, 0, &piece)].concat()
        }),
        ("behind a message", |stream| {
            [head(stream), message(stream, MESSAGE)].concat()
        }),
        ("behind a hundred messages", |stream| {
            [head(stream), message(stream, MESSAGE).repeat(100)].concat()
        }),
        ("behind more messages than fit", |stream| {
            let many = testbed::wire::frame(MESSAGE).repeat(9000);
            [head(stream), frames::data(stream, 0, &many)].concat()
        }),
    ]
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, so_far) in points() {
        for code in [0, 7, 8] {
            rows.push(row(
                format!("RST_STREAM {code} {place}"),
                Shows::Failure,
                move |stream| [so_far(stream), reset(stream, code)].concat(),
            ));
        }
        rows.push(acts(
            format!("the connection's end {place}"),
            Shows::Failure,
            move |stream| vec![Act::AwaitEnd, Act::Send(so_far(stream)), Act::Close],
        ));
        rows.push(acts(
            format!("the connection's end a moment {place}"),
            Shows::Failure,
            move |stream| {
                let moment = Act::Delay(Duration::from_millis(20));
                vec![Act::AwaitEnd, Act::Send(so_far(stream)), moment, Act::Close]
            },
        ));
        for (name, last, code) in [
            ("a GOAWAY that spares it", 1, 0),
            ("a GOAWAY with an error", 1, 11),
            ("a GOAWAY for it", 0, 0),
        ] {
            rows.push(acts(
                format!("{name} {place}"),
                Shows::AnyEnd,
                move |stream| {
                    let rest = [so_far(stream), go_away(last, code)].concat();
                    vec![
                        Act::AwaitEnd,
                        Act::Send(rest),
                        Act::Send(success(stream)),
                        Act::Close,
                    ]
                },
            ));
        }
        let mut stall = row(format!("silence {place}"), Shows::Failure, so_far);
        stall.stalls = true;
        rows.push(stall);
    }
    rows.extend(connection());
    rows
}

/// What befalls the connection and not the stream.
fn connection() -> Vec<Row> {
    vec![
        acts("nothing but the connection's end", Shows::Failure, |_| {
            vec![Act::Close]
        }),
        acts("a reset at once", Shows::Failure, |stream| {
            vec![Act::Send(reset(stream, 8))]
        }),
        acts("bytes that are not HTTP/2", Shows::Failure, |_| {
            vec![Act::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]
        }),
        acts("a frame of 16 MB", Shows::Failure, |stream| {
            vec![Act::Send(
                [0xff, 0xff, 0xff, 0, 0]
                    .into_iter()
                    .chain(stream.to_be_bytes())
                    .collect(),
            )]
        }),
        row("a window that is too wide", Shows::Failure, |stream| {
            let widen = frames::frame(WINDOW_UPDATE, 0, stream, &0x7fff_ffff_u32.to_be_bytes());
            [head(stream), widen.repeat(3), message(stream, MESSAGE)].concat()
        }),
        row("a window widened by nothing", Shows::Failure, |stream| {
            [
                head(stream),
                frames::frame(WINDOW_UPDATE, 0, stream, &[0; 4]),
            ]
            .concat()
        }),
        row("settings that are none", Shows::Failure, |stream| {
            [
                head(stream),
                frames::frame(SETTINGS, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff]),
            ]
            .concat()
        }),
        row("a flood of settings", Shows::AnyEnd, |stream| {
            [
                frames::frame(SETTINGS, 0, 0, &[]).repeat(20_000),
                success(stream),
            ]
            .concat()
        }),
        row("a flood of pings", Shows::AnyEnd, |stream| {
            [
                frames::frame(frames::PING, 0, 0, &[0; 8]).repeat(20_000),
                success(stream),
            ]
            .concat()
        }),
        row("a pushed stream", Shows::Failure, |stream| {
            let promise = [&2_u32.to_be_bytes()[..], &frames::block(&[(":path", "/")])].concat();
            [
                frames::frame(5, frames::END_HEADERS, stream, &promise),
                success(stream),
            ]
            .concat()
        }),
        row(
            "a frame of a kind that is unknown",
            Shows::Success,
            |stream| {
                [
                    frames::frame(0xbe, 0xff, stream, &[1; 100]),
                    success(stream),
                ]
                .concat()
            },
        ),
        row("a reset behind the end", Shows::AnyEnd, |stream| {
            [success(stream), reset(stream, 0)].concat()
        }),
        row("a status behind a reset", Shows::Failure, |stream| {
            [
                head(stream),
                reset(stream, 2),
                message(stream, MESSAGE),
                status(stream, "0"),
            ]
            .concat()
        }),
    ]
}
