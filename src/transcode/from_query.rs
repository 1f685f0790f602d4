//! A query string to the JSON form of a message, as `google.api.http` maps one: `a.b=1&c=x&c=y`.

use std::borrow::Cow;

use crate::json_text::push_json_string;
use crate::percent;
use crate::schema::{Kind, Message};

/// One parameter: the path of its field, and its value.
type Parameter<'a> = (Vec<Cow<'a, str>>, Cow<'a, str>);

/// The JSON text of the message that the parameters describe.
///
/// Fields of messages are named by path, lists are given by repetition. A parameter that names no
/// field is ignored, as in grpc-gateway; a value that its field cannot have comes out as a JSON
/// string, which [`super::from_json`] refuses.
#[must_use]
pub fn from_query(message: &'static Message, query: &str) -> Vec<u8> {
    let parameters: Vec<Parameter<'_>> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.split('.').map(decode).collect(), decode(value))
        })
        .collect();
    let all: Vec<&Parameter<'_>> = parameters.iter().collect();
    let mut json = Vec::new();
    write_object(message, &all, 0, &mut json);
    json
}

/// Writes the object of the parameters whose paths agree up to `depth`.
fn write_object(
    message: &'static Message,
    parameters: &[&Parameter<'_>],
    depth: usize,
    json: &mut Vec<u8>,
) {
    json.push(b'{');
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
        own.retain(|(path, _)| (path.len() > last) == is_message);
        if own.is_empty() || (is_message && field.repeated) {
            continue;
        }
        if !json.ends_with(b"{") {
            json.push(b',');
        }
        json.push(b'"');
        json.extend_from_slice(field.name.as_bytes());
        json.extend_from_slice(b"\":");
        if let Kind::Message(message) = field.kind {
            write_object(message, &own, last, json);
        } else if field.repeated {
            json.push(b'[');
            for (index, (_, value)) in own.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                write_value(field.kind, value, json);
            }
            json.push(b']');
        } else if let Some((_, value)) = own.last() {
            write_value(field.kind, value, json);
        }
    }
    json.push(b'}');
}

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
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return text.into();
    }
    let space = |byte| if byte == b'+' { b' ' } else { byte };
    let (decoded, _) = percent::decode(text.as_bytes(), space);
    String::from_utf8_lossy(&decoded).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::ETCDSERVERPB_WATCH_REQUEST;

    fn json(query: &str) -> String {
        String::from_utf8(from_query(&ETCDSERVERPB_WATCH_REQUEST, query)).unwrap()
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
