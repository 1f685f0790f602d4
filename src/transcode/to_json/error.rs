//! Why there is no text.

use core::fmt;

use crate::transcode::wire::read::Malformed;

/// How many messages may be open inside one another, the outermost included. etcd's own nest only
/// in transactions, a few levels deep; this bounds the stack.
pub const MAX_DEPTH: usize = 128;

/// Why bytes are not a message that can be shown as JSON.
///
/// `offset` is where in the message, in bytes from its start, the trouble was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A varint of more than 64 bits.
    VarintTooLong {
        /// Where the field or list element starts that it belongs to.
        offset: u64,
    },
    /// A field reaches beyond the end of the message that it is in.
    Truncated {
        /// Where the field starts, or where the message ended with a group still open.
        offset: u64,
    },
    /// A field number of zero or above 2^29 - 1.
    FieldNumber {
        /// Where the field starts.
        offset: u64,
    },
    /// One of the two wire types that protobuf does not have.
    WireType {
        /// Where the field starts.
        offset: u64,
        /// 6 or 7.
        found: u8,
    },
    /// A group ends that is not open.
    GroupEnd {
        /// Where the end tag starts.
        offset: u64,
    },
    /// More than [`MAX_DEPTH`] messages and groups inside one another.
    TooDeep {
        /// Where the field starts that would have been one too deep.
        offset: u64,
    },
    /// A `string` field that is not UTF-8.
    InvalidUtf8 {
        /// Where the bad character starts.
        offset: u64,
        /// The field's name.
        field: &'static str,
    },
    /// In a message over [`WHOLE_LIMIT`](super::WHOLE_LIMIT): a field that comes after a later one,
    /// a second value for a field that has one, or a second member of a oneof.
    OutOfOrder {
        /// Where the field starts.
        offset: u64,
        /// The field's name.
        field: &'static str,
    },
    /// More bytes were fed than the message has.
    Excess {
        /// The message's length.
        offset: u64,
    },
}

impl Error {
    /// What bytes that are [`Malformed`] are, where their message has no more.
    pub(super) fn at(offset: u64, malformed: Malformed) -> Self {
        match malformed {
            Malformed::Incomplete => Self::Truncated { offset },
            Malformed::VarintTooLong => Self::VarintTooLong { offset },
            Malformed::FieldNumber => Self::FieldNumber { offset },
            Malformed::WireType(found) => Self::WireType { offset, found },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VarintTooLong { offset } => write!(f, "byte {offset}: varint of over 64 bits"),
            Self::Truncated { offset } => write!(f, "byte {offset}: field exceeds its message"),
            Self::FieldNumber { offset } => write!(f, "byte {offset}: impossible field number"),
            Self::WireType { offset, found } => {
                write!(f, "byte {offset}: unknown wire type {found}")
            }
            Self::GroupEnd { offset } => write!(f, "byte {offset}: end of a group not open"),
            Self::TooDeep { offset } => write!(f, "byte {offset}: messages nested too deep"),
            Self::InvalidUtf8 { offset, field } => write!(f, "byte {offset}: {field}: not UTF-8"),
            Self::OutOfOrder { offset, field } => {
                write!(f, "byte {offset}: {field}: out of order in a large message")
            }
            Self::Excess { offset } => write!(f, "more bytes than the message's {offset}"),
        }
    }
}

impl core::error::Error for Error {}
