//! What a client wants bytes to be.

use std::fmt;

use crate::headers::Headers;
use crate::json_text::BytesAs;
use crate::percent;

/// The header that says it, and the query parameter of the same name for those who cannot set a header: a browser's
/// event streams and sockets. No field of etcd's can have this name.
pub const ETCD_BYTES: &[u8] = b"x-etcd-bytes";

/// Longest piece of the client's text that an error repeats, in bytes.
const FOUND_LIMIT: usize = 40;

/// What was asked for in vain.
#[derive(Debug, PartialEq, Eq)]
pub enum BytesError {
    /// Neither of the two words.
    Unknown(String),
    /// Both of them.
    Both,
}

/// What a request asks for, by header or in its query string; nothing if it does not.
///
/// # Errors
///
/// If it asks for what there is not, or for both.
pub fn asked_bytes(headers: &Headers<'_>, query: &[u8]) -> Result<Option<BytesAs>, BytesError> {
    let by_header = headers.iter().filter(|(name, _)| *name == ETCD_BYTES);
    let by_query = query.split(|byte| *byte == b'&').filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = pair.split_at(at.unwrap_or(pair.len()));
        let value = value.strip_prefix(b"=").unwrap_or_default();
        name.eq_ignore_ascii_case(ETCD_BYTES)
            .then(|| percent::decode(value, |byte| byte).0)
    });
    let mut asked = None;
    for value in by_header.map(|(_, value)| value.to_vec()).chain(by_query) {
        let one = read(&value)?;
        if asked.is_some_and(|other| other != one) {
            return Err(BytesError::Both);
        }
        asked = Some(one);
    }
    Ok(asked)
}

fn read(value: &[u8]) -> Result<BytesAs, BytesError> {
    match value {
        b"text" => Ok(BytesAs::Text),
        b"base64" => Ok(BytesAs::Base64),
        _ => {
            let found = value.get(..FOUND_LIMIT).unwrap_or(value);
            Err(BytesError::Unknown(
                String::from_utf8_lossy(found).into_owned(),
            ))
        }
    }
}

impl fmt::Display for BytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(found) => {
                write!(f, "X-Etcd-Bytes: expected text or base64, found {found:?}")
            }
            Self::Both => f.write_str("X-Etcd-Bytes: both text and base64 are asked for"),
        }
    }
}

impl std::error::Error for BytesError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(values: &[&str], query: &str) -> Result<Option<BytesAs>, String> {
        let list = values
            .iter()
            .map(|value| (ETCD_BYTES, value.as_bytes()))
            .collect();
        asked_bytes(&Headers::new(list), query.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_header_or_a_query_parameter_says_what_bytes_are() {
        for (values, query, expected) in [
            (&[][..], "", None),
            (&[], "bytes=text&key=x-etcd-bytes", None),
            (&["text"], "", Some(BytesAs::Text)),
            (&["base64"], "a=1", Some(BytesAs::Base64)),
            (&[], "a=1&x-etcd-bytes=text", Some(BytesAs::Text)),
            (&[], "X-Etcd-Bytes=%74ext", Some(BytesAs::Text)),
            (&["text", "text"], "x-etcd-bytes=text", Some(BytesAs::Text)),
        ] {
            assert_eq!(asked(values, query), Ok(expected), "{values:?} {query}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (values, query) in [
            (&[""][..], ""),
            (&["Text"], ""),
            (&["text, text"], ""),
            (&["text"], "x-etcd-bytes"),
            (&["text"], "x-etcd-bytes=base64"),
            (&["text", "base64"], ""),
        ] {
            let error = asked(values, query).unwrap_err();
            assert!(
                error.starts_with("X-Etcd-Bytes: "),
                "{values:?} {query}: {error}"
            );
        }
        let long = "\u{e9}".repeat(1000);
        assert!(asked(&[&long], "").unwrap_err().len() < 150);
    }
}
