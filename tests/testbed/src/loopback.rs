//! Ports and plain HTTP on loopback.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result};
use ureq::Agent;

/// Below Linux's ephemeral ports (32768 and up), which the kernel gives to outgoing connections: a server that is
/// stopped and started again finds its port free.
const PORTS: std::ops::Range<u16> = 12_000..32_000;
const PORT_ATTEMPTS: usize = 100;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// No proxy, whatever the environment says: these requests do not leave the machine.
static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    let config = Agent::config_builder()
        .proxy(None)
        .timeout_global(Some(REQUEST_TIMEOUT));
    config.max_idle_connections(0).build().into()
});

/// A port on 127.0.0.1 that nothing listens on at the moment.
pub fn free_port() -> Result<u16> {
    let count = u64::from(PORTS.end - PORTS.start);
    let random = || RandomState::new().hash_one(()) % count;
    let mut ports = (0..PORT_ATTEMPTS)
        .filter_map(|_| u16::try_from(random()).ok())
        .map(|offset| PORTS.start + offset);
    ports
        .find(|&port| is_free(port))
        .context("no free port on 127.0.0.1")
}

/// Whether nothing listens on 127.0.0.1:`port`.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The body of a successful GET.
pub fn get(url: &str) -> Result<String> {
    let mut response = AGENT
        .get(url)
        .call()
        .with_context(|| format!("GET {url}"))?;
    Ok(response.body_mut().read_to_string()?)
}

/// The body of a successful GET with this query string.
pub fn get_with(url: &str, query: &[(&str, &str)]) -> Result<String> {
    let mut request = AGENT.get(url);
    for (name, value) in query {
        request = request.query(*name, *value);
    }
    let mut response = request
        .call()
        .with_context(|| format!("GET {url} {query:?}"))?;
    Ok(response.body_mut().read_to_string()?)
}

/// The body of a successful POST of `body`.
pub fn post(url: &str, body: &str) -> Result<String> {
    let mut response = AGENT
        .post(url)
        .send(body)
        .with_context(|| format!("POST {url}"))?;
    Ok(response.body_mut().read_to_string()?)
}
