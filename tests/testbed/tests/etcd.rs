//! The etcds that come as programs; the ones that are built are started by the tests in real Envoy.

use anyhow::Result;
use testbed::etcd::{Etcd, Version};

#[test]
fn an_etcd_is_the_version_that_it_is_called() -> Result<()> {
    for version in [Version::V3_4_23, Version::V3_5_1] {
        let etcd = Etcd::start(version)?;
        let answer = ureq::get(format!("{}/version", etcd.client_url()))
            .call()?
            .into_body()
            .read_to_string()?;
        assert!(
            answer.contains(&format!(r#""etcdserver":"{version}""#)),
            "{version}: {answer}"
        );
    }
    Ok(())
}

#[test]
fn a_killed_etcd_comes_back_on_the_same_port() -> Result<()> {
    let mut etcd = Etcd::start(Version::V3_5_1)?;
    let url = format!("{}/health", etcd.client_url());
    etcd.kill()?;
    assert!(ureq::get(&url).call().is_err());
    etcd.restart()?;
    assert!(ureq::get(&url).call().is_ok());
    Ok(())
}
