//! Twenty thousand requests with the largest heads that Envoy takes, held open by every means.

use std::thread;
use std::time::{Duration, Instant};

use envoy_tests::flood::{Flood, Request};
use serde_json::json;
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Received, Script, Upstream};
use testbed::wire::varint_field;

/// Requests, and connections that they come over.
const REQUESTS: usize = 20_000;
const CONNECTIONS: usize = 20;
const PER_CONNECTION: usize = REQUESTS / CONNECTIONS;

/// Most memory of Envoy, in bytes.
const MOST: u64 = 700 << 20;

/// How long Envoy takes to read all that has been sent, at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// In time for the last answers to come.
const SETTLING: Duration = Duration::from_millis(300);

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
        let manager = config.connection_manager()?;
        manager["max_request_headers_kb"] = json!(60); // Envoy's default
        manager["http2_protocol_options"] = json!({
            "allow_connect": true,
            "max_concurrent_streams": PER_CONNECTION,
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

/// A connection's share of the requests, all of which Envoy has begun to read. They come connection by connection, for
/// what comes within one turn of Envoy's event loop is in its memory before any filter sees it.
fn flood(gateway: &mut Gateway, request: &Request) -> Flood {
    let before = begun(gateway);
    let mut flood = Flood::open(gateway.address());
    flood.send(request, PER_CONNECTION);
    let started = Instant::now();
    while begun(gateway) < before + PER_CONNECTION as u64 {
        assert!(started.elapsed() < PATIENCE, "{}", request.name);
    }
    flood
}

/// Asserts that a small request is served. The test's own upstream is slow to read so many heads, which stand before it
/// on its connection.
fn served(gateway: &Gateway, request: &Request) {
    let started = Instant::now();
    loop {
        let small = gateway.post("/v3/kv/range", "{}");
        assert!(
            [200, 503, 504].contains(&small.status) && started.elapsed() < PATIENCE,
            "{}: {small:?}",
            request.name
        );
        if small.status == 200 {
            return;
        }
    }
}

fn assert_holds(mode: Mode, plugin: &serde_json::Value, requests: &[Request]) {
    for request in requests {
        let upstream = Upstream::start().unwrap();
        let mut gateway = start(mode, plugin.clone(), &upstream);
        let before = gateway.process().usage().unwrap().rss;
        let floods: Vec<Flood> = (0..CONNECTIONS)
            .map(|_| flood(&mut gateway, request))
            .collect();
        thread::sleep(SETTLING);
        let ended: usize = floods.iter().map(Flood::ended).sum();
        let started = Instant::now();
        served(&gateway, request);
        let waited = started.elapsed();
        let used = gateway.process().usage().unwrap();
        println!(
            "{mode:?} {}: {ended} of {REQUESTS} ended, {} MB before, {} MB, at most {} MB, {waited:?}",
            request.name,
            before >> 20,
            used.rss >> 20,
            used.peak_rss >> 20
        );
        assert!(used.peak_rss < MOST, "{}", request.name);
        assert!(ended > 0, "{}", request.name);
        drop(floods);
        // What they held is given back.
        let again = flood(&mut gateway, request);
        thread::sleep(SETTLING);
        assert!(again.ended() < PER_CONNECTION, "{}", request.name);
    }
}

const CREATE: Option<&str> = Some(r#"{"create_request":{"key":"YQ=="}}"#);

const fn ending(request: Request) -> Request {
    Request {
        ends: true,
        ..request
    }
}

const HALF_SENT: Request = Request::new("half-sent", "/v3/kv/put", Some("{"));
const WATCHES: Request = Request::new("watches", "/v3/watch", CREATE);

const WITH_BODIES: [Request; 6] = [
    Request::new("no body yet", "/v3/kv/put", Some("")),
    HALF_SENT,
    Request {
        trailers: true,
        ..Request::new("trailers", "/v3/kv/put", Some("{}"))
    },
    WATCHES,
    Request::new("half-sent watches", "/v3/watch", Some("{")),
    ending(Request::new("locks", "/v3/lock/lock", Some("{}"))),
];

#[test]
fn twenty_thousand_of_the_largest_heads_are_held_or_refused() {
    let _alone = testbed::alone();
    assert_holds(Mode::Full, &json!({}), &WITH_BODIES);
}

#[test]
fn so_they_are_where_heads_cannot_be_held() {
    let _alone = testbed::alone();
    // What differs there is when the head goes upstream.
    let unlike = [HALF_SENT, WATCHES];
    assert_holds(Mode::Plain, &json!({}), &unlike);
}

#[test]
fn so_are_calls_beside_their_requests() {
    let _alone = testbed::alone();
    let probe = Request {
        method: "GET",
        ..Request::new("probes", "/health", None)
    };
    let small = Request {
        name: "small probes",
        times: 0,
        ..probe
    };
    let bodyless = Request::new("bodyless", "/v3/kv/put", None);
    let plugin = json!({"bodyless_calls": "callout"});
    assert_holds(Mode::Full, &plugin, &[probe, small, bodyless]);
}
