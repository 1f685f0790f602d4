//! Strings as JSON text.

/// Appends `text` as a JSON string with its quotes.
///
/// `escape_html` also escapes `<`, `>`, `&`, U+2028 and U+2029, as Go's `encoding/json` does
/// (`docs/gateways.md`, "Answers").
pub fn push_json_string(text: &str, escape_html: bool, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\0'..='\u{1f}' => push_escape(c, out),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if escape_html => push_escape(c, out),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

fn push_escape(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::push_json_string;

    fn text(value: &str, escape_html: bool) -> String {
        let mut out = Vec::new();
        push_json_string(value, escape_html, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn control_characters_quotes_and_backslashes_are_escaped() {
        assert_eq!(
            text("a\"b\\c\n\u{1}\u{8}\u{c}\u{7f}", false),
            "\"a\\\"b\\\\c\\n\\u0001\\b\\f\u{7f}\""
        );
    }

    #[test]
    fn html_is_escaped_where_asked() {
        assert_eq!(text("<&>\u{2028}", false), "\"<&>\u{2028}\"");
        assert_eq!(
            text("<&>\u{2028}", true),
            "\"\\u003c\\u0026\\u003e\\u2028\""
        );
    }
}
