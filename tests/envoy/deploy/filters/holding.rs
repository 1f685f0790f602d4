//! Filters that hold an answer for a while, and streams whose messages are cut anywhere.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::client::Request;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

use crate::calls::{Protocol, Seen};
use crate::chains::{Beside, Place, plain};
use crate::{filters, services};

/// Longer than [`services::slow`] takes.
const LONG: Duration = Duration::from_millis(100);

/// Streams of random shape that are tried with each chain.
const SHAPES: u64 = 5;

/// Holds the head until it has asked somebody who takes his time.
static HELD: Beside = Beside {
    service: Some(services::slow),
    ..plain("held", |_, _| filters::lua(filters::LUA_CALL))
};

/// Lets the body through slowly, and its end behind it.
static SLOWED: Beside = plain("slowed", |_, _| filters::bandwidth_limit());

/// Listeners' buffers: the example's, of which the filter knows half by default, or all, and a large one.
fn plugins() -> [Value; 3] {
    let known = |bytes: u32| json!({"listener_buffer_bytes": bytes});
    [json!({}), known(64 << 10), known(LARGE)]
}

/// Larger than all that comes while the head is held.
const LARGE: u32 = 1 << 20;

fn watch(upstream: &Upstream, gateway: &Gateway, protocol: Protocol, script: &Script) -> Seen {
    upstream.always(script.clone());
    let request = Request::post("/v3/watch", r#"{"create_request":{"key":"Zm9v"}}"#);
    Seen::of(gateway.address(), protocol, &request)
}

fn message(id: u64, size: usize) -> Vec<u8> {
    let value = bytes_field(5, &vec![id as u8; size]);
    frame(
        &[
            varint_field(2, id),
            bytes_field(11, &bytes_field(2, &value)),
        ]
        .concat(),
    )
}

/// Messages of any size in frames of any size, with silence between.
fn shape(seed: u64) -> Script {
    let mut random = fastrand::Rng::with_seed(seed);
    let most = [50, 3_000, 40_000][random.usize(..3)];
    let bytes: Vec<u8> = (0..random.u64(1..30))
        .flat_map(|id| message(id, random.usize(..most)))
        .collect();
    let mut rest = bytes.as_slice();
    let mut script = Script::default().step(Step::AwaitMessages(1)).head();
    while !rest.is_empty() {
        let whole = random.usize(1..16_000);
        let size = if random.bool() {
            random.usize(1..200)
        } else {
            whole
        };
        let (piece, after) = rest.split_at(size.min(rest.len()));
        script = script.data(piece);
        rest = after;
        if random.u8(..8) == 0 {
            script = script.step(Step::Delay(Duration::from_millis(random.u64(1..40))));
        }
    }
    script.status(0, "")
}

#[test]
fn messages_that_are_cut_anywhere_pass_a_filter_that_holds_the_head() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let alone = Setup::new(mode, upstream.address()).start();
        for plugin in plugins() {
            let chain = HELD.start_with(Place::Front, mode, &upstream, plugin.clone());
            let mut whole = 0;
            for seed in 0..SHAPES {
                for protocol in Protocol::BOTH {
                    let script = shape(seed);
                    let expected = watch(&upstream, &alone, protocol, &script);
                    let seen = watch(&upstream, &chain.gateway, protocol, &script);
                    let same = seen.is(&expected);
                    whole += u64::from(same);
                    // A few such messages may not fit a small buffer.
                    let large = plugin["listener_buffer_bytes"] == LARGE;
                    let served = same || (!large && seen.is_error());
                    assert!(
                        served,
                        "{mode:?} {protocol:?} {plugin} {seed}: {expected}\n{seen}"
                    );
                }
            }
            eprintln!("{mode:?} {plugin}: {whole} of {} whole", 2 * SHAPES);
        }
    }
}

#[test]
fn what_a_slow_filter_behind_lets_through_is_whole_or_an_error() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let alone = Setup::new(mode, upstream.address()).start();
        for plugin in plugins() {
            let chain = SLOWED.start_with(Place::Behind, mode, &upstream, plugin.clone());
            let mut whole = 0;
            for seed in 0..SHAPES {
                let script = shape(seed);
                let expected = watch(&upstream, &alone, Protocol::Http1, &script);
                let seen = watch(&upstream, &chain.gateway, Protocol::Http1, &script);
                let same = seen.is(&expected);
                whole += u64::from(same);
                assert!(
                    same || seen.is_error(),
                    "{mode:?} {plugin} {seed}: {expected}\n{seen}"
                );
            }
            eprintln!("{mode:?} {plugin}: {whole} of {SHAPES} whole");
        }
    }
}

#[test]
fn more_than_a_buffer_passes_a_filter_that_holds_the_head_and_an_error_behind_it() {
    let upstream = Upstream::start().unwrap();
    let start = Script::default().step(Step::AwaitMessages(1)).head();
    let script = (0..3000)
        .fold(start, |script, id| script.data(message(id, 1000)))
        .step(Step::Delay(LONG))
        .data(message(1, 10))
        .status(14, "over");
    for mode in Mode::BOTH {
        let alone = Setup::new(mode, upstream.address()).start();
        for plugin in plugins() {
            let chain = HELD.start_with(Place::Front, mode, &upstream, plugin.clone());
            for protocol in Protocol::BOTH {
                let expected = watch(&upstream, &alone, protocol, &script);
                let seen = watch(&upstream, &chain.gateway, protocol, &script);
                assert!(
                    seen.is(&expected),
                    "{mode:?} {protocol:?} {plugin}: {expected}\n{seen}"
                );
            }
        }
    }
}

#[test]
fn an_upstream_that_is_lost_while_a_filter_holds_the_head_is_an_error() {
    let upstream = Upstream::start().unwrap();
    let start = Script::default().step(Step::AwaitMessages(1)).head();
    let start = start.data(message(1, 10));
    let pause = Step::Delay(Duration::from_millis(5));
    for mode in Mode::BOTH {
        let chain = HELD.start_with(Place::Front, mode, &upstream, json!({}));
        for protocol in Protocol::BOTH {
            for script in [
                start.clone().reset(2),
                start.clone().step(pause.clone()).reset(2),
                start.clone().step(pause.clone()).step(Step::Disconnect),
                start.clone().data(*b"<html>"),
                start.clone().step(pause.clone()).data(*b"<html>"),
                start.clone().step(pause.clone()).end(),
            ] {
                let seen = watch(&upstream, &chain.gateway, protocol, &script);
                assert!(seen.is_error(), "{mode:?} {protocol:?} {script:?}: {seen}");
            }
        }
    }
}

#[test]
fn an_attempt_before_is_not_taken_for_the_end_of_the_answer() {
    let upstream = Upstream::start().unwrap();
    let pair = bytes_field(2, &bytes_field(5, &vec![7; 200_000]));
    let stream = (0..9)
        .fold(Script::default().head(), |script, id| {
            script
                .data(message(id, 100))
                .step(Step::Delay(Duration::from_millis(5)))
        })
        .status(14, "over");
    for mode in Mode::BOTH {
        let alone = Setup::new(mode, upstream.address()).start();
        let retried = Setup::new(mode, upstream.address())
            .plugin(json!({"write_retries": "route"}))
            .route(json!({"retry_policy": {"retry_on": "unavailable", "num_retries": 1}}))
            .start();
        for (path, script) in [
            ("/v3/kv/range", Script::message(&pair)),
            ("/v3/watch", stream.clone()),
        ] {
            let request = Request::post(path, r#"{"create_request":{"key":"Zm9v"}}"#);
            upstream.always(script);
            let expected = Seen::of(alone.address(), Protocol::Http1, &request);
            upstream.once(Script::error(14, "etcdserver: leader changed"));
            let seen = Seen::of(retried.address(), Protocol::Http1, &request);
            assert!(seen.is(&expected), "{mode:?} {path}: {expected}\n{seen}");
            assert_eq!(upstream.take().len(), 3, "{mode:?} {path}");
        }
    }
}
