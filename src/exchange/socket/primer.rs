//! The message that has etcd answer a call whose client waits for the answer.

use crate::grpc::HEADER_LEN;
use crate::schema::Method;
use crate::schema::tables::WATCH_WATCH;

/// A watch without events under the number 2^62, which no client uses, and its end. etcd numbers the watches of clients as
/// if it had never been. No policy concerns it: the client learns nothing of it.
const WATCH: &[u8] = b"\0\0\0\0\x10\x0a\x0e\x28\0\x28\x01\x38\x80\x80\x80\x80\x80\x80\x80\x80\x40\
\0\0\0\0\x0c\x12\x0a\x08\x80\x80\x80\x80\x80\x80\x80\x80\x40";

/// How an answer to it names it.
const WATCH_ID: &[u8] = br#""watch_id":"4611686018427387904""#;

/// A keepalive of no lease.
const KEEPALIVE: &[u8] = &[0; HEADER_LEN];

/// The primer of one call.
#[derive(Debug)]
pub(super) struct Primer {
    frames: &'static [u8],
    awaited: Awaited,
}

/// What of the answers to it has not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    /// The first answer of all, whatever it says.
    First,
    /// The end of the watch.
    End,
    Nothing,
}

impl Primer {
    /// The primer of this method.
    pub(super) fn of(method: &Method) -> Self {
        let frames = if method.path == WATCH_WATCH.path {
            WATCH
        } else {
            KEEPALIVE
        };
        Self {
            frames,
            awaited: Awaited::First,
        }
    }

    /// Its frames, once.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.frames).into()
    }

    /// Whether this line is an answer to it.
    pub(super) fn takes(&mut self, line: &[u8]) -> bool {
        if self.awaited == Awaited::Nothing {
            return false;
        }
        // These cannot be part of a string: in one the quotes would be escaped.
        let has = |part: &[u8]| line.windows(part.len()).any(|bytes| bytes == part);
        let ended = has(br#""canceled":true"#);
        let own = has(WATCH_ID);
        match self.awaited {
            // A watch that etcd refuses is created and cancelled at once, and a keepalive has one answer.
            Awaited::First if own && !ended => self.awaited = Awaited::End,
            Awaited::First => self.awaited = Awaited::Nothing,
            Awaited::End if own && ended => self.awaited = Awaited::Nothing,
            Awaited::End | Awaited::Nothing => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::LEASE_LEASE_KEEP_ALIVE;

    const CREATED: &[u8] =
        br#"{"result":{"header":{},"watch_id":"4611686018427387904","created":true}}"#;
    const ENDED: &[u8] =
        br#"{"result":{"header":{},"watch_id":"4611686018427387904","canceled":true}}"#;
    const REFUSED: &[u8] =
        br#"{"result":{"header":{},"watch_id":"-1","created":true,"canceled":true}}"#;
    const OTHER: &[u8] = br#"{"result":{"header":{},"created":true}}"#;

    fn left(method: &Method, lines: &[&'static [u8]]) -> Vec<&'static [u8]> {
        let mut primer = Primer::of(method);
        lines
            .iter()
            .copied()
            .filter(|line| !primer.takes(line))
            .collect()
    }

    #[test]
    fn the_answers_to_it_are_kept_and_no_other() {
        assert_eq!(
            left(&WATCH_WATCH, &[CREATED, OTHER, ENDED, OTHER, ENDED]),
            [OTHER, OTHER, ENDED]
        );
        assert_eq!(
            left(&WATCH_WATCH, &[REFUSED, OTHER, REFUSED]),
            [OTHER, REFUSED]
        );
        assert_eq!(left(&LEASE_LEASE_KEEP_ALIVE, &[OTHER, OTHER]), [OTHER]);
    }

    #[test]
    fn it_goes_out_once() {
        let mut primer = Primer::of(&WATCH_WATCH);
        assert_eq!(primer.take(), WATCH);
        assert_eq!(primer.take(), b"");
    }
}
