//! Answers of the upstream's that are gRPC and cannot be told to a client all the same.

use std::fmt;

use super::settings::Settings;
use crate::grpc::{Code, FrameError, Status};
use crate::http::{self, Reason, Reply};
use crate::transcode::to_json;

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It does not consist of gRPC's frames.
    Frame(FrameError),
    /// One of its messages is none of the method's.
    Message(to_json::Error),
    /// A unary call's has more than one message.
    SecondMessage,
    /// A unary call's has a good status and no message.
    NoMessage,
    /// A unary call's has a good status, which comes within its message.
    CutShort,
    /// A stream's has a good status, which comes within a message.
    StreamCutShort,
    /// A unary call's ends without a status.
    NoStatus,
    /// A stream's ends without a status.
    StreamNoStatus,
    /// A call's beside the request is longer than gRPC has messages.
    TooLong,
}

impl From<FrameError> for Broken {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<to_json::Error> for Broken {
    fn from(error: to_json::Error) -> Self {
        Self::Message(error)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frame(error) => return error.fmt(f),
            Self::Message(error) => return error.fmt(f),
            Self::SecondMessage => "upstream answered with more than one message",
            // grpc-go's words.
            Self::NoMessage => {
                "cardinality violation: received no response message from non-server-streaming RPC"
            }
            Self::CutShort => "upstream cut its answer short",
            Self::StreamCutShort => "upstream cut a message of the stream short",
            Self::NoStatus => "upstream ended its answer without a gRPC status",
            Self::StreamNoStatus => "upstream ended the stream without a gRPC status",
            Self::TooLong => "upstream answered with a message of over 4 GiB",
        })
    }
}

impl Broken {
    /// What the client is told.
    pub(super) fn status(self) -> Status {
        Status::new(Code::INTERNAL, self.to_string())
    }

    /// The reply to a unary call.
    pub(super) fn reply(self, settings: &Settings) -> Reply {
        http::error_reply(settings.dialect, &self.status(), Reason::BrokenAnswer)
    }
}
