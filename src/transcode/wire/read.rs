//! Reading: one field's tag with its number or length.

/// Bytes in the longest varint: 64 bits, seven a byte.
const VARINT_MAX: usize = 10;

/// Bytes in the longest [`Item`]: two varints.
pub(in crate::transcode) const ITEM_MAX: usize = VARINT_MAX + VARINT_MAX;

/// The largest field number: 29 bits.
const FIELD_NUMBER_MAX: u64 = (1 << 29) - 1;

/// A field's tag and the varint that may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transcode) struct Item {
    pub(in crate::transcode) number: u32,
    pub(in crate::transcode) payload: Payload,
}

/// What follows the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transcode) enum Payload {
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
pub(in crate::transcode) enum Malformed {
    /// The bytes end inside it. More may complete it, if its message is longer.
    Incomplete,
    VarintTooLong,
    FieldNumber,
    WireType(u8),
}

/// Takes a varint off the front of `bytes`.
#[inline(always)]
pub(in crate::transcode) fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let (value, rest) = match **bytes {
        [a @ 0..0x80, ref rest @ ..] => (u32::from(a), rest),
        [a, b @ 0..0x80, ref rest @ ..] => (low(a) | u32::from(b) << 7, rest),
        [a, b, c @ 0..0x80, ref rest @ ..] => (low(a) | low(b) << 7 | u32::from(c) << 14, rest),
        [a, b, c, d @ 0..0x80, ref rest @ ..] => (
            low(a) | low(b) << 7 | low(c) << 14 | u32::from(d) << 21,
            rest,
        ),
        _ => return out_of_line(long_varint, bytes),
    };
    *bytes = rest;
    Ok(u64::from(value))
}

/// Takes the length of a value and then the value off the front of `bytes`.
#[inline(always)]
pub(in crate::transcode) fn value<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = match **bytes {
        [length @ 0..0x80, ref rest @ ..] => (usize::from(length), rest),
        [a, b @ 0..0x80, ref rest @ ..] => ((low(a) | u32::from(b) << 7) as usize, rest),
        _ => {
            let length = out_of_line(long_varint, bytes).ok()?;
            (usize::try_from(length).ok()?, *bytes)
        }
    };
    let (value, behind) = rest.split_at_checked(length)?;
    *bytes = behind;
    Some(value)
}

/// The seven bits of a byte that is not a varint's last.
#[inline(always)]
fn low(byte: u8) -> u32 {
    u32::from(byte & 0x7f)
}

#[inline(never)]
fn long_varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let Some((word, behind)) = bytes.split_first_chunk() else {
        return short_input(bytes);
    };
    let word = u64::from_le_bytes(*word);
    let value = seven_bits_each(word);
    let ends = !word & 0x8080_8080_8080_8080;
    if ends != 0 {
        let length = (ends.trailing_zeros() / u8::BITS).wrapping_add(1);
        *bytes = bytes.get(length as usize..).unwrap_or_default();
        // What is behind its last byte is not a part of it.
        return Ok(value & u64::MAX.wrapping_shr(64_u32.wrapping_sub(length.wrapping_mul(7))));
    }
    match *behind {
        [ninth @ 0..0x80, ref rest @ ..] => {
            *bytes = rest;
            Ok(value | u64::from(ninth).wrapping_shl(56))
        }
        [ninth, tenth @ 0..2, ref rest @ ..] => {
            *bytes = rest;
            Ok(
                value
                    | u64::from(ninth & 0x7f).wrapping_shl(56)
                    | u64::from(tenth).wrapping_shl(63),
            )
        }
        [] | [_] => Err(Malformed::Incomplete),
        _ => Err(Malformed::VarintTooLong),
    }
}

/// The lower seven bits of eight bytes, one behind the other.
fn seven_bits_each(word: u64) -> u64 {
    let bits = word & 0x7f7f_7f7f_7f7f_7f7f;
    let pairs = (bits & 0x007f_007f_007f_007f) | (bits & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = (pairs & 0x0000_3fff_0000_3fff) | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    (fours & 0x0fff_ffff) | (fours & 0x0fff_ffff_0000_0000) >> 4
}

/// A varint in less than eight bytes.
fn short_input(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0_u64;
    let mut shift = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        shift = shift.wrapping_add(7);
        if byte < 0x80 {
            *bytes = bytes.get(at.wrapping_add(1)..).unwrap_or_default();
            return Ok(value);
        }
    }
    Err(Malformed::Incomplete)
}

/// Takes a field's [`Item`] off the front of `bytes`.
#[inline(always)]
pub(in crate::transcode) fn item(bytes: &mut &[u8]) -> Result<Item, Malformed> {
    // A tag of one byte, and a length of one: nearly all are so.
    match **bytes {
        [tag @ 8..0x80, ref rest @ ..] if tag & 7 == 0 => {
            *bytes = rest;
            Ok(Item {
                number: u32::from(tag >> 3),
                payload: Payload::Varint(varint(bytes)?),
            })
        }
        [tag @ 8..0x80, length @ 0..0x80, ref rest @ ..] if tag & 7 == 2 => {
            *bytes = rest;
            Ok(Item {
                number: u32::from(tag >> 3),
                payload: Payload::Length(u64::from(length)),
            })
        }
        _ => out_of_line(any_item, bytes),
    }
}

/// Calls a function with a copy of `bytes`, so that `bytes` itself can stay in registers.
#[inline(always)]
fn out_of_line<T>(
    take: fn(&mut &[u8]) -> Result<T, Malformed>,
    bytes: &mut &[u8],
) -> Result<T, Malformed> {
    let mut lent = *bytes;
    let taken = take(&mut lent);
    *bytes = lent;
    taken
}

#[inline(never)]
fn any_item(bytes: &mut &[u8]) -> Result<Item, Malformed> {
    let tag = long_varint(bytes)?;
    let number = match tag >> 3 {
        number @ 1..=FIELD_NUMBER_MAX => number as u32,
        _ => return Err(Malformed::FieldNumber),
    };
    let payload = match (tag & 7) as u8 {
        0 => Payload::Varint(long_varint(bytes)?),
        1 => Payload::Fixed(8),
        2 => Payload::Length(long_varint(bytes)?),
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
            let behind = [0xff; 9];
            let longer = [bytes.as_slice(), &behind].concat();
            let mut rest = longer.as_slice();
            assert_eq!(varint(&mut rest), Ok(value));
            assert_eq!(rest, behind);
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
