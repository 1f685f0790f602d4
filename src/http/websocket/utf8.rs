//! Text that comes in pieces, which may end within a character.

/// What has come of a character that is not complete.
#[derive(Debug, Default)]
pub(super) struct Utf8 {
    begun: [u8; 4],
    length: usize,
}

impl Utf8 {
    /// Whether the text can still be UTF-8 with this piece; a bad byte is told as it comes.
    pub(super) fn takes(&mut self, mut piece: &[u8]) -> bool {
        while self.length > 0 {
            let Some((next, rest)) = piece.split_first() else {
                return true;
            };
            piece = rest;
            let Some(place) = self.begun.get_mut(self.length) else {
                return false;
            };
            *place = *next;
            self.length = self.length.saturating_add(1);
            match std::str::from_utf8(self.begun.get(..self.length).unwrap_or_default()) {
                Ok(_) => self.length = 0,
                Err(error) if error.error_len().is_some() => return false,
                Err(_) => {}
            }
        }
        let Err(error) = std::str::from_utf8(piece) else {
            return true;
        };
        let tail = piece.get(error.valid_up_to()..).unwrap_or_default();
        if error.error_len().is_some() || tail.len() >= self.begun.len() {
            return false;
        }
        for (place, byte) in self.begun.iter_mut().zip(tail) {
            *place = *byte;
        }
        self.length = tail.len();
        true
    }

    /// Whether it can end here.
    pub(super) fn is_complete(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Utf8;

    fn is_text(pieces: &[&[u8]]) -> bool {
        let mut utf8 = Utf8::default();
        pieces.iter().all(|piece| utf8.takes(piece)) && utf8.is_complete()
    }

    #[test]
    fn text_is_the_same_at_every_split() {
        let samples: [&[u8]; 9] = [
            "κόσμε aé€😀".as_bytes(),
            b"",
            b"\xf4\x8f\xbf\xbf",
            b"\xf4\x90\x80\x80",
            b"\xed\xa0\x80",
            b"\xc0\xaf",
            b"ab\xe2\x82",
            b"\xe2\x82x",
            b"\xff",
        ];
        for bytes in samples {
            let whole = std::str::from_utf8(bytes).is_ok();
            for first in 0..=bytes.len() {
                for second in first..=bytes.len() {
                    let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                    assert_eq!(is_text(&pieces), whole, "{bytes:x?} {first} {second}");
                }
            }
        }
    }

    #[test]
    fn a_bad_byte_is_told_as_it_comes() {
        let mut utf8 = Utf8::default();
        assert!(utf8.takes(b"\xf4"));
        assert!(!utf8.takes(b"\x90"));
    }
}
