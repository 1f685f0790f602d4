//! What it costs Envoy to be seen: a small request through the example with all its metrics and logs, and with fewer of
//! them: `cargo bench --bench observed`.
//!
//! All ways are measured in turns, in one run, each in an Envoy with one worker; the first is without all of them, the
//! filter's own counts among them, which the plugin is refused there.
#![allow(missing_docs)]

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use testbed::client::{End, Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::usage;

/// Requests that are under way at once, each over a connection of its own.
const IN_FLIGHT: usize = 10;

/// Requests that make a sample.
const TIMES: u32 = 200;

/// Samples of each way.
const ROUNDS: usize = 100;

/// What a plugin may call that is refused its own counts: all that it calls but these.
const COUNTS: [&str; 4] = [
    "proxy_define_metric",
    "proxy_increment_metric",
    "proxy_record_metric",
    "proxy_set_property",
];

/// A change of the example.
type Change = fn(&mut EnvoyConfig) -> Result<()>;

/// What there is to see, each with all before it.
const WAYS: [(&str, Change); 4] = [
    ("nothing", |config| {
        without_stats(config)?;
        without_log(config)?;
        without_counts(config)
    }),
    ("the filter's own counts", |config| {
        without_stats(config)?;
        without_log(config)
    }),
    ("grpc_stats and labels", without_log),
    ("the access log: all of the example", |_| Ok(())),
];

fn without_log(config: &mut EnvoyConfig) -> Result<()> {
    config.connection_manager()?["access_log"] = json!([]);
    Ok(())
}

fn without_stats(config: &mut EnvoyConfig) -> Result<()> {
    let filters = config.http_filters()?;
    filters.retain(|filter| filter["name"] != "envoy.filters.http.grpc_stats");
    config.bootstrap()["stats_config"] = Value::Null;
    Ok(())
}

fn without_counts(config: &mut EnvoyConfig) -> Result<()> {
    let module = wasm_calls()?;
    let allowed = module
        .iter()
        .filter(|call| !COUNTS.contains(&call.as_str()));
    let allowed: serde_json::Map<String, Value> =
        allowed.map(|call| (call.clone(), json!({}))).collect();
    config.plugin()?["vm_config"]["capability_restriction_config"] =
        json!({"allowed_capabilities": allowed});
    Ok(())
}

/// What the module calls, and what it is called by.
fn wasm_calls() -> Result<Vec<String>> {
    let bytes = std::fs::read(testbed::module::path()?)?;
    let mut calls = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&bytes) {
        match payload? {
            wasmparser::Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    calls.push(import?.name.to_owned());
                }
            }
            wasmparser::Payload::ExportSection(exports) => {
                for export in exports {
                    calls.push(export?.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(calls)
}

struct Way {
    gateway: Gateway,
    connections: Vec<h1::Connection>,
    samples: Vec<Duration>,
}

impl Way {
    fn start(etcd: &Etcd, change: Change) -> Self {
        let setup = Setup::example(Mode::Full, etcd.client_address()).with_access_log();
        let gateway = setup.change(change).start();
        let open = |_| h1::Connection::open(gateway.address()).expect("a connection");
        let connections = (0..IN_FLIGHT).map(open).collect();
        Self {
            gateway,
            connections,
            samples: Vec::new(),
        }
    }

    /// Envoy's processor time for a request.
    fn sample(&mut self, request: &Request) -> Duration {
        let cpu = |gateway: &mut Gateway| {
            let usage = gateway.process().usage();
            usage.expect("what a process has used").cpu
        };
        let before = cpu(&mut self.gateway);
        for _ in 0..TIMES as usize / IN_FLIGHT {
            for connection in &mut self.connections {
                connection.send(request).expect("a request that is taken");
            }
            for connection in &mut self.connections {
                let mut response = connection.read_head().expect("an answer");
                connection.drain(&mut response, |_| {}).expect("a body");
                assert_eq!(
                    (response.status, &response.end),
                    (200, &End::Clean),
                    "{response:?}"
                );
            }
        }
        (cpu(&mut self.gateway) - before) / TIMES
    }

    /// The fastest twentieth: what else the machine does only adds to it.
    fn least(&mut self) -> Duration {
        self.samples.sort();
        self.samples[self.samples.len() / 20]
    }
}

fn main() {
    let etcd = Etcd::start_with(Options {
        version: Version::V3_7_3,
        arguments: vec!["--unsafe-no-fsync".to_owned()],
        ..Options::default()
    })
    .expect("an etcd");
    println!("{}; etcd 3.7.3 and Envoy 1.40.0\n", usage::machine());
    let requests = [
        (
            "put, 64 B",
            "/v3/kv/put",
            json!({"key": "YQ==", "value": "YWJj".repeat(21)}),
        ),
        ("range, 1 key", "/v3/kv/range", json!({"key": "YQ=="})),
    ];
    println!(
        "| a request, with | {} | {} |",
        requests[0].0, requests[1].0
    );
    println!("| --- | ---: | ---: |");
    let mut ways = WAYS.map(|(_, change)| Way::start(&etcd, change));
    let mut cells = vec![String::new(); WAYS.len()];
    for (_, path, body) in &requests {
        let request = Request::post(path, body.to_string());
        let mut order: Vec<usize> = (0..ways.len()).collect();
        ways.iter_mut().for_each(|way| way.samples.clear());
        for round in 0..=ROUNDS {
            fastrand::shuffle(&mut order);
            for &at in &order {
                let sample = ways[at].sample(&request);
                // Everything is warm after the first.
                if round > 0 {
                    ways[at].samples.push(sample);
                }
            }
        }
        let least = ways.each_mut().map(|way| way.least().as_secs_f64() * 1e6);
        for (cell, micros) in cells.iter_mut().zip(least) {
            let more = (micros / least[0] - 1.0) * 100.0;
            cell.push_str(&format!(" {micros:.1} µs, {more:+.1} % |"));
        }
    }
    for ((name, _), cell) in WAYS.iter().zip(cells) {
        println!("| {name} |{cell}");
    }
}
