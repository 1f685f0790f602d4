//! The protobuf wire format, as far as writing needs it.

/// Wire type of varints.
pub(super) const VARINT: u32 = 0;
/// Wire type of length-delimited values.
pub(super) const LEN: u32 = 2;

/// Most bytes of a varint.
const MAX_VARINT: usize = 10;

/// Appends a field's tag.
pub(super) fn write_tag(number: u32, wire_type: u32, out: &mut Vec<u8>) {
    write_varint(
        u64::from(number).wrapping_shl(3) | u64::from(wire_type),
        out,
    );
}

/// Appends a base-128 varint.
pub(super) fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Where the contents of a length-delimited value of yet unknown length begin.
#[must_use]
pub(super) struct Open(usize);

/// Begins a length-delimited value: its length is written by [`close`].
pub(super) fn open(out: &mut Vec<u8>) -> Open {
    out.push(0); // right for the nearly always short length; `close` makes room for longer ones
    Open(out.len())
}

/// Ends a length-delimited value and writes its length before it.
pub(super) fn close(Open(start): Open, out: &mut Vec<u8>) {
    let length = out.len().saturating_sub(start);
    let Some(place) = start.checked_sub(1) else {
        return;
    };
    if let (Ok(short @ 0..0x80), Some(byte)) = (u8::try_from(length), out.get_mut(place)) {
        *byte = short;
        return;
    }
    let mut prefix = Vec::with_capacity(MAX_VARINT);
    write_varint(length as u64, &mut prefix);
    // There is room for one byte of it: the others are added at the end and brought to the front.
    let more = prefix.len().saturating_sub(1);
    out.resize(out.len().saturating_add(more), 0);
    if let Some(tail) = out.get_mut(place..)
        && more <= tail.len()
    {
        tail.rotate_right(more);
        for (room, byte) in tail.iter_mut().zip(prefix) {
            *room = byte;
        }
    }
}
