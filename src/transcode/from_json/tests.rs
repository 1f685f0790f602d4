use super::*;
use crate::schema::tables;

const LIMIT: usize = 1 << 20;

fn encode(message: &'static Message, body: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    from_json(message, body.as_bytes(), LIMIT, &mut out)
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
        (range, "garbage", "line 1, column 1: expected value"),
        (
            range,
            r#"{"key":"x"#,
            "line 1, column 9: EOF while parsing a string",
        ),
        (
            range,
            r#" [1]"#,
            "line 1, column 2: invalid type: sequence, expected an object",
        ),
        (
            range,
            r#"{"key":"\ud800"}"#,
            "line 1, column 9: invalid UTF-8",
        ),
    ] {
        assert_eq!(refusal(message, body), expected, "{body}");
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
    assert_eq!(from_json(range, b"{}\xff\xfe", LIMIT, &mut out), Ok(()));
}

#[test]
fn invalid_utf8_is_refused_where_it_stands() {
    let mut out = Vec::new();
    let error = from_json(
        &tables::ETCDSERVERPB_AUTH_USER_GET_REQUEST,
        b"{\"name\":\"a\xff\"}",
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
    let error = from_json(txn, body.as_bytes(), 19, &mut out).unwrap_err();
    assert!(error.is_too_large(), "{error}");
    out.clear();
    assert_eq!(from_json(txn, body.as_bytes(), 20, &mut out), Ok(()));
}
