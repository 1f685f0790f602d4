//! Authorization by Envoy's own filters, before the plugin and behind it, against every way of writing every call.
//!
//! Whatever a client sends, no call reaches etcd that the rules deny; what they allow is served.

mod guards;
mod spellings;

use std::thread;

use etcd_json_gateway::schema::tables::ROUTES;
use serde_json::json;
use testbed::client::Request;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Upstream};

use guards::{Guard, Place};
use spellings::{PREFIXES, Way};

/// The calls that a rule allows: those that only read.
pub const READS: [&str; 7] = [
    "/etcdserverpb.KV/Range",
    "/etcdserverpb.Watch/Watch",
    "/etcdserverpb.Maintenance/Status",
    "/etcdserverpb.Lease/LeaseTimeToLive",
    "/etcdserverpb.Lease/LeaseLeases",
    "/etcdserverpb.Cluster/MemberList",
    "/etcdserverpb.Auth/Authenticate",
];

/// The JSON paths of the calls for which `wanted` says so, under every prefix, and their gRPC paths.
pub fn paths(wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let routes = ROUTES.iter().filter(|route| wanted(route.method.path));
    routes
        .flat_map(|route| {
            let json = PREFIXES.map(|prefix| format!("{prefix}{}", route.path));
            json.into_iter().chain([route.method.path.to_owned()])
        })
        .collect()
}

/// Tries every way of writing every denied call, and says which of them reached the upstream.
fn reached(gateway: &Gateway, upstream: &Upstream, ways: &[Way]) -> Vec<String> {
    let denied = |path: &str| !READS.contains(&path);
    let mut reached = Vec::new();
    for route in ROUTES.iter().filter(|route| denied(route.method.path)) {
        for way in ways {
            for (name, request) in way.requests(route) {
                // Whatever comes back, or that the connection is closed.
                way.send(gateway, &request);
                for received in upstream.take() {
                    if received.path.starts_with('/') && received.path == route.method.path {
                        reached.push(format!("{name}: {} {}", request.method, request.path));
                    }
                }
            }
        }
    }
    reached
}

/// That what is allowed is served: JSON with and without a body, and native gRPC.
fn assert_serves_reads(gateway: &Gateway, upstream: &Upstream, case: &str) {
    for path in ["/v3/kv/range", "/v3beta/kv/range", "/v3/lease/leases"] {
        assert_eq!(gateway.post(path, "{}").status, 200, "{case}: {path}");
    }
    let native = spellings::native(READS[0]);
    assert_eq!(gateway.send_h2(&native).status, 200, "{case}: native gRPC");
    upstream.take();
}

fn assert_guarded(guard: Guard, place: Place, mode: Mode) {
    let case = format!("{guard:?} {place:?} {mode:?}");
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    let authorizer = guards::authorizer();
    let address = authorizer.address();
    let gateway = Setup::new(mode, upstream.address())
        // As in the full example: /version and /health are the route's.
        .plugin(json!({"local_endpoints": false}))
        .change(move |config| guard.add(place, address, config))
        .start();
    assert_serves_reads(&gateway, &upstream, &case);
    let put = gateway.post("/v3/kv/put", "{}");
    assert_eq!(put.status, 403, "{case}: {put:?}");
    let reached = reached(&gateway, &upstream, &Way::ALL);
    assert!(reached.is_empty(), "{case}: {reached:#?}");
    assert_serves_reads(&gateway, &upstream, &case);
}

/// Two at a time, for two cores.
fn assert_all_guarded(guard: Guard) {
    for (place, modes) in [(Place::Before, Mode::BOTH), (Place::Behind, Mode::BOTH)] {
        thread::scope(|scope| {
            for mode in modes {
                scope.spawn(move || assert_guarded(guard, place, mode));
            }
        });
    }
}

#[test]
fn rbac_that_allows_reads_lets_nothing_else_through() {
    assert_all_guarded(Guard::Allow);
}

#[test]
fn rbac_that_denies_all_else_lets_none_of_it_through() {
    assert_all_guarded(Guard::Deny);
}

#[test]
fn rules_of_routes_let_nothing_through_that_they_deny() {
    assert_all_guarded(Guard::Routes);
}

#[test]
fn ext_authz_lets_nothing_through_that_it_denies() {
    assert_all_guarded(Guard::ExtAuthz);
}

#[test]
fn every_way_of_writing_a_call_that_is_one_reaches_etcd_where_nothing_is_denied() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    let gateway = Setup::new(Mode::Full, upstream.address())
        .plugin(json!({"local_endpoints": false}))
        .start();
    // Else the tests above would see nothing.
    let calls = reached(&gateway, &upstream, &Way::ALL);
    for name in [
        "with a body",
        "in chunks",
        "under /v3beta",
        "native gRPC",
        "with a query",
    ] {
        let count = calls.iter().filter(|call| call.starts_with(name)).count();
        let denied = ROUTES
            .iter()
            .filter(|route| !READS.contains(&route.method.path));
        assert!(count >= denied.count(), "{name}: {count}");
    }
    let escaped: Vec<_> = calls.iter().filter(|call| call.contains('%')).collect();
    assert!(escaped.is_empty(), "{escaped:#?}");
}

/// A callout passes by every filter behind the plugin: its documentation says so, and it is not the default.
#[test]
fn a_call_without_a_body_gets_around_rules_behind_only_where_callouts_are_allowed() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    let authorizer = guards::authorizer().address();
    for (plugin, status) in [
        (json!({}), 411),
        (json!({"bodyless_calls": "callout"}), 200),
    ] {
        let gateway = Setup::new(Mode::Full, upstream.address())
            .without_body_for_bodyless()
            .plugin(plugin)
            .change(move |config| Guard::Allow.add(Place::Behind, authorizer, config))
            .start();
        let response = gateway.send(&Request::new("POST", "/v3/auth/disable"));
        assert_eq!(response.status, status, "{response:?}");
    }
}
