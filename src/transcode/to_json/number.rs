//! Values that travel as varints: numbers, bools and enums.

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
    #[inline]
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Signed(value) => quoted(itoa::Buffer::new().format(value), out),
            Self::Unsigned(value) => quoted(itoa::Buffer::new().format(value), out),
            Self::Small(value) => {
                out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
            }
            Self::Enum(names, value) => match names.name_of(value) {
                Some(name) => quoted(name, out),
                None => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            },
        }
    }
}

#[inline]
fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
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
        Number::new(kind, varint).unwrap().write(&mut out);
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
