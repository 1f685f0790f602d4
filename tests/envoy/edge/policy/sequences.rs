//! Random calls under a policy, against a real etcd: none of them changes or tells anything outside of it.

use std::collections::BTreeMap;
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fastrand::Rng;
use serde_json::{Value, json};
use testbed::client::{Request, Response, h1, h2};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};

use crate::calls::Call;

/// What values and some names of keys outside have in them.
const SECRET: &str = "outside-outside-outside";

/// Calls of one client, and clients at a time.
const CALLS: usize = 150;
const CLIENTS: u64 = 4;

/// Keys, some of them within the policy, some at its very edges, some outside.
const KEYS: [&str; 14] = [
    "/a/1",
    "/a/2",
    "/a/lock/64",
    "/a/",
    "/a",
    "/a0",
    "/b/1",
    "/b/2",
    "/b/lock/1388",
    "/",
    "",
    "\\0",
    "/A/1",
    "z",
];

/// Names of locks and elections.
const NAMES: [&str; 7] = ["/a/lock", "/a", "/a/e", "/b/lock", "/", "", "/b"];

/// Leases: two of the policy's, none, one outside, some that there are not.
const LEASES: [i64; 7] = [100, 199, 0, 5000, 99, 200, -1];

/// The lease outside, which holds a key.
const FOREIGN: i64 = 5000;

fn pick<'a>(rng: &mut Rng, list: &[&'a str]) -> &'a str {
    list[rng.usize(..list.len())]
}

/// A key, an end and the like, of which most are within the policy so that much of it is served.
fn key(rng: &mut Rng) -> String {
    let most = rng.u8(..) < 140;
    let key = if most {
        pick(rng, &KEYS[..3])
    } else {
        pick(rng, &KEYS)
    };
    format!(r#""key":'{key}'"#)
}

fn range(rng: &mut Rng) -> String {
    let key = key(rng);
    let end = match rng.u8(..6) {
        0 => "/a0",
        1 => "/a/9",
        2 => pick(rng, &KEYS),
        3 => "\\0",
        _ => return key,
    };
    format!(r#"{key},"range_end":'{end}'"#)
}

fn lease(rng: &mut Rng) -> i64 {
    let most = rng.u8(..) < 128;
    LEASES[rng.usize(..if most { 3 } else { LEASES.len() })]
}

fn name(rng: &mut Rng) -> &'static str {
    if rng.bool() {
        "/a/lock"
    } else {
        pick(rng, &NAMES)
    }
}

fn operation(rng: &mut Rng, depth: u32) -> String {
    match rng.u8(..if depth > 0 { 5 } else { 4 }) {
        0 => format!(r#"{{"request_range":{{{}}}}}"#, range(rng)),
        1 => format!(
            r#"{{"request_delete_range":{{{},"prev_kv":true}}}}"#,
            range(rng)
        ),
        2 | 3 => format!(
            r#"{{"request_put":{{{},"value":'v',"prev_kv":true,"lease":{}}}}}"#,
            key(rng),
            lease(rng)
        ),
        _ => format!(r#"{{"request_txn":{}}}"#, txn(rng, depth - 1)),
    }
}

fn txn(rng: &mut Rng, depth: u32) -> String {
    let compares = (0..rng.u8(..2)).map(|_| {
        format!(
            r#"{{{},"target":"VERSION","result":"GREATER"}}"#,
            range(rng)
        )
    });
    let compares: Vec<String> = compares.collect();
    let success = operation(rng, depth);
    let failure = operation(rng, depth);
    format!(
        r#"{{"compare":[{}],"success":[{success}],"failure":[{failure}]}}"#,
        compares.join(",")
    )
}

fn call(rng: &mut Rng) -> Call {
    let leader = |rng: &mut Rng| {
        let (name, lease) = (name(rng), lease(rng));
        let rev = rng.u8(..5);
        format!(
            r#"{{"name":'{name}',{},"rev":{rev},"lease":{lease}}}"#,
            key(rng)
        )
    };
    let (path, json) = match rng.u8(..30) {
        0..4 => ("/kv/range", format!("{{{}}}", range(rng))),
        4 => ("/kv/rangestream", format!("{{{}}}", range(rng))),
        5..9 => (
            "/kv/put",
            format!(
                r#"{{{},"value":'v',"prev_kv":true,"lease":{}}}"#,
                key(rng),
                lease(rng)
            ),
        ),
        9 | 10 => (
            "/kv/deleterange",
            format!(r#"{{{},"prev_kv":true}}"#, range(rng)),
        ),
        11..15 => ("/kv/txn", txn(rng, 2)),
        15 => (
            "/watch",
            format!(
                r#"{{"create_request":{{{},"start_revision":2,"prev_kv":true}}}}"#,
                range(rng)
            ),
        ),
        16 | 17 => (
            "/lease/grant",
            format!(r#"{{"ID":{},"TTL":600}}"#, lease(rng)),
        ),
        18 => ("/lease/revoke", format!(r#"{{"ID":{}}}"#, lease(rng))),
        19 => ("/lease/keepalive", format!(r#"{{"ID":{}}}"#, lease(rng))),
        20 => (
            "/lease/timetolive",
            format!(r#"{{"ID":{},"keys":true}}"#, lease(rng)),
        ),
        21 => (
            "/lock/lock",
            format!(r#"{{"name":'{}',"lease":{}}}"#, name(rng), lease(rng)),
        ),
        22 => ("/lock/unlock", format!("{{{}}}", key(rng))),
        23 => (
            "/election/campaign",
            format!(r#"{{"name":'{}',"lease":{}}}"#, name(rng), lease(rng)),
        ),
        24 => (
            "/election/proclaim",
            format!(r#"{{"leader":{},"value":'v'}}"#, leader(rng)),
        ),
        25 => (
            "/election/resign",
            format!(r#"{{"leader":{}}}"#, leader(rng)),
        ),
        26 => ("/election/leader", format!(r#"{{"name":'{}'}}"#, name(rng))),
        27 => (
            "/election/observe",
            format!(r#"{{"name":'{}'}}"#, name(rng)),
        ),
        28 => ("/kv/compaction", r#"{"revision":1}"#.to_owned()),
        _ => (
            pick(
                rng,
                &[
                    "/maintenance/snapshot",
                    "/maintenance/hash",
                    "/lease/leases",
                    "/auth/role/list",
                ],
            ),
            "{}".to_owned(),
        ),
    };
    Call::new(path, json)
}

/// Sends a call by JSON or as native gRPC, there also with a second message of the same method behind it, as protobuf
/// merges them, or with bytes changed.
fn play(rng: &mut Rng, gateway: &Gateway) -> Option<Response> {
    let first = call(rng);
    // Whatever waits does so for a moment.
    if rng.bool() {
        let request = Request::post(&format!("/v3{}", first.path), first.json())
            .header("grpc-timeout", "150m");
        return h1::send(gateway.address(), &request).ok();
    }
    let mut more = Vec::new();
    match rng.u8(..4) {
        0 => {
            let others = std::iter::repeat_with(|| call(rng));
            more = others
                .take(50)
                .find(|other| other.path == first.path)?
                .message();
        }
        1 => more = (0..rng.u8(..6)).map(|_| rng.u8(..)).collect(),
        _ => {}
    }
    let request = first.native(&more).header("grpc-timeout", "150m");
    h2::send(gateway.address(), &request).ok()
}

/// What is in an etcd outside of `/a/`: each key with its value, its revision and its lease.
fn outside(etcd: &Gateway) -> BTreeMap<String, Value> {
    let all = Call::new("/kv/range", r#"{"key":'\0',"range_end":'\0'}"#.to_owned());
    let answer = etcd.post("/v3/kv/range", &all.json()).json();
    let pairs = answer["kvs"].as_array().cloned().unwrap_or_default();
    let named = pairs.into_iter().map(|pair| {
        let key = BASE64_STANDARD
            .decode(pair["key"].as_str().unwrap())
            .unwrap();
        (String::from_utf8(key).unwrap(), pair)
    });
    named.filter(|(key, _)| !key.starts_with("/a/")).collect()
}

fn prepare(etcd: &Gateway) {
    for (path, json) in [
        ("/lease/grant", format!(r#"{{"ID":{FOREIGN},"TTL":600}}"#)),
        (
            "/kv/put",
            format!(r#"{{"key":'/b/1',"value":'{SECRET}',"lease":{FOREIGN}}}"#),
        ),
        (
            "/kv/put",
            format!(r#"{{"key":'/b/{SECRET}',"value":'{SECRET}'}}"#),
        ),
        (
            "/kv/put",
            format!(r#"{{"key":'/b/lock/1388',"value":'{SECRET}'}}"#),
        ),
        ("/kv/put", format!(r#"{{"key":'/a0',"value":'{SECRET}'}}"#)),
        ("/kv/put", format!(r#"{{"key":'/a',"value":'{SECRET}'}}"#)),
        ("/kv/put", format!(r#"{{"key":'z',"value":'{SECRET}'}}"#)),
    ] {
        let call = Call::new(path, json);
        let answer = etcd.post(&format!("/v3{path}"), &call.json());
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Whether an answer has a secret in it, as it is or in base64, wherever that begins.
fn tells(response: &Response) -> bool {
    let body = response.body();
    let has = |wanted: &[u8]| body.windows(wanted.len()).any(|window| window == wanted);
    let encoded = (0..3).map(|shift| {
        let text = BASE64_STANDARD.encode([&vec![b'x'; shift], SECRET.as_bytes()].concat());
        text.as_bytes()[4..text.len() - 4].to_vec()
    });
    has(SECRET.as_bytes()) || encoded.into_iter().any(|text| has(&text))
}

/// What a number of clients have found: answers that tell, and how many calls were served.
fn play_all(gateway: &Gateway, seed: u64) -> (Vec<String>, usize) {
    let clients = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn(move || {
                    let mut rng = Rng::with_seed(seed + client);
                    let (mut telling, mut served) = (Vec::new(), 0);
                    for _ in 0..CALLS {
                        let Some(response) = play(&mut rng, gateway) else {
                            continue;
                        };
                        let code = response.header("grpc-status");
                        served += usize::from(response.status == 200 && code.is_none());
                        if tells(&response) {
                            telling.push(format!("{response:?}"));
                        }
                    }
                    (telling, served)
                })
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect::<Vec<_>>()
    });
    clients
        .into_iter()
        .fold((Vec::new(), 0), |(mut all, sum), (telling, served)| {
            all.extend(telling);
            (all, sum + served)
        })
}

/// Plays calls under these policies; what was told, whether something outside has changed, and how many were served.
fn run(version: Version, policies: &Value) -> (Vec<String>, bool, usize) {
    let etcd = Etcd::start(version).unwrap();
    let open = Setup::new(Mode::Full, etcd.client_address()).start();
    prepare(&open);
    let before = outside(&open);
    let plugin = json!({"policies": policies});
    let gateway = Setup::new(Mode::Full, etcd.client_address())
        .plugin(plugin)
        .start();
    let (telling, served) = play_all(&gateway, 7);
    (telling, outside(&open) != before, served)
}

fn policy() -> Value {
    json!([{"name": "p", "keys": ["/a/"], "lease_ids": [100, 199]}])
}

fn assert_within(version: Version) {
    let (telling, changed, served) = run(version, &policy());
    assert!(telling.is_empty(), "{telling:#?}");
    assert!(!changed, "something outside has changed");
    let most = CALLS * CLIENTS as usize;
    assert!(served > most / 10, "{served} of {most}");
}

#[test]
fn no_sequence_of_calls_tells_or_changes_what_is_outside_in_etcd_3_5() {
    assert_within(Version::V3_5_1);
}

#[test]
fn no_sequence_of_calls_tells_or_changes_what_is_outside_in_etcd_3_7() {
    assert_within(Version::V3_7_3);
}

#[test]
fn the_same_calls_tell_and_change_much_where_there_is_no_policy() {
    let (telling, changed, _) = run(Version::V3_7_3, &json!([]));
    assert!(telling.len() > 10, "{telling:#?}");
    assert!(changed);
}
