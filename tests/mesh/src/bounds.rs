//! The bounds of the full example, in an Envoy that something else has configured.

use anyhow::{Context, Result};
use serde_json::Value;
use testbed::gateway::Gateway;
use testbed::loopback;

/// Bytes of a connection's buffers, and of a stream's window.
const BYTES: u64 = 65536;

/// Checks what Envoy has been told of its listener and of the cluster of etcd.
pub fn have_arrived(gateway: &mut Gateway, cluster: &str) -> Result<()> {
    let url = format!("{}/config_dump", gateway.envoy().admin_url());
    let dump: Value = serde_json::from_str(&loopback::get(&url)?)?;
    let listener = found(
        &dump,
        "ListenersConfigDump",
        "/dynamic_listeners/0/active_state/listener",
    )?;
    let chain = match &listener["filter_chains"] {
        Value::Array(chains) => &chains[0],
        _ => &listener["default_filter_chain"],
    };
    let manager = &chain["filters"][0]["typed_config"];
    let clusters = found(&dump, "ClustersConfigDump", "/dynamic_active_clusters")?;
    let clusters = clusters.as_array().context("no clusters")?.iter();
    let etcd = clusters
        .map(|found| &found["cluster"])
        .find(|found| found["name"] == cluster);
    let etcd = etcd.context("no etcd")?;
    for holder in [listener, etcd] {
        assert_eq!(holder["per_connection_buffer_limit_bytes"], BYTES);
    }
    let options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    let upstream = &etcd["typed_extension_protocol_options"][options]["explicit_http_config"];
    for http2 in [
        &manager["http2_protocol_options"],
        &upstream["http2_protocol_options"],
    ] {
        let number = |name: &str| http2[name].as_u64().unwrap_or_default();
        assert_eq!(number("initial_stream_window_size"), BYTES, "{http2}");
        // All streams of a connection fit into half of its window.
        let streams = number("max_concurrent_streams") * BYTES;
        assert!(
            2 * streams <= number("initial_connection_window_size"),
            "{http2}"
        );
        assert!(streams > 0, "{http2}");
    }
    Ok(())
}

fn found<'a>(dump: &'a Value, kind: &str, pointer: &str) -> Result<&'a Value> {
    let mut configs = dump["configs"].as_array().context("no configs")?.iter();
    let config = configs.find(|config| {
        let name = config["@type"].as_str();
        name.is_some_and(|name| name.ends_with(kind))
    });
    let value = config.and_then(|config| config.pointer(pointer));
    value.with_context(|| format!("no {pointer}"))
}
