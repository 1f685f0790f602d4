//! What the exchanges of one worker hold together.

use std::cell::Cell;
use std::rc::Rc;

/// Most bytes that all exchanges of one worker hold of requests and unfinished lines between two
/// calls of the host. Wasm memory ends at 1 GiB, and its end is a trap; a quarter leaves room for
/// what one call needs for a while, see below, and for what the allocator cannot use.
pub const MAX_HELD: usize = 256 << 20;

/// Most bytes that a request takes while it is read, in times of `max_request_bytes`: its body is
/// twice that, in a buffer that grows by doubling; beside it are the message and copies of a string
/// without its escapes and without line breaks.
pub const REQUEST_TIMES: usize = 8;

/// Most bytes that an answer takes while it is read, whatever its size: what stands for the fields
/// of a message of up to 64 KiB that come in no order.
pub const ANSWER_BYTES: usize = 5 << 20;

/// Most bytes that a document of a stream takes beside that, in times of `stream_document_bytes`.
pub const DOCUMENT_TIMES: usize = 3;

/// The bytes that all exchanges of one worker hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(Rc<Cell<usize>>);

impl Memory {
    /// Whether no more should be held.
    pub(super) fn is_full(&self) -> bool {
        self.0.get() >= MAX_HELD
    }
}

/// One exchange's part of it, given back when dropped.
#[derive(Debug)]
pub(super) struct Share {
    memory: Memory,
    held: usize,
}

impl Share {
    pub(super) fn new(memory: Memory) -> Self {
        Self { memory, held: 0 }
    }

    /// Says how much the exchange holds now.
    pub(super) fn set(&mut self, held: usize) {
        let others = self.memory.0.get().saturating_sub(self.held);
        self.memory.0.set(others.saturating_add(held));
        self.held = held;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What V8 gives a Wasm module in Envoy.
    const WASM_MEMORY: usize = 1 << 30;

    #[test]
    fn the_largest_configuration_fits_into_wasm_memory() {
        let largest = crate::config::MAX_BYTES as usize;
        let request = REQUEST_TIMES * largest;
        let document = ANSWER_BYTES + DOCUMENT_TIMES * largest;
        assert!(MAX_HELD + request.max(document) < WASM_MEMORY);
    }

    #[test]
    fn shares_add_up_and_are_given_back() {
        let memory = Memory::default();
        let mut one = Share::new(memory.clone());
        let mut two = Share::new(memory.clone());
        one.set(MAX_HELD - 1);
        assert!(!memory.is_full());
        two.set(1);
        assert!(memory.is_full());
        one.set(0);
        assert!(!memory.is_full());
        one.set(MAX_HELD);
        drop(one);
        assert!(!memory.is_full());
    }
}
