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

/// What of it large heads, bodies in pieces and long answers may take, so that no number of them stops small requests.
pub const MAX_LARGE: usize = MAX_HELD / 4 * 3;

/// What of it calls may take that wait, for events, for a lock or for a callout, so that those that are answered at
/// once have some left.
const MAX_WAITING: usize = MAX_HELD / 8 * 7;

/// What of it unfinished answers and waiting lines may take before answers go out in pieces: what thousands of clients
/// that do not read leave in memory, which Wasm never gives back.
const MAX_ANSWERS: usize = MAX_HELD / 128;

/// What of it unfinished answers may take before those are refused that hold a value until it is known to be text: these
/// cannot go out in pieces.
const MAX_TEXT: usize = MAX_HELD / 4;

/// What an exchange takes beside what is counted: twice what the module holds of a quiet watch, which
/// `tests/envoy/streams/streams/memory.rs` measures.
const EXCHANGE: usize = 4 << 10;

/// Most bytes of a small request's head. Browsers and clients with tokens stay below it.
const SMALL_HEAD: usize = 4 << 10;

/// Bytes that are held, in Envoy, for each byte of a head that lives as long as its request does.
const HEAD_TIMES: usize = 3;

/// Bytes that Envoy holds for a call beside its request, and for each byte of the call's metadata.
const CALL: usize = 32 << 10;
const CALL_TIMES: usize = 7;

/// What a request wants to hold something for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// A call that etcd answers at once.
    Brief,
    /// A call that may wait.
    Waiting,
    /// A large head, a body in pieces, a long answer.
    Large,
}

/// The bytes that all exchanges of one worker hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(Rc<Sums>);

#[derive(Debug, Default)]
struct Sums {
    all: Cell<usize>,
    /// Of unfinished answers and waiting lines alone.
    answers: Cell<usize>,
}

impl Memory {
    /// Whether no more should be held for this.
    pub(super) fn is_full_for(&self, claim: Claim) -> bool {
        let bound = match claim {
            Claim::Brief => MAX_HELD,
            Claim::Waiting => MAX_WAITING,
            Claim::Large => MAX_LARGE,
        };
        self.held() >= bound
    }

    /// Whether no more should be held for an answer of which `own` bytes are held, and which goes out in pieces then.
    /// What counts is what all others hold, so that one alone may be as long as is configured.
    pub(super) fn is_full_for_answers(&self, own: usize) -> bool {
        self.0.answers.get().saturating_sub(own) >= MAX_ANSWERS || self.is_full_for(Claim::Large)
    }

    /// Whether no more should be held of a value of an answer that may be text.
    pub(super) fn is_full_for_text(&self) -> bool {
        self.0.answers.get() >= MAX_TEXT || self.is_full_for(Claim::Large)
    }

    /// How much is held.
    pub(super) fn held(&self) -> usize {
        self.0.all.get()
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
    /// What the exchange itself and the request's head take.
    head: usize,
    /// What the call beside the request takes.
    call: usize,
    /// Bytes of lines, and of request messages, that wait for their way out.
    lines: usize,
    requests: usize,
    held: Held,
    total: usize,
    /// What of it is the answer's.
    answers: usize,
}

impl Share {
    pub(super) fn new(memory: Memory) -> Self {
        Self {
            memory,
            head: 0,
            call: 0,
            lines: 0,
            requests: 0,
            held: Held::default(),
            total: 0,
            answers: 0,
        }
    }

    /// Counts an exchange whose head has so many bytes; false where there is no room for it.
    pub(super) fn admit(&mut self, claim: Claim, head: usize) -> bool {
        let claim = if head > SMALL_HEAD {
            Claim::Large
        } else {
            claim
        };
        if self.memory.is_full_for(claim) {
            return false;
        }
        self.head = EXCHANGE.saturating_add(head.saturating_mul(HEAD_TIMES));
        self.count();
        true
    }

    /// Counts a call beside the request, with so many bytes of metadata; nothing once it has been answered.
    pub(super) fn set_call(&mut self, metadata: Option<usize>) {
        self.call = metadata.map_or(0, |bytes| {
            CALL.saturating_add(bytes.saturating_mul(CALL_TIMES))
        });
        self.count();
    }

    /// Says how much of the request and its answer the exchange holds now.
    pub(super) fn set(&mut self, held: Held) {
        self.held = held;
        self.count();
    }

    /// Does the same for a request that is not complete; false if the worker holds too much for it, and it has to be
    /// refused. The piece that reaches the bound for large requests is still taken, unless it also reaches the bound that
    /// leaves room for small ones.
    pub(super) fn keep(&mut self, held: Held) -> bool {
        let full = self.memory.is_full_for(Claim::Large);
        self.set(held);
        !full && !self.memory.is_full_for(Claim::Waiting)
    }

    /// Says how many bytes of lines wait.
    pub(super) fn set_lines(&mut self, bytes: usize) {
        if self.lines != bytes {
            self.lines = bytes;
            self.count();
        }
    }

    /// Says how many bytes of request messages wait.
    pub(super) fn set_requests(&mut self, bytes: usize) {
        if self.requests != bytes {
            self.requests = bytes;
            self.count();
        }
    }

    /// Bytes of request messages that wait.
    pub(super) fn requests(&self) -> usize {
        self.requests
    }

    /// Gives everything back.
    pub(super) fn release(&mut self) {
        (self.head, self.call) = (0, 0);
        (self.lines, self.requests) = (0, 0);
        self.set(Held::default());
    }

    fn count(&mut self) {
        let answers = self.lines.saturating_add(self.held.answer);
        let parts = [
            self.head,
            self.call,
            self.requests,
            self.held.request,
            answers,
        ];
        let total = parts.into_iter().fold(0, usize::saturating_add);
        let sums = &self.memory.0;
        replace(&sums.all, self.total, total);
        replace(&sums.answers, self.answers, answers);
        (self.total, self.answers) = (total, answers);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.release();
    }
}

/// Puts one share of a sum in the place of another.
fn replace(sum: &Cell<usize>, old: usize, new: usize) {
    sum.set(sum.get().saturating_sub(old).saturating_add(new));
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
        let full = || memory.is_full_for(Claim::Brief);
        one.set(request(MAX_HELD - 1));
        assert!(!full());
        two.set(Held {
            request: 0,
            answer: 1,
        });
        assert!(full());
        one.set(request(0));
        assert!(!full());
        one.set(request(MAX_HELD));
        one.release();
        assert!(!full());
        one.set_lines(MAX_HELD);
        drop(one);
        assert!(!full());
    }

    #[test]
    fn answers_have_a_bound_of_their_own() {
        let memory = Memory::default();
        let mut one = Share::new(memory.clone());
        let mut two = Share::new(memory.clone());
        one.set(Held {
            request: MAX_ANSWERS,
            answer: MAX_ANSWERS - 1,
        });
        assert!(!memory.is_full_for_answers(0));
        two.set_lines(1);
        assert!(memory.is_full_for_answers(0) && !memory.is_full_for(Claim::Large));
        assert!(!memory.is_full_for_answers(MAX_ANSWERS), "its own");
        drop(two);
        assert!(!memory.is_full_for_answers(0));
        one.set(Held {
            request: MAX_LARGE,
            answer: 0,
        });
        assert!(memory.is_full_for_answers(0));
    }

    /// How many exchanges are let in, one after the other.
    fn admitted(memory: &Memory, claim: Claim, head: usize) -> Vec<Share> {
        let admit = || {
            let mut share = Share::new(memory.clone());
            share.admit(claim, head).then_some(share)
        };
        std::iter::from_fn(admit).collect()
    }

    #[test]
    fn who_holds_much_does_not_stop_who_holds_little() {
        let memory = Memory::default();
        let large = admitted(&memory, Claim::Brief, 60_000);
        assert!((1_000..1_500).contains(&large.len()), "{}", large.len());
        let watches = admitted(&memory, Claim::Waiting, 500);
        assert!(watches.len() > 5_000, "{}", watches.len());
        let puts = admitted(&memory, Claim::Brief, 500);
        assert!(puts.len() > 5_000, "{}", puts.len());
        drop((large, watches, puts));
        assert_eq!(memory.held(), 0);
    }

    #[test]
    fn there_is_room_for_tens_of_thousands_of_quiet_watches() {
        let watches = admitted(&Memory::default(), Claim::Waiting, 500);
        assert!(watches.len() > 40_000, "{}", watches.len());
    }
}
