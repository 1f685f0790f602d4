//! Writing: tags, varints and values of lengths that are not known before.

/// Bits of a value that a byte of its varint has.
const VARINT_BITS: u32 = 7;

/// Appends a field's tag.
pub(in crate::transcode) fn write_tag(number: u32, wire_type: u32, out: &mut Vec<u8>) {
    write_varint(
        u64::from(number).wrapping_shl(3) | u64::from(wire_type),
        out,
    );
}

/// Appends a base-128 varint.
pub(in crate::transcode) fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= VARINT_BITS;
    }
    out.push(value as u8);
}

/// Where the contents of a length-delimited value of yet unknown length begin, and how many bytes before them are for
/// the length.
#[must_use]
pub(in crate::transcode) struct Open {
    start: usize,
    width: usize,
}

/// Begins a length-delimited value: its length is written by [`close`].
pub(in crate::transcode) fn open(out: &mut Vec<u8>) -> Open {
    out.push(0); // right for the nearly always short length; `close` makes room for longer ones
    Open {
        start: out.len(),
        width: 1,
    }
}

impl Open {
    /// Has as much room for the length as `length` needs, by moving what has been written. [`close`] need then move
    /// nothing if the length turns out to be as long.
    pub(in crate::transcode) fn expect(&mut self, length: usize, out: &mut Vec<u8>) {
        let bits = usize::BITS.saturating_sub((length | 1).leading_zeros());
        let width = bits.div_ceil(VARINT_BITS) as usize;
        if width == self.width {
            return;
        }
        let Some(place) = self.start.checked_sub(self.width) else {
            return;
        };
        let more = width.saturating_sub(self.width);
        let fewer = self.width.saturating_sub(width);
        out.resize(out.len().saturating_add(more), 0);
        if let Some(tail) = out.get_mut(place..)
            && more <= tail.len()
            && fewer <= tail.len()
        {
            if more > 0 {
                tail.rotate_right(more);
            } else {
                tail.rotate_left(fewer);
            }
        }
        out.truncate(out.len().saturating_sub(fewer));
        self.width = width;
        self.start = place.saturating_add(width);
    }
}

/// Ends a length-delimited value and writes its length before it.
pub(in crate::transcode) fn close(mut open: Open, out: &mut Vec<u8>) {
    let mut length = out.len().saturating_sub(open.start);
    if open.width > 1 || length >= 0x80 {
        open.expect(length, out);
    }
    let Some(place) = open.start.checked_sub(open.width) else {
        return;
    };
    let prefix = out.get_mut(place..open.start).unwrap_or_default();
    if let Some((last, others)) = prefix.split_last_mut() {
        for byte in others {
            *byte = (length & 0x7f) as u8 | 0x80;
            length >>= VARINT_BITS;
        }
        *last = length as u8;
    }
}
