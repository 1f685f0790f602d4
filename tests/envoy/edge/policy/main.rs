//! Policies of the plugin configuration, for JSON in every form and for native gRPC.
//!
//! [`spellings`] are those that rules of Envoy's own filters are held against; [`sequences`] are random calls against a
//! real etcd, after which nothing outside may have changed or been told.

mod calls;
mod routes;
mod sequences;
#[path = "../authorization/spellings.rs"]
mod spellings;

use std::thread;

use envoy_tests::open::{Open, Protocol};
use etcd_json_gateway::schema::tables::ROUTES;
use serde_json::{Value, json};
use testbed::client::{Body, End, Request, h2};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Upstream};
use testbed::wire::frame;

use calls::{Call, denied_by};
use spellings::Way;

/// The calls that a list of methods allows.
const READS: [&str; 3] = ["KV.Range", "Watch.Watch", "Cluster.*"];

fn gateway(mode: Mode, upstream: &Upstream, policies: Value) -> Gateway {
    let plugin = json!({"local_endpoints": false, "policies": policies});
    Setup::new(mode, upstream.address()).plugin(plugin).start()
}

/// Whether a method is among [`READS`].
fn is_read(path: &str) -> bool {
    ["/etcdserverpb.KV/Range", "/etcdserverpb.Watch/Watch"].contains(&path)
        || path.starts_with("/etcdserverpb.Cluster/")
}

#[test]
fn a_list_of_methods_lets_no_other_through_in_any_spelling() {
    thread::scope(|scope| {
        for mode in Mode::BOTH {
            scope.spawn(move || {
                let upstream = Upstream::start().unwrap();
                upstream.always(Script::message(b""));
                let gateway = gateway(mode, &upstream, json!([{"name": "p", "allow": READS}]));
                let mut reached = Vec::new();
                for route in ROUTES.iter().filter(|route| !is_read(route.method.path)) {
                    for way in Way::ALL {
                        for (name, request) in way.requests(route) {
                            way.send(&gateway, &request);
                            let received = upstream.take().into_iter();
                            let same = |path: &str| path == route.method.path;
                            reached.extend(
                                received
                                    .filter(|received| same(&received.path))
                                    .map(|_| format!("{name}: {}", request.path)),
                            );
                        }
                    }
                }
                assert!(reached.is_empty(), "{mode:?}: {reached:#?}");
                let list = gateway.post("/v3/cluster/member/list", "{}");
                assert_eq!(list.status, 200, "{mode:?}: {list:?}");
                let native = spellings::native("/etcdserverpb.Cluster/MemberList");
                assert_eq!(gateway.send_h2(&native).status, 200, "{mode:?}");
            });
        }
    });
}

#[test]
fn a_call_with_a_key_outside_reaches_etcd_in_no_form() {
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.always(Script::message(b""));
        let gateway = gateway(mode, &upstream, json!([{"name": "p", "keys": ["/a/"]}]));
        for call in calls::with_key("/b/x") {
            for (form, request, http1) in call.forms() {
                let response = calls::send(&gateway, &request, http1);
                let sent: Vec<_> = upstream
                    .take()
                    .iter()
                    .flat_map(|call| call.messages())
                    .collect();
                assert!(sent.is_empty(), "{mode:?} {form} {call:?}: {sent:?}");
                let denial = denied_by(&response, "keys");
                assert!(denial, "{mode:?} {form} {call:?}: {response:?}");
            }
        }
        for call in calls::with_key("/a/x") {
            for (form, request, http1) in call.forms() {
                let response = calls::send(&gateway, &request, http1);
                let sent: Vec<_> = upstream
                    .take()
                    .iter()
                    .flat_map(|call| call.messages())
                    .collect();
                assert_eq!(
                    sent,
                    [call.message()],
                    "{mode:?} {form} {call:?}: {response:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_sent_to_a_path_of_grpc_is_judged_whatever_it_calls_itself() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    let path = "/etcdserverpb.KV/Range";
    let message = |key: &str| Call::new("/kv/range", format!(r#"{{"key":'{key}'}}"#)).message();
    for mode in Mode::BOTH {
        let gateway = gateway(mode, &upstream, json!([{"name": "p", "keys": ["/a/"]}]));
        for (key, allowed) in [("/a/x", true), ("/b/x", false)] {
            for kind in ["text/plain", "application/json", "Application/Grpc"] {
                let body = Body::Pieces(vec![frame(&message(key))]);
                let request = Request::new("POST", path).header("content-type", kind);
                let response = gateway.send_h2(&request.body(body));
                let status = if allowed { 200 } else { 403 };
                assert_eq!(
                    response.status, status,
                    "{mode:?} {kind} {key}: {response:?}"
                );
                let sent = upstream.take();
                let sent = sent.iter().flat_map(|call| call.messages()).count();
                assert_eq!(sent, usize::from(allowed), "{mode:?} {kind} {key}");
            }
        }
    }
}

#[test]
fn a_callout_is_judged_too() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    let plugin =
        json!({"policies": [{"name": "p", "read_only": true}], "bodyless_calls": "callout"});
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .without_body_for_bodyless()
            .plugin(plugin.clone())
            .start();
        let denied = gateway.send(&Request::new("POST", "/v3/auth/disable"));
        assert_eq!(denied.status, 403, "{mode:?}: {denied:?}");
        assert!(upstream.take().is_empty(), "{mode:?}");
        let read = gateway.send(&Request::new("POST", "/v3/kv/range"));
        assert_eq!(read.status, 200, "{mode:?}: {read:?}");
        upstream.take();
    }
}

/// A request of a watch on this key, as JSON.
fn create(key: &str) -> String {
    Call::new(
        "/watch",
        format!(r#"{{"create_request":{{"key":'{key}'}}}}"#),
    )
    .json()
}

#[test]
fn a_stream_ends_with_an_error_line_at_its_first_request_outside() {
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.live();
        let gateway = gateway(mode, &upstream, json!([{"name": "p", "keys": ["/a/"]}]));
        for protocol in Protocol::BOTH {
            let mut open = Open::start(gateway.address(), protocol, "/v3/watch");
            open.send(create("/a/x"));
            let call = upstream.call();
            call.message(0);
            call.head();
            call.reply(b"\x18\x01");
            assert_eq!(
                open.document()["result"]["created"],
                true,
                "{mode:?} {protocol:?}"
            );
            open.send(create("/b/x"));
            let error = open.document();
            assert_eq!(error["error"]["code"], 7, "{mode:?} {protocol:?} {error}");
            let message = error["error"]["message"].as_str().unwrap();
            assert!(message.contains("rule keys"), "{message}");
            assert_eq!(call.received().messages().len(), 1, "{mode:?} {protocol:?}");
        }
    }
}

#[test]
fn a_native_stream_is_ended_at_its_first_request_outside() {
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        upstream.live();
        let gateway = gateway(mode, &upstream, json!([{"name": "p", "keys": ["/a/"]}]));
        let connection = h2::Connection::open(gateway.address()).unwrap();
        let request = spellings::native("/etcdserverpb.Watch/Watch").body(Body::Pieces(Vec::new()));
        let message = |key: &str| {
            let json = format!(r#"{{"create_request":{{"key":'{key}'}}}}"#);
            frame(&Call::new("/watch", json).message())
        };
        let mut stream = connection.begin(&request).unwrap();
        stream.send_data(&message("/a/x"), false).unwrap();
        let call = upstream.call();
        call.message(0);
        call.head();
        call.reply(b"\x18\x01");
        let mut response = stream.read_head().unwrap();
        assert_eq!(
            stream.read_piece(&mut response).unwrap().unwrap(),
            frame(b"\x18\x01")
        );
        stream.send_data(&message("/b/x"), false).unwrap();
        while let Ok(Some(_)) = stream.read_piece(&mut response) {}
        assert_eq!(response.end, End::Cut, "{mode:?} {response:?}");
        assert_eq!(call.received().messages().len(), 1, "{mode:?}");
        // The connection, which other streams share, goes on.
        let mut stream = connection.begin(&request).unwrap();
        stream.send_data(&message("/b/x"), false).unwrap();
        let refused = stream.response().unwrap();
        assert_eq!(
            refused.header("grpc-status").as_deref(),
            Some("7"),
            "{mode:?} {refused:?}"
        );
    }
}

#[test]
fn tenants_are_told_apart_by_header_and_by_path() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    let plugin = json!({
        "prefixes": ["/v3", "/b/v3"],
        "policies": [
            {"name": "a", "header": "x-tenant: a", "keys": ["/a/"]},
            {"name": "b", "path": "/b/v3", "keys": ["/b/"]},
        ],
    });
    let status = |response: testbed::client::Response| match response.header("grpc-status") {
        Some(code) => code.parse().unwrap(),
        None => response.status,
    };
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .plugin(plugin.clone())
            .start();
        for (prefix, tenant, key, expected) in [
            ("/v3", Some("a"), "/a/x", 200),
            ("/v3", Some("a"), "/b/x", 403),
            ("/v3", Some("b"), "/b/x", 403),
            ("/v3", None, "/a/x", 403),
            ("/b/v3", None, "/b/x", 200),
            ("/b/v3", None, "/a/x", 403),
            // The first policy that fits counts.
            ("/b/v3", Some("a"), "/a/x", 200),
        ] {
            let call = Call::new("/kv/range", format!(r#"{{"key":'{key}'}}"#));
            let mut request = Request::post(&format!("{prefix}/kv/range"), call.json());
            if let Some(tenant) = tenant {
                request = request.header("x-tenant", tenant);
            }
            let response = gateway.send(&request);
            assert_eq!(
                response.status, expected,
                "{mode:?} {prefix} {tenant:?} {key}"
            );
        }
        let native = Call::new("/kv/range", r#"{"key":'/a/x'}"#.to_owned()).native(&[]);
        let named = native.clone().header("x-tenant", "a");
        let twice = named.clone().header("x-tenant", "b");
        assert_eq!(status(gateway.send_h2(&named)), 200, "{mode:?}");
        assert_eq!(status(gateway.send_h2(&native)), 7, "{mode:?}");
        assert_eq!(status(gateway.send_h2(&twice)), 7, "{mode:?}");
    }
}

#[test]
fn the_clients_of_etcd_work_within_their_policy() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let plugin = json!({"policies": [{"name": "p", "keys": ["/a/"], "lease_ids": [100, 199]}]});
    let gateway = Setup::new(Mode::Full, etcd.client_address())
        .plugin(plugin)
        .start();
    let get = |path: &str, json: &str| {
        let call = Call::new(path, json.to_owned());
        gateway.post(&format!("/v3{path}"), &call.json())
    };
    for (path, json) in [
        ("/lease/grant", r#"{"ID":100,"TTL":60}"#),
        ("/kv/put", r#"{"key":'/a/x',"value":'1',"lease":100}"#),
        ("/kv/range", r#"{"key":'/a/',"range_end":'/a0'}"#),
        ("/lease/timetolive", r#"{"ID":100,"keys":true}"#),
        ("/lock/lock", r#"{"name":'/a/lock',"lease":100}"#),
        (
            "/election/campaign",
            r#"{"name":'/a/e',"lease":100,"value":'1'}"#,
        ),
        ("/election/leader", r#"{"name":'/a/e'}"#),
        ("/lease/revoke", r#"{"ID":100}"#),
    ] {
        let response = get(path, json);
        assert_eq!(response.status, 200, "{path}: {response:?}");
    }
    let gone = get("/kv/range", r#"{"key":'/a/x'}"#);
    assert!(!gone.text().contains("kvs"), "{gone:?}");
}

#[test]
fn an_election_without_a_lease_of_the_policy_goes_on_by_its_leader_without_the_lease() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let gateway = Setup::new(Mode::Full, etcd.client_address())
        .plugin(json!({"policies": [{"name": "p", "keys": ["/a/"]}]}))
        .start();
    let campaign = Call::new(
        "/election/campaign",
        r#"{"name":'/a/e',"value":'1'}"#.to_owned(),
    );
    let won = gateway.post("/v3/election/campaign", &campaign.json());
    assert_eq!(won.status, 200, "{won:?}");
    let mut leader = won.json()["leader"].clone();
    let resign = |leader: &Value| {
        gateway.post(
            "/v3/election/resign",
            &json!({"leader": leader}).to_string(),
        )
    };
    // The lease is one that etcd has made, and its number might as well be another's.
    assert!(denied_by(&resign(&leader), "lease_ids"), "{leader}");
    leader["lease"] = json!("0");
    let proclaim = json!({"leader": leader, "value": "Mg=="}).to_string();
    let proclaimed = gateway.post("/v3/election/proclaim", &proclaim);
    assert_eq!(proclaimed.status, 200, "{proclaimed:?}");
    let resigned = resign(&leader);
    assert_eq!(resigned.status, 200, "{resigned:?}");
    let open = gateway.post(
        "/v3/kv/range",
        &json!({"key": leader["key"], "count_only": true}).to_string(),
    );
    assert_eq!(open.json().get("count"), None, "the key is still there");
}
