//! The protobuf wire format.
//! <https://protobuf.dev/programming-guides/encoding/>

pub(super) mod read;
pub(super) mod write;

/// Wire type of varints.
pub(super) const VARINT: u32 = 0;
/// Wire type of length-delimited values.
pub(super) const LEN: u32 = 2;
