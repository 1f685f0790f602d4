//! Escaped surrogates without their other half, anywhere in a JSON text.

/// Byte offset of the first lone surrogate escape in `json`, which is syntactically valid JSON.
pub(super) fn lone(json: &str) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut at = 0_usize;
    // Valid JSON has backslashes inside strings only.
    while let Some(found) = json.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at.saturating_add(found);
        at = escape.saturating_add(2);
        match unit(bytes, escape) {
            Some(0xD800..=0xDBFF) => {
                let second = escape.saturating_add(6);
                if !matches!(unit(bytes, second), Some(0xDC00..=0xDFFF)) {
                    return Some(escape);
                }
                at = second.saturating_add(6);
            }
            Some(0xDC00..=0xDFFF) => return Some(escape),
            _ => {}
        }
    }
    None
}

/// The UTF-16 code unit that the escape `\uXXXX` at byte `at` stands for.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let escape = bytes.get(at..at.checked_add(6)?)?;
    let hex = escape.strip_prefix(b"\\u")?;
    u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::lone;

    #[test]
    fn pairs_are_whole_and_halves_are_found() {
        assert_eq!(lone(r#""😀""#), None);
        assert_eq!(lone(r#""\ud83d\ude00 \n \u0041""#), None);
        assert_eq!(lone(r#""\\ud800""#), None);
        assert_eq!(lone(r#""\ud800""#), Some(1));
        assert_eq!(lone(r#""a\udc00""#), Some(2));
        assert_eq!(lone(r#""\ud800A""#), Some(1));
        assert_eq!(lone(r#""\ud83d\ude00\ude00""#), Some(13));
    }
}
