//! What the exchanges of one worker hold together.

use std::cell::Cell;
use std::rc::Rc;

/// Most bytes that all exchanges of one worker hold of requests and unfinished lines. Wasm memory
/// ends at 1 GiB, and its end is a trap; a quarter leaves room for buffers that grow by doubling
/// and for what the allocator cannot use.
const MAX_HELD: usize = 256 << 20;

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
