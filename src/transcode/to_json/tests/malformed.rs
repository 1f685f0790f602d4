//! Bytes that are no message.

use super::*;

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

/// Messages of several kinds, as etcd has them.
fn undamaged() -> [(&'static Message, Vec<u8>); 4] {
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
    [
        (&ETCDSERVERPB_RANGE_RESPONSE, range),
        (&ETCDSERVERPB_STATUS_RESPONSE, status),
        (&ETCDSERVERPB_TXN_RESPONSE, txn),
        (&ETCDSERVERPB_WATCH_REQUEST, watch),
    ]
}

#[test]
fn damaged_messages_are_taken_alike_in_every_way() {
    let messages = undamaged();
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
