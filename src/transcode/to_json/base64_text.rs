//! Bytes as base64, in pieces.

use crate::json_text::Out;

/// How many bytes make a group.
const GROUP: usize = 3;

/// How many groups are encoded at a time.
#[cfg(target_family = "wasm")]
const BLOCK: usize = 16;

/// How many digits a group has.
const DIGITS: usize = 4;

/// Bytes behind the digits that may be written to: nearly a block of them.
const SLACK: usize = 64;

/// What stands for the digits of bytes that the last group lacks.
const PAD: u8 = b'=';

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
    pub(super) fn push(&mut self, mut bytes: &[u8], last: bool, out: &mut Out<'_>) {
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
    fn complete_group<'a>(&mut self, bytes: &'a [u8], out: &mut Out<'_>) -> &'a [u8] {
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

    fn flush(&mut self, out: &mut Out<'_>) {
        encode(self.carry.get(..self.carried).unwrap_or_default(), out);
        self.carried = 0;
    }
}

/// Appends bytes to a text, as a JSON string of base64.
pub(in crate::transcode) fn push_quoted(bytes: &[u8], text: &mut Vec<u8>) {
    quoted(bytes, &mut Out::new(text, bytes.len().saturating_mul(2)));
}

/// Appends the digits of `bytes` between quotes.
pub(super) fn quoted(bytes: &[u8], out: &mut Out<'_>) {
    let room = out.room(quoted_room(bytes));
    let length = write_quoted(bytes, room, 0);
    out.advance(length);
}

/// How much room [`write_quoted`] needs.
#[inline(always)]
pub(super) fn quoted_room(bytes: &[u8]) -> usize {
    length(bytes).wrapping_add(SLACK).wrapping_add(2)
}

/// Writes the digits of `bytes` between quotes into `room` from `at` on; answers where they end. Behind it there must
/// be [`quoted_room`].
#[cfg_attr(target_family = "wasm", target_feature(enable = "simd128"))]
pub(super) fn write_quoted(bytes: &[u8], room: &mut [u8], at: usize) -> usize {
    let length = length(bytes);
    if let Some((first, room)) = room.get_mut(at..).and_then(<[u8]>::split_first_mut) {
        *first = b'"';
        padded(bytes, length, room);
        if let Some(last) = room.get_mut(length) {
            *last = b'"';
        }
    }
    at.wrapping_add(length).wrapping_add(2)
}

/// Appends `bytes` with padding.
#[cfg_attr(target_family = "wasm", target_feature(enable = "simd128"))]
fn encode(bytes: &[u8], out: &mut Out<'_>) {
    let length = length(bytes);
    padded(bytes, length, out.room(length.wrapping_add(SLACK)));
    out.advance(length);
}

/// How many digits there are for `bytes`, padding included. Bytes are a part of a message, so this cannot overflow.
#[inline(always)]
fn length(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(GROUP).wrapping_mul(DIGITS)
}

/// Writes the digits of `bytes`, `length` of them, to the front of `room`, which is to have [`SLACK`] more.
#[cfg_attr(target_family = "wasm", target_feature(enable = "simd128"))]
#[inline]
fn padded(bytes: &[u8], length: usize, room: &mut [u8]) {
    digits(bytes, room);
    match bytes.len() % GROUP {
        1 => pad::<2>(length, room),
        2 => pad::<1>(length, room),
        _ => {}
    }
}

#[inline(always)]
fn pad<const N: usize>(length: usize, room: &mut [u8]) {
    if let Some(last) = room.get_mut(..length).and_then(<[u8]>::last_chunk_mut) {
        *last = [PAD; N];
    }
}

#[cfg(target_family = "wasm")]
use simd::digits;

/// Writes the digits of `bytes`, as if zeros filled up the last group, to the front of `room`, which has [`SLACK`]
/// bytes more than they need: those may be written to. Without vector instructions the `base64` crate is as good.
#[cfg(not(target_family = "wasm"))]
fn digits(bytes: &[u8], room: &mut [u8]) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    // It fails where there is too little room, of which there is enough.
    let _ = STANDARD.encode_slice(bytes, room);
}

/// Sixteen digits at a time, after W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding
/// Using AVX2 Instructions" (2018).
#[cfg(target_family = "wasm")]
mod simd {
    use super::{BLOCK, DIGITS, GROUP};
    use core::arch::wasm32::{
        i8x16, i8x16_add, i8x16_gt, i8x16_splat, i8x16_sub, i8x16_swizzle, i16x8_mul, u8x16,
        u8x16_add, u8x16_sub_sat, u32x4, u32x4_shr, u64x2, u64x2_extract_lane, v128, v128_and,
        v128_or,
    };
    use core::hint::black_box;

    /// What the loop needs. V8 builds a constant anew at each use, of three instructions each, so
    /// these are read from memory.
    struct Masks {
        /// The second, first, third and second byte of each of four groups.
        spread: v128,
        /// The same for groups that start at the fifth byte.
        spread_last: v128,
        one: v128,
        three: v128,
        even: v128,
        even_places: v128,
        last_capital: v128,
        last_letter: v128,
        offsets: v128,
    }

    static MASKS: Masks = Masks {
        spread: i8x16(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10),
        spread_last: i8x16(5, 4, 6, 5, 8, 7, 9, 8, 11, 10, 12, 11, 14, 13, 15, 14),
        one: u32x4(0x0000_003f, 0x0000_003f, 0x0000_003f, 0x0000_003f),
        three: u32x4(0x003f_0000, 0x003f_0000, 0x003f_0000, 0x003f_0000),
        even: u32x4(0x003f_03f0, 0x003f_03f0, 0x003f_03f0, 0x003f_03f0),
        even_places: u32x4(0x0100_0010, 0x0100_0010, 0x0100_0010, 0x0100_0010),
        last_capital: u8x16(
            25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25,
        ),
        last_letter: u8x16(
            51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51,
        ),
        offsets: i8x16(
            65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0,
        ),
    };

    impl Masks {
        /// The digits of four groups, spread.
        #[target_feature(enable = "simd128")]
        #[inline]
        fn digits(&self, groups: v128) -> v128 {
            // The four numbers of six bits, in place.
            let one = v128_and(u32x4_shr(groups, 10), self.one);
            let three = v128_and(u32x4_shr(groups, 6), self.three);
            let even = i16x8_mul(v128_and(groups, self.even), self.even_places);
            let sextets = v128_or(v128_or(one, three), even);
            // 0 for capitals, 1 for small letters, 2 to 11 for figures, 12 and 13 for the two signs.
            let range = i8x16_sub(
                u8x16_sub_sat(sextets, self.last_letter),
                i8x16_gt(sextets, self.last_capital),
            );
            u8x16_add(sextets, i8x16_swizzle(self.offsets, range))
        }

        /// Writes the digits of a block.
        #[target_feature(enable = "simd128")]
        #[inline]
        fn write(&self, block: &[u8; GROUP * BLOCK], room: &mut [u8; DIGITS * BLOCK]) {
            let ([one, two, three, four], []) = room.as_chunks_mut::<16>() else {
                return;
            };
            let digits = |bytes, spread| self.digits(i8x16_swizzle(bytes, spread));
            store(digits(load::<0>(block), self.spread), one);
            store(digits(load::<12>(block), self.spread), two);
            store(digits(load::<24>(block), self.spread), three);
            store(digits(load::<32>(block), self.spread_last), four);
        }
    }

    /// Writes the digits of `bytes`, as if zeros filled up the last group, to the front of `room`, which has
    /// [`SLACK`](super::SLACK) bytes more than they need: those may be written to.
    #[target_feature(enable = "simd128")]
    #[inline]
    pub(super) fn digits(bytes: &[u8], room: &mut [u8]) {
        let masks = black_box(&MASKS);
        let (blocks, mut tail) = bytes.as_chunks::<{ GROUP * BLOCK }>();
        let (rooms, mut room) = room
            .split_at_mut_checked(blocks.len().wrapping_mul(DIGITS * BLOCK))
            .unwrap_or_default();
        let rooms = rooms.as_chunks_mut::<{ DIGITS * BLOCK }>().0;
        for (block, room) in blocks.iter().zip(rooms) {
            masks.write(block, room);
        }
        // Four groups at a time, for which sixteen bytes are read: at the end the last sixteen, moved to the front,
        // with zeros behind them.
        while !tail.is_empty() {
            let Some((place, rest)) = room.split_first_chunk_mut() else {
                return;
            };
            let groups = match tail.first_chunk() {
                Some(bytes) => i8x16_swizzle(vector(bytes), masks.spread),
                None => {
                    let skipped = i8x16_splat(16_i8.wrapping_sub(tail.len() as i8));
                    i8x16_swizzle(last(bytes), i8x16_add(masks.spread, skipped))
                }
            };
            store(masks.digits(groups), place);
            (room, tail) = (rest, tail.get(GROUP * 4..).unwrap_or_default());
        }
    }

    /// The last sixteen bytes, or all with others before them. No loop: the pieces overlap.
    #[target_feature(enable = "simd128")]
    #[inline]
    fn last(bytes: &[u8]) -> v128 {
        if let Some(last) = bytes.last_chunk() {
            return vector(last);
        }
        let missing = 16_u32
            .wrapping_sub(bytes.len() as u32)
            .wrapping_mul(u8::BITS);
        if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let low = u64::from_le_bytes(*first).wrapping_shl(missing);
            return u64x2(low, u64::from_le_bytes(*last));
        }
        let high = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let low = u64::from(u32::from_le_bytes(*first)).wrapping_shl(missing);
            low | u64::from(u32::from_le_bytes(*last)).wrapping_shl(32)
        } else {
            let all = bytes
                .iter()
                .rev()
                .fold(0, |all, byte| all << 8 | u64::from(*byte));
            all.wrapping_shl(missing)
        };
        u64x2(0, high)
    }

    /// The sixteen bytes from `AT` on.
    #[target_feature(enable = "simd128")]
    #[inline]
    fn load<const AT: usize>(block: &[u8; GROUP * BLOCK]) -> v128 {
        let bytes = block.get(AT..).and_then(<[u8]>::first_chunk::<16>);
        vector(&bytes.copied().unwrap_or_default())
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    fn vector(bytes: &[u8; 16]) -> v128 {
        let word = u128::from_le_bytes(*bytes);
        u64x2(word as u64, (word >> 64) as u64)
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    fn store(vector: v128, room: &mut [u8; 16]) {
        let low = u64x2_extract_lane::<0>(vector);
        let high = u64x2_extract_lane::<1>(vector);
        *room = (u128::from(low) | u128::from(high) << 64).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    #[test]
    fn every_split_gives_the_same_digits() {
        let bytes: Vec<u8> = (0..=255).cycle().take(41).collect();
        for end in 0..bytes.len() {
            let bytes = &bytes[..end];
            let whole = STANDARD.encode(bytes);
            for first in 0..=end {
                for second in first..=end {
                    let (mut text, mut written) = (Base64::default(), Vec::new());
                    let mut out = Out::new(&mut written, 0);
                    text.push(&bytes[..first], false, &mut out);
                    text.push(&bytes[first..second], false, &mut out);
                    text.push(&bytes[second..], true, &mut out);
                    drop(out);
                    assert_eq!(written, whole.as_bytes(), "{end}: {first}, {second}");
                }
            }
        }
    }

    #[test]
    fn every_length_gives_all_digits() {
        let bytes: Vec<u8> = (0..=255).cycle().take(150).collect();
        for end in 0..=bytes.len() {
            let mut out = b"before".to_vec();
            Base64::default().push(&bytes[..end], true, &mut Out::new(&mut out, 0));
            assert_eq!(
                out,
                format!("before{}", STANDARD.encode(&bytes[..end])).as_bytes()
            );
        }
    }

    #[test]
    fn bytes_that_come_singly_give_the_same_digits() {
        let bytes: Vec<u8> = (0..=255).collect();
        let (mut text, mut written) = (Base64::default(), Vec::new());
        let mut out = Out::new(&mut written, 0);
        for byte in &bytes {
            text.push(&[*byte], false, &mut out);
        }
        text.push(&[], true, &mut out);
        drop(out);
        assert_eq!(written, STANDARD.encode(&bytes).as_bytes());
    }
}
