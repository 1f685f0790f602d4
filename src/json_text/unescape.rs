//! Strings as they are read: without their escapes.

use std::borrow::Cow;

/// The text of a JSON string, quotes and all, in which JSON has been found to be right; none where it is no string or has
/// a surrogate without its other half.
pub(crate) fn unescape(token: &str) -> Option<Cow<'_, str>> {
    let inside = token.strip_prefix('"')?.strip_suffix('"')?;
    let Some((plain, mut rest)) = inside.split_once('\\') else {
        return Some(inside.into());
    };
    let mut text = String::with_capacity(inside.len());
    text.push_str(plain);
    loop {
        let mut characters = rest.chars();
        let escape = characters.next()?;
        rest = characters.as_str();
        text.push(match escape {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (character, behind) = unicode(rest)?;
                rest = behind;
                character
            }
            '"' | '\\' | '/' => escape,
            _ => return None,
        });
        let Some((plain, behind)) = rest.split_once('\\') else {
            text.push_str(rest);
            return Some(text.into());
        };
        text.push_str(plain);
        rest = behind;
    }
}

/// The character that stands behind `\u`, of two such escapes where it takes two, and what is behind it.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (first, rest) = unit(text)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, rest));
    }
    let (second, rest) = unit(rest.strip_prefix("\\u")?)?;
    let mut pair = char::decode_utf16([first, second]);
    match (pair.next(), pair.next()) {
        (Some(Ok(character)), None) => Some((character, rest)),
        _ => None,
    }
}

/// Four hexadecimal digits.
fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::unescape;

    /// Whatever `serde_json` reads, to the same text.
    #[test]
    fn strings_are_what_serde_json_reads() {
        const PARTS: [&str; 14] = [
            "a", "ü", "😀", r"\n", r"\\", r#"\""#, r"\/", r"\b", r"\u0041", r"\u00fc", r"\ud83d",
            r"\ude00", r"\t", r"\f",
        ];
        let mut read = 0;
        for _ in 0..50_000 {
            let part = || PARTS[fastrand::usize(..PARTS.len())];
            let inside: String = std::iter::repeat_with(part)
                .take(fastrand::usize(..6))
                .collect();
            let token = format!("\"{inside}\"");
            let expected = serde_json::from_str::<String>(&token).ok();
            read += usize::from(expected.is_some());
            assert_eq!(unescape(&token).as_deref(), expected.as_deref(), "{token}");
        }
        assert!(read > 10_000, "{read}");
        for token in ["1", "null", "[\"a\"]", "\"", ""] {
            assert_eq!(unescape(token), None, "{token}");
        }
    }
}
