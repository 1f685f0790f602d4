//! Streams whose upstream is lost before it has ended them.

use super::deadline::{self, Deadline};
use super::settings::Settings;
use crate::grpc::{Code, Status};
use crate::http::Reason;

/// How a stream was lost, with the proxy's words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// By a timeout of the proxy's.
    Timeout(String),
    /// The upstream has reset the stream.
    Reset(String),
    /// Otherwise, such as by the end of its connection.
    Gone(String),
}

impl Lost {
    /// What the client is told, who has set this deadline or none.
    pub(super) fn status(self, settings: &Settings, deadline: Deadline) -> (Status, Reason) {
        let status = match self {
            _ if deadline.has_passed(settings) => return (deadline::exceeded(), Reason::Deadline),
            // Since 3.7 etcd ends a stream whose deadline passes by a reset, as every new grpc-go does.
            Self::Reset(_) if deadline.is_set() => {
                return (deadline::exceeded(), Reason::Deadline);
            }
            Self::Timeout(words) => Status::new(Code::DEADLINE_EXCEEDED, words),
            Self::Reset(words) | Self::Gone(words) => Status::new(Code::UNAVAILABLE, words),
        };
        (status, Reason::Lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::grpc::Timeout;

    #[test]
    fn a_reset_is_the_end_of_a_deadline_where_one_is_set() {
        let settings = Settings::new(&Config::default()).with_clock(|| 0);
        let set = Deadline::after(Timeout::parse(b"10S").unwrap(), &settings);
        assert!(set.is_set());
        for (lost, deadline, code) in [
            (Lost::Reset("reset".into()), set, Code::DEADLINE_EXCEEDED),
            (
                Lost::Reset("reset".into()),
                Deadline::default(),
                Code::UNAVAILABLE,
            ),
            (Lost::Gone("gone".into()), set, Code::UNAVAILABLE),
            (
                Lost::Timeout("idle".into()),
                Deadline::default(),
                Code::DEADLINE_EXCEEDED,
            ),
        ] {
            assert_eq!(lost.status(&settings, deadline).0.code, code);
        }
    }

    #[test]
    fn whatever_ends_a_stream_behind_its_deadline_is_the_deadline() {
        let settings = Settings::new(&Config::default());
        let set = Deadline::after(Timeout::parse(b"1n").unwrap(), &settings);
        let status = Lost::Gone("gone".into()).status(&settings, set);
        assert_eq!(status, (deadline::exceeded(), Reason::Deadline));
    }
}
