//! The dashboard and the rules, on what a real Prometheus has of a real Envoy under traffic.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use testbed::etcd::{Etcd, Version};
use testbed::prometheus::{Prometheus, folder};

use crate::traffic;

/// How long all queries may take to have something to show: the filter counts bytes every 15 s, and the time of one
/// call in sixteen.
const PATIENCE: Duration = Duration::from_secs(150);

/// What Grafana puts into the queries.
const FILLED_IN: [(&str, &str); 2] = [("$__rate_interval", "1m"), ("$instance", ".*")];

/// Every query of the dashboard, with its panel's title.
fn queries() -> Result<Vec<(String, String)>> {
    let file = folder().join("grafana/dashboards/etcd-json-gateway.json");
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let mut queries = Vec::new();
    for panel in dashboard["panels"].as_array().context("no panels")? {
        let title = panel["title"].as_str().context("no title")?;
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().context("no query")?;
            let filled = FILLED_IN
                .iter()
                .fold(query.to_owned(), |query, (name, value)| {
                    query.replace(name, value)
                });
            assert!(!filled.contains('$'), "{title}: {filled}");
            queries.push((title.to_owned(), filled));
        }
    }
    Ok(queries)
}

#[test]
fn every_panel_shows_something_and_every_rule_asks_for_what_there_is() -> Result<()> {
    let mut etcd = Etcd::start(Version::V3_7_3)?;
    let mut envoy = traffic::start(&traffic::example(&etcd)?)?;
    let target = envoy.admin_url().replace("http://", "");
    let prometheus = Prometheus::start(&target)?;
    let address = envoy.address().parse()?;
    // Without an etcd, calls fail behind the filter.
    etcd.kill()?;
    traffic::fail(address)?;
    etcd.restart()?;
    traffic::wait_until_served(address)?;

    let mut missing = queries()?;
    assert!(missing.len() > 20, "{missing:?}");
    let deadline = Instant::now() + PATIENCE;
    while !missing.is_empty() {
        assert!(
            Instant::now() < deadline,
            "nothing to show: {missing:#?}; {}",
            envoy.process().log_tail()
        );
        traffic::play(address)?;
        let mut still = Vec::new();
        for (title, query) in missing {
            let values = prometheus.values(&query)?;
            if !values.iter().any(|value| value.is_finite()) {
                still.push((title, query));
            }
        }
        missing = still;
    }
    has_what_the_rules_ask_for(&prometheus)
}

/// The rules have been evaluated without an error, and every metric that they name is there.
fn has_what_the_rules_ask_for(prometheus: &Prometheus) -> Result<()> {
    let groups = prometheus.api("rules", &[])?;
    let names = prometheus.api("label/__name__/values", &[])?;
    let names: Vec<&str> = names
        .as_array()
        .context("no names")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let rules = groups["groups"][0]["rules"]
        .as_array()
        .context("no rules")?;
    assert!(rules.len() > 5, "{rules:?}");
    for rule in rules {
        assert_eq!(rule["health"], "ok", "{rule}");
        let query = rule["query"].as_str().context("no query")?;
        let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let metrics = words.filter(|word| {
            word.starts_with("envoy_") && *word != "envoy_cluster_name"
                || word.starts_with("etcd_json_gateway_")
        });
        for metric in metrics {
            // The name of several begins where a choice is.
            let there = names.iter().any(|name| name.starts_with(metric));
            assert!(there, "{metric} of {}", rule["name"]);
        }
    }
    Ok(())
}
