//! Bytes as base64, in pieces.

/// How many bytes make a group.
const GROUP: usize = 3;

/// How many groups are encoded at a time.
const BLOCK: usize = 16;

/// How many digits a group has.
const DIGITS: usize = 4;

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
    let (groups, tail) = bytes.as_chunks::<GROUP>();
    let start = out.len();
    out.resize(start.saturating_add(groups.len().saturating_mul(DIGITS)), 0);
    let room = out.get_mut(start..).unwrap_or_default();
    let (blocks, groups) = groups.as_flattened().as_chunks::<{ GROUP * BLOCK }>();
    let (block_rooms, rooms) = room.as_chunks_mut::<{ DIGITS * BLOCK }>();
    encode_blocks(blocks, block_rooms);
    let (rooms, groups) = (rooms.as_chunks_mut::<DIGITS>().0, groups.as_chunks().0);
    for (room, group) in rooms.iter_mut().zip(groups) {
        *room = digits(*group);
    }
    match *tail {
        [first] => {
            let [one, two, ..] = digits([first, 0, 0]);
            out.extend_from_slice(&[one, two, PAD, PAD]);
        }
        [first, second] => {
            let [one, two, three, _] = digits([first, second, 0]);
            out.extend_from_slice(&[one, two, three, PAD]);
        }
        _ => {}
    }
}

#[cfg(target_family = "wasm")]
use simd::encode_blocks;

/// Writes the digits of blocks of groups, as many blocks as there are in both.
#[cfg(not(target_family = "wasm"))]
#[inline]
fn encode_blocks(blocks: &[[u8; GROUP * BLOCK]], rooms: &mut [[u8; DIGITS * BLOCK]]) {
    let (rooms, _) = rooms.as_flattened_mut().as_chunks_mut::<DIGITS>();
    let (groups, _) = blocks.as_flattened().as_chunks::<GROUP>();
    for (room, group) in rooms.iter_mut().zip(groups) {
        *room = digits(*group);
    }
}

/// Sixteen digits at a time, after W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding
/// Using AVX2 Instructions" (2018).
#[cfg(target_family = "wasm")]
mod simd {
    use super::{BLOCK, DIGITS, GROUP};
    use core::arch::wasm32::{
        i8x16, i8x16_gt, i8x16_sub, i8x16_swizzle, i16x8_mul, u8x16_add, u8x16_splat,
        u8x16_sub_sat, u32x4_shr, u32x4_splat, u64x2, u64x2_extract_lane, v128, v128_and, v128_or,
    };
    use core::hint::black_box;

    /// What the loop needs. V8 builds a constant anew at each use, of three instructions each, so
    /// these are kept from being constants.
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

    impl Masks {
        #[target_feature(enable = "simd128")]
        #[inline]
        fn new() -> Self {
            black_box(Self {
                spread: i8x16(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10),
                spread_last: i8x16(5, 4, 6, 5, 8, 7, 9, 8, 11, 10, 12, 11, 14, 13, 15, 14),
                one: u32x4_splat(0x0000_003f),
                three: u32x4_splat(0x003f_0000),
                even: u32x4_splat(0x003f_03f0),
                even_places: u32x4_splat(0x0100_0010),
                last_capital: u8x16_splat(25),
                last_letter: u8x16_splat(51),
                offsets: i8x16(
                    65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0,
                ),
            })
        }

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
    }

    /// Writes the digits of blocks of groups, as many blocks as there are in both.
    #[target_feature(enable = "simd128")]
    pub(super) fn encode_blocks(
        blocks: &[[u8; GROUP * BLOCK]],
        rooms: &mut [[u8; DIGITS * BLOCK]],
    ) {
        let masks = Masks::new();
        for (room, block) in rooms.iter_mut().zip(blocks) {
            let ([one, two, three, four], []) = room.as_chunks_mut::<16>() else {
                return;
            };
            store(
                masks.digits(i8x16_swizzle(load::<0>(block), masks.spread)),
                one,
            );
            store(
                masks.digits(i8x16_swizzle(load::<12>(block), masks.spread)),
                two,
            );
            store(
                masks.digits(i8x16_swizzle(load::<24>(block), masks.spread)),
                three,
            );
            store(
                masks.digits(i8x16_swizzle(load::<32>(block), masks.spread_last)),
                four,
            );
        }
    }

    /// The sixteen bytes from `AT` on.
    #[target_feature(enable = "simd128")]
    #[inline]
    fn load<const AT: usize>(block: &[u8; GROUP * BLOCK]) -> v128 {
        let bytes = block.get(AT..).and_then(<[u8]>::first_chunk::<16>);
        let word = u128::from_le_bytes(bytes.copied().unwrap_or_default());
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

/// The digits of a group. Two at a time need half the look-ups of one at a time, which makes this
/// nearly twice as fast in V8 as the base64 crate's portable engine.
#[inline]
fn digits([first, second, third]: [u8; GROUP]) -> [u8; DIGITS] {
    let group = usize::from(first) << 16 | usize::from(second) << 8 | usize::from(third);
    let pair = |twelve_bits: usize| PAIRS.get(twelve_bits).copied().unwrap_or_default();
    let ([one, two], [three, four]) = (pair(group >> 12), pair(group & 0xfff));
    [one, two, three, four]
}

/// The two digits of every twelve bits.
static PAIRS: [[u8; 2]; 1 << 12] = pairs();

const fn pairs() -> [[u8; 2]; 1 << 12] {
    let mut pairs = [[0; 2]; 1 << 12];
    let (mut rest, mut bits) = (pairs.as_mut_slice(), 0_u16);
    while let Some((pair, after)) = rest.split_first_mut() {
        *pair = [digit(bits >> 6), digit(bits & 0x3f)];
        rest = after;
        bits = bits.wrapping_add(1);
    }
    pairs
}

/// The digit of six bits (RFC 4648 section 4).
const fn digit(bits: u16) -> u8 {
    let bits = bits as u8;
    match bits {
        0..=25 => b'A'.wrapping_add(bits),
        26..=51 => b'a'.wrapping_add(bits).wrapping_sub(26),
        52..=61 => b'0'.wrapping_add(bits).wrapping_sub(52),
        62 => b'+',
        _ => b'/',
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
    fn every_length_gives_all_digits() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * GROUP * BLOCK).collect();
        for end in 0..=bytes.len() {
            let mut out = b"before".to_vec();
            Base64::default().push(&bytes[..end], true, &mut out);
            assert_eq!(
                out,
                format!("before{}", STANDARD.encode(&bytes[..end])).as_bytes()
            );
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
