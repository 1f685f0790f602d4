//! Bytes as base64, in pieces.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How many bytes make a group of four digits.
const GROUP: usize = 3;

/// Standard padded base64 of bytes that come in pieces.
#[derive(Debug, Default)]
pub(super) struct Base64 {
    /// The first bytes of a group that is not complete.
    carry: [u8; 2],
    carried: usize,
}

impl Base64 {
    /// Appends the digits of `bytes`; the last piece flushes what is left, with padding.
    #[inline]
    pub(super) fn push(&mut self, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        if self.carried > 0 && !bytes.is_empty() {
            bytes = self.complete_group(bytes, out);
        }
        if last {
            self.flush(out);
            return encode(bytes, out);
        }
        let (groups, tail) = bytes.split_at(bytes.len().saturating_sub(bytes.len() % GROUP));
        encode(groups, out);
        self.carry(tail);
    }

    /// Adds bytes to the group that was left incomplete; answers what it did not need.
    fn complete_group<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        let [first, second] = self.carry;
        match (self.carried, bytes) {
            (1, [second, third, rest @ ..]) => {
                self.carried = 0;
                encode(&[first, *second, *third], out);
                rest
            }
            (2, [third, rest @ ..]) => {
                self.carried = 0;
                encode(&[first, second, *third], out);
                rest
            }
            _ => {
                self.carry(bytes);
                &[]
            }
        }
    }

    fn carry(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if let Some(place) = self.carry.get_mut(self.carried) {
                *place = byte;
                self.carried = self.carried.saturating_add(1);
            }
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        encode(self.carry.get(..self.carried).unwrap_or_default(), out);
        self.carried = 0;
    }
}

/// Appends `bytes` with padding.
#[inline]
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let digits = bytes.len().div_ceil(GROUP).saturating_mul(4);
    out.resize(start.saturating_add(digits), 0);
    if let Some(room) = out.get_mut(start..) {
        let written = STANDARD.encode_slice(bytes, room);
        debug_assert_eq!(written, Ok(digits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_gives_the_same_digits() {
        let bytes: Vec<u8> = (0..=255).cycle().take(41).collect();
        for end in 0..bytes.len() {
            let bytes = &bytes[..end];
            let whole = STANDARD.encode(bytes);
            for first in 0..=end {
                for second in first..=end {
                    let (mut text, mut out) = (Base64::default(), Vec::new());
                    text.push(&bytes[..first], false, &mut out);
                    text.push(&bytes[first..second], false, &mut out);
                    text.push(&bytes[second..], true, &mut out);
                    assert_eq!(out, whole.as_bytes(), "{end}: {first}, {second}");
                }
            }
        }
    }

    #[test]
    fn bytes_that_come_singly_give_the_same_digits() {
        let bytes: Vec<u8> = (0..=255).collect();
        let (mut text, mut out) = (Base64::default(), Vec::new());
        for byte in &bytes {
            text.push(&[*byte], false, &mut out);
        }
        text.push(&[], true, &mut out);
        assert_eq!(out, STANDARD.encode(&bytes).as_bytes());
    }
}
