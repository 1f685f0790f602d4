//! UTF-8 as the inside of a JSON string, as a whole or in pieces.

use super::bytes::BytesAs;
use super::out::Out;

/// Bytes that are looked at together for one that needs escaping: one vector register.
const LANES: usize = 16;

/// What the text looks like where gateways or clients differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether `<`, `>`, `&`, U+2028 and U+2029 are escaped in strings: in etcd 3.5's bodies and on
    /// every gateway's stream lines, not in etcd 3.6's unary bodies.
    pub escape_html: bool,
    /// What bytes become.
    pub bytes_as: BytesAs,
}

/// Appends `text` as a JSON string with its quotes.
///
/// `escape_html` also escapes `<`, `>`, `&`, U+2028 and U+2029, as Go's `encoding/json` does
/// (`docs/gateways.md`, "Answers").
pub fn push_json_string(text: &str, escape_html: bool, out: &mut Vec<u8>) {
    let mut out = Out::new(out, text.len().saturating_add(QUOTES));
    out.push(b'"');
    escape(text, escape_html, &mut out);
    out.push(b'"');
}

/// Bytes of a string's quotes.
const QUOTES: usize = 2;

/// JSON text of a string whose bytes come in pieces.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// The first bytes of a character that is not complete, at most three.
    carry: Vec<u8>,
}

/// The piece is not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotUtf8 {
    /// How many bytes of earlier pieces the bad character has.
    pub(crate) carried: usize,
    /// How many good bytes of this piece are before the bad character.
    pub(crate) good: usize,
}

impl Text {
    /// Appends `bytes`, escaped, without quotes; with the last piece no character may be open.
    #[inline]
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        last: bool,
        style: Style,
        out: &mut Out<'_>,
    ) -> Result<(), NotUtf8> {
        let mut good = 0_usize;
        while !self.carry.is_empty() {
            let carried = self.carry.len().saturating_sub(good);
            let bad = NotUtf8 { carried, good: 0 };
            let Some((&byte, rest)) = bytes.split_first() else {
                return if last { Err(bad) } else { Ok(()) };
            };
            self.carry.push(byte);
            bytes = rest;
            good = good.saturating_add(1);
            match core::str::from_utf8(&self.carry) {
                Ok(character) => {
                    escape(character, style.escape_html, out);
                    self.carry.clear();
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(bad),
            }
        }
        match core::str::from_utf8(bytes) {
            Ok(text) => escape(text, style.escape_html, out),
            Err(error) => {
                let valid = error.valid_up_to();
                let (valid, tail) = bytes.split_at_checked(valid).unwrap_or((bytes, &[]));
                if last || error.error_len().is_some() {
                    good = good.saturating_add(valid.len());
                    return Err(NotUtf8 { carried: 0, good });
                }
                let valid = core::str::from_utf8(valid).unwrap_or_default();
                escape(valid, style.escape_html, out);
                self.carry.extend_from_slice(tail);
            }
        }
        Ok(())
    }
}

/// Appends `text` with JSON's escapes, and with Go's for HTML if they are asked for.
fn escape(text: &str, escape_html: bool, out: &mut Out<'_>) {
    let mut rest = text.as_bytes();
    while let (plain, Some((&special, after))) = split_at_special(rest, escape_html) {
        out.extend_from_slice(plain);
        rest = after;
        match special {
            b'"' => out.extend_from_slice(br#"\""#),
            b'\\' => out.extend_from_slice(br"\\"),
            b'\x08' => out.extend_from_slice(br"\b"),
            b'\x0c' => out.extend_from_slice(br"\f"),
            b'\n' => out.extend_from_slice(br"\n"),
            b'\r' => out.extend_from_slice(br"\r"),
            b'\t' => out.extend_from_slice(br"\t"),
            FIRST_OF_SEPARATOR => match after {
                [0x80, 0xa8, after @ ..] => {
                    out.extend_from_slice(br"\u2028");
                    rest = after;
                }
                [0x80, 0xa9, after @ ..] => {
                    out.extend_from_slice(br"\u2029");
                    rest = after;
                }
                _ => out.push(special),
            },
            _ => {
                out.extend_from_slice(br"\u00");
                out.push(hex_digit(special >> 4));
                out.push(hex_digit(special & 0xf));
            }
        }
    }
    out.extend_from_slice(rest);
}

/// The first byte of U+2028 and U+2029, and of other characters from U+2000 to U+2FFF.
const FIRST_OF_SEPARATOR: u8 = 0xe2;

#[inline]
fn is_special(byte: u8, escape_html: bool) -> bool {
    let always = byte < 0x20 || byte == b'"' || byte == b'\\';
    let html = matches!(byte, b'<' | b'>' | b'&' | FIRST_OF_SEPARATOR);
    always | (escape_html & html)
}

/// The bytes before the first one that may need escaping, and those from it on.
fn split_at_special(bytes: &[u8], escape_html: bool) -> (&[u8], Option<(&u8, &[u8])>) {
    let special = |&byte: &u8| is_special(byte, escape_html);
    let clean = bytes
        .chunks(LANES)
        .take_while(|chunk| !chunk.iter().fold(false, |any, byte| any | special(byte)))
        .map(<[u8]>::len)
        .fold(0, usize::saturating_add);
    let tail = bytes.get(clean..).unwrap_or_default();
    let more = tail.iter().position(special).unwrap_or(tail.len());
    let (plain, rest) = bytes.split_at(clean.saturating_add(more).min(bytes.len()));
    (plain, rest.split_first())
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0'.wrapping_add(nibble),
        _ => b'a'.wrapping_add(nibble).wrapping_sub(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        escape_html: false,
        bytes_as: BytesAs::Base64,
    };
    const HTML: Style = Style {
        escape_html: true,
        ..PLAIN
    };

    fn whole(text: &str, style: Style) -> String {
        let mut out = Vec::new();
        Text::default()
            .push(text.as_bytes(), true, style, &mut Out::new(&mut out, 0))
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_json_cannot_hold_is_escaped() {
        assert_eq!(whole("a\"b\\c/\u{7f}", PLAIN), "a\\\"b\\\\c/\u{7f}");
        assert_eq!(
            whole("\u{8}\u{c}\n\r\t\0\u{1f}\u{b}", PLAIN),
            r"\b\f\n\r\t\u0000\u001f\u000b"
        );
        assert_eq!(whole("<&>\u{2028}\u{2029}", PLAIN), "<&>\u{2028}\u{2029}");
    }

    #[test]
    fn a_string_has_its_quotes_and_stands_behind_what_is_there() {
        let mut out = b"x".to_vec();
        push_json_string("a\"<\n", false, &mut out);
        push_json_string("a\"<\n", true, &mut out);
        assert_eq!(out, br#"x"a\"<\n""a\"\u003c\n""#);
    }

    #[test]
    fn what_html_minds_is_escaped_where_the_style_asks_for_it() {
        assert_eq!(whole("<&>", HTML), r"\u003c\u0026\u003e");
        assert_eq!(
            whole("\u{2027}\u{2028}\u{2029}\u{202a}", HTML),
            "\u{2027}\\u2028\\u2029\u{202a}"
        );
    }

    #[test]
    fn a_special_byte_is_found_at_every_place() {
        for length in 0..50 {
            for place in 0..length {
                let mut text = "x".repeat(length);
                text.replace_range(place..=place, "\n");
                assert_eq!(whole(&text, PLAIN), text.replace('\n', r"\n"));
            }
        }
    }

    #[test]
    fn every_split_gives_the_same_text() {
        let text = "a<é\u{2028}日\u{1f600}\"\u{2030}z";
        for style in [PLAIN, HTML] {
            for first in 0..=text.len() {
                for second in first..=text.len() {
                    let (mut split, mut written) = (Text::default(), Vec::new());
                    let mut out = Out::new(&mut written, 0);
                    let bytes = text.as_bytes();
                    split.push(&bytes[..first], false, style, &mut out).unwrap();
                    split
                        .push(&bytes[first..second], false, style, &mut out)
                        .unwrap();
                    split.push(&bytes[second..], true, style, &mut out).unwrap();
                    drop(out);
                    assert_eq!(String::from_utf8(written).unwrap(), whole(text, style));
                }
            }
        }
    }

    #[test]
    fn bad_utf8_is_refused_with_the_same_place_at_every_split() {
        let bad: [&[u8]; 6] = [
            b"ab\xff",
            b"ab\xc0\x80",
            b"ab\xed\xa0\x80c",
            b"ab\xf4\x90\x80\x80",
            b"ab\xe2\x80",
            b"ab\xe2\x80x",
        ];
        for bytes in bad {
            for split in 0..=bytes.len() {
                let (mut text, mut written) = (Text::default(), Vec::new());
                let mut out = Out::new(&mut written, 0);
                let first = text.push(&bytes[..split], false, PLAIN, &mut out);
                let place = match first {
                    Err(error) => error.good - error.carried,
                    Ok(()) => {
                        let error = text
                            .push(&bytes[split..], true, PLAIN, &mut out)
                            .unwrap_err();
                        split + error.good - error.carried
                    }
                };
                assert_eq!(place, 2, "{bytes:?} at {split}");
            }
        }
    }
}
