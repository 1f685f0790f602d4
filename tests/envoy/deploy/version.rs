//! A filter that runs tells its version and what it is configured with.

use std::fs;

use anyhow::Result;
use serde_json::json;
use testbed::gateway::{Mode, Setup};
use testbed::module;
use testbed::upstream::Upstream;

#[test]
fn a_filter_that_runs_tells_its_version_and_its_configuration() -> Result<()> {
    let upstream = Upstream::start()?;
    let mut gateway = Setup::new(Mode::Plain, upstream.address())
        .plugin(json!({"dialect": "v2", "etcd_version": "3.6.1"}))
        .start();
    let version = module::version()?;
    let log = fs::read_to_string(gateway.envoy().process().log())?;
    let line = log
        .lines()
        .find(|line| line.contains("etcd-json-gateway: version "));
    let line = line.unwrap_or_default();
    assert!(line.contains(&format!("version {version} starts")), "{log}");
    assert!(line.contains(r#""etcd_version":"3.6.1""#), "{line}");

    let name = format!("wasmcustom.etcd_json_gateway_infogateway_version=.={version};.;");
    assert_eq!(gateway.envoy().admin_stat(&name)?, 1);
    Ok(())
}
