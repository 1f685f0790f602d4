//! Memory that runs out while a table of contexts grows: the streams that it has are ended all the same.
#![allow(unsafe_code)] // an allocator is unsafe to write
#![allow(clippy::arithmetic_side_effects)] // a test fails by panicking

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use envoy_model::{Model, Options};
use etcd_json_gateway::filter::callbacks;

/// The system's allocator, which does for an allocation that is too large what the module's does when memory is out.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// Bytes from which an allocation is too large; 0 where none is.
static TOO_LARGE: AtomicUsize = AtomicUsize::new(0);

fn check(size: usize) {
    let most = TOO_LARGE.load(Ordering::Relaxed);
    if most > 0 && size >= most {
        TOO_LARGE.store(0, Ordering::Relaxed);
        callbacks::end_all("out of memory");
    }
}

// SAFETY: everything is the system's allocator's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        // SAFETY: the caller keeps the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        check(size);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[test]
fn a_table_that_cannot_grow_does_not_hide_its_streams() {
    let model = Model::open(Options {
        plugin: String::new(),
        holds_heads: true,
        http2: true,
        retries: false,
        buffer: 32 << 10,
    });
    let mut streams = 1;
    // Only a table of hundreds of streams is as large.
    TOO_LARGE.store(16 << 10, Ordering::Relaxed);
    while TOO_LARGE.load(Ordering::Relaxed) > 0 {
        model.another();
        streams += 1;
        assert!(streams < 100_000, "no table has grown");
    }
    // All but the one for which there was no room.
    assert_eq!(model.answered().len(), streams - 1, "of {streams}");
    assert_eq!(model.log(), ["out of memory"]);
    model.close();
}
