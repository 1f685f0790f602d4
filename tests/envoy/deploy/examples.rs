//! The files that users copy, in a real Envoy in front of a real etcd.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::envoy::Envoy;
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{Etcd, Version};
use testbed::{loopback, module, project_root, yaml};

/// `envoy/envoy.yaml` with addresses of this run.
fn example(etcd: &Etcd) -> Result<EnvoyConfig> {
    let mut config = EnvoyConfig::example()?;
    config.listen("127.0.0.1", 0)?.admin_port(0)?;
    config
        .upstream(&etcd.client_address())?
        .module(&module::path()?)?;
    Ok(config)
}

fn put_and_read_back(envoy: &Envoy) -> Result<()> {
    loopback::post(
        &format!("{}/v3/kv/put", envoy.url()),
        r#"{"key":"YQ==","value":"Yg=="}"#,
    )?;
    let answer = loopback::post(&format!("{}/v3/kv/range", envoy.url()), r#"{"key":"YQ=="}"#)?;
    let answer: Value = serde_json::from_str(&answer)?;
    assert_eq!(answer["kvs"][0]["value"], "Yg==", "{answer}");
    Ok(())
}

#[test]
fn envoy_takes_the_full_example_as_it_is() -> Result<()> {
    let mut config = EnvoyConfig::example()?;
    config.module(&module::path()?)?;
    Envoy::validate(&config)
}

#[test]
fn the_full_example_serves_json_and_what_etcd_serves_beside_it() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let envoy = Envoy::start(&example(&etcd)?)?;
    put_and_read_back(&envoy)?;
    for (path, part) in [
        ("/version", r#""etcdserver":"3.7.3""#),
        ("/health", r#""health":"true""#),
        ("/livez", "ok"),
        ("/readyz", "ok"),
        ("/metrics", "etcd_server_has_leader 1"),
    ] {
        let answer = loopback::get(&format!("{}{path}", envoy.url()))?;
        assert!(answer.contains(part), "{path}: {answer}");
    }
    assert!(
        loopback::get(&format!("{}/debug/vars", envoy.url())).is_err(),
        "a path that no route names"
    );
    Ok(())
}

#[test]
fn a_hung_etcd_is_an_error_and_not_a_hang() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let mut config = example(&etcd)?;
    // In the file it takes 15 s.
    config.upstream_http2()?["connection_keepalive"] =
        json!({"interval": "0.5s", "timeout": "0.5s"});
    let envoy = Envoy::start(&config)?;
    put_and_read_back(&envoy)?;
    etcd.pause()?;
    for path in ["/v3/kv/put", "/v3/kv/range"] {
        // A key of its own: once it goes on, etcd may still do what it had read before it hung.
        let answer = h1::send(
            envoy.address().parse()?,
            &Request::post(path, r#"{"key":"Yw=="}"#),
        )?;
        assert_eq!(
            (answer.status, answer.json_error()),
            (503, Some(14)),
            "{path}: {answer:?}"
        );
    }
    etcd.resume()?;
    put_and_read_back(&envoy)
}

#[test]
fn the_snippet_serves_in_an_envoy_of_ones_own() -> Result<()> {
    let etcd = Etcd::start(Version::V3_5_1)?;
    let mut config = example(&etcd)?;
    let snippet = yaml::read(&project_root().join("envoy/filter.yaml"))?;
    let filters = config.http_filters()?;
    let ours = filters
        .iter_mut()
        .find(|filter| filter["name"] == snippet[0]["name"]);
    *ours.context("no filter")? = snippet[0].clone();
    config.module(&module::path()?)?;
    let envoy = Envoy::start(&config)?;
    put_and_read_back(&envoy)?;
    // Its own answers to these are for clusters that speak gRPC; the route's here do not, and so answer themselves.
    for (path, part) in [
        ("/version", r#""etcdserver":"3.5.1""#),
        ("/health", r#""health":"true""#),
    ] {
        let answer = loopback::get(&format!("{}{path}", envoy.url()))?;
        assert!(answer.contains(part), "{path}: {answer}");
    }
    Ok(())
}

#[test]
fn envoy_takes_the_plugin_configuration_for_istio() -> Result<()> {
    let plugin = yaml::read(&project_root().join("envoy/istio/wasmplugin.yaml"))?["spec"].clone();
    let mut config = EnvoyConfig::example()?;
    // What Istio makes of it: the configuration as JSON text, and never the running mode.
    config
        .module(&module::path()?)?
        .set_configuration(&plugin["pluginConfig"].to_string())?;
    config.plugin()?["allow_on_headers_stop_iteration"] = json!(false);
    Envoy::validate(&config)
}
