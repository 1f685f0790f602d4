//! A query string to the JSON form of a message, as `google.api.http` maps one: `a.b=1&c=x&c=y`.
//!
//! Where bytes are text, a value's bytes are those that its percent-encoding spells, whether UTF-8 or not, and
//! `a.key.base64=…` and `a.range_end.prefix=true` are members of the objects that stand for bytes.

use std::borrow::Cow;

use super::to_json::base64_text::push_quoted;
use crate::json_text::{BytesAs, push_json_string};
use crate::percent;
use crate::schema::{Kind, Message};

/// One parameter: the path of its field, and its value.
type Parameter<'a> = (Vec<Cow<'a, str>>, Cow<'a, [u8]>);

/// How the values of a query string are written.
struct Walk {
    bytes_as: BytesAs,
    json: Vec<u8>,
}

/// The JSON text of the message that the parameters describe.
///
/// Fields of messages are named by path, lists are given by repetition. A parameter that names no
/// field is ignored, as in grpc-gateway; a value that its field cannot have comes out as a JSON
/// string, which [`super::from_json`] refuses.
#[must_use]
pub fn from_query(message: &'static Message, query: &str, bytes_as: BytesAs) -> Vec<u8> {
    let parameters: Vec<Parameter<'_>> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let path = name.split('.').map(|name| to_text(decode(name)));
            (path.collect(), decode(value))
        })
        .collect();
    let all: Vec<&Parameter<'_>> = parameters.iter().collect();
    let mut walk = Walk {
        bytes_as,
        json: Vec::new(),
    };
    walk.object(message, &all, 0);
    walk.json
}

impl Walk {
    /// Writes the object of the parameters whose paths agree up to `depth`.
    fn object(&mut self, message: &'static Message, parameters: &[&Parameter<'_>], depth: usize) {
        self.json.push(b'{');
        for field in message.fields {
            let named = |parameter: &&&Parameter<'_>| {
                parameter
                    .0
                    .get(depth)
                    .is_some_and(|name| name == field.name || name == field.json_name)
            };
            let mut own: Vec<&Parameter<'_>> = parameters.iter().filter(named).copied().collect();
            let last = depth.saturating_add(1);
            let is_message = matches!(field.kind, Kind::Message(_));
            // A path that ends at a message, or goes on behind a value, names no field.
            let is_text = matches!(field.kind, Kind::Bytes) && self.bytes_as == BytesAs::Text;
            own.retain(|(path, _)| match path.len().checked_sub(last) {
                Some(1) if is_text => true,
                behind => (behind > Some(0)) == is_message,
            });
            if own.is_empty() || (is_message && field.repeated) {
                continue;
            }
            if !self.json.ends_with(b"{") {
                self.json.push(b',');
            }
            self.member(field.name);
            if let Kind::Message(message) = field.kind {
                self.object(message, &own, last);
            } else if field.repeated {
                self.json.push(b'[');
                for (index, (path, value)) in own.iter().enumerate() {
                    if index > 0 {
                        self.json.push(b',');
                    }
                    self.value(field.kind, path.get(last).map(|name| &**name), value);
                }
                self.json.push(b']');
            } else if let Some((path, value)) = own.last() {
                self.value(field.kind, path.get(last).map(|name| &**name), value);
            }
        }
        self.json.push(b'}');
    }

    /// Writes the name of a member.
    fn member(&mut self, name: &str) {
        push_json_string(name, false, &mut self.json);
        self.json.push(b':');
    }

    /// Writes a value, or the object with this member that stands for one.
    fn value(&mut self, kind: Kind, member: Option<&str>, value: &[u8]) {
        let text = String::from_utf8_lossy(value);
        let is_text = matches!(kind, Kind::Bytes) && self.bytes_as == BytesAs::Text;
        match (member, text) {
            (_, text) if !is_text => write_value(kind, &text, &mut self.json),
            (Some(PREFIX), text) => self.object_of(PREFIX, Kind::Bool, &text),
            (Some(member), text) => self.object_of(member, Kind::Bytes, &text),
            (None, Cow::Borrowed(text)) => push_json_string(text, false, &mut self.json),
            (None, Cow::Owned(_)) => {
                self.json.push(b'{');
                self.member(BASE64);
                push_quoted(value, &mut self.json);
                self.json.push(b'}');
            }
        }
    }

    /// Writes an object of one member.
    fn object_of(&mut self, member: &str, kind: Kind, value: &str) {
        self.json.push(b'{');
        self.member(member);
        write_value(kind, value, &mut self.json);
        self.json.push(b'}');
    }
}

/// Members of the objects that stand for bytes.
const BASE64: &str = "base64";
const PREFIX: &str = "prefix";

fn write_value(kind: Kind, value: &str, json: &mut Vec<u8>) {
    let bare = match kind {
        Kind::Bool => matches!(value, "true" | "false"),
        // As JSON has numbers: neither `+1` nor `01`.
        Kind::Enum(_) => value
            .parse::<i32>()
            .is_ok_and(|number| number.to_string() == value),
        _ => false,
    };
    if bare {
        json.extend_from_slice(value.as_bytes());
        return;
    }
    let value = match kind {
        // Base64 has no space: it is a plus that was not escaped.
        Kind::Bytes => &value.replace(' ', "+"),
        _ => value,
    };
    push_json_string(value, false, json);
}

/// Undoes the encoding of a form: `+` is a space, `%41` is `A`. A broken escape stays as it is.
fn decode(text: &str) -> Cow<'_, [u8]> {
    if !text.contains(['%', '+']) {
        return text.as_bytes().into();
    }
    let space = |byte| if byte == b'+' { b' ' } else { byte };
    let (decoded, _) = percent::decode(text.as_bytes(), space);
    decoded.into()
}

/// The text of a name, with replacements for what is not UTF-8.
fn to_text(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::ETCDSERVERPB_WATCH_REQUEST;

    fn json(query: &str) -> String {
        String::from_utf8(from_query(
            &ETCDSERVERPB_WATCH_REQUEST,
            query,
            BytesAs::Base64,
        ))
        .unwrap()
    }

    #[test]
    fn paths_name_fields_and_repetition_makes_lists() {
        let query = "create_request.key=Zm9v&createRequest.startRevision=5&create_request.prev_kv=true\
            &create_request.filters=NOPUT&create_request.filters=1";
        let expected = r#"{"create_request":{"key":"Zm9v","start_revision":"5","filters":["NOPUT",1],"prev_kv":true}}"#;
        assert_eq!(json(query), expected);
    }

    #[test]
    fn escapes_are_undone_and_a_plus_in_base64_stays_one() {
        assert_eq!(
            json("create_request.key=%2B%2b+A"),
            r#"{"create_request":{"key":"+++A"}}"#
        );
    }

    #[test]
    fn a_value_of_plain_text_is_the_bytes_that_it_spells() {
        for (query, expected) in [
            ("key=/foo", r#""key":"/foo""#),
            ("key=a+b%2Bc%22", r#""key":"a b+c\"""#),
            ("key=%FF", r#""key":{"base64":"/w=="}"#),
            ("key.base64=/+8=", r#""key":{"base64":"/+8="}"#),
            ("key=", r#""key":"""#),
            (
                "key=a&create_request.range_end.prefix=true",
                r#""key":"a","range_end":{"prefix":true}"#,
            ),
            // What stands for no bytes is refused, and not ignored.
            ("range_end.prefx=true", r#""range_end":{"prefx":"true"}"#),
            ("range_end.prefix=1", r#""range_end":{"prefix":"1"}"#),
            ("key.a.b=1", ""),
        ] {
            let query = format!("create_request.{query}");
            let message = &ETCDSERVERPB_WATCH_REQUEST;
            let json = String::from_utf8(from_query(message, &query, BytesAs::Text)).unwrap();
            let expected = format!(r#"{{"create_request":{{{expected}}}}}"#);
            assert_eq!(json, expected, "{query}");
        }
    }

    #[test]
    fn what_names_no_field_is_ignored() {
        for query in ["", "x=1", "create_request=1", "&&", "=", "."] {
            assert_eq!(json(query), "{}", "{query}");
        }
        for query in ["create_request.key.x=1", "create_request.nope=1"] {
            assert_eq!(json(query), r#"{"create_request":{}}"#, "{query}");
        }
    }

    #[test]
    fn no_value_breaks_out_of_its_string() {
        assert_eq!(
            json("create_request.key=%22%5C%0A"),
            r#"{"create_request":{"key":"\"\\\n"}}"#
        );
        assert_eq!(
            json("create_request.prev_kv=1}"),
            r#"{"create_request":{"prev_kv":"1}"}}"#
        );
    }
}
