//! What the host calls, by proxy-wasm ABI 0.2.1.
//!
//! Whatever it calls with, in whatever order, nothing here fails: a number of no context is ignored.
//! The host calls only what a module exports; callbacks that are of no use are left out, for each
//! costs its share of a small request.
#![allow(unsafe_code)] // the host finds its callbacks by name, and has memory allocated

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::{NonNull, null_mut};

use super::abi::Action;
use super::contexts::Contexts;
use super::kick::Kicks;
use super::stream::Stream;
use super::{crash, host, log};

unsafe extern "C" {
    /// The C library's own start, which the linker provides.
    fn __wasm_call_ctors();
}

/// Called once before anything else.
#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    // SAFETY: this is the one call, before anything else runs.
    unsafe { __wasm_call_ctors() };
    log::install();
    crash::install();
}

/// Says by its name which ABI the module speaks.
#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

/// Memory for something that the host hands over; null where there is none, which it answers with a
/// status. So it is no crash, as it is for all other memory.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    match Layout::array::<u8>(size) {
        // SAFETY: the layout's size is not zero.
        Ok(layout) if size > 0 => unsafe { System.alloc(layout) },
        Ok(_) => NonNull::dangling().as_ptr(),
        Err(_) => null_mut(),
    }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_vm_start(_root: u32, _size: usize) -> bool {
    true
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(root: u32, size: usize) -> bool {
    Contexts::with(|contexts| contexts.root(root, |root| root.configure(size))).unwrap_or(false)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(id: u32, root: u32) {
    Contexts::with(|contexts| contexts.create(id, root));
}

/// Comes right behind `proxy_on_done`, which is not needed then: a stream can still be written to.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(id: u32) {
    Contexts::with(|contexts| {
        contexts.stream(id, Stream::done);
        contexts.delete(id)
    });
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(root: u32) {
    let streams = Contexts::with(|contexts| Some(contexts.streams_of(root)));
    for id in streams.unwrap_or_default() {
        Contexts::with(|contexts| contexts.stream(id, Stream::tick));
    }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_queue_ready(_root: u32, queue: u32) {
    if let Some((id, turn)) = Kicks::next(queue) {
        Contexts::with(|contexts| contexts.stream(id, |stream| stream.turn(turn)));
    }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(id: u32, _count: usize, end: bool) -> Action {
    on_stream(id, |stream| stream.request_headers(end))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(id: u32, size: usize, end: bool) -> Action {
    on_stream(id, |stream| stream.request_body(size, end))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_trailers(id: u32, _count: usize) -> Action {
    on_stream(id, Stream::request_trailers)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(id: u32, _count: usize, end: bool) -> Action {
    on_stream(id, |stream| stream.response_headers(end))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_body(id: u32, size: usize, end: bool) -> Action {
    on_stream(id, |stream| stream.response_body(size, end))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_trailers(id: u32, _count: usize) -> Action {
    on_stream(id, Stream::response_trailers)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_grpc_receive(_root: u32, token: u32, size: usize) {
    on_answer(token, 0, size);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_grpc_close(_root: u32, token: u32, status: u32) {
    on_answer(token, status, 0);
}

fn on_stream(id: u32, act: impl FnOnce(&mut Stream) -> Action) -> Action {
    Contexts::with(|contexts| contexts.stream(id, act)).unwrap_or(Action::Continue)
}

/// The answer to a call, which the host brings to the plugin and not to the stream that asked.
fn on_answer(token: u32, status: u32, size: usize) {
    if let Some(id) = Contexts::with(|contexts| contexts.caller(token))
        && host::set_effective_context(id).is_ok()
    {
        Contexts::with(|contexts| {
            contexts.stream(id, |stream| stream.call_answered(token, status, size))
        });
    }
}
