//! Any bytes as any request under a policy: of what it lets through, all keys, names and leases are within the policy to
//! another reader of protobuf too.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use etcd_json_gateway::config::Config;
use etcd_json_gateway::policy::{Policies, Tally};
use etcd_json_gateway::schema::reach::REACH;
use etcd_json_gateway::transcode::{BytesAs, from_json};
use serde_json::Value;

use crate::input::{Input, Seed};
use crate::{oracle, wire};

/// How deep the messages of described bytes nest.
const DEPTH: usize = 6;

const POLICY: &str = r#"{"policies":[{"name":"p","keys":["/a/"],"lease_ids":[100,199],
    "allow":["*","Auth.RoleGrantPermission","Auth.RoleRevokePermission"]}]}"#;

static POLICIES: LazyLock<Policies> = LazyLock::new(|| {
    let config = Config::parse(POLICY.as_bytes()).expect("a good policy");
    Policies::new(&config.policies)
});

/// Messages of which a key must be told, by the names of the fields that they are in.
const KEYED: [&str; 6] = [
    "request_range",
    "request_put",
    "request_delete_range",
    "compare",
    "create_request",
    "perm",
];

/// The same of whole requests, by their methods.
const KEYED_METHODS: [&str; 6] = [
    "/etcdserverpb.KV/Range",
    "/etcdserverpb.KV/RangeStream",
    "/etcdserverpb.KV/Put",
    "/etcdserverpb.KV/DeleteRange",
    "/etcdserverpb.Auth/RoleRevokePermission",
    "/v3lockpb.Lock/Unlock",
];

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let method = REACH[input.below(REACH.len())].method;
    let mut message = Vec::new();
    if input.flag() {
        wire::write(method.request, DEPTH, &mut input, &mut message);
    } else {
        message.extend_from_slice(input.rest());
    }
    let policy = POLICIES.get(0).expect("the policy");
    let judged = policy
        .admits(method)
        .and_then(|()| policy.judge(method, &message, &mut Tally::default()));
    if judged.is_err() {
        return;
    }
    let keyed = KEYED_METHODS.contains(&method.path);
    // What another reader refuses does no harm: parts that have to do with no key are not read.
    if let Ok(decoded) = oracle::type_of(method.request).decode(&message) {
        check(method.path, keyed, &oracle::json(&decoded));
    }
}

/// Calls within the policy.
pub fn seeds() -> Vec<Vec<u8>> {
    let calls = [
        ("KV/Range", r#"{"key":"/a/x","range_end":"/a0","limit":1}"#),
        ("KV/Put", r#"{"key":"/a/x","value":"v","lease":100}"#),
        ("KV/DeleteRange", r#"{"key":"/a/x","prev_kv":true}"#),
        (
            "KV/Txn",
            r#"{"compare":[{"key":"/a/x"}],"success":[{"request_put":{"key":"/a/x"}}],
            "failure":[{"request_txn":{"success":[{"request_range":{"key":"/a/x"}}]}}]}"#,
        ),
        (
            "Watch/Watch",
            r#"{"create_request":{"key":"/a/x","range_end":"/a/y"}}"#,
        ),
        ("Lease/LeaseGrant", r#"{"ID":100,"TTL":9}"#),
        ("Lease/LeaseRevoke", r#"{"ID":199}"#),
        ("Lock/Lock", r#"{"name":"/a/x","lease":100}"#),
        ("Lock/Unlock", r#"{"key":"/a/x/1"}"#),
        (
            "Election/Proclaim",
            r#"{"leader":{"name":"/a/x","key":"/a/x/1","lease":100}}"#,
        ),
        (
            "Auth/RoleGrantPermission",
            r#"{"name":"r","perm":{"key":"/a/x"}}"#,
        ),
    ];
    let seed = |(name, json): (&str, &str)| {
        let at = REACH
            .iter()
            .position(|reach| reach.method.path.ends_with(name));
        let at = at.expect(name);
        let mut message = Vec::new();
        let request = REACH[at].method.request;
        from_json(
            request,
            json.as_bytes(),
            BytesAs::Text,
            1 << 16,
            &mut message,
        )
        .expect(name);
        let policy = POLICIES.get(0).expect("the policy");
        let judged = policy.judge(REACH[at].method, &message, &mut Tally::default());
        assert_eq!(judged, Ok(()), "{name}");
        Seed::default().byte(at as u8).byte(0).rest(&message)
    };
    calls.map(seed).to_vec()
}

/// Checks a message of a call, and those within it.
fn check(path: &str, keyed: bool, message: &Value) {
    let Value::Object(fields) = message else {
        panic!("{path}: {message}");
    };
    if keyed || fields.contains_key("key") {
        check_range(
            path,
            &bytes(&fields["key"]),
            fields.get("range_end").map(bytes),
        );
    }
    let named = path.starts_with("/v3lockpb.") || path.starts_with("/v3electionpb.");
    if named && !["/v3lockpb.Lock/Unlock"].contains(&path) {
        let leader = fields.get("name").or_else(|| fields.get("key"));
        let has_name = leader.is_some() || !fields.contains_key("leader");
        if has_name && !path.ends_with("Proclaim") && !path.ends_with("Resign") {
            let name = fields.get("name").map(bytes).unwrap_or_default();
            assert!(
                [&name, &b"/"[..]].concat().starts_with(b"/a/"),
                "{path}: {message}"
            );
        }
    }
    if let Some(lease) = fields.get("lease").or_else(|| fields.get("ID")) {
        let number: i64 = lease.as_str().expect("a number").parse().expect("a number");
        assert!((100..=199).contains(&number), "{path}: {message}");
    }
    assert!(
        !path.starts_with("/etcdserverpb.Lease/") || fields.contains_key("ID"),
        "{path}: {message}"
    );
    for (name, value) in fields {
        let inner = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let messages = inner.iter().filter(|value| value.is_object());
        for message in messages {
            check_within(path, KEYED.contains(&name.as_str()), message);
        }
    }
}

fn check_within(path: &str, keyed: bool, message: &Value) {
    // Names and the numbers of leases mean the same there, but that of the lease itself.
    let path = if path.starts_with("/etcdserverpb.Lease/") {
        ""
    } else {
        path
    };
    check(path, keyed, message);
}

fn check_range(path: &str, key: &[u8], end: Option<Vec<u8>>) {
    assert!(key.starts_with(b"/a/"), "{path}: {key:?}");
    if let Some(end) = end {
        let ends_within = end.starts_with(b"/a/") || end == b"/a0";
        assert!(
            ends_within && key < end.as_slice(),
            "{path}: {key:?} {end:?}"
        );
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("bytes are a string");
    BASE64_STANDARD.decode(text).expect("of base64")
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::{run, seeds};

    /// Messages that are nearly allowed are where a hole would be.
    #[test]
    fn changed_messages_are_within_the_policy_or_refused() {
        let seeds = seeds();
        let mut rng = Rng::with_seed(1);
        for _ in 0..100_000 {
            let mut input = seeds[rng.usize(..seeds.len())].clone();
            for _ in 0..rng.usize(1..4) {
                let at = rng.usize(2..input.len());
                match rng.u8(..4) {
                    0 => input[at] = rng.u8(..),
                    1 => input.insert(at, rng.u8(..)),
                    2 => drop(input.remove(at)),
                    // A part of another, as a field twice or a message merged.
                    _ => {
                        let other = &seeds[rng.usize(..seeds.len())];
                        input.extend_from_slice(&other[rng.usize(2..other.len())..]);
                    }
                }
                if input.len() < 4 {
                    break;
                }
            }
            run(&input);
        }
    }
}
