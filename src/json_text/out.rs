//! The text that is being written.
//!
//! JSON is made of many short pieces. Behind the text there is always some room already, so that a
//! piece is stored without a call and without a look at the capacity of each byte.

/// Bytes up to which a piece is stored in two overlapping halves. Longer ones are worth a call.
const SHORT: usize = 32;

/// Least room that is made at once, in bytes. Lines of streams wait by the thousand, their rooms with them.
const ROOM: usize = 64;

/// Room for a member of an object that is a number: for its label in the first half, for the digits behind that.
pub(crate) const MEMBER_ROOM: usize = 64;

/// Text at the end of a buffer, with room behind it until this is dropped.
pub(crate) struct Out<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where the text ends and the room begins.
    len: usize,
}

impl<'a> Out<'a> {
    /// Writes behind what is there, with room for about so many bytes.
    pub(crate) fn new(bytes: &'a mut Vec<u8>, expected: usize) -> Self {
        let len = bytes.len();
        bytes.resize(len.saturating_add(expected).saturating_add(ROOM), 0);
        Self { bytes, len }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Puts another byte in the place of one.
    pub(crate) fn replace(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.bytes.get_mut(at) {
            *place = byte;
        }
    }

    /// Takes back what was written since the text had this length.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8) {
        self.array(&[byte]);
    }

    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self, piece: &[u8; N]) {
        self.store(piece, N);
    }

    pub(crate) fn extend_from_slice(&mut self, piece: &[u8]) {
        copy(piece, self.room(piece.len()));
        self.advance(piece.len());
    }

    /// Appends three pieces, the middle one of any length.
    #[inline(always)]
    pub(crate) fn pieces<const N: usize, const M: usize>(
        &mut self,
        first: &[u8; N],
        middle: &[u8],
        last: &[u8; M],
    ) {
        let length = middle.len().wrapping_add(N).wrapping_add(M);
        // One look at the room, not three: this is what most of an answer's text is.
        if let Some((start, rest)) = self.room(length).split_first_chunk_mut::<N>()
            && let Some((room, end)) = rest.split_last_chunk_mut::<M>()
        {
            *start = *first;
            copy(middle, room);
            *end = *last;
        }
        self.advance(length);
    }

    /// Room of this many bytes behind the text, which [`advance`](Self::advance) makes part of it.
    #[inline(always)]
    pub(crate) fn room(&mut self, length: usize) -> &mut [u8] {
        let end = self.len.wrapping_add(length); // a wrong end gives no room
        if self.bytes.len() < end {
            self.grow(end);
        }
        self.bytes.get_mut(self.len..end).unwrap_or_default()
    }

    #[inline(always)]
    pub(crate) fn advance(&mut self, length: usize) {
        self.len = self.len.wrapping_add(length);
    }

    /// Stores an array, of which `length` bytes are text.
    #[inline(always)]
    pub(crate) fn store<const N: usize>(&mut self, array: &[u8; N], length: usize) {
        if let Some(room) = self.room(N).first_chunk_mut() {
            *room = *array;
        }
        self.advance(length);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, end: usize) {
        self.bytes
            .resize(end.saturating_add(end / 2).saturating_add(ROOM), 0);
    }
}

/// Copies a piece into room of the same length.
#[inline(always)]
fn copy(piece: &[u8], room: &mut [u8]) {
    match piece.len() {
        0 => {}
        1..4 => {
            for (place, byte) in room.iter_mut().zip(piece) {
                *place = *byte;
            }
        }
        4..8 => copy_halves::<4>(piece, room),
        8..16 => copy_halves::<8>(piece, room),
        16..=SHORT => copy_halves::<16>(piece, room),
        length if room.len() == length => room.copy_from_slice(piece),
        _ => {}
    }
}

/// Copies a piece of `N` to twice as many bytes.
#[inline(always)]
fn copy_halves<const N: usize>(piece: &[u8], room: &mut [u8]) {
    if let (Some(first), Some(last)) = (piece.first_chunk::<N>(), piece.last_chunk::<N>()) {
        if let Some(place) = room.first_chunk_mut() {
            *place = *first;
        }
        if let Some(place) = room.last_chunk_mut() {
            *place = *last;
        }
    }
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.len);
    }
}
