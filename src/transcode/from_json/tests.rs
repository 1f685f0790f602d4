use super::*;
use crate::schema::tables;

const LIMIT: usize = 1 << 20;

fn encode(message: &'static Message, body: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    from_json(message, body.as_bytes(), BytesAs::Base64, LIMIT, &mut out)
        .map(|()| out)
        .map_err(|e| e.to_string())
}

fn refusal(message: &'static Message, body: &str) -> String {
    encode(message, body).expect_err(body)
}

#[test]
fn errors_name_the_field_and_the_place() {
    let range = &tables::ETCDSERVERPB_RANGE_REQUEST;
    let txn = &tables::ETCDSERVERPB_TXN_REQUEST;
    for (message, body, expected) in [
        (
            range,
            r#"{"limit":"abc"}"#,
            r#"line 1, column 10: limit: expected a 64-bit integer, found "abc""#,
        ),
        (
            range,
            "{\n \"keyé\":1,\n \"keys_only\": 5}",
            "line 3, column 15: keys_only: expected true or false, found 5",
        ),
        (
            range,
            r#"{"key":"A"}"#,
            r#"line 1, column 8: key: expected a base64 string, found "A""#,
        ),
        (
            range,
            r#"{"sort_order":"descend"}"#,
            r#"line 1, column 15: sort_order: expected a name or number of etcdserverpb.RangeRequest.SortOrder, found "descend""#,
        ),
        (
            range,
            r#"{"limit":1,"limit":2}"#,
            "line 1, column 12: limit: given twice",
        ),
        (
            range,
            r#"{"range_end":"","rangeEnd":""}"#,
            "line 1, column 17: range_end: given twice",
        ),
        (
            txn,
            r#"{"compare":[{},{"version":1,"value":""}]}"#,
            "line 1, column 29: compare[1].value: cannot be set together with version",
        ),
        (
            txn,
            r#"{"success":[{"request_put":{"lease":true}}]}"#,
            "line 1, column 37: success[0].request_put.lease: expected a 64-bit integer, found true",
        ),
    ] {
        assert_eq!(refusal(message, body), expected, "{body}");
    }
}

#[test]
fn errors_that_concern_no_field_name_the_place() {
    for (body, expected) in [
        ("garbage", "line 1, column 1: expected value"),
        (
            r#"{"key":"x"#,
            "line 1, column 9: EOF while parsing a string",
        ),
        (r#" [1]"#, "line 1, column 2: expected an object, found [1]"),
        (r#"{"key":"\ud800"}"#, "line 1, column 9: invalid UTF-8"),
    ] {
        let range = &tables::ETCDSERVERPB_RANGE_REQUEST;
        assert_eq!(refusal(range, body), expected, "{body}");
    }
}

#[test]
fn what_follows_the_first_value_is_ignored() {
    let range = &tables::ETCDSERVERPB_RANGE_REQUEST;
    for body in [
        "{} garbage",
        "{}}",
        "{}{\"limit\":1}",
        " null x",
        "",
        " \n",
        "{\"limit\":0}",
        "{\"limit\":null}",
    ] {
        assert_eq!(encode(range, body), Ok(vec![]), "{body}");
    }
    let mut out = Vec::new();
    assert_eq!(
        from_json(range, b"{}\xff\xfe", BytesAs::Base64, LIMIT, &mut out),
        Ok(())
    );
}

#[test]
fn invalid_utf8_is_refused_where_it_stands() {
    let mut out = Vec::new();
    let error = from_json(
        &tables::ETCDSERVERPB_AUTH_USER_GET_REQUEST,
        b"{\"name\":\"a\xff\"}",
        BytesAs::Base64,
        LIMIT,
        &mut out,
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "line 1, column 11: invalid UTF-8"
    );
}

#[test]
fn nesting_is_bounded_in_known_and_unknown_fields() {
    let txn = &tables::ETCDSERVERPB_TXN_REQUEST;
    let unknown = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(encode(txn, &unknown(MAX_JSON_DEPTH)), Ok(vec![]));
    assert!(refusal(txn, &unknown(MAX_JSON_DEPTH + 1)).contains("nested deeper"));
    let known = |depth: usize| {
        format!(
            "{}null{}",
            "{\"success\":[{\"request_txn\":".repeat(depth),
            "}]}".repeat(depth)
        )
    };
    assert!(encode(txn, &known(MAX_JSON_DEPTH / 3)).is_ok());
    assert!(refusal(txn, &known(MAX_JSON_DEPTH)).contains("nested deeper"));
}

#[test]
fn a_message_over_the_limit_is_refused() {
    let mut out = Vec::new();
    let body = format!("{{\"value\":\"{}\"}}", "A".repeat(400));
    let error = from_json(
        &tables::ETCDSERVERPB_PUT_REQUEST,
        body.as_bytes(),
        BytesAs::Base64,
        302,
        &mut out,
    )
    .unwrap_err();
    assert!(error.is_too_large(), "{error}");
    out.clear();
    assert_eq!(
        from_json(
            &tables::ETCDSERVERPB_PUT_REQUEST,
            body.as_bytes(),
            BytesAs::Base64,
            303,
            &mut out
        ),
        Ok(())
    );
    assert_eq!(out.len(), 303);
}

#[test]
fn messages_without_values_count_against_the_limit_too() {
    let body = format!("{{\"success\":[{}{{}}]}}", "{},".repeat(9));
    let txn = &tables::ETCDSERVERPB_TXN_REQUEST;
    let mut out = Vec::new();
    let error = from_json(txn, body.as_bytes(), BytesAs::Base64, 19, &mut out).unwrap_err();
    assert!(error.is_too_large(), "{error}");
    out.clear();
    assert_eq!(
        from_json(txn, body.as_bytes(), BytesAs::Base64, 20, &mut out),
        Ok(())
    );
}

#[test]
fn the_quick_way_takes_what_is_usual_and_nothing_else() {
    let range = &tables::ETCDSERVERPB_RANGE_REQUEST;
    let txn = &tables::ETCDSERVERPB_TXN_REQUEST;
    let user = &tables::ETCDSERVERPB_AUTH_USER_ADD_REQUEST;
    for (message, body) in [
        (range, r#"{}"#),
        (range, " { } {"),
        (range, r#"{"key":"YQ==","rangeEnd":"","limit":null}"#),
        (
            range,
            r#"{"limit":"5","revision":-9,"sort_order":"DESCEND"}"#,
        ),
        (
            range,
            r#"{"sort_target":1,"serializable":true,"keys_only":false}"#,
        ),
        (
            range,
            "{\"x\":\"\u{e9}\",\r\n\t\"x\":5,\"limit\":7,\"\":null,\"y\":true}",
        ),
        (range, r#"{"key":"-_8"}"#),
        (
            txn,
            r#"{"compare":[{"version":0,"key":""}],"success":[],"failure":null}"#,
        ),
        (
            txn,
            r#"{"success":[{"requestPut":{"key":"YQ=="}},{},{"requestTxn":{"compare":[{}]}}]}"#,
        ),
        (
            user,
            "{\"name\":\"\u{e9}\",\"options\":{\"no_password\":true}}",
        ),
    ] {
        let mut quick = b"before".to_vec();
        assert_eq!(
            quick::write(message, body.as_bytes(), BytesAs::Base64, &mut quick),
            Some(()),
            "{body}"
        );
        let mut thorough = b"before".to_vec();
        assert_eq!(
            thoroughly(
                message,
                body.as_bytes(),
                BytesAs::Base64,
                LIMIT,
                &mut thorough
            ),
            Ok(()),
            "{body}"
        );
        assert_eq!(quick, thorough, "{body}");
    }
    for body in [
        "",
        "null",
        "[]",
        "{",
        "{]",
        "{,}",
        r#"{"key"}"#,
        r#"{"key":}"#,
        r#"{"key":"YQ=="#,
        r#"{"key":"YQ==",}"#,
        r#"{"key":"YQ==" "limit":1}"#,
        r#"{"key":"Y"}"#,
        r#"{"key":"YQ="}"#,
        r#"{"limit":5.0}"#,
        r#"{"limit":05}"#,
        r#"{"limit":-}"#,
        r#"{"limit":tru}"#,
        r#"{"limit":1,"limit":2}"#,
        r#"{"x":05}"#,
        r#"{"x":nul}"#,
        r#"{"x":}"#,
        "{\"x\":\"\n\"}",
        r#"{"x":"\u0041"}"#,
        r#"{"\u0041":1}"#,
        r#"{"serializable":"true"}"#,
        r#"{"sort_order":"descend"}"#,
        "{\"\u{1f}\":1}",
        r#"{"limit":1]"#,
    ] {
        assert_eq!(
            quick::write(range, body.as_bytes(), BytesAs::Base64, &mut Vec::new()),
            None,
            "{body}"
        );
    }
    for body in [b"{\"x\":\"\xff\"}", b"{\"\xff\":\"x\"}"] {
        assert_eq!(
            quick::write(range, body, BytesAs::Base64, &mut Vec::new()),
            None
        );
    }
    let two = r#"{"compare":[{"version":1,"lease":1}]}"#;
    assert_eq!(
        quick::write(txn, two.as_bytes(), BytesAs::Base64, &mut Vec::new()),
        None
    );
}

#[test]
fn a_long_value_has_its_length_whatever_is_behind_it() {
    let value = "A".repeat(400);
    for behind in [0, 1, 20_000, 4_000_000] {
        let unknown = "x".repeat(behind);
        let body = format!(r#"{{"lease":1,"value":"{value}","x":"{unknown}"}}"#);
        let message = encode(&tables::ETCDSERVERPB_PUT_REQUEST, &body).unwrap();
        let expected = [&[0x18, 0x01, 0x12, 0xac, 0x02][..], &[0; 300]].concat();
        assert_eq!(message, expected, "{behind}");
    }
}

#[test]
fn every_byte_of_a_string_is_checked() {
    let user = &tables::ETCDSERVERPB_AUTH_USER_ADD_REQUEST;
    for length in 0..20 {
        for place in 0..length {
            for byte in 0..=127 {
                let mut name = vec![b'!'; length];
                name[place] = byte;
                let body = [br#"{"name":""#, &name[..], br#""}"#].concat();
                let plain = byte >= b' ' && !b"\"\\".contains(&byte);
                let taken = quick::write(user, &body, BytesAs::Base64, &mut Vec::new()).is_some();
                assert_eq!(taken, plain, "{byte} at {place} of {length}");
            }
        }
    }
}
