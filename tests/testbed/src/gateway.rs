//! The filter in a real Envoy in front of upstreams that a test chooses, in either running mode.
//!
//! The configuration is the smallest that serves: what users copy is in `envoy/`, and has tests of its own.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Request, Response, h1, h2};
use crate::process::Process;
use crate::upstream::Upstream;
use crate::{artifact, loopback, module, scratch};

const START_TIMEOUT: Duration = Duration::from_secs(30);
/// The cluster behind the filter.
const CLUSTER: &str = "etcd";

/// Whether Envoy lets the filter hold a head back (`allow_on_headers_stop_iteration`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does: heads wait until the body is known.
    Full,
    /// It does not, as under Istio's WasmPlugin.
    Plain,
}

impl Mode {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Full, Self::Plain];
}

/// How to start a [`Gateway`].
pub struct Setup {
    /// The running mode, told to Envoy and to the filter.
    pub mode: Mode,
    /// The plugin configuration, without the mode's own key.
    pub plugin: Value,
    /// Members of Envoy's `RouteAction` beside the cluster, such as `timeout` and `retry_policy`.
    pub route: Value,
    /// The cluster's endpoints; none is a cluster without a healthy host.
    pub upstreams: Vec<SocketAddr>,
}

impl Setup {
    /// In front of one upstream, all else as Envoy and the filter have it by default.
    pub fn new(mode: Mode, upstream: SocketAddr) -> Self {
        Self { mode, plugin: json!({}), route: json!({}), upstreams: vec![upstream] }
    }

    /// With this plugin configuration.
    pub fn plugin(mut self, plugin: Value) -> Self {
        self.plugin = plugin;
        self
    }

    /// With these members in the route's action.
    pub fn route(mut self, route: Value) -> Self {
        self.route = route;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When Envoy or the module cannot be had or Envoy does not start, with the end of its log.
    pub fn start(self) -> Gateway {
        Gateway::try_start(&self).unwrap_or_else(|error| panic!("starting Envoy: {error:#}"))
    }

    /// Envoy's bootstrap configuration, which serves at a port of Envoy's choice.
    fn bootstrap(&self, module: &str) -> Value {
        let full = self.mode == Mode::Full;
        let mut plugin = self.plugin.clone();
        plugin["allow_on_headers_stop_iteration"] = json!(full);
        let mut action = self.route.clone();
        action["cluster"] = json!(CLUSTER);
        let filter = json!({
            "name": "etcd_json_gateway",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
                "config": {
                    "name": "etcd_json_gateway",
                    "failure_policy": "FAIL_RELOAD",
                    "allow_on_headers_stop_iteration": full,
                    "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": module}}},
                    "configuration": {
                        "@type": "type.googleapis.com/google.protobuf.StringValue",
                        "value": plugin.to_string(),
                    },
                },
            },
        });
        let router = json!({
            "name": "router",
            "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
        });
        let manager = json!({
            "@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "gateway",
            "use_remote_address": true,
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            "http2_protocol_options": {"allow_connect": true},
            "route_config": {"virtual_hosts": [{
                "name": "all",
                "domains": ["*"],
                "routes": [{"match": {"prefix": "/"}, "route": action}],
            }]},
            "http_filters": [filter, router],
        });
        let endpoints: Vec<Value> =
            self.upstreams.iter().map(|&upstream| json!({"endpoint": {"address": socket(upstream)}})).collect();
        json!({
            "admin": {"address": socket(LOOPBACK)},
            "static_resources": {
                "listeners": [{
                    "name": "gateway",
                    "address": socket(LOOPBACK),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }],
                "clusters": [{
                    "name": CLUSTER,
                    "type": "STATIC",
                    "load_assignment": {"cluster_name": CLUSTER, "endpoints": [{"lb_endpoints": endpoints}]},
                    "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                        "explicit_http_config": {"http2_protocol_options": {}},
                    }},
                }],
            },
        })
    }
}

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn socket(address: SocketAddr) -> Value {
    json!({"socket_address": {"address": address.ip().to_string(), "port_value": address.port()}})
}

/// A running Envoy with the filter, ended when dropped.
pub struct Gateway {
    address: SocketAddr,
    admin: String,
    process: Process,
    /// Holds the configuration and the log.
    _folder: TempDir,
}

impl Gateway {
    /// In front of a scripted upstream, with this plugin configuration.
    ///
    /// # Panics
    /// As [`Setup::start`].
    pub fn start(mode: Mode, plugin: Value, upstream: &Upstream) -> Self {
        Setup::new(mode, upstream.address()).plugin(plugin).start()
    }

    fn try_start(setup: &Setup) -> Result<Self> {
        let folder = scratch::folder("gateway")?;
        let (config, admin_path) = (folder.path().join("envoy.json"), folder.path().join("admin"));
        let module = module::path()?;
        std::fs::write(&config, setup.bootstrap(&module.to_string_lossy()).to_string())?;
        let mut command = Command::new(artifact::ENVOY.program()?);
        command.arg("--config-path").arg(&config).arg("--admin-address-path").arg(&admin_path);
        // One worker, so that what a test does to the filter's VM shows in the next request; no shared memory, so that
        // any number of Envoys run side by side.
        command.args(["--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"]);
        let mut process = Process::start("envoy", command, &folder.path().join("log"))?;
        let admin = process.wait_until(START_TIMEOUT, || {
            let address = std::fs::read_to_string(&admin_path).ok().filter(|address| !address.is_empty())?;
            let admin = format!("http://{}", address.trim());
            loopback::get(&format!("{admin}/ready")).ok().map(|_| admin)
        })?;
        let listeners: Value = serde_json::from_str(&loopback::get(&format!("{admin}/listeners?format=json"))?)?;
        let port = listeners["listener_statuses"][0]["local_address"]["socket_address"]["port_value"].as_u64();
        let port = u16::try_from(port.context("Envoy listens nowhere")?)?;
        Ok(Self { address: SocketAddr::new(LOOPBACK.ip(), port), admin, process, _folder: folder })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The Envoy process, for what it uses and has logged.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Sends a request over HTTP/1.1 on a connection of its own.
    ///
    /// # Panics
    /// When no response head comes, with the end of Envoy's log.
    pub fn send(&self, request: &Request) -> Response {
        h1::send(self.address, request).unwrap_or_else(|error| panic!("{error}; {}", self.process.log_tail()))
    }

    /// Sends a request over HTTP/2 on a connection of its own.
    ///
    /// # Panics
    /// When no response head comes, with the end of Envoy's log.
    pub fn send_h2(&self, request: &Request) -> Response {
        h2::send(self.address, request).unwrap_or_else(|error| panic!("{error}; {}", self.process.log_tail()))
    }

    /// POSTs a JSON body over HTTP/1.1.
    ///
    /// # Panics
    /// As [`Gateway::send`].
    pub fn post(&self, path: &str, body: &str) -> Response {
        self.send(&Request::post(path, body).header("Content-Type", "application/json"))
    }

    /// Envoy's counter or gauge of this name.
    ///
    /// # Panics
    /// When Envoy does not tell.
    pub fn stat(&self, name: &str) -> u64 {
        let stats = loopback::get(&format!("{}/stats?filter=^{name}$", self.admin)).unwrap_or_default();
        let value = stats.trim().rsplit(' ').next().and_then(|value| value.parse().ok());
        value.unwrap_or_else(|| panic!("Envoy has no number {name}: {stats:?}"))
    }
}
