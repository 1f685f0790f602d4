//! What the host may call, in whatever order and with whatever numbers: a number of no context is ignored.

use super::abi::{Action, LogLevel};
use super::contexts::Contexts;
use super::kick::Kicks;
use super::root::Root;
use super::stream::Stream;
use super::{details, host};

/// A plugin's configuration has come, of `size` bytes; false where it cannot be used.
pub fn configure(root: u32, size: usize) -> bool {
    Contexts::with(|contexts| contexts.root(root, |root| root.configure(size))).unwrap_or(false)
}

/// A context opens: a plugin's if `root` is 0, else a request's to that plugin.
pub fn create(id: u32, root: u32) {
    Contexts::with(|contexts| contexts.create(id, root));
}

/// A context closes. Its stream can still be written to.
pub fn delete(id: u32) {
    Contexts::with(|contexts| {
        contexts.stream(id, Stream::done);
        contexts.delete(id)
    });
}

/// A plugin's tick.
pub fn tick(root: u32) {
    Contexts::with(|contexts| contexts.root(root, Root::tick));
    let streams = Contexts::with(|contexts| Some(contexts.streams_of(root)));
    for id in streams.unwrap_or_default() {
        Contexts::with(|contexts| contexts.stream(id, Stream::tick));
    }
}

/// A queue has an entry.
pub fn queue_ready(queue: u32) {
    if let Some((id, turn)) = Kicks::next(queue) {
        Contexts::with(|contexts| contexts.stream(id, |stream| stream.turn(turn)));
    }
}

/// The head of a request; `end` if that is all of it.
pub fn request_headers(id: u32, end: bool) -> Action {
    on_stream(id, |stream| stream.request_headers(end))
}

/// A piece of a request's body.
pub fn request_body(id: u32, size: usize, end: bool) -> Action {
    on_stream(id, |stream| stream.request_body(size, end))
}

/// The trailers of a request.
pub fn request_trailers(id: u32) -> Action {
    on_stream(id, Stream::request_trailers)
}

/// The head of an answer; `end` if that is all of it.
pub fn response_headers(id: u32, end: bool) -> Action {
    on_stream(id, |stream| stream.response_headers(end))
}

/// A piece of an answer's body.
pub fn response_body(id: u32, size: usize, end: bool) -> Action {
    on_stream(id, |stream| stream.response_body(size, end))
}

/// The trailers of an answer.
pub fn response_trailers(id: u32) -> Action {
    on_stream(id, Stream::response_trailers)
}

/// The answer to a call has come, of `size` bytes, or how it failed. The host brings it to the plugin and not to the
/// stream that asked.
pub fn call_answered(token: u32, status: u32, size: usize) {
    if let Some(id) = Contexts::with(|contexts| contexts.caller(token))
        && host::set_effective_context(id).is_ok()
    {
        Contexts::with(|contexts| {
            contexts.stream(id, |stream| stream.call_answered(token, status, size))
        });
    }
}

/// The module ends: ends all streams, each by a reply, which cuts an answer off that is under way. Allocates nothing, for
/// it may be memory that has run out.
pub fn end_all(why: &str) {
    Contexts::with(|contexts| {
        contexts.each_stream(|id| {
            if host::set_effective_context(id).is_ok() {
                let _ = host::end_reply(details::CRASH); // there is nothing else to try
            }
        })
    });
    host::log(LogLevel::Critical, why);
}

/// Bytes that a plugin's streams hold together, as they count them: for tests.
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn held(root: u32) -> usize {
    Contexts::with(|contexts| contexts.root(root, |root| root.held())).unwrap_or_default()
}

fn on_stream(id: u32, act: impl FnOnce(&mut Stream) -> Action) -> Action {
    let act = |stream: &mut Stream| {
        let began = stream.begins();
        let action = act(stream);
        stream.ends(began);
        action
    };
    Contexts::with(|contexts| contexts.stream(id, act)).unwrap_or(Action::Continue)
}
