//! Where a watch begins, and how one goes on behind what its client has seen.

use crate::grpc::{HEADER_LEN, seal};
use crate::schema::Method;
use crate::schema::tables::WATCH_WATCH;
use crate::transcode::{nested_number, with_nested_number};

/// `etcdserverpb.WatchRequest.create_request`
const CREATE_REQUEST: u32 = 1;

/// `etcdserverpb.WatchCreateRequest.start_revision`
const START_REVISION: u32 = 3;

/// What a watch for server-sent events needs beside its messages.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The id of the last event that the client has seen, behind which all watches of the request go on.
    last_event: Option<u64>,
    /// Whether the request opens one watch, without a revision to start from.
    from_now: bool,
}

impl Watch {
    /// A watch whose client has seen its events up to this `Last-Event-ID`, if it is one of ours.
    pub(super) fn behind(last_event: Option<&[u8]>) -> Self {
        Self {
            last_event: last_event.and_then(|id| std::str::from_utf8(id).ok()?.parse().ok()),
            from_now: false,
        }
    }

    /// Notes where the only request of a stream, this `frame`, begins.
    pub(super) fn note(&mut self, method: &Method, frame: &[u8]) {
        self.from_now = begins_now(method, frame);
    }

    /// Whether that is wherever etcd is.
    pub(super) fn is_from_now(&self) -> bool {
        self.from_now
    }

    /// Makes the `frame` of a request go on behind what the client has seen.
    pub(super) fn resume(&self, method: &Method, frame: &mut Vec<u8>) {
        if let Some(last) = self.last_event {
            begin_behind(method, last, frame);
        }
    }
}

/// Whether a request message of a watch names neither a watch to open nor one to close nor anything else: etcd ignores
/// it, and its client would wait for ever.
pub(super) fn names_nothing(method: &Method, message: &[u8]) -> bool {
    method.path == WATCH_WATCH.path && message.is_empty()
}

/// Makes the `frame` of a request that opens a watch begin behind this revision, whatever it said itself. Any other stays
/// as it is.
fn begin_behind(method: &Method, revision: u64, frame: &mut Vec<u8>) {
    let message = frame.get(HEADER_LEN..).unwrap_or_default();
    let start = revision.saturating_add(1);
    if method.path == WATCH_WATCH.path
        && let Some(mut message) =
            with_nested_number(message, CREATE_REQUEST, START_REVISION, start)
    {
        frame.truncate(HEADER_LEN);
        frame.append(&mut message);
        seal(frame);
    }
}

/// Whether the `frame` of a request opens a watch without a revision to start from.
fn begins_now(method: &Method, frame: &[u8]) -> bool {
    let message = frame.get(HEADER_LEN..).unwrap_or_default();
    method.path == WATCH_WATCH.path
        && nested_number(message, CREATE_REQUEST, START_REVISION) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::KV_PUT;

    fn frame(message: &[u8]) -> Vec<u8> {
        let mut frame = vec![0; HEADER_LEN];
        frame.extend(message);
        seal(&mut frame);
        frame
    }

    #[test]
    fn a_watch_is_made_to_begin_behind_a_revision() {
        // create_request: key "a", start_revision 5
        let mut opened = frame(b"\x0a\x05\x0a\x01a\x18\x05");
        begin_behind(&WATCH_WATCH, 8, &mut opened);
        assert_eq!(opened, frame(b"\x0a\x07\x0a\x01a\x18\x05\x18\x09"));
        assert!(!begins_now(&WATCH_WATCH, &opened));
    }

    #[test]
    fn what_opens_no_watch_stays_as_it_is() {
        for (method, message) in [
            (&WATCH_WATCH, &b"\x12\x02\x08\x01"[..]), // cancel_request
            (&WATCH_WATCH, b""),
            (&KV_PUT, b"\x0a\x01a"),
        ] {
            let mut sent = frame(message);
            begin_behind(method, 8, &mut sent);
            assert_eq!(sent, frame(message));
            assert!(!begins_now(method, &sent));
        }
    }

    #[test]
    fn a_watch_without_a_revision_begins_now() {
        assert!(begins_now(&WATCH_WATCH, &frame(b"\x0a\x03\x0a\x01a")));
        assert!(!names_nothing(&WATCH_WATCH, b"\x0a\x00"));
        assert!(names_nothing(&WATCH_WATCH, b""));
        assert!(!names_nothing(&KV_PUT, b""));
    }
}
