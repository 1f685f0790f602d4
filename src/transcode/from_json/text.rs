//! Bytes in JSON as text: a string, or an object that says what it has instead.

use std::ops::Range;

use super::base64;
use super::error::{ErrorKind, Expected};
use super::scalar::{Presence, string, write_chunk};
use crate::schema::{Field, Kind, Message};
use crate::transcode::wire::read;

/// The fields that a range of keys has, in every message that has one.
const KEY: &str = "key";
const RANGE_END: &str = "range_end";

/// Where a range ends that has no end, and the least key.
const ZERO: &[u8] = &[0];

/// Objects that stand where no string does.
const BASE64: &str = r#""base64""#;
const PREFIX: &str = r#""prefix""#;

/// Appends the field that `token` gives a value to.
pub(super) fn write(
    field: &Field,
    token: &str,
    presence: Presence,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    if let Some(text) = string(token) {
        write_chunk(field, text.as_bytes(), presence, out);
        return Ok(());
    }
    let Some(digits) = member(token, BASE64) else {
        let expected = match field.name {
            RANGE_END => Expected::RangeEnd,
            _ => Expected::Text,
        };
        return Err(ErrorKind::unexpected(expected, token));
    };
    let mut bytes = Vec::new();
    let digits = Some(digits).filter(|digits| digits.starts_with('"'));
    digits
        .and_then(string)
        .and_then(|digits| base64::decode(&digits, &mut bytes))
        .ok_or_else(|| ErrorKind::unexpected(Expected::Bytes, token))?;
    write_chunk(field, &bytes, presence, out);
    Ok(())
}

/// What the first member of an object has if it is called so; with all that is behind it, if it has more of them.
fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let members = object.strip_prefix('{')?.strip_suffix('}')?;
    let value = members.trim_ascii_start().strip_prefix(name)?;
    Some(value.trim_ascii_start().strip_prefix(':')?.trim_ascii())
}

/// The range of an object's keys, which may be that of all keys that begin with its key.
#[derive(Default)]
pub(super) struct KeyRange {
    /// Where the field of the key is in the output.
    key: Range<usize>,
    /// The field of the end that is to follow from the key, whichever of the two came first.
    end: Option<&'static Field>,
}

impl KeyRange {
    /// Notes a field that has been written to this part of the output.
    pub(super) fn note(&mut self, field: &Field, written: Range<usize>) {
        if field.name == KEY {
            self.key = written;
        }
    }

    /// Whether `token` makes it the range of a prefix.
    pub(super) fn take_prefix(&mut self, field: &'static Field, token: &str) -> bool {
        let prefix = field.name == RANGE_END && member(token, PREFIX) == Some("true");
        if prefix {
            self.end = Some(field);
        }
        prefix
    }

    /// Appends the end of the range of a prefix, if it is one, with all that `message` has written.
    pub(super) fn write_end(&self, message: &Message, out: &mut Vec<u8>) {
        let Some(end) = self.end else {
            return;
        };
        let mut written = out.get(self.key.clone()).unwrap_or_default();
        let key = read::item(&mut written).map(|_| written);
        match key {
            Ok([first @ .., last]) => {
                let end_key = prefix_end(first, *last);
                write_chunk(end, &end_key, Presence::Explicit, out);
            }
            // All keys, which no empty key can say.
            _ => {
                let key = message.field_by_name(KEY.as_bytes());
                if let Some((
                    _,
                    key @ Field {
                        kind: Kind::Bytes, ..
                    },
                )) = key
                {
                    write_chunk(key, ZERO, Presence::Explicit, out);
                }
                write_chunk(end, ZERO, Presence::Explicit, out);
            }
        }
    }
}

/// The first key behind all that begin with `first` and `last`; [`ZERO`] if there is none.
fn prefix_end(mut first: &[u8], mut last: u8) -> Vec<u8> {
    loop {
        if let Some(next) = last.checked_add(1) {
            return [first, &[next]].concat();
        }
        match first {
            [before @ .., byte] => (first, last) = (before, *byte),
            [] => return ZERO.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::json_text::BytesAs;
    use crate::schema::tables::*;
    use crate::transcode::from_json::from_json;

    /// All that a route takes or answers, and what is in it.
    fn messages() -> impl Iterator<Item = &'static Message> {
        let methods = ROUTES.iter().map(|route| route.method);
        let mut open: Vec<_> = methods
            .flat_map(|method| [method.request, method.response])
            .collect();
        let mut found = BTreeMap::new();
        while let Some(message) = open.pop() {
            if found.insert(message.name, message).is_none() {
                open.extend(message.fields.iter().filter_map(|field| match field.kind {
                    Kind::Message(message) => Some(message),
                    _ => None,
                }));
            }
        }
        found.into_values()
    }

    fn encode(message: &'static Message, body: &str) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        from_json(message, body.as_bytes(), BytesAs::Text, 1 << 20, &mut out)
            .map(|()| out)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_string_is_its_bytes_and_base64_stands_in_an_object() {
        for (body, expected) in [
            (r#"{"key":"foo"}"#, &b"\x0a\x03foo"[..]),
            (r#"{"key":"Zm9v"}"#, b"\x0a\x04Zm9v"),
            (r#"{"key":"\u00e9\n\""}"#, "\x0a\x04\u{e9}\n\"".as_bytes()),
            (r#"{"key":{"base64":"/w=="}}"#, b"\x0a\x01\xff"),
            (r#"{"key":{"base64":"_w"}}"#, b"\x0a\x01\xff"),
            (r#"{"key":{ "base64" : "\u002fw==" }}"#, b"\x0a\x01\xff"),
            (r#"{"key":{"base64":""}}"#, b""),
            (r#"{"key":"","range_end":null}"#, b""),
            (r#"{"range_end":"\u0000"}"#, b"\x12\x01\0"),
        ] {
            let encoded = encode(&ETCDSERVERPB_RANGE_REQUEST, body);
            assert_eq!(encoded.as_deref(), Ok(expected), "{body}");
        }
        let empty_member = encode(&ETCDSERVERPB_COMPARE, r#"{"value":{"base64":""}}"#);
        assert_eq!(empty_member.unwrap(), b"\x3a\x00");
    }

    #[test]
    fn errors_name_the_field_and_the_place() {
        for (body, expected) in [
            (
                r#"{"key":5}"#,
                r#"line 1, column 8: key: expected a string or {"base64":"…"}, found 5"#,
            ),
            (
                r#"{"key":[1]}"#,
                r#"line 1, column 8: key: expected a string or {"base64":"…"}, found [1]"#,
            ),
            (
                r#"{"key":{"prefix":true}}"#,
                r#"line 1, column 8: key: expected a string or {"base64":"…"}, found {"prefix":true}"#,
            ),
            (
                r#"{"key":{"base64":"AA==","base64":""}}"#,
                r#"line 1, column 8: key: expected a base64 string, found {"base64":"AA==","base64":""}"#,
            ),
            (
                "{\n\"range_end\": {\"prefix\":false}}",
                r#"line 2, column 14: range_end: expected a string, {"base64":"…"} or {"prefix":true}, found {"prefix":false}"#,
            ),
            (
                r#"{"key":{"base64":"A"}}"#,
                r#"line 1, column 8: key: expected a base64 string, found {"base64":"A"}"#,
            ),
            (
                r#"{"key":{"base64":null}}"#,
                r#"line 1, column 8: key: expected a base64 string, found {"base64":null}"#,
            ),
            (
                r#"{"range_end":{"prefix":true,"prefix":true}}"#,
                r#"line 1, column 14: range_end: expected a string, {"base64":"…"} or {"prefix":true}, found {"prefix":true,"prefix":true}"#,
            ),
            (r#"{"key":"\ud800"}"#, "line 1, column 9: invalid UTF-8"),
        ] {
            let error = encode(&ETCDSERVERPB_RANGE_REQUEST, body).expect_err(body);
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn the_range_of_a_prefix_ends_behind_it_whichever_comes_first() {
        for (key, expected) in [
            (r#""/a""#, &b"\x0a\x02/a\x12\x02/b"[..]),
            (r#"{"base64":"Yf//"}"#, b"\x0a\x03a\xff\xff\x12\x01b"),
            (r#"{"base64":"//8="}"#, b"\x0a\x02\xff\xff\x12\x01\0"),
            (r#""""#, b"\x0a\x01\0\x12\x01\0"),
            ("null", b"\x0a\x01\0\x12\x01\0"),
        ] {
            for body in [
                format!(r#"{{"key":{key},"range_end":{{"prefix":true}}}}"#),
                format!(r#"{{"rangeEnd":{{"prefix": true}},"key":{key}}}"#),
            ] {
                let encoded = encode(&ETCDSERVERPB_RANGE_REQUEST, &body);
                assert_eq!(encoded.as_deref(), Ok(expected), "{body}");
            }
        }
        let all = encode(
            &ETCDSERVERPB_RANGE_REQUEST,
            r#"{"range_end":{"prefix":true}}"#,
        );
        assert_eq!(all.unwrap(), b"\x0a\x01\0\x12\x01\0");
    }

    #[test]
    fn a_long_key_has_a_prefix_too() {
        let key = "k".repeat(300);
        let txn = format!(
            r#"{{"success":[{{"request_range":{{"range_end":{{"prefix":true}},"key":"{key}"}}}},{{"request_delete_range":{{"key":"b","range_end":{{"prefix":true}}}}}}]}}"#
        );
        let end = format!("{}l", "k".repeat(299));
        let spelt = format!(
            r#"{{"success":[{{"request_range":{{"key":"{key}","range_end":"{end}"}}}},{{"request_delete_range":{{"key":"b","range_end":"c"}}}}]}}"#
        );
        let txn = encode(&ETCDSERVERPB_TXN_REQUEST, &txn);
        assert_eq!(txn, encode(&ETCDSERVERPB_TXN_REQUEST, &spelt));
    }

    #[test]
    fn every_message_with_the_end_of_a_range_has_its_key() {
        let mut found = BTreeSet::new();
        for message in messages() {
            let end = message.fields.iter().find(|field| field.name == RANGE_END);
            let Some(end) = end else { continue };
            let (_, key) = message.field_by_name(KEY.as_bytes()).expect(message.name);
            for field in [key, end] {
                let plain = matches!(field.kind, Kind::Bytes) && field.oneof.is_none();
                assert!(plain && !field.repeated, "{} {}", message.name, field.name);
            }
            let body = r#"{"key":"a","range_end":{"prefix":true}}"#;
            let spelt = r#"{"key":"a","range_end":"b"}"#;
            let encoded = encode(message, body);
            assert!(encoded.as_ref().is_ok_and(|bytes| !bytes.is_empty()));
            assert_eq!(encoded, encode(message, spelt), "{}", message.name);
            found.insert(message.name);
        }
        assert_eq!(found.len(), 6, "{found:?}");
    }
}
