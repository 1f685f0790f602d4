//! Values that travel as varints: numbers, bools and enums.

use crate::json_text::{MEMBER_ROOM, Out};
use crate::schema::{Enum, Kind};

/// A varint, read as its field's type says. Surplus bits are dropped, as protobuf has it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Small(u32),
    Enum(&'static Enum, i32),
}

impl Number {
    /// Nothing when the type is none that travels as a varint.
    #[inline]
    pub(super) fn new(kind: Kind, varint: u64) -> Option<Self> {
        Some(match kind {
            Kind::Bool => Self::Bool(varint != 0),
            Kind::Int64 => Self::Signed(varint as i64),
            Kind::Uint64 => Self::Unsigned(varint),
            Kind::Uint32 => Self::Small(varint as u32),
            Kind::Enum(names) => Self::Enum(names, varint as i32),
            Kind::String | Kind::Bytes | Kind::Message(_) => return None,
        })
    }

    /// Whether a field with this value is left out (proto3 JSON mapping).
    #[inline]
    pub(super) fn is_default(self) -> bool {
        match self {
            Self::Bool(value) => !value,
            Self::Signed(value) => value == 0,
            Self::Unsigned(value) => value == 0,
            Self::Small(value) => value == 0,
            Self::Enum(_, value) => value == 0,
        }
    }

    /// 64-bit integers are strings, because JavaScript's numbers have 53 bits (proto3 JSON mapping).
    #[inline(always)]
    pub(super) fn write(self, out: &mut Out<'_>) {
        match self {
            Self::Bool(true) => out.array(b"true"),
            Self::Bool(false) => out.array(b"false"),
            Self::Signed(value) => quoted(value as u64, true, out),
            Self::Unsigned(value) => quoted(value, false, out),
            Self::Small(value) => unsigned(u64::from(value), out),
            Self::Enum(names, value) => match names.name_of(value) {
                Some(name) => out.pieces(b"\"", name.as_bytes(), b"\""),
                None => {
                    if value < 0 {
                        out.push(b'-');
                    }
                    unsigned(u64::from(value.unsigned_abs()), out);
                }
            },
        }
    }
}

/// Numbers that eight digits are enough for.
const EIGHT_DIGITS: u64 = 100_000_000;

/// Writes a number between quotes into `room` from `at` on, which is in its first half; answers where it ends.
#[inline(always)]
pub(super) fn write_quoted(
    value: u64,
    signed: bool,
    room: &mut [u8; MEMBER_ROOM],
    at: usize,
) -> usize {
    put(room, at, [b'"']);
    let at = at.wrapping_add(1);
    let end = if value < EIGHT_DIGITS {
        write_few(value, room, at)
    } else {
        write_many(value, signed, room, at)
    };
    put(room, end, [b'"']);
    end.wrapping_add(1)
}

fn quoted(value: u64, signed: bool, out: &mut Out<'_>) {
    if let Some(room) = out.room(MEMBER_ROOM).first_chunk_mut() {
        let length = write_quoted(value, signed, room, 0);
        out.advance(length);
    }
}

fn unsigned(value: u64, out: &mut Out<'_>) {
    if let Some(room) = out.room(MEMBER_ROOM).first_chunk_mut() {
        let length = if value < EIGHT_DIGITS {
            write_few(value, room, 0)
        } else {
            write_many(value, false, room, 0)
        };
        out.advance(length);
    }
}

#[inline(always)]
fn write_few(value: u64, room: &mut [u8; MEMBER_ROOM], at: usize) -> usize {
    let (text, length) = few_digits(value);
    put(room, at, text);
    at.wrapping_add(length)
}

#[inline(never)]
fn write_many(mut value: u64, signed: bool, room: &mut [u8; MEMBER_ROOM], mut at: usize) -> usize {
    if signed && (value as i64) < 0 {
        put(room, at, [b'-']);
        at = at.wrapping_add(1);
        value = value.wrapping_neg();
    }
    if value < EIGHT_DIGITS {
        return write_few(value, room, at);
    }
    let mut high = value / EIGHT_DIGITS;
    if high >= EIGHT_DIGITS {
        at = write_few(high / EIGHT_DIGITS, room, at);
        high %= EIGHT_DIGITS;
        put(room, at, ascii(digits(high)));
        at = at.wrapping_add(8);
    } else {
        at = write_few(high, room, at);
    }
    put(room, at, ascii(digits(value % EIGHT_DIGITS)));
    at.wrapping_add(8)
}

#[inline(always)]
fn put<const N: usize>(room: &mut [u8; MEMBER_ROOM], at: usize, piece: [u8; N]) {
    if let Some(place) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = piece;
    }
}

/// A number below [`EIGHT_DIGITS`], and how many digits it has.
#[inline(always)]
fn few_digits(value: u64) -> ([u8; 8], usize) {
    let digits = digits(value);
    // The first digits are in the lowest bytes; the last one is shown even if it is zero.
    let zeros = (digits.trailing_zeros() / u8::BITS).min(7);
    let shown = digits.wrapping_shr(zeros.wrapping_mul(u8::BITS));
    (ascii(shown), 8_usize.wrapping_sub(zeros as usize))
}

/// The eight decimal digits of a number below [`EIGHT_DIGITS`], one in a byte, the first one in the lowest. All are
/// taken apart at once: by four, by two and by one, each division being a multiplication whose error is too small to
/// matter (P. Khuong, "How to print integers really fast", 2017).
#[inline(always)]
fn digits(value: u64) -> u64 {
    let value = value as u32; // V8 divides 64 bits slowly
    let fours = u64::from(value / 10_000) | u64::from(value % 10_000).wrapping_shl(32);
    let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds
        | fours
            .wrapping_sub(hundreds.wrapping_mul(100))
            .wrapping_shl(16);
    let tens = (twos.wrapping_mul(103) >> 10) & 0x000f_000f_000f_000f;
    tens | twos.wrapping_sub(tens.wrapping_mul(10)).wrapping_shl(8)
}

#[inline(always)]
fn ascii(digits: u64) -> [u8; 8] {
    (digits | 0x3030_3030_3030_3030).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    static COLOUR: Enum = Enum {
        name: "Colour",
        values: &[(0, "RED"), (1, "GREEN")],
    };

    fn text(kind: Kind, varint: u64) -> String {
        let mut out = Vec::new();
        let number = Number::new(kind, varint).unwrap();
        number.write(&mut Out::new(&mut out, 0));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn integers_of_64_bits_are_strings_and_smaller_ones_are_numbers() {
        assert_eq!(text(Kind::Int64, u64::MAX), r#""-1""#);
        assert_eq!(text(Kind::Int64, 1 << 63), r#""-9223372036854775808""#);
        assert_eq!(text(Kind::Uint64, u64::MAX), r#""18446744073709551615""#);
        assert_eq!(text(Kind::Uint32, u64::MAX), "4294967295");
        assert_eq!(text(Kind::Bool, 1 << 40), "true");
    }

    #[test]
    fn every_number_of_digits_is_written() {
        let mut values: Vec<u64> = (0..20).map(|power| 10_u64.pow(power)).collect();
        values.extend((0..=9_999).chain([u64::MAX, 12_345_678, 99_999_999, 100_000_000]));
        let near = |value: u64| [value.wrapping_sub(1), value, value.wrapping_add(1)];
        for value in values.into_iter().flat_map(near) {
            assert_eq!(text(Kind::Uint64, value), format!("\"{value}\""));
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..100_000 {
            let value = random.u64(..) >> random.u32(..64);
            assert_eq!(text(Kind::Uint64, value), format!("\"{value}\""));
        }
    }

    #[test]
    fn enums_are_names_and_unknown_ones_are_numbers() {
        assert_eq!(text(Kind::Enum(&COLOUR), 1), r#""GREEN""#);
        assert_eq!(text(Kind::Enum(&COLOUR), 42), "42");
        assert_eq!(text(Kind::Enum(&COLOUR), -3_i64 as u64), "-3");
        assert_eq!(text(Kind::Enum(&COLOUR), (7 << 32) + 1), r#""GREEN""#);
    }

    #[test]
    fn a_default_is_what_is_zero_in_the_bits_that_count() {
        assert!(Number::new(Kind::Uint32, 1 << 32).unwrap().is_default());
        assert!(
            Number::new(Kind::Enum(&COLOUR), 1 << 32)
                .unwrap()
                .is_default()
        );
        assert!(!Number::new(Kind::Int64, 1 << 32).unwrap().is_default());
        assert!(!Number::new(Kind::Bool, 1 << 32).unwrap().is_default());
    }
}
