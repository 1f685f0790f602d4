//! A value that is written or skipped as its bytes come.

use super::bytes_text;
use crate::json_text::Text;
use crate::schema::Field;

#[derive(Debug)]
pub(super) enum Leaf {
    None,
    Unknown,
    Bytes(bytes_text::Value),
    Text(&'static Field, Text),
}

impl Leaf {
    /// Bytes that are held of it.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Bytes(value) => value.held(),
            Self::None | Self::Unknown | Self::Text(..) => 0,
        }
    }
}
