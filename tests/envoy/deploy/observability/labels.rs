//! The labels of the metrics: as the examples take them out of the names, and as Istio does.

use anyhow::Result;
use serde_json::{Value, json};
use testbed::client::{Request, h1, h2};
use testbed::envoy::Envoy;
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{Etcd, Version};
use testbed::loopback;

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

/// The metrics that Prometheus would get.
fn scraped(envoy: &Envoy) -> Result<String> {
    loopback::get(&format!("{}/stats/prometheus", envoy.admin_url()))
}

#[test]
fn labels_are_the_same_in_istio_and_in_an_envoy_of_ones_own() -> Result<()> {
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
        let envoy = traffic::start(&config)?;
        traffic::play(envoy.address().parse()?)?;
        let text = scraped(&envoy)?;
        for line in [
            r#"etcd_json_gateway_calls_total{method="KV.Put",code="0"} 3"#,
            r#"etcd_json_gateway_calls_total{method="KV.Range",code="3"} 1"#,
            r#"etcd_json_gateway_calls_total{method="Lease.LeaseRevoke",code="5"} 1"#,
            r#"etcd_json_gateway_refused_total{reason="bad_json"} 1"#,
            r#"etcd_json_gateway_refused_total{reason="no_route"} 1"#,
            r#"etcd_json_gateway_streams_opened_total{method="Watch.Watch"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        let version = format!(
            r#"etcd_json_gateway_info{{gateway_version="{}"}} 1"#,
            env!("CARGO_PKG_VERSION")
        );
        let _ = version;
        assert!(
            text.contains("etcd_json_gateway_info{gateway_version="),
            "{text}"
        );
    }
    Ok(())
}

/// The names of all series that there are.
fn series(envoy: &Envoy) -> Result<usize> {
    Ok(scraped(envoy)?
        .lines()
        .filter(|line| !line.starts_with('#'))
        .count())
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
    let before = series(&envoy)?;
    invent(50)?;
    assert_eq!(series(&envoy)?, before);
    Ok(())
}

#[test]
fn every_method_of_etcd_s_is_counted_by_its_name() -> Result<()> {
    let mut config = EnvoyConfig::example()?;
    let filters = config.http_filters()?;
    let at = |name: &str| filters.iter().position(|filter| filter["name"] == name);
    let counts = at("envoy.filters.http.grpc_stats").unwrap();
    assert!(
        at("etcd_json_gateway").unwrap() < counts,
        "JSON calls are gRPC behind the filter"
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
