//! Lists of headers, of HTTP and gRPC alike.

use std::borrow::Cow;

/// One header to send: a lower-case name and a value.
pub type Header<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// The headers of a message as they came: lower-case names, in order, repeats kept.
///
/// Values may be any bytes: HTTP does not promise UTF-8.
#[derive(Debug, Clone)]
pub struct Headers<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Headers<'a> {
    /// Wraps a list.
    #[must_use]
    pub fn new(list: Vec<(&'a [u8], &'a [u8])>) -> Self {
        Self(list)
    }

    /// The value of the first header of that name.
    #[must_use]
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        self.iter()
            .find(|(other, _)| *other == name.as_ref())
            .map(|(_, value)| value)
    }

    /// Bytes of all names and values.
    #[must_use]
    pub fn size(&self) -> usize {
        self.iter()
            .map(|(name, value)| name.len().saturating_add(value.len()))
            .sum()
    }

    /// All headers in order, as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[(&'a [u8], &'a [u8])] {
        &self.0
    }

    /// All headers in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.0.iter().copied()
    }
}

/// Bytes of all names and values of headers to send.
#[must_use]
pub fn size(headers: &[Header<'_>]) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()))
        .sum()
}
