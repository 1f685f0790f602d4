//! The moment until which a client waits.

use super::settings::Settings;
use crate::grpc::{Code, Status, Timeout};
use crate::http::Reason;

/// How long before its deadline a call may end and count as having reached it: etcd's clock and ours need not agree to
/// the millisecond.
const SLACK: u64 = 5_000_000;

/// A client's deadline, if it has set one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Deadline(Option<u64>);

impl Deadline {
    /// The deadline of a call that begins now.
    pub(super) fn after(timeout: Option<Timeout>, settings: &Settings) -> Self {
        Self(timeout.map(|timeout| {
            let nanos = timeout.duration().as_nanos();
            (settings.clock)().saturating_add(u64::try_from(nanos).unwrap_or(u64::MAX))
        }))
    }

    /// Whether the client has set one.
    pub(super) fn is_set(self) -> bool {
        self.0.is_some()
    }

    /// How a call has ended for its client. Once the deadline has passed that is what it ended of, as with every gRPC
    /// client: what etcd or the proxy says then, such as a reset, is only how they stop.
    pub(super) fn judge(self, settings: &Settings, status: Status) -> (Status, Reason) {
        let stopped = [
            Code::CANCELLED,
            Code::UNKNOWN,
            Code::DEADLINE_EXCEEDED,
            Code::UNAVAILABLE,
        ];
        if stopped.contains(&status.code) && self.has_passed(settings) {
            (exceeded(), Reason::Deadline)
        } else {
            (status, Reason::Etcd)
        }
    }

    /// Whether it has passed.
    pub(super) fn has_passed(self, settings: &Settings) -> bool {
        self.0
            .is_some_and(|at| (settings.clock)() >= at.saturating_sub(SLACK))
    }
}

/// What a client is told whose deadline has passed, in etcd's words.
pub(super) fn exceeded() -> Status {
    Status::new(Code::DEADLINE_EXCEEDED, "context deadline exceeded")
}
