//! Blocks of base64 digits of the standard alphabet, many at a time.

#[cfg(not(target_family = "wasm"))]
use portable::Decoder;
#[cfg(target_family = "wasm")]
use simd::Decoder;

/// Digits of a block, and the bytes they stand for.
const DIGITS: usize = 16;
const BYTES: usize = 12;

/// As many blocks as give whole vectors of bytes.
const FOUR: usize = 4;

/// How many blocks are decoded before a value is a long one, and how many at a time then: room for their bytes is
/// cleared first, and is to be in the processor's nearest cache still when they come.
const SHORT: usize = 16;
const LONG: usize = 256;

/// Appends what the digits at the front of `text` stand for, wherever they end; how many digits these are.
///
/// Before it goes on with a long value, it calls `is_long` with the most bytes that the value can have.
pub(super) fn decode(
    text: &[u8],
    out: &mut Vec<u8>,
    is_long: &mut dyn FnMut(usize, &mut Vec<u8>),
) -> usize {
    let mut digits = append(text, SHORT, out);
    if digits == SHORT.wrapping_mul(DIGITS) {
        is_long(most_bytes(text.len()), out);
        while let Some(rest) = text.get(digits..) {
            let more = append(rest, LONG, out);
            digits = digits.saturating_add(more);
            if more < LONG.wrapping_mul(DIGITS) {
                break;
            }
        }
    }
    digits
}

/// Appends what the digits of at most so many blocks at the front of `text` stand for; how many digits these are.
#[cfg_attr(target_family = "wasm", target_feature(enable = "simd128"))]
fn append(text: &[u8], blocks: usize, out: &mut Vec<u8>) -> usize {
    let decoder = Decoder::new();
    let start = out.len();
    let blocks = text.len().div_ceil(DIGITS).min(blocks);
    out.resize(start.saturating_add(blocks.saturating_mul(BYTES)), 0);
    let room = out.get_mut(start..).unwrap_or_default();
    let mut fours = 0_usize;
    for (room, digits) in room.as_chunks_mut().0.iter_mut().zip(text.as_chunks().0) {
        if !decoder.four(digits, room) {
            break;
        }
        fours = fours.saturating_add(1);
    }
    let mut digits = fours.saturating_mul(DIGITS * FOUR);
    let text = text.get(digits..).unwrap_or_default();
    let room = room.get_mut(most_bytes(digits)..).unwrap_or_default();
    for (room, part) in room.as_chunks_mut().0.iter_mut().zip(text.chunks(DIGITS)) {
        let block = part.first_chunk().copied().unwrap_or_else(|| {
            let mut block = [0; DIGITS];
            for (place, byte) in block.iter_mut().zip(part) {
                *place = *byte;
            }
            block
        });
        let good = decoder.one(&block, room);
        digits = digits.saturating_add(good);
        if good < DIGITS {
            break;
        }
    }
    out.truncate(start.saturating_add(most_bytes(digits)));
    digits
}

/// How many bytes so many digits stand for, of which the last may be incomplete.
fn most_bytes(digits: usize) -> usize {
    (digits / 4)
        .saturating_mul(3)
        .saturating_add((digits % 4).saturating_sub(1))
}

/// After W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions" (2018).
#[cfg(target_family = "wasm")]
mod simd {
    use super::{BYTES, DIGITS, FOUR};
    use core::arch::wasm32::{
        i8x16, i8x16_add, i8x16_bitmask, i8x16_eq, i8x16_swizzle, i16x8, i16x8_shl,
        i32x4_dot_i16x8, u8x16, u16x8, u16x8_shr, u64x2, u64x2_extract_lane, v128, v128_and,
        v128_any_true, v128_or,
    };
    use core::hint::black_box;

    /// What decoding needs. V8 builds a constant anew at each use, of three instructions each, so these are read from
    /// memory.
    pub(super) struct Decoder {
        /// What a character's lower and upper half allow the other to be: no bit in common.
        lower: v128,
        upper: v128,
        /// What to add to a character, by its upper half; the one of a slash is one further.
        offsets: v128,
        slash: v128,
        nibble: v128,
        low_byte: v128,
        pairs: v128,
        /// The three bytes of each of four groups, the first one first: in front; and of the second, third and fourth
        /// block the parts that fill up a vector and that begin the next one.
        order: v128,
        second: [v128; 2],
        third: [v128; 2],
        fourth: v128,
    }

    static DECODER: Decoder = Decoder {
        lower: i8x16(
            0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b,
            0x1b, 0x1a,
        ),
        upper: i8x16(
            0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
            0x10, 0x10,
        ),
        offsets: i8x16(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0),
        slash: u8x16(
            b'/', b'/', b'/', b'/', b'/', b'/', b'/', b'/', b'/', b'/', b'/', b'/', b'/', b'/',
            b'/', b'/',
        ),
        nibble: u8x16(
            0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f,
            0x0f, 0x0f,
        ),
        low_byte: u16x8(
            0x00ff, 0x00ff, 0x00ff, 0x00ff, 0x00ff, 0x00ff, 0x00ff, 0x00ff,
        ),
        pairs: i16x8(0x1000, 1, 0x1000, 1, 0x1000, 1, 0x1000, 1),
        order: i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1),
        second: [
            i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 1, 0, 6),
            i8x16(5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, -1, -1, -1, -1),
        ],
        third: [
            i8x16(-1, -1, -1, -1, -1, -1, -1, -1, 2, 1, 0, 6, 5, 4, 10, 9),
            i8x16(
                8, 14, 13, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
            ),
        ],
        fourth: i8x16(-1, -1, -1, -1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12),
    };

    impl Decoder {
        #[inline]
        pub(super) fn new() -> &'static Self {
            black_box(&DECODER)
        }

        /// Writes what the digits at the front of a block stand for; how many these are.
        #[target_feature(enable = "simd128")]
        #[inline]
        pub(super) fn one(&self, block: &[u8; DIGITS], room: &mut [u8; BYTES]) -> usize {
            let (sextets, bad) = self.sextets(block);
            let good = i8x16_eq(bad, u64x2(0, 0));
            let groups = self.groups(v128_and(sextets, good));
            let bytes = store(i8x16_swizzle(groups, self.order));
            if let Some(bytes) = bytes.first_chunk() {
                *room = *bytes;
            }
            i8x16_bitmask(good).trailing_ones() as usize
        }

        #[target_feature(enable = "simd128")]
        #[inline]
        pub(super) fn four(
            &self,
            digits: &[u8; DIGITS * FOUR],
            room: &mut [u8; BYTES * FOUR],
        ) -> bool {
            let ([one, two, three, four], []) = digits.as_chunks() else {
                return false;
            };
            let ([first, middle, last], []) = room.as_chunks_mut() else {
                return false;
            };
            let (one, bad_one) = self.sextets(one);
            let (two, bad_two) = self.sextets(two);
            let (three, bad_three) = self.sextets(three);
            let (four, bad_four) = self.sextets(four);
            if v128_any_true(v128_or(
                v128_or(bad_one, bad_two),
                v128_or(bad_three, bad_four),
            )) {
                return false;
            }
            let [one, two] = [self.groups(one), self.groups(two)];
            let [three, four] = [self.groups(three), self.groups(four)];
            let part = |groups, order| i8x16_swizzle(groups, order);
            *first = store(v128_or(part(one, self.order), part(two, self.second[0])));
            *middle = store(v128_or(
                part(two, self.second[1]),
                part(three, self.third[0]),
            ));
            *last = store(v128_or(part(three, self.third[1]), part(four, self.fourth)));
            true
        }

        /// The values of sixteen digits, and bits where one is not a digit.
        #[target_feature(enable = "simd128")]
        #[inline]
        fn sextets(&self, digits: &[u8; DIGITS]) -> (v128, v128) {
            let word = u128::from_le_bytes(*digits);
            let digits = u64x2(word as u64, (word >> 64) as u64);
            // V8 has this shift for bytes of five instructions, of which two do here.
            let upper = v128_and(u16x8_shr(digits, 4), self.nibble);
            let lower = v128_and(digits, self.nibble);
            let bad = v128_and(
                i8x16_swizzle(self.lower, lower),
                i8x16_swizzle(self.upper, upper),
            );
            let offset = i8x16_add(i8x16_eq(digits, self.slash), upper);
            (i8x16_add(digits, i8x16_swizzle(self.offsets, offset)), bad)
        }

        /// The 24 bits of each four digits.
        #[target_feature(enable = "simd128")]
        #[inline]
        fn groups(&self, sextets: v128) -> v128 {
            // Two sextets in sixteen bits, then four in thirty-two.
            let first = i16x8_shl(v128_and(sextets, self.low_byte), 6);
            let twelve_bits = v128_or(first, u16x8_shr(sextets, 8));
            i32x4_dot_i16x8(twelve_bits, self.pairs)
        }
    }

    #[target_feature(enable = "simd128")]
    #[inline]
    fn store(vector: v128) -> [u8; 16] {
        let low = u64x2_extract_lane::<0>(vector);
        let high = u64x2_extract_lane::<1>(vector);
        (u128::from(low) | u128::from(high) << 64).to_le_bytes()
    }
}

/// Without vector instructions the `base64` crate is as good.
#[cfg(not(target_family = "wasm"))]
mod portable {
    use super::{BYTES, DIGITS, FOUR};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    pub(super) struct Decoder;

    impl Decoder {
        pub(super) fn new() -> &'static Self {
            &Self
        }

        pub(super) fn one(&self, block: &[u8; DIGITS], room: &mut [u8; BYTES]) -> usize {
            let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
            let good = block.iter().take_while(|byte| is_digit(byte)).count();
            let mut digits = [b'A'; DIGITS];
            for (place, digit) in digits.iter_mut().zip(block.iter().take(good)) {
                *place = *digit;
            }
            *room = decode(&digits).unwrap_or_default();
            good
        }

        pub(super) fn four(
            &self,
            digits: &[u8; DIGITS * FOUR],
            room: &mut [u8; BYTES * FOUR],
        ) -> bool {
            decode(digits).map(|bytes| *room = bytes).is_some()
        }
    }

    fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        STANDARD_NO_PAD.decode_slice(digits, &mut bytes).ok()?;
        Some(bytes)
    }
}
