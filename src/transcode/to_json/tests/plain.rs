//! Bytes as plain text.

use super::*;

const PLAIN: Style = Style {
    escape_html: false,
    bytes_as: BytesAs::Text,
};

/// The text of a message, which is the same whichever way it is taken and however it is cut.
fn text(message: &'static Message, bytes: &[u8]) -> String {
    let len = bytes.len() as u32;
    let whole = in_pieces(ToJson::new(message, len, PLAIN), bytes, usize::MAX).unwrap();
    let small = 1..=bytes.len().min(64);
    let large = [1000, 65_535, 65_536, 100_000];
    for size in small.filter(|_| bytes.len() < 1000).chain(large) {
        for make in [ToJson::new, ToJson::streaming] {
            let text = in_pieces(make(message, len, PLAIN), bytes, size).unwrap();
            assert!(text == whole, "{size}");
        }
    }
    whole
}

#[test]
fn utf_8_is_a_string_and_anything_else_base64_in_an_object() {
    for (value, expected) in [
        (&b"bar"[..], r#""bar""#),
        ("é\n\"\\<\u{2028}".as_bytes(), "\"é\\n\\\"\\\\<\u{2028}\""),
        (b"\0", r#""\u0000""#),
        (b"\xff", r#"{"base64":"/w=="}"#),
        (b"good then \xe2\x82", r#"{"base64":"Z29vZCB0aGVuIOKC"}"#),
    ] {
        let pair = all([bytes(1, b"k"), bytes(5, value)]);
        let answer = all([bytes(2, &pair), bytes(2, &pair)]);
        let pair = format!(r#"{{"key":"k","value":{expected}}}"#);
        let expected = format!(r#"{{"kvs":[{pair},{pair}]}}"#);
        assert_eq!(text(&ETCDSERVERPB_RANGE_RESPONSE, &answer), expected);
    }
}

#[test]
fn bytes_in_oneofs_lists_and_disorder_are_plain_too() {
    let member = bytes(7, b"");
    assert_eq!(text(&ETCDSERVERPB_COMPARE, &member), r#"{"value":""}"#);
    let keys = all([bytes(5, b"a"), bytes(5, b""), bytes(5, b"\xff")]);
    assert_eq!(
        text(&ETCDSERVERPB_LEASE_TIME_TO_LIVE_RESPONSE, &keys),
        r#"{"keys":["a","",{"base64":"/w=="}]}"#
    );
    let pair = all([bytes(5, b"v"), bytes(1, b"\xff"), bytes(1, b"k")]);
    let len = pair.len() as u32;
    let to_json = ToJson::new(&MVCCPB_KEY_VALUE, len, PLAIN);
    assert_eq!(
        in_pieces(to_json, &pair, usize::MAX).unwrap(),
        r#"{"key":"k","value":"v"}"#
    );
}

#[test]
fn a_value_is_a_string_up_to_64_kib_whatever_message_it_is_in() {
    let limit = TEXT_LIMIT as usize;
    for (length, is_string) in [(limit - 1, true), (limit, true), (limit + 1, false)] {
        let value = vec![b'x'; length];
        let answer = all([
            bytes(2, bytes(5, &value)),
            bytes(2, bytes(5, b"small")),
            bytes(2, bytes(5, &value)),
        ]);
        let text = text(&ETCDSERVERPB_RANGE_RESPONSE, &answer);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        for index in [0, 2] {
            let found = &read["kvs"][index]["value"];
            assert_eq!(found.is_string(), is_string, "{length}");
            let digits = "eHh4".repeat(length / 3);
            let good = match is_string {
                true => found.as_str().unwrap().len() == length,
                false => found["base64"].as_str().unwrap().starts_with(&digits),
            };
            assert!(good, "{length}");
        }
        assert_eq!(read["kvs"][1]["value"], "small");
    }
}

#[test]
fn no_more_is_held_than_the_longest_string() {
    for length in [1000, TEXT_LIMIT as usize, 1 << 20] {
        let answer = bytes(2, bytes(5, vec![b'x'; length]));
        let mut to_json =
            ToJson::streaming(&ETCDSERVERPB_RANGE_RESPONSE, answer.len() as u32, PLAIN);
        let mut most = 0;
        for piece in answer.chunks(100) {
            to_json.push(piece, &mut Vec::new()).unwrap();
            assert_eq!(to_json.held(), to_json.held_for_text());
            most = most.max(to_json.held());
        }
        let expected = if length as u64 <= TEXT_LIMIT {
            length
        } else {
            0
        };
        assert_eq!(most, expected);
        assert_eq!(to_json.held(), 0);
    }
}
