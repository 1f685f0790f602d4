//! Frames to a client, which are never masked.

use super::{FIN, LENGTH_16, LENGTH_64, MAX_CONTROL, Opcode};

/// A ping, which keeps a quiet socket from being taken for dead.
pub const PING: &[u8] = &[0x89, 0];

/// The answer to a ping with this payload.
#[must_use]
pub fn pong(payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    push_frame(Opcode::Pong, true, payload, &mut frame);
    frame
}

/// Appends a frame.
pub(super) fn push_frame(opcode: Opcode, last: bool, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(payload.len().saturating_add(10));
    out.push(opcode.byte() | if last { FIN } else { 0 });
    if payload.len() <= MAX_CONTROL {
        out.push(payload.len() as u8);
    } else if let Ok(length) = u16::try_from(payload.len()) {
        out.push(LENGTH_16);
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        out.push(LENGTH_64);
        out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
    }
    out.extend_from_slice(payload);
}

/// Lines of text to messages of text, a line each.
#[derive(Debug, Default)]
pub struct Documents {
    /// Whether a piece of a line has gone out and not its end.
    within: bool,
}

impl Documents {
    /// Appends the frames of a piece of text. A line ends with its line end, which is not sent; what has none is a
    /// fragment.
    pub fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for piece in text.split_inclusive(|byte| *byte == b'\n') {
            let (payload, last) = match piece.split_last() {
                Some((b'\n', line)) => (line, true),
                _ => (piece, false),
            };
            if payload.is_empty() && !self.within {
                continue; // a blank line is no document
            }
            let opcode = if self.within {
                Opcode::Continuation
            } else {
                Opcode::Text
            };
            push_frame(opcode, last, payload, out);
            self.within = !last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(pieces: &[&str]) -> Vec<u8> {
        let mut documents = Documents::default();
        let mut out = Vec::new();
        for piece in pieces {
            documents.push(piece.as_bytes(), &mut out);
        }
        out
    }

    #[test]
    fn a_line_is_a_message() {
        assert_eq!(frames(&["{}\n"]), b"\x81\x02{}");
        assert_eq!(frames(&["{}\n[]\n"]), b"\x81\x02{}\x81\x02[]");
        assert_eq!(frames(&["\n", ""]), b"");
    }

    #[test]
    fn a_line_in_pieces_is_a_message_in_fragments() {
        assert_eq!(
            frames(&["{", "1", "}\n", "{}\n"]),
            b"\x01\x01{\x00\x011\x80\x01}\x81\x02{}"
        );
        // Cut off by an error.
        assert_eq!(frames(&["{", "\n{}\n"]), b"\x01\x01{\x80\x00\x81\x02{}");
    }

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        for (length, head) in [
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65535, vec![0x81, 126, 0xff, 0xff]),
            (65536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let sent = frames(&[&("x".repeat(length) + "\n")]);
            assert_eq!(sent[..head.len()], head[..], "{length}");
            assert_eq!(sent.len(), head.len() + length);
        }
    }
}
