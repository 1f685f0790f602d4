//! What the exchanges of one worker hold together.

use std::cell::Cell;
use std::rc::Rc;

/// Most bytes that all exchanges of one worker hold of requests and unfinished answers between
/// two calls of the host. Wasm memory ends at 1 GiB, and its end is a trap; a quarter leaves room for
/// what one call needs for a while, see below, and for what the allocator cannot use.
pub const MAX_HELD: usize = 256 << 20;

/// Most bytes that a request takes while it is read, in times of `max_request_bytes`: its body is
/// twice that, and while its buffer grows the old one stands beside it; behind it come the message and
/// copies of a string without its escapes and without line breaks.
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
        self.held() >= MAX_HELD
    }

    /// How much is held.
    pub(super) fn held(&self) -> usize {
        self.0.get()
    }
}

/// The bytes that one exchange holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held {
    /// Of its request.
    pub(super) request: usize,
    /// Of the message of its answer that is not complete, and of that message's text.
    pub(super) answer: usize,
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
    pub(super) fn set(&mut self, held: Held) {
        let held = held.request.saturating_add(held.answer);
        let others = self.memory.0.get().saturating_sub(self.held);
        self.memory.0.set(others.saturating_add(held));
        self.held = held;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(Held::default());
    }
}

/// Appends the next bytes of a body. Its room grows by doubling, so that pieces of any size cost no more
/// than their bytes, but never above `limit`, which bounds the body.
pub(super) fn append(body: &mut Vec<u8>, mut chunk: Vec<u8>, limit: usize) {
    if body.is_empty() && body.capacity() <= chunk.capacity() {
        *body = chunk;
        return;
    }
    let needed = body.len().saturating_add(chunk.len());
    if needed > body.capacity() {
        let room = body.capacity().saturating_mul(2).min(limit).max(needed);
        body.reserve_exact(room.saturating_sub(body.len()));
    }
    body.append(&mut chunk);
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
        let request = |request| Held { request, answer: 0 };
        one.set(request(MAX_HELD - 1));
        assert!(!memory.is_full());
        two.set(Held {
            request: 0,
            answer: 1,
        });
        assert!(memory.is_full());
        one.set(request(0));
        assert!(!memory.is_full());
        one.set(request(MAX_HELD));
        drop(one);
        assert!(!memory.is_full());
    }

    #[test]
    fn a_body_s_room_grows_by_doubling_up_to_its_limit() {
        let mut body = Vec::new();
        let mut rooms = Vec::new();
        for _ in 0..40 {
            append(&mut body, vec![7; 10], 400);
            rooms.push(body.capacity());
        }
        rooms.dedup();
        assert_eq!(rooms, [10, 20, 40, 80, 160, 320, 400]);
        assert_eq!(body, [7; 400]);
    }
}
