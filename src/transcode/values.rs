//! A request body taken apart into JSON values, each handed out the moment it is complete.

use crate::growth::append;

/// Splits concatenated JSON values, whatever white space is or is not between them and however the
/// bytes arrive. Holds one incomplete value; it finds where values end and judges nothing else. A value whose
/// brackets do not match ends there, so that it is refused and not waited for.
#[derive(Debug, Default)]
pub(crate) struct Values {
    /// The body from the first value on that was not all handed out when they were last asked for.
    bytes: Vec<u8>,
    /// Where in `bytes` the next value may begin.
    start: usize,
    /// How far `bytes` has been looked at.
    scanned: usize,
    within: Within,
}

/// What the scan is inside of.
#[derive(Debug, Default, Clone, Copy)]
enum Within {
    /// The white space between values.
    #[default]
    Gap,
    /// An object or array.
    Container(Levels),
    /// A string, inside these containers.
    Text(Levels),
    /// The same, behind a backslash.
    Escape(Levels),
    /// Anything else, up to the next white space or value.
    Token,
}

/// The containers that are open, the innermost in the lowest bit: 1 for an array, 0 for an object.
#[derive(Debug, Default, Clone, Copy)]
struct Levels {
    depth: u32,
    arrays: u128,
}

impl Levels {
    /// With one container more; `None` below the deepest nesting that any parser of ours takes.
    fn open(self, bracket: u8) -> Option<Self> {
        Some(Self {
            depth: self
                .depth
                .checked_add(1)
                .filter(|depth| *depth <= u128::BITS)?,
            arrays: self.arrays << 1 | u128::from(bracket == b'['),
        })
    }

    /// Without the innermost; `None` if that was the last, or if this bracket does not close it.
    fn close(self, bracket: u8) -> Option<Self> {
        let matches = (self.arrays & 1 == 1) == (bracket == b']');
        let depth = self.depth.checked_sub(1).filter(|depth| *depth > 0)?;
        matches.then_some(Self {
            depth,
            arrays: self.arrays >> 1,
        })
    }
}

impl Values {
    /// Adds the next bytes of the body, which has at most `limit` bytes of one value.
    pub(crate) fn push(&mut self, chunk: Vec<u8>, limit: usize) {
        append(&mut self.bytes, chunk, limit);
    }

    /// How many bytes wait for the rest of their value.
    pub(crate) fn pending(&self) -> usize {
        self.bytes.len().saturating_sub(self.start)
    }

    /// How many bytes are held for them.
    pub(crate) fn held(&self) -> usize {
        self.bytes.capacity()
    }

    /// The next complete value; at the `end` of the body also one that is not. White space alone is
    /// no value.
    pub(crate) fn next(&mut self, end: bool) -> Option<&[u8]> {
        while let Some(&byte) = self.bytes.get(self.scanned) {
            match (self.within, byte) {
                (Within::Gap, b' ' | b'\t' | b'\r' | b'\n') => {
                    self.start = self.scanned.saturating_add(1); // no part of a value
                }
                (Within::Gap, b'"') => self.within = Within::Text(Levels::default()),
                (Within::Token, b' ' | b'\t' | b'\r' | b'\n' | b'{' | b'[' | b'"') => {
                    return self.take();
                }
                (Within::Container(levels), b'{' | b'[') => match levels.open(byte) {
                    Some(levels) => self.within = Within::Container(levels),
                    None => return self.take_with_next(),
                },
                (Within::Gap, b'{' | b'[') => {
                    let levels = Levels::default().open(byte).unwrap_or_default();
                    self.within = Within::Container(levels);
                }
                (Within::Container(levels), b'}' | b']') => match levels.close(byte) {
                    Some(levels) => self.within = Within::Container(levels),
                    None => return self.take_with_next(),
                },
                (Within::Gap, _) => self.within = Within::Token,
                (Within::Text(Levels { depth: 0, .. }), b'"') => return self.take_with_next(),
                (Within::Container(levels), b'"') => self.within = Within::Text(levels),
                (Within::Text(levels), b'"') => self.within = Within::Container(levels),
                (Within::Text(levels), b'\\') => self.within = Within::Escape(levels),
                (Within::Escape(levels), _) => self.within = Within::Text(levels),
                (Within::Container(_) | Within::Text(_) | Within::Token, _) => {}
            }
            self.scanned = self.scanned.saturating_add(1);
        }
        if end && !matches!(self.within, Within::Gap) {
            return self.take();
        }
        self.release();
        None
    }

    /// Gives back what has been handed out.
    fn release(&mut self) {
        if self.start > 0 {
            self.bytes = self.bytes.get(self.start..).unwrap_or_default().to_vec();
            self.scanned = self.scanned.saturating_sub(self.start);
            self.start = 0;
        }
    }

    /// Hands out what has been scanned and the byte behind it.
    fn take_with_next(&mut self) -> Option<&[u8]> {
        self.scanned = self.scanned.saturating_add(1);
        self.take()
    }

    /// Hands out what has been scanned.
    fn take(&mut self) -> Option<&[u8]> {
        let value = self.bytes.get(self.start..self.scanned);
        self.start = self.scanned;
        self.within = Within::Gap;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::Values;

    const LIMIT: usize = 1 << 20;

    fn split(chunks: &[&str]) -> Vec<String> {
        let mut values = Values::default();
        let mut found = Vec::new();
        for (index, chunk) in chunks.iter().enumerate() {
            values.push(chunk.as_bytes().to_vec(), LIMIT);
            while let Some(value) = values.next(index + 1 == chunks.len()) {
                found.push(std::str::from_utf8(value).unwrap().trim().to_owned());
            }
        }
        assert_eq!(values.pending(), 0);
        found
    }

    #[test]
    fn values_come_out_whole_at_every_split() {
        let body = r#" {"a":"}\"{"}{"b":[{}]}  null[1] "x{" 5{} "#;
        let expected = [
            r#"{"a":"}\"{"}"#,
            r#"{"b":[{}]}"#,
            "null",
            "[1]",
            r#""x{""#,
            "5",
            "{}",
        ];
        assert_eq!(split(&[body]), expected);
        for at in 0..body.len() {
            let (head, tail) = body.split_at(at);
            assert_eq!(split(&[head, tail]), expected, "split at {at}");
        }
        let bytes: Vec<&str> = body.split("").collect();
        assert_eq!(split(&bytes), expected);
    }

    #[test]
    fn a_value_is_handed_out_with_its_last_byte() {
        let mut values = Values::default();
        values.push(b"{\"a\":1".to_vec(), LIMIT);
        assert_eq!(values.next(false), None);
        values.push(b"}".to_vec(), LIMIT);
        assert_eq!(values.next(false), Some(&b"{\"a\":1}"[..]));
        assert_eq!(values.next(false), None);
    }

    #[test]
    fn a_value_that_cannot_end_well_ends_where_that_is_seen() {
        assert_eq!(split(&["{\"a\":[}", "{}"]), ["{\"a\":[}", "{}"]);
        let deep = "[".repeat(129);
        assert_eq!(split(&[&deep, "{}"]), [&deep, "{}"]);
        let deepest = format!("{}{}", "[".repeat(128), "]".repeat(128));
        assert_eq!(split(&[&deepest, "{}"]), [&deepest, "{}"]);
    }

    #[test]
    fn an_incomplete_value_comes_out_at_the_end() {
        assert_eq!(split(&["{\"a\":"]), ["{\"a\":"]);
        assert_eq!(split(&["nul"]), ["nul"]);
        assert_eq!(split(&["  \n"]), Vec::<String>::new());
    }
}
