//! Header maps in the host's encoding: a count, the lengths of all names and values, then the
//! names and values themselves, each with a NUL behind it. All integers are 32 bits, little-endian.

use crate::http::{Header, Headers};

/// An encoded map without headers.
pub const NONE: &[u8] = &[0; WORD];

/// Bytes of one integer.
const WORD: usize = 4;

/// The headers that an encoded map holds; as many as can be read, should it be cut short.
pub fn decode(encoded: &[u8]) -> Headers<'_> {
    let Some((count, rest)) = word(encoded) else {
        return Headers::new(Vec::new());
    };
    let Some((lengths, mut bytes)) = rest.split_at_checked(count.saturating_mul(2 * WORD)) else {
        return Headers::new(Vec::new());
    };
    let mut list = Vec::with_capacity(count);
    for pair in lengths.chunks_exact(2 * WORD) {
        let read = word(pair).and_then(|(name_length, rest)| {
            let (value_length, _) = word(rest)?;
            let (name, rest) = terminated(bytes, name_length)?;
            let (value, rest) = terminated(rest, value_length)?;
            Some((name, value, rest))
        });
        let Some((name, value, rest)) = read else {
            break;
        };
        list.push((name, value));
        bytes = rest;
    }
    Headers::new(list)
}

/// Encodes a map. Lengths are far below 4 GiB: the host bounds what it hands over.
pub fn encode(headers: &[Header<'_>]) -> Vec<u8> {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()))
        .sum();
    let overhead = headers
        .len()
        .saturating_mul(2 * WORD + 2)
        .saturating_add(WORD);
    let mut encoded = Vec::with_capacity(bytes.saturating_add(overhead));
    let push_word = |word: usize, encoded: &mut Vec<u8>| {
        encoded.extend_from_slice(&u32::try_from(word).unwrap_or(u32::MAX).to_le_bytes());
    };
    push_word(headers.len(), &mut encoded);
    for (name, value) in headers {
        push_word(name.len(), &mut encoded);
        push_word(value.len(), &mut encoded);
    }
    for part in headers.iter().flat_map(|(name, value)| [name, value]) {
        encoded.extend_from_slice(part);
        encoded.push(0);
    }
    encoded
}

fn word(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<WORD>()?;
    Some((u32::from_le_bytes(*word) as usize, rest))
}

fn terminated(bytes: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    let (part, rest) = bytes.split_at_checked(length)?;
    Some((part, rest.get(1..)?))
}
