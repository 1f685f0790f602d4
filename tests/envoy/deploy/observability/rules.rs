//! Prometheus's rules, by promtool: what wakes somebody, what does not, and what they are told to do.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;
use testbed::prometheus::{folder, promtool};
use testbed::{project_root, yaml};

#[test]
fn prometheus_takes_the_configuration_and_the_rules_do_what_they_say() -> Result<()> {
    promtool(&["check", "config", "prometheus.yml"])?;
    promtool(&["test", "rules", "rules.test.yml"])
}

/// All alerts.
fn alerts() -> Result<Vec<Value>> {
    let rules = yaml::read(&folder().join("rules.yml"))?;
    let groups = rules["groups"].as_array().context("no groups")?;
    let rules = groups.iter().filter_map(|group| group["rules"].as_array());
    Ok(rules.flatten().cloned().collect())
}

#[test]
fn every_alert_is_tested_and_says_what_to_do() -> Result<()> {
    let tests = yaml::read(&folder().join("rules.test.yml"))?;
    let tests = tests["tests"].as_array().context("no tests")?;
    let of = |test: &Value| test["alert_rule_test"].as_array().cloned();
    let tests: Vec<Value> = tests.iter().filter_map(of).flatten().collect();
    let doc = fs::read_to_string(project_root().join("docs/observability.md"))?;
    let alerts = alerts()?;
    assert!(!alerts.is_empty());
    for alert in alerts {
        let name = alert["alert"].as_str().context("no name")?;
        let fires = tests
            .iter()
            .any(|test| test["alertname"] == name && test["exp_alerts"].is_array());
        assert!(fires, "{name} fires in no test");
        let heading = format!("### {name}\n");
        assert!(
            doc.contains(&heading),
            "docs/observability.md says nothing of {name}"
        );
        let runbook = format!("docs/observability.md#{}", name.to_lowercase());
        assert_eq!(alert["annotations"]["runbook_url"], runbook);
    }
    Ok(())
}
