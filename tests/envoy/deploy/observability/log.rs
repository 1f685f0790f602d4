//! The access log of the examples: what it says of each kind of request.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::envoy::Envoy;
use testbed::etcd::{Etcd, Version};

use crate::traffic;

/// Envoy writes its log ten times a second or so.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lines of the access log once there are so many.
fn lines(envoy: &mut Envoy, count: usize) -> Result<Vec<Value>> {
    let log = envoy.process().log().to_path_buf();
    let read = || {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let lines = text.lines().filter(|line| line.starts_with('{'));
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect::<Vec<Value>>()
    };
    envoy.process().wait_until(PATIENCE, || {
        let lines = read();
        (lines.len() >= count).then_some(lines)
    })
}

#[test]
fn a_line_says_what_became_of_a_request_and_why() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let mut config = traffic::example(&etcd)?;
    traffic::log_all(&mut config)?;
    let mut envoy = traffic::start(&config)?;
    traffic::play(envoy.address().parse()?)?;
    let lines = lines(&mut envoy, 12)?;
    let of = |path: &str, status: u64| {
        let mut found = lines
            .iter()
            .filter(|line| line["path"] == path && line["status"] == status);
        found
            .next()
            .cloned()
            .with_context(|| format!("{path} {status}: {lines:#?}"))
    };
    let says = |line: &Value, expected: &[(&str, Value)]| {
        for (name, value) in expected {
            assert_eq!(&line[name], value, "{name}: {line}");
        }
    };
    let put = of("/v3/kv/put", 200)?;
    says(
        &put,
        &[
            ("method", json!("/etcdserverpb.KV/Put")),
            ("code", json!("0")),
            ("member", json!("127.0.0.1")),
            ("details", json!("via_upstream")),
            ("bytes_in", json!(29)),
            ("reason", Value::Null),
            ("grpc_status", json!("")),
        ],
    );
    for number in ["duration_ms", "bytes_out"] {
        assert!(put[number].is_number(), "{number}: {put}");
    }
    says(
        &of("/v3/kv/range", 400)?,
        &[
            ("code", json!("3")),
            ("reason", json!("bad_json")),
            ("details", json!("etcd_json_gateway{bad_json}")),
        ],
    );
    says(
        &of("/v3/kv/nothing", 404)?,
        &[("details", json!("etcd_json_gateway{no_route}"))],
    );
    says(
        &of("/v3/lease/revoke", 404)?,
        &[("code", json!("5")), ("reason", json!("etcd"))],
    );
    says(
        &of("/v3/watch", 200)?,
        &[("flags", json!("DC")), ("code", Value::Null)],
    );
    says(
        &of("/etcdserverpb.KV/Range", 200)?,
        &[("grpc_status", json!("0")), ("code", Value::Null)],
    );
    Ok(())
}

#[test]
fn what_goes_wrong_or_lasts_has_a_line_and_of_the_rest_what_is_sampled() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let mut config = traffic::example(&etcd)?;
    let filters = "/access_log/0/filter/or_filter/filters";
    let filters = config.connection_manager()?.pointer_mut(filters);
    let filters = filters.context("no filters")?;
    filters[4]["runtime_filter"]["percent_sampled"]["numerator"] = json!(0);
    // A second is nothing where the machine is busy.
    filters[1]["duration_filter"]["comparison"]["value"]["default_value"] = json!(600_000);
    let mut envoy = traffic::start(&config)?;
    let address = envoy.address().parse()?;
    traffic::play(address)?;
    let mut paths: Vec<String> = lines(&mut envoy, 5)?
        .iter()
        .map(|line| line["path"].as_str().unwrap_or_default().to_owned())
        .collect();
    paths.sort();
    let expected = [
        "/etcdserverpb.Lease/LeaseRevoke",
        "/v3/kv/nothing",
        "/v3/kv/range",
        "/v3/lease/revoke",
        "/v3/watch",
    ];
    assert_eq!(paths, expected);
    Ok(())
}
