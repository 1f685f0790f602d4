//! What the module still does when it cannot go on: it ends all its streams.
//!
//! Envoy drops a Wasm VM that has trapped and makes a new one for the next request, but leaves the
//! streams of the old one alone until something happens on them: a quiet watch would hang without
//! anyone telling its client. Nothing here allocates, for it may be memory that has run out.
#![allow(unsafe_code)] // an allocator is unsafe to write

use std::alloc::{GlobalAlloc, Layout, System};

use crate::filter::callbacks::end_all;

/// The system's allocator, after whose failure the module ends.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: everything is the system's allocator's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the same contract.
        checked(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        checked(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        checked(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn checked(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        end_all("out of memory");
    }
    memory
}

/// Ends all streams before a panic ends the module.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|panic| end_all(&panic.to_string())));
}
