use super::*;
use crate::json_text::Out;
use crate::schema::tables::*;

const STYLE: Style = Style { escape_html: false };

fn varint(number: u32, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_varint(u64::from(number) << 3, &mut out);
    prost::encoding::encode_varint(value, &mut out);
    out
}

fn bytes(number: u32, value: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_varint(u64::from(number) << 3 | 2, &mut out);
    prost::encoding::encode_varint(value.as_ref().len() as u64, &mut out);
    out.extend_from_slice(value.as_ref());
    out
}

fn all(fields: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    fields.into_iter().flatten().collect()
}

fn in_pieces(mut to_json: ToJson, bytes: &[u8], size: usize) -> Result<String, Error> {
    let mut out = Vec::new();
    for piece in bytes.chunks(size) {
        to_json.push(piece, &mut out)?;
    }
    to_json.push(&[], &mut out)?;
    assert!(to_json.is_done());
    Ok(String::from_utf8(out).unwrap())
}

fn whole(message: &'static Message, bytes: &[u8]) -> Result<String, Error> {
    in_pieces(
        ToJson::new(message, bytes.len() as u32, STYLE),
        bytes,
        usize::MAX,
    )
}

/// As a large message is taken; the same however it is cut.
fn streamed(message: &'static Message, bytes: &[u8]) -> Result<String, Error> {
    let streaming = || ToJson::streaming(message, bytes.len() as u32, STYLE);
    let text = in_pieces(streaming(), bytes, usize::MAX);
    for size in 1..=bytes.len().min(64) {
        assert_eq!(in_pieces(streaming(), bytes, size), text);
    }
    text
}

fn merged(message: &'static Message, bytes: &[u8]) -> Result<String, Error> {
    let mut out = Vec::new();
    merged::write(message, bytes, STYLE, &mut Out::new(&mut out, 0))?;
    Ok(String::from_utf8(out).unwrap())
}

/// Fields in order: all ways give the same.
fn assert_text(message: &'static Message, bytes: &[u8], text: &str) {
    assert_eq!(whole(message, bytes).as_deref(), Ok(text));
    assert_eq!(streamed(message, bytes).as_deref(), Ok(text));
    assert_eq!(merged(message, bytes).as_deref(), Ok(text));
}

/// Fields in an unusual order, at `offset` for the first time: streaming gives up.
fn assert_disorder(message: &'static Message, bytes: &[u8], at: (u64, &'static str), text: &str) {
    let (offset, field) = at;
    assert_eq!(whole(message, bytes).as_deref(), Ok(text));
    assert_eq!(
        streamed(message, bytes),
        Err(Error::OutOfOrder { offset, field })
    );
}

fn assert_error(message: &'static Message, bytes: &[u8], error: Error) {
    assert_eq!(whole(message, bytes), Err(error));
    assert_eq!(streamed(message, bytes), Err(error));
    assert_eq!(merged(message, bytes), Err(error));
}

#[test]
fn an_empty_message_is_an_empty_object() {
    assert_text(&ETCDSERVERPB_RANGE_RESPONSE, &[], "{}");
}

#[test]
fn fields_are_written_under_their_names_in_their_order() {
    let pair = all([
        bytes(1, b"k"),
        varint(2, 5),
        varint(4, 1),
        bytes(5, b"\xff\xfe"),
    ]);
    let answer = all([
        bytes(1, varint(3, 7)),
        bytes(2, &pair),
        bytes(2, b""),
        varint(4, 9),
    ]);
    let text = r#"{"header":{"revision":"7"},"kvs":[{"key":"aw==","create_revision":"5","version":"1","value":"//4="},{}],"count":"9"}"#;
    assert_text(&ETCDSERVERPB_RANGE_RESPONSE, &answer, text);
}

#[test]
fn defaults_are_left_out_but_for_messages_lists_and_oneofs() {
    let defaults = all([bytes(1, b""), varint(2, 0), bytes(5, b"")]);
    assert_text(&MVCCPB_KEY_VALUE, &defaults, "{}");
    assert_text(
        &ETCDSERVERPB_PUT_RESPONSE,
        &bytes(1, b""),
        r#"{"header":{}}"#,
    );
    assert_text(
        &ETCDSERVERPB_RESPONSE_OP,
        &bytes(2, b""),
        r#"{"response_put":{}}"#,
    );
    assert_text(&ETCDSERVERPB_COMPARE, &varint(4, 0), r#"{"version":"0"}"#);
    assert_text(&ETCDSERVERPB_COMPARE, &bytes(7, b""), r#"{"value":""}"#);
    let members = all([bytes(3, b""), bytes(3, b"a"), bytes(4, b"")]);
    assert_text(
        &ETCDSERVERPB_MEMBER,
        &members,
        r#"{"peerURLs":["","a"],"clientURLs":[""]}"#,
    );
}

#[test]
fn numbers_in_a_list_may_be_packed_or_not_or_both() {
    let filters = all([
        bytes(5, [0, 1]),
        varint(5, 1),
        bytes(5, b""),
        bytes(5, [7, 0x81, 0]),
    ]);
    let text = r#"{"filters":["NOPUT","NODELETE","NODELETE",7,"NODELETE"]}"#;
    assert_text(&ETCDSERVERPB_WATCH_CREATE_REQUEST, &filters, text);
    assert_text(&ETCDSERVERPB_WATCH_CREATE_REQUEST, &bytes(5, b""), "{}");
}

#[test]
fn unknown_fields_are_skipped_wherever_they_are() {
    let group = all([
        vec![0x7b],
        varint(1, 3),
        vec![0x7b, 0x7c],
        bytes(9, b"x"),
        vec![0x7c],
    ]);
    let unknown = [
        varint(99, 1),
        bytes(98, b"abc"),
        vec![0x79; 9],
        vec![0x7d; 5],
        group,
    ];
    for field in unknown {
        let pair = all([
            field.clone(),
            bytes(1, b"k"),
            field.clone(),
            varint(4, 1),
            field,
        ]);
        assert_text(&MVCCPB_KEY_VALUE, &pair, r#"{"key":"aw==","version":"1"}"#);
    }
}

#[test]
fn a_field_of_another_wire_type_is_unknown_and_free_to_be_anywhere() {
    let pair = all([
        bytes(4, [3]),
        varint(1, 3),
        varint(4, 1),
        varint(1, 3),
        bytes(2, b""),
    ]);
    assert_text(&MVCCPB_KEY_VALUE, &pair, r#"{"version":"1"}"#);
}

#[test]
fn the_last_value_of_a_field_wins() {
    let numbers = all([varint(2, 5), varint(4, 1), varint(2, 6)]);
    let text = r#"{"create_revision":"6","version":"1"}"#;
    assert_disorder(&MVCCPB_KEY_VALUE, &numbers, (4, "create_revision"), text);
    let keys = all([bytes(1, b"a"), bytes(1, b"")]);
    assert_disorder(&MVCCPB_KEY_VALUE, &keys, (3, "key"), "{}");
}

#[test]
fn a_message_that_comes_in_parts_is_merged() {
    let leader = all([bytes(1, b"n"), varint(3, 4)]);
    let other = all([varint(4, 9), varint(3, 5)]);
    let answer = all([
        bytes(2, leader),
        bytes(1, varint(3, 7)),
        bytes(2, other),
        bytes(1, b""),
    ]);
    let text = r#"{"header":{"revision":"7"},"leader":{"name":"bg==","rev":"5","lease":"9"}}"#;
    assert_disorder(
        &V3ELECTIONPB_CAMPAIGN_RESPONSE,
        &answer,
        (7, "header"),
        text,
    );
}

#[test]
fn a_list_is_collected_from_wherever_its_elements_are() {
    let pair = |key| bytes(2, bytes(1, key));
    let answer = all([pair("a"), varint(4, 2), pair("b"), bytes(1, b""), pair("c")]);
    let text = r#"{"header":{},"kvs":[{"key":"YQ=="},{"key":"Yg=="},{"key":"Yw=="}],"count":"2"}"#;
    assert_disorder(&ETCDSERVERPB_RANGE_RESPONSE, &answer, (7, "kvs"), text);
}

#[test]
fn the_last_member_of_a_oneof_clears_the_others() {
    let (version, lease) = (varint(4, 1), varint(8, 2));
    let both = all([version.clone(), lease.clone()]);
    assert_disorder(
        &ETCDSERVERPB_COMPARE,
        &both,
        (2, "lease"),
        r#"{"lease":"2"}"#,
    );
    let back = all([version.clone(), lease, version]);
    assert_disorder(
        &ETCDSERVERPB_COMPARE,
        &back,
        (2, "lease"),
        r#"{"version":"1"}"#,
    );
}

#[test]
fn a_member_of_a_oneof_is_merged_unless_another_came_between() {
    let put = |field| bytes(2, bytes(1, field));
    let (one, two) = (put(varint(3, 7)), put(varint(4, 8)));
    let parts = all([one.clone(), two.clone()]);
    let text = r#"{"response_put":{"header":{"revision":"7","raft_term":"8"}}}"#;
    assert_disorder(&ETCDSERVERPB_RESPONSE_OP, &parts, (6, "response_put"), text);
    let apart = all([one, bytes(3, b""), two]);
    let text = r#"{"response_put":{"header":{"raft_term":"8"}}}"#;
    assert_disorder(
        &ETCDSERVERPB_RESPONSE_OP,
        &apart,
        (6, "response_delete_range"),
        text,
    );
}

#[test]
fn what_was_replaced_must_be_valid_all_the_same() {
    let field = "version";
    let status = all([bytes(2, b"\xff"), bytes(2, b"a")]);
    let error = Error::InvalidUtf8 { offset: 2, field };
    assert_eq!(merged(&ETCDSERVERPB_STATUS_RESPONSE, &status), Err(error));
    let op = all([bytes(2, [0x0f]), bytes(3, b"")]);
    let error = Error::WireType {
        offset: 2,
        found: 7,
    };
    assert_eq!(merged(&ETCDSERVERPB_RESPONSE_OP, &op), Err(error));
}

#[test]
fn malformed_bytes_are_refused_with_their_place() {
    let too_long = [&[0x10][..], &[0xff; 10]].concat();
    let truncated: fn(u64) -> Error = |offset| Error::Truncated { offset };
    type Case = (Vec<u8>, u64, fn(u64) -> Error);
    let cases: [Case; 10] = [
        (too_long, 0, |offset| Error::VarintTooLong { offset }),
        (vec![0x10], 0, truncated),
        (vec![0x10, 1, 0x20, 0x80], 2, truncated),
        (vec![0x10, 1, 0x2a, 2, 0], 2, truncated),
        (vec![0x10, 1, 0x79, 0], 2, truncated),
        (vec![0x7b, 0x10, 1], 3, truncated),
        (vec![0x10, 1, 0x00, 0], 2, |offset| Error::FieldNumber {
            offset,
        }),
        (vec![0x10, 1, 0x0e, 0], 2, |offset| Error::WireType {
            offset,
            found: 6,
        }),
        (vec![0x10, 1, 0x7c], 2, |offset| Error::GroupEnd { offset }),
        (vec![0x7b, 0x74], 1, |offset| Error::GroupEnd { offset }),
    ];
    for (pair, offset, error) in cases {
        assert_error(&MVCCPB_KEY_VALUE, &pair, error(offset));
        // The same in a list, where the message has an end of its own.
        let before = 2;
        let answer = all([bytes(2, &pair), varint(4, 1)]);
        assert_error(
            &ETCDSERVERPB_RANGE_RESPONSE,
            &answer,
            error(before + offset),
        );
    }
    let status = bytes(2, b"ab\xe2\x82");
    let error = Error::InvalidUtf8 {
        offset: 4,
        field: "version",
    };
    assert_error(&ETCDSERVERPB_STATUS_RESPONSE, &status, error);
}

#[test]
fn messages_nest_to_a_limit() {
    // A transaction is a list of operations, of which each may be a transaction.
    let nested = |pairs| (0..pairs).fold(Vec::new(), |inner, _| bytes(3, bytes(4, inner)));
    let most = nested((MAX_DEPTH - 1) / 2);
    let text = whole(&ETCDSERVERPB_TXN_RESPONSE, &most).unwrap();
    assert_eq!(text.matches("response_txn").count(), 63);
    assert_text(&ETCDSERVERPB_TXN_RESPONSE, &most, &text);
    let more = nested(MAX_DEPTH / 2);
    for refused in [whole, streamed, merged] {
        let refused = refused(&ETCDSERVERPB_TXN_RESPONSE, &more);
        assert!(matches!(refused, Err(Error::TooDeep { .. })), "{refused:?}");
    }
    let group = |depth| [vec![0x7b; depth], vec![0x7c; depth]].concat();
    assert_text(&MVCCPB_KEY_VALUE, &group(MAX_DEPTH - 1), "{}");
    let offset = MAX_DEPTH as u64 - 1;
    assert_error(
        &MVCCPB_KEY_VALUE,
        &group(MAX_DEPTH),
        Error::TooDeep { offset },
    );
    assert_error(&MVCCPB_KEY_VALUE, &group(30_000), Error::TooDeep { offset });
}

#[test]
fn a_small_message_that_is_malformed_leaves_no_text() {
    let answer = all([bytes(2, bytes(1, b"k")), bytes(2, [0x0f])]);
    let mut out = b"before".to_vec();
    let len = answer.len() as u32;
    let mut to_json = ToJson::new(&ETCDSERVERPB_RANGE_RESPONSE, len, STYLE);
    let error = to_json.push(&answer, &mut out).unwrap_err();
    assert_eq!(out, b"before");
    assert_eq!(to_json.push(&[], &mut out), Err(error));
    assert!(!to_json.is_done());
}

#[test]
fn more_bytes_than_announced_are_refused() {
    for make in [ToJson::new, ToJson::streaming] {
        for fed in [
            &[varint(2, 1), varint(4, 1)][..],
            &[all([varint(2, 1), varint(4, 1)])],
        ] {
            let mut out = Vec::new();
            let mut to_json = make(&MVCCPB_KEY_VALUE, 2, STYLE);
            let result = fed
                .iter()
                .try_for_each(|piece| to_json.push(piece, &mut out));
            assert_eq!(result, Err(Error::Excess { offset: 2 }));
        }
    }
}

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

#[test]
fn damaged_messages_are_taken_alike_in_every_way() {
    let pair = all([
        bytes(1, b"k"),
        varint(2, 500),
        varint(4, 1),
        bytes(5, b"value"),
        varint(6, 9),
    ]);
    let range = all([
        bytes(1, varint(3, 7)),
        bytes(2, &pair),
        bytes(2, &pair),
        varint(4, 2),
    ]);
    let status = all([
        bytes(1, varint(3, 7)),
        bytes(2, "3.7.\u{20ac}"),
        bytes(8, "é"),
    ]);
    let op = all([bytes(1, &range), vec![0x7b, 0x10, 1, 0x7c]]);
    let txn = all([
        varint(2, 1),
        bytes(3, &op),
        bytes(3, bytes(4, bytes(3, &op))),
    ]);
    let watch = bytes(1, all([bytes(1, b"k"), bytes(5, [0, 1, 0x80, 1])]));
    let messages: [(&'static Message, Vec<u8>); 4] = [
        (&ETCDSERVERPB_RANGE_RESPONSE, range),
        (&ETCDSERVERPB_STATUS_RESPONSE, status),
        (&ETCDSERVERPB_TXN_RESPONSE, txn),
        (&ETCDSERVERPB_WATCH_REQUEST, watch),
    ];
    let mut noise = fastrand::Rng::with_seed(1);
    let (mut good, mut bad, mut disorder) = (0, 0, 0);
    for _ in 0..4_000 {
        let (message, bytes) = &messages[noise.usize(..messages.len())];
        let mut bytes = bytes.clone();
        for _ in 0..noise.usize(1..4) {
            let at = noise.usize(..bytes.len());
            match noise.u8(..4) {
                0 => bytes[at] = noise.u8(..),
                1 => bytes[at] ^= 1 << noise.u8(..8),
                2 => bytes.insert(at, noise.u8(..)),
                _ => drop(bytes.remove(at)),
            }
        }
        let merged = merged(message, &bytes);
        match streamed(message, &bytes) {
            Ok(text) => {
                good += 1;
                assert!(
                    serde_json::from_str::<serde_json::Value>(&text).is_ok(),
                    "{text}"
                );
                assert_eq!(merged, Ok(text), "{bytes:?}");
            }
            Err(Error::OutOfOrder { .. }) => disorder += 1,
            Err(_) => {
                bad += 1;
                assert!(merged.is_err(), "{bytes:?}");
            }
        }
    }
    assert!(
        good > 300 && bad > 1000 && disorder > 50,
        "{good} {bad} {disorder}"
    );
}
