//! Turns of the event loop for streams that have more to send than one callback can.
//!
//! Envoy flushes at most one piece of a response in one call into the module. A shared queue brings
//! the next call in the same worker's next turn, some ten microseconds later (`envoy-host.md` 3.5);
//! each entry is the context id of the stream that asked.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::rc::{Rc, Weak};

use super::flow::Flow;
use super::host;

/// How often a stream that wants it gets a heartbeat: well within the 30 to 60 seconds after which
/// common proxies and load balancers drop a silent connection.
const HEARTBEAT_MILLIS: u32 = 15_000;

/// The streams of one plugin on one worker, and the queue that brings their turns.
#[derive(Default)]
pub(super) struct Kicks {
    queue: Option<u32>,
    /// By context id, ascending: that is the order in which the host hands them out.
    streams: RefCell<Vec<(u32, Weak<RefCell<Flow>>)>>,
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
            log::error!("cannot open a queue: {error:?}");
        }
        if let Err(error) = host::tick_every(HEARTBEAT_MILLIS) {
            log::error!("cannot ask for ticks: {error:?}");
        }
        Self {
            queue: queue.ok(),
            streams: RefCell::default(),
        }
    }

    /// Makes a stream known by its context id.
    pub(super) fn add(&self, id: u32, flow: &Rc<RefCell<Flow>>) {
        if let Ok(mut streams) = self.streams.try_borrow_mut() {
            let at = streams.partition_point(|(other, _)| *other < id);
            streams.insert(at, (id, Rc::downgrade(flow)));
        }
    }

    /// Forgets a stream.
    pub(super) fn remove(&self, id: u32) {
        if let Ok(mut streams) = self.streams.try_borrow_mut()
            && let Ok(at) = streams.binary_search_by_key(&id, |(other, _)| *other)
        {
            streams.remove(at);
        }
    }

    /// Asks for a turn; false where there cannot be one.
    pub(super) fn ask(&self, id: u32) -> bool {
        self.queue
            .is_some_and(|queue| host::enqueue(queue, &id.to_le_bytes()).is_ok())
    }

    /// Sends every stream its heartbeat.
    pub(super) fn beat(&self) {
        let Ok(streams) = self.streams.try_borrow() else {
            return;
        };
        for (id, flow) in streams.iter() {
            let Some(flow) = flow.upgrade() else { continue };
            if let Ok(mut flow) = flow.try_borrow_mut()
                && flow.wants_heartbeat()
                && host::set_effective_context(*id).is_ok()
            {
                flow.beat();
            }
        }
    }

    /// Gives the turns that were asked for. One for each entry, so that two pieces of one stream
    /// never go out in one call.
    pub(super) fn turn(&self, queue: u32) {
        let Ok(Some(entry)) = host::dequeue(queue) else {
            return;
        };
        let Ok(id) = <[u8; 4]>::try_from(entry.as_slice()) else {
            return;
        };
        let id = u32::from_le_bytes(id);
        let flow = self.streams.try_borrow().ok().and_then(|streams| {
            let at = streams.binary_search_by_key(&id, |(other, _)| *other);
            streams.get(at.ok()?)?.1.upgrade()
        });
        let Some(flow) = flow else { return };
        if host::set_effective_context(id).is_err() {
            return; // the stream is gone
        }
        if let Ok(mut flow) = flow.try_borrow_mut() {
            flow.turn(self, id);
        }
    }
}
