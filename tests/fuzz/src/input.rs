//! What a fuzzer's input says, read from its front.

/// First byte of a length that a second byte continues.
const LONG: u8 = 0xf0;

/// The rest of an input. Once it is used up every choice is 0 and everything else empty.
#[derive(Clone, Copy)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of an input.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        byte
    }

    /// A choice between things that are numbered from 0 to below `count`, which is at most 256.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// A choice between yes and no.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// One of these.
    pub fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Some bytes, with their length before them: less than 4096.
    pub fn bytes(&mut self) -> &'a [u8] {
        let length = match self.byte() {
            long @ LONG.. => usize::from(long - LONG) << 8 | usize::from(self.byte()),
            short => usize::from(short),
        };
        let (bytes, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// Some text, read as [`bytes`](Self::bytes).
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// A number of up to 64 bits; small ones, large ones and negative ones are all likely.
    pub fn number(&mut self) -> u64 {
        let choice = self.byte();
        let bytes = choice & 0x0f;
        let number = (0..bytes.min(8)).fold(0, |number, _| number << 8 | u64::from(self.byte()));
        match choice >> 4 {
            0x0e => !number,
            0x0f => 1_u64.rotate_left(u32::from(bytes) * 4).wrapping_sub(number),
            small => number.wrapping_add(u64::from(small)),
        }
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// An input in the making: what [`Input`] reads is written in the same order.
#[derive(Default)]
pub struct Seed(Vec<u8>);

impl Seed {
    /// With one choice more.
    pub fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    /// With these bytes and their length; cut where they are too many.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(0xfff)];
        match u8::try_from(bytes.len()) {
            Ok(short @ ..LONG) => self.0.push(short),
            _ => self
                .0
                .extend([LONG | (bytes.len() >> 8) as u8, bytes.len() as u8]),
        }
        self.0.extend_from_slice(bytes);
        self
    }

    /// With these bytes at its end.
    pub fn rest(mut self, bytes: &[u8]) -> Vec<u8> {
        self.0.extend_from_slice(bytes);
        self.0
    }
}
