//! Turns of the event loop for streams that have more to send than one callback can.
//!
//! Envoy flushes at most one piece of a response in one call into the module. A shared queue brings
//! the next call in the same worker's next turn, some ten microseconds later
//! (`docs/envoy.md`, "Turns of the event loop"); each entry is
//! the context id of the stream that asked, and for which of its directions.

use std::hash::{BuildHasher, RandomState};

use super::host;

/// How often there is a tick, with which a stream that wants it gets a heartbeat, and by which the exchange counts how
/// long it waits for a request: well within the 30 to 60 seconds after which
/// common proxies and load balancers drop a silent connection.
const TICK_MILLIS: u32 = 15_000;

/// What a turn is for.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Turn {
    /// Messages to the upstream.
    Request,
    /// Lines to the client.
    Response,
}

/// The queue of one plugin on one worker that brings its streams their turns.
#[derive(Clone, Copy, Default)]
pub(super) struct Kicks {
    queue: Option<u32>,
}

impl Kicks {
    /// Opens the queue. Its name is this VM's alone: a queue belongs to who registered it last.
    pub(super) fn open() -> Self {
        let name = format!(
            "etcd-json-gateway-{:016x}",
            RandomState::new().hash_one(host::now())
        );
        let queue = host::register_queue(&name);
        if let Err(error) = queue {
            log::error!("cannot open a queue: {error}");
        }
        if let Err(error) = host::tick_every(TICK_MILLIS) {
            log::error!("cannot ask for ticks: {error}");
        }
        Self { queue: queue.ok() }
    }

    /// Asks for a turn; false where there cannot be one.
    pub(super) fn ask(self, id: u32, turn: Turn) -> bool {
        let [a, b, c, d] = id.to_le_bytes();
        let entry = [turn as u8, a, b, c, d];
        self.queue
            .is_some_and(|queue| host::enqueue(queue, &entry).is_ok())
    }

    /// The stream whose turn it is. One for each entry, so that two pieces of one stream never go
    /// out in one call.
    pub(super) fn next(queue: u32) -> Option<(u32, Turn)> {
        let entry = host::dequeue(queue).ok()??;
        let (turn, id) = entry.split_first()?;
        let turn = if *turn == Turn::Request as u8 {
            Turn::Request
        } else {
            Turn::Response
        };
        Some((u32::from_le_bytes(id.try_into().ok()?), turn))
    }
}
