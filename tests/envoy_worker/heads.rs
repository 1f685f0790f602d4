//! Twenty thousand requests with the largest heads that Envoy takes, held open by every means.

use std::time::{Duration, Instant};

use serde_json::json;
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Received, Script, Upstream};
use testbed::wire::varint_field;

use crate::flood::{Flood, Request};

/// Requests, and connections that they come over.
const REQUESTS: usize = 20_000;
const CONNECTIONS: usize = 20;

/// Most memory of Envoy, in bytes.
const MOST: u64 = 700 << 20;

/// By when the bystander has his answer.
const SOON: Duration = Duration::from_secs(2);

/// How long Envoy takes to read all that has been sent, at most.
const PATIENCE: Duration = Duration::from_secs(60);

const RANGE: &str = "/etcdserverpb.KV/Range";

/// Answers ranges, and nothing else.
fn answer(received: &Received) -> Script {
    match received.path.as_str() {
        RANGE => Script::message(&varint_field(4, 7)),
        _ => Script::stall(),
    }
}

fn start(mode: Mode, plugin: serde_json::Value, upstream: &Upstream) -> Gateway {
    upstream.always_with(answer);
    let change = |config: &mut EnvoyConfig| {
        config.connection_manager()?["http2_protocol_options"] = json!({
            "allow_connect": true,
            "max_concurrent_streams": REQUESTS / CONNECTIONS,
        });
        Ok(())
    };
    let setup = Setup::new(mode, upstream.address()).plugin(plugin);
    setup.without_body_for_bodyless().change(change).start()
}

/// Requests that Envoy has begun to read, those of the test's own among them.
fn begun(gateway: &mut Gateway) -> u64 {
    let name = "http.etcd_json.downstream_rq_total";
    gateway.envoy().admin_stat(name).unwrap()
}

fn flood(gateway: &mut Gateway, request: &Request) -> (Vec<Flood>, usize) {
    let before = begun(gateway);
    let address = gateway.address();
    let mut floods: Vec<Flood> = (0..CONNECTIONS).map(|_| Flood::open(address)).collect();
    for flood in &mut floods {
        flood.send(request, REQUESTS / CONNECTIONS);
    }
    let started = Instant::now();
    while begun(gateway) < before + REQUESTS as u64 {
        assert!(started.elapsed() < PATIENCE, "{}", request.name);
    }
    let ended = floods.iter().map(Flood::ended).sum();
    (floods, ended)
}

fn assert_holds(mode: Mode, plugin: serde_json::Value, requests: &[Request]) {
    for request in requests {
        let upstream = Upstream::start().unwrap();
        let mut gateway = start(mode, plugin.clone(), &upstream);
        let before = gateway.process().usage().unwrap().rss;
        let (floods, ended) = flood(&mut gateway, request);
        let started = Instant::now();
        let small = gateway.post("/v3/kv/range", "{}");
        let waited = started.elapsed();
        let used = gateway.process().usage().unwrap();
        println!(
            "{mode:?} {}: {ended} of {REQUESTS} ended, {} MB before, {} MB, at most {} MB, {waited:?}",
            request.name,
            before >> 20,
            used.rss >> 20,
            used.peak_rss >> 20
        );
        assert_eq!(small.status, 200, "{}: {small:?}", request.name);
        assert!(waited < SOON, "{}: {waited:?}", request.name);
        assert!(used.peak_rss < MOST, "{}", request.name);
        drop(floods);
        // What they held is given back.
        let (floods, again) = flood(&mut gateway, request);
        assert!(
            again < REQUESTS,
            "{}: {again} of {REQUESTS} ended",
            request.name
        );
        drop(floods);
    }
}

const CREATE: Option<&str> = Some(r#"{"create_request":{"key":"YQ=="}}"#);

const fn ending(request: Request) -> Request {
    Request {
        ends: true,
        ..request
    }
}

const REQUESTS_WITH_BODIES: [Request; 7] = [
    Request::new("no body yet", "/v3/kv/put", Some("")),
    Request::new("half-sent", "/v3/kv/put", Some("{")),
    Request {
        trailers: true,
        ..Request::new("trailers", "/v3/kv/put", Some("{}"))
    },
    ending(Request::new("not answered", "/v3/kv/put", Some("{}"))),
    Request::new("watches", "/v3/watch", CREATE),
    Request::new("half-sent watches", "/v3/watch", Some("{")),
    ending(Request::new(
        "locks",
        "/v3/lock/lock",
        Some(r#"{"name":"YQ=="}"#),
    )),
];

#[test]
fn twenty_thousand_of_the_largest_heads_are_held_or_refused() {
    assert_holds(Mode::Full, json!({}), &REQUESTS_WITH_BODIES);
}

#[test]
fn so_they_are_where_heads_cannot_be_held() {
    assert_holds(Mode::Plain, json!({}), &REQUESTS_WITH_BODIES);
}

#[test]
fn so_are_calls_beside_their_requests() {
    let probe = Request {
        method: "GET",
        ..Request::new("probes", "/health", None)
    };
    let small = Request {
        name: "small probes",
        large: false,
        ..probe
    };
    let bodyless = Request::new("bodyless", "/v3/kv/put", None);
    let plugin = json!({"bodyless_calls": "callout"});
    assert_holds(Mode::Full, plugin, &[probe, small, bodyless]);
}
