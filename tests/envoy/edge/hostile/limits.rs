//! Envoy's own ends of a request, which come at the least convenient time: deadlines of every kind, too many requests.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use envoy_tests::answers::{MESSAGE, head, message};
use envoy_tests::frames::{self, SETTINGS, data, headers};
use envoy_tests::raw_client::Raw;
use envoy_tests::raw_upstream::{Act, CASE, RawUpstream, Script, case_value};
use envoy_tests::verdict::{Expect, Protocol, ask};
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Mode, Setup};
use testbed::upstream::{Script as Answer, Upstream};
use testbed::wire;

/// Long enough for every deadline below to pass.
const PASSED: Duration = Duration::from_millis(700);

/// Streams of which a little has been answered, or more than fits, or half a message.
fn scripts() -> Vec<Script> {
    let beginnings: [fn(u32) -> Vec<u8>; 4] = [
        |_| Vec::new(),
        |stream| [head(stream), message(stream, MESSAGE).repeat(3)].concat(),
        |stream| {
            [
                head(stream),
                data(stream, 0, &wire::frame(MESSAGE).repeat(9000)),
            ]
            .concat()
        },
        |stream| {
            [
                head(stream),
                message(stream, MESSAGE),
                data(stream, 0, &[0, 0, 1, 0]),
            ]
            .concat()
        },
    ];
    let script = |beginning: fn(u32) -> Vec<u8>| -> Script {
        Arc::new(move |stream| vec![Act::AwaitData, Act::Send(beginning(stream))])
    };
    beginnings.map(script).into()
}

/// Sets one deadline of the connection manager's.
type Deadline = (&'static str, Value);

fn deadlines() -> Vec<Deadline> {
    vec![
        (
            "/common_http_protocol_options",
            json!({"max_stream_duration": "0.2s"}),
        ),
        (
            "/common_http_protocol_options",
            json!({"max_connection_duration": "0.2s"}),
        ),
        ("/stream_idle_timeout", json!("0.2s")),
        ("/request_timeout", json!("0.2s")),
        // A client that answers no PING.
        (
            "/http2_protocol_options",
            json!({"connection_keepalive": {"interval": "0.1s", "timeout": "0.1s"}}),
        ),
    ]
}

fn set(config: &mut EnvoyConfig, (pointer, value): &Deadline) -> Result<()> {
    let manager = config.connection_manager()?;
    manager[pointer.trim_start_matches('/')] = value.clone();
    manager["drain_timeout"] = json!("0.1s");
    manager["stream_flush_timeout"] = json!("0.2s");
    Ok(())
}

/// Opens every kind of call over HTTP/2, reads nothing, answers no PING, and takes no more than a little.
fn open_and_leave_unread(address: std::net::SocketAddr, window: u32) -> Raw {
    let mut client = Raw::connect(address).unwrap();
    let settings = [&[0, 4][..], &window.to_be_bytes()].concat();
    client.send(&frames::frame(SETTINGS, 0, 0, &settings));
    let mut stream = 1;
    for number in 0..scripts().len() {
        for (path, body, accept) in [
            ("/v3/watch", r#"{"progress_request":{}}"#, "*/*"),
            (
                "/v3/watch",
                r#"{"progress_request":{}}"#,
                "text/event-stream",
            ),
            ("/v3/kv/range", "{}", "*/*"),
            ("/v3/lease/keepalive", "{\"ID\":1}{", "*/*"),
        ] {
            let case = case_value(number);
            let fields = [
                (":method", "POST"),
                (":scheme", "http"),
                (":authority", "etcd"),
                (":path", path),
                ("accept", accept),
                ("grpc-metadata-case", &case),
            ];
            client.send(&headers(stream, 0, &fields));
            client.send(&data(stream, 0, body.as_bytes()));
            stream += 2;
        }
    }
    client
}

#[test]
fn deadlines_of_envoys_own_end_what_waits_for_its_client() {
    let rows: Vec<(Mode, Deadline)> = Mode::BOTH
        .into_iter()
        .flat_map(|mode| {
            deadlines()
                .into_iter()
                .map(move |deadline| (mode, deadline))
        })
        .collect();
    std::thread::scope(|scope| {
        for (mode, deadline) in rows {
            scope.spawn(move || {
                let hostile = RawUpstream::start(Arc::new(scripts()));
                let setting = deadline.clone();
                let gateway = Setup::new(mode, hostile.address())
                    .plugin(json!({"metadata": ["*"]}))
                    .buffer_limit(32 << 10)
                    .change(move |config| set(config, &setting))
                    .start();
                // The gateway, when dropped, looks for traps.
                let clients = [0, 100, 1 << 20]
                    .map(|window| open_and_leave_unread(gateway.address(), window));
                let case = format!("Grpc-Metadata-{CASE}");
                let watch = Request::post("/v3/watch", r#"{"progress_request":{}}"#)
                    .header(&case, case_value(1));
                let mut unread = h1::Connection::open(gateway.address()).unwrap();
                unread.send(&watch).unwrap();
                std::thread::sleep(PASSED);
                drop(clients);
            });
        }
    });
}

#[test]
fn more_requests_than_the_cluster_takes_are_503_code_14() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Answer::stall());
    for mode in Mode::BOTH {
        let none = |config: &mut EnvoyConfig| {
            config.cluster("etcd")?["circuit_breakers"] =
                json!({"thresholds": [{"max_requests": 0}]});
            Ok(())
        };
        let gateway = Setup::new(mode, upstream.address())
            .callouts()
            .change(none)
            .start();
        for request in [
            Request::post("/v3/kv/range", "{}"),
            Request::new("POST", "/v3/kv/range"),
            Request::post("/v3/watch", r#"{"progress_request":{}}"#),
            Request::post("/v3/watch", r#"{"progress_request":{}}"#)
                .header("Accept", "text/event-stream"),
            Request::new("GET", "/version"),
        ] {
            for protocol in [Protocol::Http1, Protocol::Http2] {
                let answer = ask(gateway.address(), protocol, &request);
                assert_eq!(
                    Expect::Error(503, 14).check(&answer),
                    Ok(()),
                    "{mode:?} {protocol:?} {request:?}"
                );
            }
        }
    }
}
