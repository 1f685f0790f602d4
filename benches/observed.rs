//! What it costs Envoy to be seen: a small request through the example with all its metrics and logs, and with fewer of
//! them: `cargo bench --bench observed`.
//!
//! All ways are measured in turns, in one run, each in an Envoy with one worker. `BEFORE=FILE.wasm` is an earlier module,
//! such as one that counts nothing, which then is the first of them.
#![allow(missing_docs)]

use std::env;
use std::path::Path;
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
const TIMES: u32 = 100;

/// Samples of each way.
const ROUNDS: usize = 200;

/// A change of the example.
type Change = fn(&mut EnvoyConfig) -> Result<()>;

/// What there is to see, each with all before it.
const WAYS: [(&str, Change); 5] = [
    ("an earlier module", |config| {
        without_stats(config)?;
        without_log(config)?;
        let before = env::var("BEFORE")?;
        config.module(Path::new(&before)).map(|_| ())
    }),
    ("the filter's own counts", |config| {
        without_stats(config)?;
        without_log(config)
    }),
    ("grpc_stats for gRPC clients, and labels", without_log),
    ("the access log: all of the example", |_| Ok(())),
    ("a line of the log for every request", |config| {
        config.connection_manager()?["access_log"][0]["filter"] = Value::Null;
        Ok(())
    }),
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
    let known = WAYS
        .iter()
        .skip(usize::from(env::var_os("BEFORE").is_none()));
    let known: Vec<_> = known.collect();
    let start = |(_, change): &&(&str, Change)| Way::start(&etcd, *change);
    let mut ways: Vec<Way> = known.iter().map(start).collect();
    let mut cells = vec![String::new(); ways.len()];
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
        let least: Vec<f64> = ways
            .iter_mut()
            .map(|way| way.least().as_secs_f64() * 1e6)
            .collect();
        for (cell, micros) in cells.iter_mut().zip(&least) {
            let more = (micros / least[0] - 1.0) * 100.0;
            cell.push_str(&format!(" {micros:.1} µs, {more:+.1} % |"));
        }
    }
    for ((name, _), cell) in known.iter().zip(cells) {
        println!("| {name} |{cell}");
    }
}
