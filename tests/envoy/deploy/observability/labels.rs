//! The labels of the metrics: as the examples take them out of the names, and as Istio does.

use std::fs;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use testbed::client::{Request, h1, h2};
use testbed::envoy::Envoy;
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{Etcd, Version};
use testbed::{loopback, project_root};

use crate::traffic;

/// What Istio's `sidecar.istio.io/extraStatTags` is to name (docs/observability.md).
const ISTIO: [&str; 6] = [
    "method",
    "code",
    "reason",
    "end",
    "direction",
    "gateway_version",
];

const PATIENCE: Duration = Duration::from_secs(60);

/// The metrics that Prometheus would get.
fn scraped(admin_url: &str) -> Result<String> {
    loopback::get(&format!("{admin_url}/stats/prometheus"))
}

#[test]
fn labels_are_the_same_in_istio_and_in_an_envoy_of_ones_own() -> Result<()> {
    let paper = fs::read_to_string(project_root().join("docs/observability.md"))?;
    let tags = format!("sidecar.istio.io/extraStatTags: {}\n", ISTIO.join(","));
    assert!(paper.contains(&tags), "{tags}");
    let etcd = Etcd::start(Version::V3_7_3)?;
    let istio = |config: &mut EnvoyConfig| {
        let tags =
            ISTIO.map(|tag| json!({"tag_name": tag, "regex": format!(r"({tag}=\.=(.*?);\.;)")}));
        config.bootstrap()["stats_config"] =
            json!({"use_all_default_tags": true, "stats_tags": tags});
    };
    let mut config = traffic::example(&etcd)?;
    for round in 0..2 {
        if round == 1 {
            istio(&mut config);
        }
        let mut envoy = traffic::start(&config)?;
        traffic::play(envoy.address().parse()?)?;
        let lines = [
            r#"etcd_json_gateway_calls_total{method="KV.Put",code="0"} 3"#,
            r#"etcd_json_gateway_calls_total{method="KV.Range",code="3"} 1"#,
            r#"etcd_json_gateway_calls_total{method="Lease.LeaseRevoke",code="5"} 1"#,
            r#"etcd_json_gateway_refused_total{reason="bad_json"} 1"#,
            r#"etcd_json_gateway_refused_total{reason="no_route"} 1"#,
            r#"etcd_json_gateway_streams_opened_total{method="Watch.Watch"} 1"#,
        ];
        // Envoy counts a request once it is gone, which is after its client has its answer.
        let url = envoy.admin_url();
        let text = envoy.process().wait_until(PATIENCE, || {
            let text = scraped(&url).ok()?;
            let has = |line: &&str| text.lines().any(|found| found == *line);
            lines.iter().all(has).then_some(text)
        })?;
        assert!(
            text.contains("etcd_json_gateway_info{gateway_version="),
            "{text}"
        );
    }
    Ok(())
}

/// How many series there are of calls.
fn series(envoy: &Envoy) -> Result<usize> {
    let text = scraped(&envoy.admin_url())?;
    assert!(!text.to_lowercase().contains("invented"), "{text}");
    let of_calls = |line: &&str| {
        line.starts_with("etcd_json_gateway_") || line.starts_with("envoy_cluster_grpc")
    };
    Ok(text.lines().filter(of_calls).count())
}

#[test]
fn no_client_makes_a_series() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let envoy = traffic::start(&traffic::example(&etcd)?)?;
    let address = envoy.address().parse()?;
    let invent = |from: usize| -> Result<()> {
        for number in from..from + 50 {
            let json = Request::post(&format!("/v3/kv/invented{number}"), "{}");
            h1::send(address, &json.header("x-code", number.to_string()))?;
            let native = Request::post(&format!("/etcdserverpb.KV/Invented{number}"), "");
            h2::send(address, &native.header("content-type", "application/grpc"))?;
        }
        Ok(())
    };
    invent(0)?;
    invent(50)?;
    // A reason, the version, and what grpc_stats has for all names that it does not know.
    let count = series(&envoy)?;
    assert!((2..100).contains(&count), "{count}");
    Ok(())
}

#[test]
fn every_method_of_etcd_s_is_counted_by_its_name() -> Result<()> {
    let mut config = EnvoyConfig::example()?;
    let filters = config.http_filters()?;
    let at = |name: &str| filters.iter().position(|filter| filter["name"] == name);
    let counts = at("envoy.filters.http.grpc_stats").unwrap();
    assert!(
        counts < at("etcd_json_gateway").unwrap(),
        "JSON calls would count, and cost, twice"
    );
    let pointer = "/typed_config/individual_method_stats_allowlist/services";
    let services = filters[counts]
        .pointer(pointer)
        .and_then(Value::as_array)
        .unwrap();
    let listed = services.iter().flat_map(|service| {
        let name = service["name"].as_str().unwrap();
        let methods = service["method_names"].as_array().unwrap();
        methods
            .iter()
            .map(move |method| format!("/{name}/{}", method.as_str().unwrap()))
    });
    let mut listed: Vec<String> = listed.collect();
    let routes = etcd_json_gateway::schema::tables::ROUTES.iter();
    let mut known: Vec<String> = routes.map(|route| route.method.path.to_owned()).collect();
    listed.sort();
    known.sort();
    known.dedup();
    assert_eq!(listed, known);
    Ok(())
}
