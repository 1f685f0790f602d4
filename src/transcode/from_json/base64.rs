//! Base64 in all the spellings that etcd's gateways take between them (`gateway.md` 3.3).

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const PADDED: GeneralPurpose = engine(&STANDARD, DecodePaddingMode::RequireCanonical);
const UNPADDED: GeneralPurpose = engine(&STANDARD, DecodePaddingMode::RequireNone);
const URL_PADDED: GeneralPurpose = engine(&URL_SAFE, DecodePaddingMode::RequireCanonical);
const URL_UNPADDED: GeneralPurpose = engine(&URL_SAFE, DecodePaddingMode::RequireNone);

/// Go's decoders, which both gateways use, do not look at the trailing bits.
const fn engine(alphabet: &Alphabet, padding: DecodePaddingMode) -> GeneralPurpose {
    GeneralPurpose::new(
        alphabet,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(padding),
    )
}

/// Appends to `out` the bytes that `text` stands for; `None`, with `out` as it was, if it is not
/// base64 to either gateway.
///
/// Both skip CR and LF. grpc-gateway 1 takes the standard alphabet, padded. grpc-gateway 2 takes
/// either alphabet and wants padding if the text's length, CR and LF included, is a multiple of 4,
/// and none if it is not.
pub(super) fn decode(text: &str, out: &mut Vec<u8>) -> Option<()> {
    if usual(text.as_bytes(), out).is_some() {
        return Some(());
    }
    let mut stripped = Vec::with_capacity(text.len());
    for byte in text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')) {
        stripped.push(byte);
    }
    let url = stripped.iter().any(|b| matches!(b, b'-' | b'_'));
    let by_length = match (url, text.len().is_multiple_of(4)) {
        (false, true) => &PADDED,
        (false, false) => &UNPADDED,
        (true, true) => &URL_PADDED,
        (true, false) => &URL_UNPADDED,
    };
    append(by_length, &stripped, out).or_else(|| append(&PADDED, &stripped, out))
}

/// Decodes the standard alphabet, padded, straight into the end of `out`.
fn usual(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    let room = base64::decoded_len_estimate(text.len()).checked_add(blocks::SLACK)?;
    out.resize(start.checked_add(room)?, 0);
    let (digits, bytes) = blocks::decode(text, out.get_mut(start..).unwrap_or_default());
    out.truncate(start.saturating_add(bytes));
    let rest = append(&PADDED, text.get(digits..).unwrap_or_default(), out);
    if rest.is_none() {
        out.truncate(start);
    }
    rest
}

/// Decodes straight into the end of `out`.
fn append(engine: &GeneralPurpose, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    out.resize(
        start.checked_add(base64::decoded_len_estimate(text.len()))?,
        0,
    );
    let decoded = engine.decode_slice(text, out.get_mut(start..).unwrap_or_default());
    out.truncate(start.saturating_add(*decoded.as_ref().unwrap_or(&0)));
    decoded.ok().map(|_| ())
}

/// Sixteen digits at a time, after W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding Using AVX2
/// Instructions" (2018).
#[cfg(target_family = "wasm")]
mod blocks {
    use core::arch::wasm32::{
        i8x16, i8x16_add, i8x16_eq, i8x16_swizzle, i16x8, i16x8_shl, i32x4_dot_i16x8, u8x16,
        u8x16_shr, u16x8, u16x8_shr, u64x2, u64x2_extract_lane, v128, v128_and, v128_any_true,
        v128_or,
    };
    use core::hint::black_box;

    /// Bytes behind those that digits stand for that may be written to.
    pub(super) const SLACK: usize = 16;

    /// How many digits are decoded at a time, and how many bytes they stand for.
    const DIGITS: usize = 16;
    const BYTES: usize = 12;

    /// What the loop needs. V8 builds a constant anew at each use, of three instructions each, so these are read from
    /// memory.
    struct Masks {
        /// What a character's lower and upper half allow the other to be: no bit in common.
        lower: v128,
        upper: v128,
        /// What to add to a character, by its upper half; the one of a slash is one further.
        offsets: v128,
        slash: v128,
        nibble: v128,
        low_byte: v128,
        pairs: v128,
        /// The three bytes of each of four groups, the first one first.
        order: v128,
    }

    static MASKS: Masks = Masks {
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
    };

    impl Masks {
        /// The twelve bytes that sixteen digits stand for, and whether all are digits.
        #[target_feature(enable = "simd128")]
        #[inline]
        fn bytes(&self, digits: v128) -> (v128, bool) {
            let upper = u8x16_shr(digits, 4);
            let lower = v128_and(digits, self.nibble);
            let bad = v128_and(
                i8x16_swizzle(self.lower, lower),
                i8x16_swizzle(self.upper, upper),
            );
            let offset = i8x16_add(i8x16_eq(digits, self.slash), upper);
            let sextets = i8x16_add(digits, i8x16_swizzle(self.offsets, offset));
            // Two sextets in sixteen bits, then four in thirty-two.
            let first = i16x8_shl(v128_and(sextets, self.low_byte), 6);
            let twelve_bits = v128_or(first, u16x8_shr(sextets, 8));
            let groups = i32x4_dot_i16x8(twelve_bits, self.pairs);
            (i8x16_swizzle(groups, self.order), !v128_any_true(bad))
        }
    }

    /// Decodes from the front of `text` as long as there are enough digits and room; how many digits were used, and how
    /// many bytes they gave.
    #[target_feature(enable = "simd128")]
    pub(super) fn decode(text: &[u8], room: &mut [u8]) -> (usize, usize) {
        let masks = black_box(&MASKS);
        let (mut used, mut given) = (0_usize, 0_usize);
        for digits in text.as_chunks::<DIGITS>().0 {
            let word = u128::from_le_bytes(*digits);
            let (bytes, good) = masks.bytes(u64x2(word as u64, (word >> 64) as u64));
            let place = room
                .get_mut(given..)
                .and_then(<[u8]>::first_chunk_mut::<16>);
            let (Some(place), true) = (place, good) else {
                break;
            };
            let low = u64x2_extract_lane::<0>(bytes);
            let high = u64x2_extract_lane::<1>(bytes);
            *place = (u128::from(low) | u128::from(high) << 64).to_le_bytes();
            used = used.saturating_add(DIGITS);
            given = given.saturating_add(BYTES);
        }
        (used, given)
    }
}

/// Without vector instructions the `base64` crate is as good.
#[cfg(not(target_family = "wasm"))]
mod blocks {
    pub(super) const SLACK: usize = 0;

    pub(super) fn decode(_: &[u8], _: &mut [u8]) -> (usize, usize) {
        (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut out = vec![7];
        let result = decode(text, &mut out);
        assert_eq!(out.remove(0), 7);
        assert!(result.is_some() || out.is_empty());
        result.map(|()| out)
    }

    #[test]
    fn either_gateways_spelling_is_taken() {
        for text in [
            "AAEC",
            "AAEC\r\nAAEC",
            "AAEC\nAA==",
            "AA\n",
            "AA\n==",
            "YQ==\n",
            "AB==",
            "AA",
            "AAE",
            "__79",
            "-_8",
            "-_8=",
            "",
        ] {
            assert!(decoded(text).is_some(), "{text:?}");
        }
        assert_eq!(decoded("AB=="), Some(vec![0]));
        assert_eq!(decoded("__79"), Some(vec![0xff, 0xfe, 0xfd]));
    }

    #[test]
    fn what_both_gateways_refuse_is_refused() {
        for text in [
            "A", "+_8=", "AA =", "AA\t=", "AA==AA==", "A===", "AA\n\n", "AA=", "é===",
        ] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }
}
