//! What stands around the messages of a stream: lines, or server-sent events.

use super::event_stream::{DATA, error_event, push_event_end, resume_revision};

/// What a document begins and ends with, around the message.
const OPEN: &[u8] = b"{\"result\":";
const CLOSE: &[u8] = b"}\n";

/// How messages are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// A line each.
    Lines,
    /// A server-sent event each.
    Events,
}

impl Framing {
    /// What stands before a message.
    pub(crate) fn open(self) -> Vec<u8> {
        match self {
            Self::Lines => OPEN.to_vec(),
            Self::Events => [DATA, OPEN].concat(),
        }
    }

    /// Appends what stands behind a message, of which `text` has everything if it is `whole`. An id
    /// from a part of it could lead behind events that were not seen. `from_now`: see
    /// [`resume_revision`].
    pub(crate) fn close(self, whole: bool, from_now: bool, text: &mut Vec<u8>) {
        text.extend_from_slice(CLOSE);
        if self == Self::Events {
            let id = if whole {
                resume_revision(text, from_now)
            } else {
                None
            };
            push_event_end(id, text);
        }
    }

    /// The end of a stream with this error line, which may fall `within` a document.
    pub(crate) fn error(self, line: &[u8], within: bool) -> Vec<u8> {
        match (self, within) {
            (Self::Lines, false) => line.to_vec(),
            (Self::Lines, true) => [b"\n", line].concat(),
            (Self::Events, false) => error_event(line),
            // A blank line would hand a browser what has come of the document as if it were whole. So the
            // error is a further line of its data, and its type becomes the error's.
            (Self::Events, true) => [b"\n", error_event(line).as_slice()].concat(),
        }
    }
}
