//! Which of the host's context numbers is which plugin or request.
//!
//! The host may call the module while the module is running: answering a request from one of its
//! callbacks ends it at once, for one. So a stream is taken out of the table while it runs. A
//! callback that finds it out does nothing, and one that removes it leaves nothing to put back.

use std::cell::RefCell;

use super::by_id::{ById, Room};
use super::root::Root;
use super::stream::Stream;

/// All contexts of one Wasm VM.
pub(super) struct Contexts {
    roots: RefCell<ById<Root>>,
    streams: RefCell<ById<Slot>>,
    /// The streams that wait for the answers to calls, by the calls' tokens.
    calls: RefCell<ById<u32>>,
}

/// A stream and the plugin that it belongs to.
struct Slot {
    root: u32,
    /// Nothing while it runs.
    stream: Option<Box<Stream>>,
}

thread_local! {
    /// The VM has one thread.
    static CONTEXTS: Contexts = const {
        Contexts {
            roots: RefCell::new(ById::new()),
            streams: RefCell::new(ById::new()),
            calls: RefCell::new(ById::new()),
        }
    };
}

impl Contexts {
    /// Does something with the contexts; nothing once the VM's thread has ended, which it does not.
    pub(super) fn with<R>(act: impl FnOnce(&Self) -> Option<R>) -> Option<R> {
        CONTEXTS.try_with(act).ok().flatten()
    }

    /// Opens a context: a plugin's if `root` is 0, else a request's to that plugin.
    pub(super) fn create(&self, id: u32, root: u32) -> Option<()> {
        if root == 0 {
            return put(&self.roots, id, Root::default());
        }
        let stream = self.roots.try_borrow().ok()?.get(root)?.stream(id);
        let stream = Some(Box::new(stream));
        put(&self.streams, id, Slot { root, stream })
    }

    /// Closes a context.
    pub(super) fn delete(&self, id: u32) -> Option<()> {
        let stream = self.streams.try_borrow_mut().ok()?.remove(id);
        if stream.is_none() {
            self.roots.try_borrow_mut().ok()?.remove(id);
        }
        Some(())
    }

    /// Does something with a plugin.
    pub(super) fn root<R>(&self, id: u32, act: impl FnOnce(&mut Root) -> R) -> Option<R> {
        let mut roots = self.roots.try_borrow_mut().ok()?;
        roots.get_mut(id).map(act)
    }

    /// Does something with a stream.
    pub(super) fn stream<R>(&self, id: u32, act: impl FnOnce(&mut Stream) -> R) -> Option<R> {
        let mut stream = self.take(id)?;
        let call = stream.call();
        let result = act(&mut stream);
        if stream.call() != call {
            self.note_call(id, call, stream.call());
        }
        self.put_back(id, stream);
        Some(result)
    }

    /// The stream that waits for the answer to a call.
    pub(super) fn caller(&self, token: u32) -> Option<u32> {
        self.calls.try_borrow().ok()?.get(token).copied()
    }

    /// The streams of a plugin.
    pub(super) fn streams_of(&self, root: u32) -> Vec<u32> {
        let Ok(streams) = self.streams.try_borrow() else {
            return Vec::new();
        };
        let own = streams.iter().filter(|(_, slot)| slot.root == root);
        own.map(|(id, _)| id).collect()
    }

    /// Does something for the number of every stream, in a crash: without allocating.
    pub(super) fn each_stream(&self, act: impl FnMut(u32)) -> Option<()> {
        let streams = self.streams.try_borrow().ok()?;
        streams.iter().map(|(id, _)| id).for_each(act);
        Some(())
    }

    fn take(&self, id: u32) -> Option<Box<Stream>> {
        let mut streams = self.streams.try_borrow_mut().ok()?;
        streams.get_mut(id)?.stream.take()
    }

    fn put_back(&self, id: u32, stream: Box<Stream>) {
        if let Ok(mut streams) = self.streams.try_borrow_mut()
            && let Some(slot) = streams.get_mut(id)
        {
            slot.stream = Some(stream);
        }
    }

    /// Notes that a stream has made one call and waits for another no more.
    fn note_call(&self, id: u32, before: Option<u32>, after: Option<u32>) {
        if let Some(token) = before
            && let Ok(mut calls) = self.calls.try_borrow_mut()
        {
            calls.remove(token);
        }
        if let Some(token) = after {
            put(&self.calls, token, id);
        }
    }
}

/// Puts a value into a table. Where it has to grow, that happens while nobody borrows it: memory may be out then, and
/// what ends all streams reads the table.
fn put<T>(table: &RefCell<ById<T>>, id: u32, value: T) -> Option<()> {
    let wanted = table.try_borrow().ok()?.wanted_room();
    if let Some(count) = wanted {
        let room = Room::of(count);
        let old = table.try_borrow_mut().ok()?.move_into(room);
        drop(old);
    }
    table.try_borrow_mut().ok()?.insert(id, value);
    Some(())
}
