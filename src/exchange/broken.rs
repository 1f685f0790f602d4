//! Answers of the upstream's that are gRPC and cannot be told to a client all the same.

use std::fmt;

use super::settings::Settings;
use crate::grpc::{Code, FrameError, Status};
use crate::http::{self, Reason, Reply};
use crate::transcode::{ToJson, to_json};

/// Refuses to hold any more of an answer that must be held to become text, where all exchanges hold too much. What is a
/// small message is held in any case: it has been let in.
pub(super) fn check_room(settings: &Settings, answer: &ToJson) -> Result<(), Broken> {
    if answer.held_for_text() > 0 && settings.memory.is_full_for_text() {
        return Err(Broken::NoRoom);
    }
    Ok(())
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It does not consist of gRPC's frames.
    Frame(FrameError),
    /// One of its messages is not of the method's type.
    Message(to_json::Error),
    /// It is a unary call's, and has more than one message.
    SecondMessage,
    /// It is a unary call's, and has a good status and no message.
    NoMessage,
    /// It is a unary call's, and its status, which is good, comes before its message is complete.
    CutShort,
    /// It is a stream's, and its status, which is good, comes before a message is complete.
    StreamCutShort,
    /// It is a unary call's, and ends without a status.
    NoStatus,
    /// It is a stream's, and ends without a status.
    StreamNoStatus,
    /// It is a callout's, and longer than a gRPC message can be.
    TooLong,
    /// A value that may be text would have to be held, and too much is.
    NoRoom,
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
            Self::Frame(error) => {
                return write!(f, "upstream's answer is not made of gRPC frames: {error}");
            }
            Self::Message(error) => {
                return write!(f, "upstream's message cannot be decoded: {error}");
            }
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
            Self::NoRoom => {
                "the gateway holds as many answers as it may: try again later, or without X-Etcd-Bytes: text"
            }
        })
    }
}

impl Broken {
    /// What the client is told.
    pub(super) fn status(self) -> Status {
        let code = match self {
            Self::NoRoom => Code::RESOURCE_EXHAUSTED,
            _ => Code::INTERNAL,
        };
        Status::new(code, self.to_string())
    }

    /// Why the gateway says so.
    pub(super) fn reason(self) -> Reason {
        match self {
            Self::NoRoom => Reason::Full,
            _ => Reason::BrokenAnswer,
        }
    }

    /// The reply to a unary call.
    pub(super) fn reply(self, settings: &Settings) -> Reply {
        http::error_reply(settings.dialect, &self.status(), self.reason())
    }
}
