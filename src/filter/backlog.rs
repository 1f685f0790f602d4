//! Lines of a stream that wait for their way out.

use std::collections::VecDeque;

/// Bytes that a line takes beside its own: its place in the queue, and what the allocator adds.
const LINE: usize = size_of::<Vec<u8>>() + 8;

/// A queue of lines that gives them out one by one, or, where too much waits, as many as fit.
#[derive(Debug, Default)]
pub struct Backlog {
    lines: VecDeque<Vec<u8>>,
    /// How much of the first line has been given out.
    given: usize,
    /// Bytes that wait.
    waiting: usize,
}

impl Backlog {
    /// Adds a line.
    pub fn push(&mut self, line: Vec<u8>) {
        if !line.is_empty() {
            self.waiting = self.waiting.saturating_add(line.len());
            self.lines.push_back(line);
        }
    }

    /// Puts back what has been given out last, in front of everything.
    pub fn put_back(&mut self, bytes: Vec<u8>) {
        if self.given > 0 {
            let rest = self.pop();
            self.waiting = self.waiting.saturating_add(rest.len());
            self.lines.push_front(rest);
        }
        self.waiting = self.waiting.saturating_add(bytes.len());
        self.lines.push_front(bytes);
    }

    /// Bytes that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Bytes that are held for them, those that keep small ones apart among them.
    #[must_use]
    pub fn held(&self) -> usize {
        let apart = self.lines.capacity().saturating_mul(LINE);
        self.waiting.saturating_add(apart)
    }

    /// Whether the line that was given out last was not given out whole.
    #[must_use]
    pub fn is_within_line(&self) -> bool {
        self.given > 0
    }

    /// Gives out the oldest line, if it has at most `budget` bytes, and else as much of it. While
    /// more than that waits, whole lines go together as long as they fit.
    pub fn take(&mut self, budget: usize) -> Vec<u8> {
        let pressed = self.waiting > budget;
        let Some(first) = self.lines.front() else {
            return Vec::new();
        };
        let rest = first.get(self.given..).unwrap_or_default();
        if rest.len() > budget {
            let piece = rest.get(..budget).unwrap_or_default().to_vec();
            self.given = self.given.saturating_add(budget);
            self.waiting = self.waiting.saturating_sub(budget);
            return piece;
        }
        let mut taken = self.pop();
        while pressed
            && self
                .lines
                .front()
                .is_some_and(|next| taken.len().saturating_add(next.len()) <= budget)
        {
            taken.append(&mut self.pop());
        }
        taken
    }

    /// Gives out everything that waits.
    pub fn take_all(&mut self) -> Vec<u8> {
        let mut taken = self.pop();
        taken.reserve_exact(self.waiting);
        while !self.lines.is_empty() {
            taken.append(&mut self.pop());
        }
        taken
    }

    /// What is left of the oldest line.
    fn pop(&mut self) -> Vec<u8> {
        let mut line = self.lines.pop_front().unwrap_or_default();
        if self.given > 0 {
            line = line.get(self.given..).unwrap_or_default().to_vec();
            self.given = 0;
        }
        self.waiting = self.waiting.saturating_sub(line.len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::Backlog;

    fn backlog(lines: &[&str]) -> Backlog {
        let mut backlog = Backlog::default();
        for line in lines {
            backlog.push(line.as_bytes().to_vec());
        }
        backlog
    }

    #[test]
    fn lines_come_out_one_by_one() {
        let mut backlog = backlog(&["one", "two"]);
        assert_eq!(backlog.waiting(), 6);
        assert_eq!(backlog.take(6), b"one");
        assert_eq!(backlog.take(6), b"two");
        assert_eq!((backlog.take(6), backlog.waiting()), (vec![], 0));
    }

    #[test]
    fn lines_go_together_while_more_waits_than_fits() {
        let mut backlog = backlog(&["one", "two", "three"]);
        assert_eq!(backlog.take(7), b"onetwo");
        assert_eq!(backlog.take(7), b"three");
    }

    #[test]
    fn what_is_put_back_comes_first_again() {
        let mut backlog = backlog(&["abcdefgh", "x"]);
        assert_eq!(backlog.take(3), b"abc");
        backlog.put_back(b"abc".to_vec());
        assert_eq!(backlog.waiting(), 9);
        assert_eq!(backlog.take_all(), b"abcdefghx");
    }

    #[test]
    fn a_line_that_does_not_fit_comes_in_pieces() {
        let mut backlog = backlog(&["abcdefgh", "x"]);
        assert_eq!(backlog.take(3), b"abc");
        assert!(backlog.is_within_line());
        assert_eq!((backlog.take(3), backlog.waiting()), (b"def".to_vec(), 3));
        assert_eq!(backlog.take_all(), b"ghx");
        assert!(!backlog.is_within_line());
    }
}
