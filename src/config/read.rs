//! JSON values as the types of the keys. What is read here has been found to be JSON before.

use super::keys::{Keyed, at, fill};
use super::{BodylessCalls, NativeGrpc, Policies, Policy, WriteRetries};
use crate::http::Dialect;
use crate::json_text::unescape;
use crate::transcode::BytesAs;

/// A type that a key can have.
pub(super) trait Read: Sized {
    /// Reads a value; an error says what is wrong.
    fn read(json: &str) -> Result<Self, String>;
}

impl Read for bool {
    fn read(json: &str) -> Result<Self, String> {
        json.parse()
            .map_err(|_| "expected true or false".to_owned())
    }
}

impl Read for u32 {
    fn read(json: &str) -> Result<Self, String> {
        let fault = || format!("expected a whole number from 0 to {}", Self::MAX);
        json.parse().map_err(|_| fault())
    }
}

impl Read for i64 {
    fn read(json: &str) -> Result<Self, String> {
        json.parse()
            .map_err(|_| "expected a whole number of 64 bits".to_owned())
    }
}

impl Read for String {
    fn read(json: &str) -> Result<Self, String> {
        match unescape(json) {
            Some(text) => Ok(text.into_owned()),
            None => Err("expected a string".to_owned()),
        }
    }
}

impl<T: Read> Read for Option<T> {
    fn read(json: &str) -> Result<Self, String> {
        match json {
            "null" => Ok(None),
            json => T::read(json).map(Some),
        }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: &str) -> Result<Self, String> {
        let items = parts(json, '[').ok_or("expected a list")?;
        let item = |(index, item)| T::read(item).map_err(|error| at(&format!("[{index}]"), &error));
        items.enumerate().map(item).collect()
    }
}

impl<T: Read> Read for [T; 2] {
    fn read(json: &str) -> Result<Self, String> {
        let items = Vec::read(json)?;
        Self::try_from(items).map_err(|_| "expected a list of two".to_owned())
    }
}

impl Read for Policies {
    fn read(json: &str) -> Result<Self, String> {
        Vec::read(json).map(Self)
    }
}

impl Read for Policy {
    fn read(json: &str) -> Result<Self, String> {
        let mut policy = Self::default();
        fill(&mut policy as &mut dyn Keyed, json).map_err(|error| match error.key.as_str() {
            "" => error.reason,
            key => at(&format!(".{key}"), &error.reason),
        })?;
        Ok(policy)
    }
}

impl Read for Dialect {
    fn read(json: &str) -> Result<Self, String> {
        let names = ["compatible", "v1", "v2"];
        choose(json, names, [Self::Compatible, Self::V1, Self::V2])
    }
}

impl Read for BytesAs {
    fn read(json: &str) -> Result<Self, String> {
        choose(json, ["base64", "text"], [Self::Base64, Self::Text])
    }
}

impl Read for WriteRetries {
    fn read(json: &str) -> Result<Self, String> {
        choose(json, ["never", "route"], [Self::Never, Self::Route])
    }
}

impl Read for BodylessCalls {
    fn read(json: &str) -> Result<Self, String> {
        choose(json, ["refuse", "callout"], [Self::Refuse, Self::Callout])
    }
}

impl Read for NativeGrpc {
    fn read(json: &str) -> Result<Self, String> {
        let names = ["pass", "as_certificate", "refuse"];
        choose(json, names, [Self::Pass, Self::AsCertificate, Self::Refuse])
    }
}

/// The value that has the name.
fn choose<T, const N: usize>(json: &str, names: [&str; N], values: [T; N]) -> Result<T, String> {
    let name = String::read(json)?;
    let mut choices = names.into_iter().zip(values);
    match choices.find(|(known, _)| *known == name) {
        Some((_, value)) => Ok(value),
        None => Err(unknown(&name, &names)),
    }
}

#[inline(never)] // there once, not for each type
fn unknown(name: &str, names: &[&str]) -> String {
    let mut text = format!("{name:?} is none of");
    for (index, name) in names.iter().enumerate() {
        text.push_str(if index == 0 { " " } else { ", " });
        text.push_str(name);
    }
    text
}

/// Keys, as they are written, and values of an object; none where the value is none.
pub(super) fn members(json: &str) -> Option<impl Iterator<Item = (&str, &str)>> {
    let members = parts(json, '{')?;
    Some(members.map(|member| {
        let (key, value) = cut(member, ':');
        (key, value.unwrap_or_default().trim_ascii())
    }))
}

/// What commas divide between the brackets of a list or an object; none where the value has no such bracket.
fn parts(json: &str, bracket: char) -> Option<Parts<'_>> {
    let inside = json.strip_prefix(bracket)?.strip_suffix([']', '}'])?;
    let inside = inside.trim_ascii();
    Some(Parts((!inside.is_empty()).then_some(inside)))
}

/// What has not been read yet.
struct Parts<'a>(Option<&'a str>);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (part, rest) = cut(self.0?, ',');
        self.0 = rest;
        Some(part)
    }
}

/// Cuts at the first mark that is in no string and between no brackets; without one all is before it.
fn cut(json: &str, mark: char) -> (&str, Option<&str>) {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let place = json.find(|character| {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => depth = depth.saturating_add(1),
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && character == mark,
        }
        false
    });
    let (before, rest) = place
        .and_then(|place| json.split_at_checked(place))
        .unwrap_or((json, ""));
    (before.trim_ascii(), rest.strip_prefix(mark))
}

#[cfg(test)]
mod tests {
    use super::{Read, members, parts};

    #[test]
    fn brackets_and_marks_in_strings_divide_nothing() {
        let json = r#"{ "a,\"b" : [1, {"c": 2}] , "}" :"x:y", "\\":{} }"#;
        let members: Vec<_> = members(json).unwrap().collect();
        let expected = [
            (r#""a,\"b""#, r#"[1, {"c": 2}]"#),
            (r#""}""#, r#""x:y""#),
            (r#""\\""#, "{}"),
        ];
        assert_eq!(members, expected);
        let items: Vec<&str> = parts("[ [1,2] ,\"]\",3 ]", '[').unwrap().collect();
        assert_eq!(items, ["[1,2]", "\"]\"", "3"]);
        assert_eq!(parts("[ ]", '[').unwrap().count(), 0);
        assert!(parts("{}", '[').is_none());
    }

    #[test]
    fn values_are_of_their_type() {
        assert_eq!(Vec::read("[]"), Ok(Vec::<bool>::new()));
        assert_eq!(
            Vec::read(r#"["a\n", "grüße"]"#),
            Ok(vec!["a\n".to_owned(), "grüße".to_owned()])
        );
        assert_eq!(Option::<u32>::read("null"), Ok(None));
        assert_eq!(Option::read("7"), Ok(Some(7_u32)));
        assert_eq!(<[i64; 2]>::read("[-1, 2]"), Ok([-1, 2]));
        for json in ["1.0", "1e3", "-1", "4294967296", "\"1\"", "null", "true"] {
            assert!(u32::read(json).is_err(), "{json}");
        }
        for json in ["1", "[\"a\"]", "null", r#""\ud800""#] {
            assert!(String::read(json).is_err(), "{json}");
        }
        assert_eq!(
            Vec::<String>::read(r#"["a", 1]"#),
            Err("[1]: expected a string".to_owned())
        );
    }
}
