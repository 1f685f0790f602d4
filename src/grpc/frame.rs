//! Length-prefixed messages: a flag byte, four bytes of length, the message.

/// Bytes before a message: the compressed flag and the length.
pub const HEADER_LEN: usize = 5;

/// Most bytes of a message, which is what protobuf allows.
pub const MAX_LENGTH: u32 = 1 << 31;

/// Fills in the frame header that `frame` begins with, for the message that follows it.
///
/// `frame` must have been started with [`HEADER_LEN`] bytes of any value.
pub fn seal(frame: &mut [u8]) {
    let length = u32::try_from(frame.len().saturating_sub(HEADER_LEN)).unwrap_or(u32::MAX);
    if let Some((header, _)) = frame.split_first_chunk_mut::<HEADER_LEN>() {
        let [a, b, c, d] = length.to_be_bytes();
        *header = [0, a, b, c, d];
    }
}

/// A part of the stream of frames.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A message of this many bytes begins.
    Begin(u32),
    /// The next bytes of the message.
    Data(&'a [u8]),
    /// The message is complete.
    End,
}

/// What can be wrong with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// The flag byte says compressed, which was not offered.
    Compressed,
    /// The flag byte is neither 0 nor 1.
    UnknownFlag(u8),
    /// The message would have more than [`MAX_LENGTH`] bytes.
    TooLong(u32),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Compressed => {
                f.write_str("upstream sent a compressed message that was not asked for")
            }
            Self::TooLong(length) => write!(f, "upstream began a message of {length} bytes"),
            Self::UnknownFlag(flag) => {
                write!(f, "upstream sent a gRPC frame with unknown flag {flag}")
            }
        }
    }
}

/// Takes a byte stream apart into frames, whatever the split; holds at most [`HEADER_LEN`] bytes.
#[derive(Debug, Default)]
pub struct Frames {
    header: [u8; HEADER_LEN],
    filled: usize,
    /// Bytes of the current message still to come; `None` between messages.
    remaining: Option<u32>,
}

impl Frames {
    /// Takes the next part off the front of `bytes`; `None` when they are used up.
    ///
    /// # Errors
    ///
    /// When a frame's flag byte is not 0 or its message too long; the stream cannot be read any further then.
    pub fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        match self.remaining {
            Some(0) => {
                self.remaining = None;
                Ok(Some(Frame::End))
            }
            Some(_) if bytes.is_empty() => Ok(None),
            Some(remaining) => {
                let take = bytes.len().min(remaining as usize);
                let (data, rest) = bytes.split_at_checked(take).unwrap_or((bytes, &[]));
                *bytes = rest;
                self.remaining =
                    Some(remaining.saturating_sub(u32::try_from(take).unwrap_or(u32::MAX)));
                Ok(Some(Frame::Data(data)))
            }
            None => self.header(bytes),
        }
    }

    /// Whether the stream is between two messages.
    #[must_use]
    pub fn is_at_boundary(&self) -> bool {
        self.remaining.is_none() && self.filled == 0
    }

    fn header<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        let free = self.header.get_mut(self.filled..).unwrap_or_default();
        let take = bytes.len().min(free.len());
        let (head, rest) = bytes.split_at_checked(take).unwrap_or((bytes, &[]));
        if let Some(place) = free.get_mut(..take) {
            place.copy_from_slice(head);
        }
        *bytes = rest;
        self.filled = self.filled.saturating_add(take);
        if self.filled < HEADER_LEN {
            return Ok(None);
        }
        self.filled = 0;
        let [flag, a, b, c, d] = self.header;
        match flag {
            0 => {
                let length = u32::from_be_bytes([a, b, c, d]);
                if length > MAX_LENGTH {
                    return Err(FrameError::TooLong(length));
                }
                self.remaining = Some(length);
                Ok(Some(Frame::Begin(length)))
            }
            1 => Err(FrameError::Compressed),
            flag => Err(FrameError::UnknownFlag(flag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(chunks: &[&[u8]]) -> (Vec<Vec<u8>>, bool) {
        let mut frames = Frames::default();
        let mut messages = Vec::new();
        let mut current = None;
        for chunk in chunks {
            let mut bytes = *chunk;
            while let Some(frame) = frames.next(&mut bytes).unwrap() {
                match frame {
                    Frame::Begin(_) => current = Some(Vec::new()),
                    Frame::Data(data) => current.as_mut().unwrap().extend_from_slice(data),
                    Frame::End => messages.push(current.take().unwrap()),
                }
            }
        }
        (messages, frames.is_at_boundary())
    }

    #[test]
    fn messages_come_out_whole_at_every_split() {
        let stream = b"\0\0\0\0\x03abc\0\0\0\0\0\0\0\0\0\x01z";
        let expected = vec![b"abc".to_vec(), Vec::new(), b"z".to_vec()];
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(
                messages(&[head, tail]),
                (expected.clone(), true),
                "split at {at}"
            );
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(messages(&bytes), (expected, true));
    }

    #[test]
    fn a_cut_stream_is_not_at_a_boundary() {
        for cut in 1..8 {
            assert!(!messages(&[&b"\0\0\0\0\x03abc"[..cut]]).1, "cut at {cut}");
        }
    }

    #[test]
    fn flags_that_cannot_be_read_are_errors() {
        assert_eq!(
            Frames::default().next(&mut &b"\x01\0\0\0\0"[..]),
            Err(FrameError::Compressed)
        );
        assert_eq!(
            Frames::default().next(&mut &b"<html"[..]),
            Err(FrameError::UnknownFlag(b'<'))
        );
    }

    #[test]
    fn a_message_that_cannot_be_is_an_error_before_its_first_byte() {
        let longest = b"\0\x80\0\0\0";
        assert_eq!(
            Frames::default().next(&mut &longest[..]),
            Ok(Some(Frame::Begin(MAX_LENGTH)))
        );
        assert_eq!(
            Frames::default().next(&mut &b"\0\x80\0\0\x01"[..]),
            Err(FrameError::TooLong(MAX_LENGTH + 1))
        );
    }

    #[test]
    fn a_sealed_frame_is_read_back() {
        let mut frame = vec![9; HEADER_LEN];
        frame.extend_from_slice(b"message");
        seal(&mut frame);
        assert_eq!(messages(&[&frame]), (vec![b"message".to_vec()], true));
    }
}
