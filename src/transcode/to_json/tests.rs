//! The three ways of one message, side by side.

mod disorder;
mod large;
mod malformed;
mod plain;

use super::*;
use crate::json_text::Out;
use crate::schema::tables::*;

const STYLE: Style = Style {
    escape_html: false,
    bytes_as: BytesAs::Base64,
};

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
