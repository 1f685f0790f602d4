//! The protobuf wire format: one field's tag with its number or length.
//! <https://protobuf.dev/programming-guides/encoding/>

use super::Error;

/// Bytes in the longest varint: 64 bits, seven a byte.
const VARINT_MAX: usize = 10;

/// Bytes in the longest [`Item`]: two varints.
pub(super) const ITEM_MAX: usize = VARINT_MAX + VARINT_MAX;

/// The largest field number: 29 bits.
const FIELD_NUMBER_MAX: u64 = (1 << 29) - 1;

/// A field's tag and the varint that may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) number: u32,
    pub(super) payload: Payload,
}

/// What follows the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    /// Wire type 0.
    Varint(u64),
    /// Wire types 1 and 5: no field of etcd's has them, so they are bytes to skip.
    Fixed(u8),
    /// Wire type 2: a string, bytes, a message or a packed list of this many bytes.
    Length(u64),
    /// Wire type 3.
    GroupStart,
    /// Wire type 4.
    GroupEnd,
}

/// Why there is no item at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// The bytes end inside it. More may complete it, if its message is longer.
    Incomplete,
    VarintTooLong,
    FieldNumber,
    WireType(u8),
}

impl Malformed {
    /// The same as an error of a message that has no more bytes.
    pub(super) fn at(self, offset: u64) -> Error {
        match self {
            Self::Incomplete => Error::Truncated { offset },
            Self::VarintTooLong => Error::VarintTooLong { offset },
            Self::FieldNumber => Error::FieldNumber { offset },
            Self::WireType(found) => Error::WireType { offset, found },
        }
    }
}

/// Takes a varint off the front of `bytes`.
#[inline]
pub(super) fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    match bytes.split_first() {
        Some((&byte, rest)) if byte < 0x80 => {
            *bytes = rest;
            Ok(u64::from(byte))
        }
        _ => long_varint(bytes),
    }
}

fn long_varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0_u64;
    let mut rest = *bytes;
    for shift in (0..u64::BITS).step_by(7) {
        let Some((&byte, after)) = rest.split_first() else {
            return Err(Malformed::Incomplete);
        };
        rest = after;
        if shift == 63 && byte > 1 {
            break;
        }
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte < 0x80 {
            *bytes = rest;
            return Ok(value);
        }
    }
    Err(Malformed::VarintTooLong)
}

/// Takes a field's [`Item`] off the front of `bytes`.
#[inline(always)]
pub(super) fn item(bytes: &mut &[u8]) -> Result<Item, Malformed> {
    let tag = varint(bytes)?;
    let number = match tag >> 3 {
        number @ 1..=FIELD_NUMBER_MAX => number as u32,
        _ => return Err(Malformed::FieldNumber),
    };
    let payload = match (tag & 7) as u8 {
        0 => Payload::Varint(varint(bytes)?),
        1 => Payload::Fixed(8),
        2 => Payload::Length(varint(bytes)?),
        3 => Payload::GroupStart,
        4 => Payload::GroupEnd,
        5 => Payload::Fixed(4),
        found => return Err(Malformed::WireType(found)),
    };
    Ok(Item { number, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_of<T>(
        take: fn(&mut &[u8]) -> Result<T, Malformed>,
        mut bytes: &[u8],
    ) -> Result<T, Malformed> {
        let taken = take(&mut bytes)?;
        assert!(bytes.is_empty());
        Ok(taken)
    }

    #[test]
    fn varints_of_every_length_are_read_and_their_prefixes_are_incomplete() {
        for bits in 0..=u64::BITS {
            let value = u64::MAX.checked_shr(bits).unwrap_or(0);
            let mut bytes = Vec::new();
            prost::encoding::encode_varint(value, &mut bytes);
            assert_eq!(all_of(varint, &bytes), Ok(value));
            for end in 0..bytes.len() {
                assert_eq!(all_of(varint, &bytes[..end]), Err(Malformed::Incomplete));
            }
        }
    }

    #[test]
    fn a_varint_may_be_padded_to_ten_bytes_and_no_more() {
        let mut padded = [0x80; VARINT_MAX];
        padded[0] = 0x85;
        padded[9] = 0;
        assert_eq!(all_of(varint, &padded), Ok(5));
        padded[9] = 2;
        assert_eq!(all_of(varint, &padded), Err(Malformed::VarintTooLong));
        padded[9] = 0x80;
        assert_eq!(all_of(varint, &padded), Err(Malformed::VarintTooLong));
    }

    #[test]
    fn field_numbers_have_29_bits_and_are_not_zero() {
        for tag in [0_u64, 7, (FIELD_NUMBER_MAX + 1) << 3, u64::MAX] {
            let mut bytes = Vec::new();
            prost::encoding::encode_varint(tag, &mut bytes);
            assert_eq!(all_of(item, &bytes), Err(Malformed::FieldNumber), "{tag}");
        }
        let mut bytes = Vec::new();
        prost::encoding::encode_varint(FIELD_NUMBER_MAX << 3 | 2, &mut bytes);
        bytes.push(9);
        let number = FIELD_NUMBER_MAX as u32;
        let payload = Payload::Length(9);
        assert_eq!(all_of(item, &bytes), Ok(Item { number, payload }));
    }

    #[test]
    fn there_are_six_wire_types() {
        assert_eq!(item(&mut &[0x0e_u8][..]), Err(Malformed::WireType(6)));
        assert_eq!(item(&mut &[0x0f_u8][..]), Err(Malformed::WireType(7)));
        for tag in 8..=0x0d {
            assert!(item(&mut &[tag, 0][..]).is_ok(), "{tag}");
        }
    }
}
