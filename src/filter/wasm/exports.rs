//! What the host calls, by proxy-wasm ABI 0.2.1.
//!
//! The host calls only what a module exports; callbacks that are of no use are left out, for each
//! costs its share of a small request.
#![allow(unsafe_code)] // the host finds its callbacks by name, and has memory allocated

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::{NonNull, null_mut};

use super::{crash, log};
use crate::filter::abi::Action;
use crate::filter::callbacks;

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
    callbacks::configure(root, size)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(id: u32, root: u32) {
    callbacks::create(id, root);
}

/// Comes right behind `proxy_on_done`, which is not needed then.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(id: u32) {
    callbacks::delete(id);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(root: u32) {
    callbacks::tick(root);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_queue_ready(_root: u32, queue: u32) {
    callbacks::queue_ready(queue);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(id: u32, _count: usize, end: bool) -> Action {
    callbacks::request_headers(id, end)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(id: u32, size: usize, end: bool) -> Action {
    callbacks::request_body(id, size, end)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_trailers(id: u32, _count: usize) -> Action {
    callbacks::request_trailers(id)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(id: u32, _count: usize, end: bool) -> Action {
    callbacks::response_headers(id, end)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_body(id: u32, size: usize, end: bool) -> Action {
    callbacks::response_body(id, size, end)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_trailers(id: u32, _count: usize) -> Action {
    callbacks::response_trailers(id)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_grpc_receive(_root: u32, token: u32, size: usize) {
    callbacks::call_answered(token, 0, size);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_grpc_close(_root: u32, token: u32, status: u32) {
    callbacks::call_answered(token, status, 0);
}
