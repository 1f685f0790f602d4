//! Frames from a client, as they come.

use super::close::Close;
use super::utf8::Utf8;
use super::{FIN, LENGTH_16, LENGTH_64, MASKED, MAX_CONTROL, Opcode, RESERVED};

/// The longest head: two bytes, a length of 64 bits, a mask.
const MAX_HEAD: usize = 14;

/// Bytes of a mask.
const MASK: usize = 4;

/// What a client has sent, beside the payload of its messages.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A message has come to its end.
    MessageEnd,
    /// A ping with this payload.
    Ping(Vec<u8>),
    /// A close frame, and the answer to it.
    Close(Close),
}

/// Reads frames, however they are cut.
#[derive(Debug, Default)]
pub struct Reader {
    /// What has come of a frame's head.
    head: [u8; MAX_HEAD],
    has: usize,
    /// The frame whose payload is being read.
    frame: Option<Frame>,
    /// The payload of a control frame.
    control: Vec<u8>,
    /// The message that has begun.
    message: Option<Message>,
}

#[derive(Debug)]
struct Frame {
    opcode: Opcode,
    last: bool,
    left: u64,
    mask: [u8; MASK],
}

#[derive(Debug)]
struct Message {
    /// What its text must be; nothing of a binary one.
    text: Option<Utf8>,
    /// Bytes of it that have come or been announced.
    length: u64,
}

impl Reader {
    /// Reads up to the next event, and appends to `out` what is a message's on the way; nothing if there is none in the
    /// `rest` of what has come. A message has at most `most` bytes.
    ///
    /// # Errors
    ///
    /// How to close the socket on a client that does not keep to the protocol. What follows is not to be read.
    pub fn next(
        &mut self,
        rest: &mut &[u8],
        most: usize,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, Close> {
        loop {
            let Some(frame) = &mut self.frame else {
                if !self.read_head(rest, most)? {
                    return Ok(None);
                }
                continue;
            };
            let length = usize::try_from(frame.left).unwrap_or(usize::MAX);
            let (payload, after) = rest.split_at(length.min(rest.len()));
            *rest = after;
            let control = frame.opcode.is_control();
            let to = if control {
                &mut self.control
            } else {
                &mut *out
            };
            let start = to.len();
            to.extend_from_slice(payload);
            let new = to.get_mut(start..).unwrap_or_default();
            unmask(new, &mut frame.mask);
            if let (
                false,
                Some(Message {
                    text: Some(text), ..
                }),
            ) = (control, &mut self.message)
                && !text.takes(new)
            {
                return Err(Close::NOT_UTF8);
            }
            frame.left = frame.left.saturating_sub(payload.len() as u64);
            if frame.left > 0 {
                return Ok(None);
            }
            let (opcode, last) = (frame.opcode, frame.last);
            self.frame = None;
            if let Some(event) = self.end(opcode, last)? {
                return Ok(Some(event));
            }
        }
    }

    /// Whether a message or a frame has begun and not come to its end.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.has > 0 || self.frame.is_some() || self.message.is_some()
    }

    /// Reads a frame's head; false if it is not complete.
    fn read_head(&mut self, rest: &mut &[u8], most: usize) -> Result<bool, Close> {
        while let Some((byte, after)) = rest.split_first() {
            if let Some(place) = self.head.get_mut(self.has) {
                *place = *byte;
            }
            *rest = after;
            self.has = self.has.saturating_add(1);
            if let Some(frame) = self.frame_of_head()? {
                self.begin(frame, most)?;
                self.has = 0;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The frame whose head has come; nothing if it is not complete.
    fn frame_of_head(&self) -> Result<Option<Frame>, Close> {
        let head = self.head.get(..self.has).unwrap_or_default();
        let Some((first, behind)) = head.split_first() else {
            return Ok(None);
        };
        if first & RESERVED != 0 {
            return Err(Close::protocol("a reserved bit without an extension"));
        }
        let Some(opcode) = Opcode::of(first & 0x0f) else {
            return Err(Close::protocol("an unknown kind of frame"));
        };
        let last = first & FIN != 0;
        if opcode.is_control() && !last {
            return Err(Close::protocol("a control frame in fragments"));
        }
        let Some((second, behind)) = behind.split_first() else {
            return Ok(None);
        };
        if second & MASKED == 0 {
            return Err(Close::protocol("a frame that is not masked"));
        }
        let short = second & !MASKED;
        if opcode.is_control() && usize::from(short) > MAX_CONTROL {
            return Err(Close::protocol("a control frame of more than 125 bytes"));
        }
        let Some((left, mask)) = length(short, behind)? else {
            return Ok(None);
        };
        let Some(mask) = mask.first_chunk() else {
            return Ok(None);
        };
        Ok(Some(Frame {
            opcode,
            last,
            left,
            mask: *mask,
        }))
    }

    /// Takes a frame, of whose payload nothing has come.
    fn begin(&mut self, frame: Frame, most: usize) -> Result<(), Close> {
        let text = match (frame.opcode, &self.message) {
            (Opcode::Continuation, None) => {
                return Err(Close::protocol("a continuation of no message"));
            }
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Close::protocol("a message within another"));
            }
            (Opcode::Text, None) => Some(Utf8::default()),
            _ => None,
        };
        if !frame.opcode.is_control() {
            let message = self.message.get_or_insert(Message { text, length: 0 });
            message.length = message.length.saturating_add(frame.left);
            if message.length > most as u64 {
                return Err(Close::TOO_LARGE);
            }
        }
        self.frame = Some(frame);
        Ok(())
    }

    /// Ends a frame, all of whose payload has come.
    fn end(&mut self, opcode: Opcode, last: bool) -> Result<Option<Event>, Close> {
        match opcode {
            Opcode::Close => {
                let close = Close::echo(&std::mem::take(&mut self.control));
                if close.is_violation() {
                    return Err(close);
                }
                Ok(Some(Event::Close(close)))
            }
            Opcode::Ping => Ok(Some(Event::Ping(std::mem::take(&mut self.control)))),
            Opcode::Pong => {
                self.control = Vec::new();
                Ok(None)
            }
            Opcode::Continuation | Opcode::Text | Opcode::Binary if last => {
                match self.message.take() {
                    Some(Message {
                        text: Some(text), ..
                    }) if !text.is_complete() => Err(Close::NOT_UTF8),
                    _ => Ok(Some(Event::MessageEnd)),
                }
            }
            Opcode::Continuation | Opcode::Text | Opcode::Binary => Ok(None),
        }
    }
}

/// A payload's length, and what is behind it; nothing if it is not complete. It is to be as short as it can be.
fn length(short: u8, behind: &[u8]) -> Result<Option<(u64, &[u8])>, Close> {
    let (length, behind, least) = match short {
        LENGTH_16 => match behind.split_first_chunk() {
            Some((bytes, behind)) => (u64::from(u16::from_be_bytes(*bytes)), behind, 126),
            None => return Ok(None),
        },
        LENGTH_64 => match behind.split_first_chunk() {
            Some((bytes, behind)) => (u64::from_be_bytes(*bytes), behind, 65536),
            None => return Ok(None),
        },
        short => (u64::from(short), behind, 0),
    };
    if length < least {
        return Err(Close::protocol("a length in more bytes than it needs"));
    }
    if length > i64::MAX as u64 {
        return Err(Close::protocol("a length of more than 63 bits"));
    }
    Ok(Some((length, behind)))
}

/// Takes the mask off, and turns it to where the next piece of the payload begins.
fn unmask(bytes: &mut [u8], mask: &mut [u8; MASK]) {
    let turned = bytes.len() % MASK;
    let mut words = bytes.chunks_exact_mut(MASK);
    for word in &mut words {
        for (byte, mask) in word.iter_mut().zip(*mask) {
            *byte ^= mask;
        }
    }
    for (byte, mask) in words.into_remainder().iter_mut().zip(*mask) {
        *byte ^= mask;
    }
    let [a, b, c, d] = *mask;
    *mask = match turned {
        1 => [b, c, d, a],
        2 => [c, d, a, b],
        3 => [d, a, b, c],
        _ => *mask,
    };
}
