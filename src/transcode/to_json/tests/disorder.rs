//! Fields in any order, and in parts.

use super::*;

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
