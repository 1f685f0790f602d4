//! Every method that has to do with keys, and every way around a rule that we know.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::config::Config;
use crate::schema::route;
use crate::transcode::{BytesAs, from_json};

fn policy(rules: &str) -> Policy {
    let text = format!(r#"{{"policies":[{{"name":"p",{rules}}}]}}"#);
    let config = Config::parse(text.as_bytes()).unwrap();
    Policy::new(&config.policies.0[0])
}

/// The verdict on a call by JSON, in which `'x'` stands for the base64 of x.
fn verdict(policy: &Policy, path: &str, json: &str) -> Result<(), String> {
    let mut body = String::new();
    for (index, part) in json.split('\'').enumerate() {
        match index % 2 {
            0 => body.push_str(part),
            _ => {
                let bytes: Vec<u8> = part.replace("\\0", "\0").into_bytes();
                body.push_str(&format!("\"{}\"", BASE64_STANDARD.encode(bytes)));
            }
        }
    }
    let method = route(path).unwrap().method;
    let mut message = Vec::new();
    from_json(
        method.request,
        body.as_bytes(),
        BytesAs::Base64,
        1 << 20,
        &mut message,
    )
    .unwrap();
    raw(policy, path, &message)
}

fn raw(policy: &Policy, path: &str, message: &[u8]) -> Result<(), String> {
    let method = route(path).unwrap().method;
    let admitted = policy.admits(method);
    admitted
        .and_then(|()| policy.judge(method, message, &mut Tally::default()))
        .map_err(|status| {
            assert!(matches!(status.code.0, 3 | 7));
            status.message
        })
}

fn assert_denied(policy: &Policy, rule: &str, path: &str, json: &str) {
    let denial = verdict(policy, path, json).expect_err(json);
    let expected = format!("denied by policy \"p\", rule {rule}: ");
    assert!(denial.starts_with(&expected), "{path} {json}: {denial}");
}

/// A call for each method that takes a key or a name, with the key in the place of KEY.
const KEYED: [(&str, &str); 20] = [
    ("/kv/range", r#"{"key":KEY}"#),
    ("/kv/rangestream", r#"{"key":KEY}"#),
    ("/kv/put", r#"{"key":KEY,"value":'x'}"#),
    ("/kv/deleterange", r#"{"key":KEY}"#),
    (
        "/kv/txn",
        r#"{"compare":[{"key":KEY,"target":"VALUE","value":'x'}]}"#,
    ),
    ("/kv/txn", r#"{"success":[{"request_range":{"key":KEY}}]}"#),
    ("/kv/txn", r#"{"failure":[{"request_put":{"key":KEY}}]}"#),
    (
        "/kv/txn",
        r#"{"success":[{"request_put":{"key":'/a/x'}},{"request_delete_range":{"key":KEY}}]}"#,
    ),
    (
        "/kv/txn",
        r#"{"success":[{"request_txn":{"failure":[{"request_txn":{"success":[{"request_put":{"key":KEY}}]}}]}}]}"#,
    ),
    (
        "/kv/txn",
        r#"{"failure":[{"request_txn":{"compare":[{"key":KEY}]}}]}"#,
    ),
    ("/watch", r#"{"create_request":{"key":KEY}}"#),
    ("/lock/lock", r#"{"name":KEY}"#),
    ("/lock/unlock", r#"{"key":KEY}"#),
    ("/election/campaign", r#"{"name":KEY,"value":'x'}"#),
    (
        "/election/proclaim",
        r#"{"leader":{"name":'/a/x',"key":KEY,"rev":1},"value":'x'}"#,
    ),
    (
        "/election/proclaim",
        r#"{"leader":{"name":KEY,"key":'/a/x',"rev":1},"value":'x'}"#,
    ),
    ("/election/leader", r#"{"name":KEY}"#),
    ("/election/observe", r#"{"name":KEY}"#),
    (
        "/election/resign",
        r#"{"leader":{"name":'/a/x',"key":KEY,"rev":1}}"#,
    ),
    (
        "/election/resign",
        r#"{"leader":{"name":KEY,"key":'/a/x',"rev":1}}"#,
    ),
];

#[test]
fn every_call_with_a_key_is_held_to_the_prefixes() {
    let policy = policy(r#""keys":["/a/","/c/"]"#);
    for (path, json) in KEYED {
        for key in ["'/a/x'", "'/c/'"] {
            assert_eq!(
                verdict(&policy, path, &json.replace("KEY", key)),
                Ok(()),
                "{path} {json}"
            );
        }
        for key in ["'/b/x'", "'/'", "''", "'\\0'", "'/ab'", "'/d'", "'/A/x'"] {
            assert_denied(&policy, "keys", path, &json.replace("KEY", key));
        }
    }
}

/// The calls that take a range, with what stands for the end in the place of END.
const RANGED: [(&str, &str); 7] = [
    ("/kv/range", r#"{"key":'/a/x',"range_end":END}"#),
    ("/kv/rangestream", r#"{"key":'/a/x',"range_end":END}"#),
    ("/kv/deleterange", r#"{"key":'/a/x',"range_end":END}"#),
    ("/kv/txn", r#"{"compare":[{"key":'/a/x',"range_end":END}]}"#),
    (
        "/kv/txn",
        r#"{"failure":[{"request_range":{"key":'/a/x',"range_end":END}}]}"#,
    ),
    (
        "/kv/txn",
        r#"{"success":[{"request_delete_range":{"key":'/a/x',"range_end":END}}]}"#,
    ),
    (
        "/watch",
        r#"{"create_request":{"key":'/a/x',"range_end":END}}"#,
    ),
];

#[test]
fn every_range_is_held_to_the_end_of_its_prefix() {
    let policy = policy(r#""keys":["/a/","/a0"]"#);
    for (path, json) in RANGED {
        for end in ["'/a/y'", "'/a0'", "''"] {
            assert_eq!(
                verdict(&policy, path, &json.replace("END", end)),
                Ok(()),
                "{path} {json}"
            );
        }
        for end in [
            "'\\0'", "'/a00'", "'/a1'", "'/b'", "'/a/x'", "'/a/'", "'\\0\\0'",
        ] {
            assert_denied(&policy, "keys", path, &json.replace("END", end));
        }
    }
}

/// What a method takes under a policy of keys and nothing else.
fn under_keys(reach: &Reach) -> bool {
    let needs_leases = matches!(reach.shape.what, What::Grant | What::Lease);
    matches!(reach.keys, Keys::Named | Keys::Free) && !needs_leases
}

#[test]
fn what_is_not_of_keys_is_refused_beside_them_unless_it_is_allowed_by_name() {
    let plain = policy(r#""keys":["/a/"]"#);
    let open = policy(r#""keys":["/a/"],"allow":["KV.*","Cluster.MemberList","Maintenance.*"]"#);
    for (index, reach) in REACH.iter().enumerate() {
        let path = reach.method.path;
        assert_eq!(
            plain.admit(index, reach).is_ok(),
            under_keys(reach),
            "{path}"
        );
        let kv = path.starts_with("/etcdserverpb.KV/") && !path.ends_with("Compact");
        let opened = kv || path.ends_with("/MemberList");
        assert_eq!(open.admit(index, reach).is_ok(), opened, "{path}");
    }
    let list = REACH.iter().filter(|reach| under_keys(reach)).count();
    assert_eq!(list, 14);
}

#[test]
fn permissions_of_roles_are_held_to_the_prefixes_where_they_are_allowed() {
    let policy = policy(
        r#""keys":["/a/"],"allow":["Auth.RoleGrantPermission","Auth.RoleRevokePermission"]"#,
    );
    let grant = |key: &str| format!(r#"{{"name":"r","perm":{{"permType":"READ","key":{key}}}}}"#);
    assert_eq!(
        verdict(&policy, "/auth/role/grant", &grant("'/a/x'")),
        Ok(())
    );
    assert_denied(
        &policy,
        "keys",
        "/auth/role/grant",
        &grant("'/a/x',\"range_end\":'\\0'"),
    );
    assert_denied(
        &policy,
        "keys",
        "/auth/role/revoke",
        r#"{"role":"r","key":'/b'}"#,
    );
}

#[test]
fn a_read_only_policy_refuses_every_change() {
    let policy = policy(r#""read_only":true"#);
    for (index, reach) in REACH.iter().enumerate() {
        let reads = reach.reads != Reads::Never;
        assert_eq!(
            policy.admit(index, reach).is_ok(),
            reads,
            "{}",
            reach.method.path
        );
    }
    for json in [
        r#"{"failure":[{"request_put":{"key":'a'}}]}"#,
        r#"{"success":[{"request_delete_range":{"key":'a'}}]}"#,
        r#"{"success":[{"request_range":{"key":'a'}},{"request_txn":{"failure":[{"request_put":{"key":'a'}}]}}]}"#,
    ] {
        assert_denied(&policy, "read_only", "/kv/txn", json);
    }
    let reads = r#"{"compare":[{"key":'a'}],"success":[{"request_range":{"key":'a'}}]}"#;
    assert_eq!(verdict(&policy, "/kv/txn", reads), Ok(()));
    assert_denied(
        &policy,
        "read_only",
        "/maintenance/alarm",
        r#"{"action":"DEACTIVATE"}"#,
    );
    assert_eq!(verdict(&policy, "/maintenance/alarm", "{}"), Ok(()));
}

#[test]
fn methods_are_allowed_and_denied_by_name_and_by_service() {
    let policy = policy(r#""allow":["KV.*","Watch.Watch"],"deny":["KV.Put"]"#);
    assert_eq!(verdict(&policy, "/kv/range", r#"{"key":'a'}"#), Ok(()));
    assert_eq!(verdict(&policy, "/watch", "{}"), Ok(()));
    assert_denied(&policy, "deny", "/kv/put", "{}");
    assert_denied(&policy, "allow", "/lease/grant", "{}");
    let nothing = super::tests::policy(r#""allow":[]"#);
    assert_denied(&nothing, "allow", "/kv/range", "{}");
}

/// The calls that name a lease, with its number in the place of ID; the first four are about the lease itself.
const LEASED: [(&str, &str); 9] = [
    ("/lease/grant", r#"{"TTL":60,"ID":ID}"#),
    ("/lease/revoke", r#"{"ID":ID}"#),
    ("/lease/keepalive", r#"{"ID":ID}"#),
    ("/lease/timetolive", r#"{"ID":ID}"#),
    ("/kv/put", r#"{"key":'/a/x',"lease":ID}"#),
    (
        "/kv/txn",
        r#"{"success":[{"request_put":{"key":'/a/x',"lease":ID}}]}"#,
    ),
    ("/lock/lock", r#"{"name":'/a/x',"lease":ID}"#),
    ("/election/campaign", r#"{"name":'/a/x',"lease":ID}"#),
    (
        "/election/proclaim",
        r#"{"leader":{"name":'/a/x',"key":'/a/x/1',"lease":ID}}"#,
    ),
];

#[test]
fn leases_are_held_to_their_numbers() {
    let none = policy(r#""keys":["/a/"]"#);
    let some = policy(r#""keys":["/a/"],"lease_ids":[100,199]"#);
    let shared = policy(r#""keys":["/a/"],"shared_leases":true"#);
    let any = policy(r#""read_only":false"#);
    for (index, (path, json)) in LEASED.into_iter().enumerate() {
        for id in [
            "99",
            "200",
            "-1",
            "-9223372036854775808",
            "9223372036854775807",
        ] {
            assert_denied(
                &some,
                "lease_ids",
                path,
                &json
                    .replace("ID\":ID", &format!("ID\":{id}"))
                    .replace(":ID", &format!(":{id}")),
            );
        }
        for id in ["100", "199"] {
            let json = json.replace(":ID", &format!(":{id}"));
            assert_eq!(verdict(&some, path, &json), Ok(()), "{json}");
            assert_eq!(verdict(&shared, path, &json), Ok(()), "{json}");
            assert_eq!(verdict(&any, path, &json), Ok(()), "{json}");
            assert_denied(&none, "lease_ids", path, &json);
        }
        // Without a lease a key may well be put; one that etcd gives a number would be anybody's.
        let json = json.replace(":ID", ":0");
        for policy in [&none, &some] {
            if index < 4 {
                assert_denied(policy, "lease_ids", path, &json);
            } else {
                assert_eq!(verdict(policy, path, &json), Ok(()), "{json}");
            }
        }
    }
    let keys = r#"{"ID":100,"keys":true}"#;
    assert_eq!(verdict(&some, "/lease/timetolive", keys), Ok(()));
    assert_denied(&shared, "shared_leases", "/lease/timetolive", keys);
}

#[test]
fn a_range_needs_a_limit_where_it_has_one() {
    let policy = policy(r#""max_range_keys":10"#);
    let range = |rest: &str| format!(r#"{{"key":'a',"range_end":'b'{rest}}}"#);
    for rest in [r#","limit":1"#, r#","limit":10"#, r#","count_only":true"#] {
        assert_eq!(verdict(&policy, "/kv/range", &range(rest)), Ok(()));
    }
    for rest in [
        "",
        r#","limit":0"#,
        r#","limit":11"#,
        r#","limit":-1"#,
        r#","limit":4294967297"#,
        r#","keys_only":true"#,
    ] {
        for path in ["/kv/range", "/kv/rangestream"] {
            assert_denied(&policy, "max_range_keys", path, &range(rest));
        }
        let txn = format!(r#"{{"failure":[{{"request_range":{}}}]}}"#, range(rest));
        assert_denied(&policy, "max_range_keys", "/kv/txn", &txn);
    }
    assert_eq!(verdict(&policy, "/kv/range", r#"{"key":'a'}"#), Ok(()));
    assert_eq!(verdict(&policy, "/kv/deleterange", &range("")), Ok(()));
    assert_denied(
        &policy,
        "max_range_keys",
        "/kv/deleterange",
        &range(r#","prev_kv":true"#),
    );
}

#[test]
fn operations_of_transactions_within_count() {
    let policy = policy(r#""max_txn_operations":4"#);
    let put = r#"{"request_put":{"key":'a'}}"#;
    let txn = |inner: &str| {
        format!(
            r#"{{"compare":[{{"key":'a'}}],"success":[{put},{{"request_txn":{{"failure":[{inner}]}}}}]}}"#
        )
    };
    assert_eq!(verdict(&policy, "/kv/txn", &txn(put)), Ok(()));
    assert_denied(
        &policy,
        "max_txn_operations",
        "/kv/txn",
        &txn(&format!("{put},{put}")),
    );
}

#[test]
fn watches_of_a_stream_are_counted() {
    let policy = policy(r#""max_watches":2"#);
    let method = route("/watch").unwrap().method;
    let mut tally = Tally::default();
    let create = b"\x0a\x03\x0a\x01a";
    let cancel = b"\x12\x00";
    for message in [&create[..], cancel, create, cancel] {
        policy.judge(method, message, &mut tally).unwrap();
    }
    let denial = policy.judge(method, create, &mut tally).unwrap_err();
    assert_eq!(denial.code, Code::PERMISSION_DENIED);
    assert!(denial.message.contains("max_watches"));
}

#[test]
fn a_message_that_readers_may_read_differently_is_refused() {
    let policy = policy(r#""keys":["/a/"]"#);
    for (path, message) in [
        // A key twice, of which the last counts, whichever it is.
        ("/kv/range", &b"\x0a\x04/b/x\x0a\x04/a/x"[..]),
        ("/kv/range", b"\x0a\x04/a/x\x0a\x04/b/x"),
        // A number where bytes belong, an unknown field, a fixed one, a group.
        ("/kv/range", b"\x0a\x04/a/x\x10\x01"),
        ("/kv/range", b"\x0a\x04/a/x\xa2\x06\x01a"),
        ("/kv/range", b"\x0a\x04/a/x\x1d\x00\x00\x00\x00"),
        ("/kv/range", b"\x0a\x04/a/x\x0b\x0c"),
        // A tag whose number is one only in 32 bits.
        ("/kv/range", b"\x0a\x04/a/x\x8a\x80\x80\x80\x80\x01\x04/b/x"),
        // Cut short; nothing at all is no key.
        ("/kv/range", b"\x0a\x04/a/"),
        (
            "/kv/range",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01/a/x",
        ),
        ("/kv/range", b""),
        // Two members of a oneof, and one twice.
        ("/kv/txn", b"\x12\x0c\x0a\x06\x0a\x04/a/x\x12\x02\x0a\x00"),
        (
            "/kv/txn",
            b"\x12\x10\x0a\x06\x0a\x04/a/x\x0a\x06\x0a\x04/b/x",
        ),
        ("/watch", b"\x0a\x06\x0a\x04/a/x\x0a\x06\x0a\x04/b/x"),
        (
            "/election/resign",
            b"\x0a\x0c\x0a\x04/a/x\x12\x04/a/x\x0a\x06\x12\x04/b/x",
        ),
    ] {
        assert!(raw(&policy, path, message).is_err(), "{path} {message:?}");
    }
    assert_eq!(raw(&policy, "/kv/range", b"\x0a\x04/a/x"), Ok(()));
}

#[test]
fn lists_may_be_packed_and_transactions_nested_but_not_for_ever() {
    let policy = policy(r#""keys":["/a/"]"#);
    for filters in [&b"\x2a\x02\x00\x01"[..], b"\x28\x00\x28\x01"] {
        let create = [b"\x0a\x04/a/x", filters].concat();
        let message = [&[0x0a, create.len() as u8], &create[..]].concat();
        assert_eq!(raw(&policy, "/watch", &message), Ok(()));
    }
    let nested = |depth: usize| {
        let wrap = |inner: Vec<u8>, tag: u8| {
            let mut out = vec![tag];
            prost::encoding::encode_varint(inner.len() as u64, &mut out);
            [out, inner].concat()
        };
        (0..depth).fold(Vec::new(), |inner, _| wrap(wrap(inner, 0x22), 0x12))
    };
    assert_eq!(raw(&policy, "/kv/txn", &nested(63)), Ok(()));
    assert!(
        raw(&policy, "/kv/txn", &nested(64))
            .unwrap_err()
            .contains("too deep")
    );
    assert!(raw(&policy, "/kv/txn", &nested(2_000)).is_err());
}
