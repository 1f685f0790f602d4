//! Other filters of Envoy's in front of ours and behind it: what clients see, beside what they see without.

mod calls;
mod chains;
mod filters;
mod holding;
mod replies;
mod services;
mod table;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use testbed::gateway::{Gateway, Mode};
use testbed::upstream::Upstream;

use calls::{Call, Protocol, Seen};
use chains::{BESIDE, Beside, Case, Expected, Place, alone};

/// Sends a call whose answer etcd knows.
fn send(upstream: &Upstream, gateway: &Gateway, protocol: Protocol, call: Call) -> Seen {
    upstream.always(call.script());
    let request = call.request().header("accept-encoding", "gzip");
    Seen::of(gateway.address(), protocol, &request)
}

/// Chains that are tried at once: most of the time they wait for a watch.
const AT_ONCE: usize = 4;

/// How often a stream is tried before it counts as held back.
const PROMPT_ATTEMPTS: u8 = 4;

/// Runs every call through every chain.
fn try_all(place: Place, mode: Mode) {
    let next = AtomicUsize::new(0);
    let try_some = || {
        let upstream = Upstream::start().unwrap();
        let gateway = alone(mode, &upstream);
        let calls: Vec<(Protocol, Call, Seen)> = Protocol::BOTH
            .into_iter()
            .flat_map(|protocol| Call::ALL.map(|call| (protocol, call)))
            .map(|(protocol, call)| (protocol, call, send(&upstream, &gateway, protocol, call)))
            .collect();
        let mut wrong = Vec::new();
        while let Some(beside) = BESIDE.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.append(&mut try_one(beside, place, mode, &upstream, &calls));
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let tries: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(try_some)).collect();
        tries
            .into_iter()
            .flat_map(|some| some.join().unwrap())
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn try_one(
    beside: &Beside,
    place: Place,
    mode: Mode,
    upstream: &Upstream,
    calls: &[(Protocol, Call, Seen)],
) -> Vec<String> {
    let chain = beside.start(place, mode, upstream);
    let mut wrong = Vec::new();
    for (protocol, call, alone) in calls {
        let mut seen = send(upstream, &chain.gateway, *protocol, *call);
        // A chain that holds a stream back does so every time, a busy machine once.
        for _ in 1..PROMPT_ATTEMPTS {
            if call.waits() && seen.is(alone) && !seen.was_prompt() {
                seen = send(upstream, &chain.gateway, *protocol, *call);
            }
        }
        let mut expected = (beside.expected)(Case {
            place,
            mode,
            call: *call,
        });
        if (mode, *call) == (Mode::Plain, Call::Late) {
            // A head that is held in front can still become that of the error.
            expected = Expected::WholeOrError;
        }
        let same = seen.is(alone);
        let right = match expected {
            Expected::Same => same && (seen.was_prompt() || !call.waits()),
            Expected::Whole => same,
            Expected::WholeOrError => same || seen.is_error(),
        };
        if !right {
            wrong.push(format!(
                "{} {place:?} {mode:?} {protocol:?} {call:?}: expected {expected:?}, alone {alone}, here {seen}",
                beside.name
            ));
        }
    }
    wrong
}

#[test]
fn filters_in_front_with_held_heads() {
    try_all(Place::Front, Mode::Full);
}

#[test]
fn filters_in_front_without_held_heads() {
    try_all(Place::Front, Mode::Plain);
}

#[test]
fn filters_behind_with_held_heads() {
    try_all(Place::Behind, Mode::Full);
}

#[test]
fn filters_behind_without_held_heads() {
    try_all(Place::Behind, Mode::Plain);
}
