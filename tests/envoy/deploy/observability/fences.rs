//! What `docs/observability.md` says to put into a configuration, put into one.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::{loopback, project_root, yaml};

use crate::traffic;

/// Envoy sends its spans every few seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// The YAML behind a mark.
fn fence(mark: &str) -> Result<Value> {
    let doc = fs::read_to_string(project_root().join("docs/observability.md"))?;
    let behind = doc.split(&format!("<!-- {mark} -->\n```yaml\n")).nth(1);
    let text = behind.and_then(|text| text.split("```").next());
    yaml::parse(text.with_context(|| format!("no fence behind {mark}"))?)
}

#[test]
fn a_listener_of_their_own_shows_the_metrics_and_no_more() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let mut config = traffic::example(&etcd)?;
    let parts = fence("metrics listener")?;
    let (admin, metrics) = (loopback::free_port()?, loopback::free_port()?);
    config.admin_port(admin)?;
    let resources = &mut config.bootstrap()["static_resources"];
    let mut listener = parts["listener"].clone();
    listener["address"]["socket_address"] = json!({"address": "127.0.0.1", "port_value": metrics});
    let mut cluster = parts["cluster"].clone();
    let endpoint = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
    let endpoint = cluster.pointer_mut(endpoint).context("no endpoint")?;
    endpoint["port_value"] = json!(admin);
    resources["listeners"]
        .as_array_mut()
        .unwrap()
        .push(listener);
    resources["clusters"].as_array_mut().unwrap().push(cluster);
    let _envoy = traffic::start(&config)?;
    let url = format!("http://127.0.0.1:{metrics}");
    let text = loopback::get(&format!("{url}/stats/prometheus"))?;
    assert!(text.contains("etcd_json_gateway_info"), "{text}");
    for path in ["/stats", "/quitquitquit", "/config_dump", "/"] {
        assert!(loopback::get(&format!("{url}{path}")).is_err(), "{path}");
    }
    Ok(())
}

/// A collector of spans: its address, and what it has been sent.
fn collector() -> Result<(u16, Arc<Mutex<String>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let sent = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&sent);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let kept = Arc::clone(&kept);
            thread::spawn(move || {
                let mut connection = connection;
                let mut piece = [0; 16 << 10];
                while let Ok(length) = connection.read(&mut piece) {
                    let text = String::from_utf8_lossy(&piece[..length]).into_owned();
                    kept.lock().unwrap().push_str(&text);
                    // Spans come as one array.
                    let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
                    if length == 0 || (text.ends_with(']') && connection.write_all(answer).is_err())
                    {
                        break;
                    }
                }
            });
        }
    });
    Ok((port, sent))
}

#[test]
fn a_span_is_named_by_the_method_and_says_no_key() -> Result<()> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let mut config = traffic::example(&etcd)?;
    let (port, sent) = collector()?;
    let mut tracing = fence("tracing")?["tracing"].clone();
    tracing["random_sampling"]["value"] = json!(100);
    config.connection_manager()?["tracing"] = tracing;
    let mut cluster = fence("metrics listener")?["cluster"].clone();
    cluster["name"] = json!("collector");
    cluster["load_assignment"]["cluster_name"] = json!("collector");
    let endpoint = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
    let endpoint = cluster.pointer_mut(endpoint).context("no endpoint")?;
    endpoint["port_value"] = json!(port);
    let clusters = &mut config.bootstrap()["static_resources"]["clusters"];
    clusters
        .as_array_mut()
        .context("no clusters")?
        .push(cluster);
    let mut envoy = traffic::start(&config)?;
    let put = Request::post("/v3/kv/put", r#"{"key":"c2VjcmV0LWtleQ==","value":"Yg=="}"#);
    h1::send(envoy.address().parse()?, &put)?;
    let path = "/v3/watch?create_request.key=c2VjcmV0LWtleQ==";
    let events = Request::new("GET", path).header("accept", "text/event-stream");
    let mut connection = h1::Connection::open(envoy.address().parse()?)?;
    connection.send(&events)?;
    connection.read_head()?;
    drop(connection);
    let deadline = Instant::now() + PATIENCE;
    let methods = ["/etcdserverpb.kv/put", "/etcdserverpb.watch/watch"];
    loop {
        let text = sent.lock().unwrap().clone();
        let spans = text.to_lowercase();
        if methods.iter().all(|method| spans.contains(method)) {
            assert!(!text.contains("c2VjcmV0"), "a key in a span: {text}");
            return Ok(());
        }
        assert!(
            Instant::now() < deadline,
            "{text}; {}",
            envoy.process().log_tail()
        );
        thread::sleep(Duration::from_millis(50));
    }
}
