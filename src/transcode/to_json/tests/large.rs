//! Messages that are written while they arrive.

use super::*;

#[test]
fn a_large_message_is_written_while_it_arrives() {
    const VALUE: usize = 1 << 20;
    let pair = all([bytes(1, b"k"), bytes(5, vec![0; VALUE])]);
    let answer = all([bytes(2, &pair), bytes(2, &pair), varint(4, 2)]);
    let len = answer.len() as u32;
    let mut to_json = ToJson::new(&ETCDSERVERPB_RANGE_RESPONSE, len, STYLE);
    let mut text = Vec::new();
    for piece in answer.chunks(1000) {
        let mut out = Vec::new();
        to_json.push(piece, &mut out).unwrap();
        assert!(
            (1300..1400).contains(&out.len()) || to_json.is_done(),
            "{}",
            out.len()
        );
        text.extend(out);
    }
    assert!(to_json.is_done());
    let zeros = "A".repeat(VALUE / 3 * 4);
    let pair = format!(r#"{{"key":"aw==","value":"{zeros}AA=="}}"#);
    let expected = format!(r#"{{"kvs":[{pair},{pair}],"count":"2"}}"#);
    assert!(text == expected.as_bytes());
}

#[test]
fn a_large_message_must_be_in_order() {
    let value = bytes(2, bytes(5, vec![0; WHOLE_LIMIT as usize]));
    let answer = all([varint(4, 1), value]);
    let error = Error::OutOfOrder {
        offset: 2,
        field: "kvs",
    };
    assert_eq!(whole(&ETCDSERVERPB_RANGE_RESPONSE, &answer), Err(error));
}

#[test]
fn a_message_at_the_limit_of_what_is_taken_whole_may_be_in_any_order() {
    let value = bytes(2, bytes(5, vec![0; WHOLE_LIMIT as usize - 10]));
    let answer = all([varint(4, 1), value]);
    assert_eq!(answer.len() as u32, WHOLE_LIMIT);
    for size in [usize::MAX, 1000, 1] {
        let to_json = ToJson::new(&ETCDSERVERPB_RANGE_RESPONSE, WHOLE_LIMIT, STYLE);
        let text = in_pieces(to_json, &answer, size).unwrap();
        assert!(text.ends_with(r#""}],"count":"1"}"#));
    }
}
