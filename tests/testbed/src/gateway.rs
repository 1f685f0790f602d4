//! The filter in a real Envoy in front of upstreams that a test chooses, in either running mode.

use std::net::SocketAddr;
use std::thread;

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::{Request, Response, h1, h2};
use crate::envoy::{self, Envoy};
use crate::envoy_config::EnvoyConfig;
use crate::envoy_version::Version;
use crate::process::Process;
use crate::upstream::Upstream;
use crate::{module, tls};

/// The example's cluster behind the filter.
const CLUSTER: &str = "etcd";

/// The example's filter before ours.
const BODY_FOR_BODYLESS: &str = "body_for_bodyless";
/// What it does where calls without a body are to reach ours as they are.
const BODY_FOR_GET: &str = r#"
function envoy_on_request(request)
  if request:headers():get(":method") == "GET" and (request:headers():get("accept") or ""):find("event%-stream") then
    request:body(true):setBytes("{}")
  end
end
"#;

/// The example's name for ours.
pub const FILTER: &str = "etcd_json_gateway";

/// Envoy's counter of the Wasm VMs that it has made, which grows when one has trapped and is replaced.
const VMS_CREATED: &str = "wasm.envoy.wasm.runtime.v8.created";

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

/// A change to an Envoy configuration.
type Change = Box<dyn FnOnce(&mut EnvoyConfig) -> Result<()>>;

/// How to start a [`Gateway`]: the example, `envoy/envoy.yaml`, with few things changed.
pub struct Setup {
    mode: Mode,
    upstreams: Vec<String>,
    /// How it speaks TLS to them; None is in plain.
    tls: Option<tls::Upstream>,
    /// The plugin configuration without the mode's key; None leaves the example's.
    plugin: Option<Value>,
    /// The one route's action, beside its cluster; None leaves the example's routes.
    route: Option<Value>,
    change: Option<Change>,
    /// Envoy's buffer limit in bytes; None leaves Envoy's default.
    buffer_limit: Option<u32>,
    /// The listener's port; 0 lets the kernel choose.
    port: u16,
    /// Whether the filter that gives a GET for events a body stands before ours.
    body_for_bodyless: bool,
    /// Whether the filter makes calls itself for requests without a body.
    callouts: bool,
    may_trap: bool,
    /// Whether Envoy logs what it serves, as the example has it.
    access_log: bool,
    workers: u32,
    /// Which Envoy; None is the one that is wanted.
    version: Option<Version>,
}

impl Setup {
    /// In front of one upstream, with one route for all that has nothing but Envoy's defaults, and the filter's own
    /// default configuration.
    pub fn new(mode: Mode, upstream: impl ToString) -> Self {
        let upstreams = vec![upstream.to_string()];
        Self {
            mode,
            upstreams,
            tls: None,
            plugin: Some(json!({})),
            route: Some(json!({})),
            change: None,
            buffer_limit: None,
            port: 0,
            body_for_bodyless: true,
            callouts: false,
            may_trap: false,
            access_log: false,
            workers: 1,
            version: None,
        }
    }

    /// In front of one upstream, as `address:port`, with the example's own routes and plugin configuration.
    pub fn example(mode: Mode, upstream: impl ToString) -> Self {
        Self {
            mode,
            upstreams: vec![upstream.to_string()],
            tls: None,
            plugin: None,
            route: None,
            change: None,
            buffer_limit: None,
            port: 0,
            body_for_bodyless: true,
            callouts: false,
            may_trap: false,
            access_log: false,
            workers: 1,
            version: None,
        }
    }

    /// With this plugin configuration, to which the mode's own key is added.
    pub fn plugin(mut self, plugin: Value) -> Self {
        self.plugin = Some(plugin);
        self
    }

    /// With one route for all whose action has these members, such as `timeout` and `retry_policy`.
    pub fn route(mut self, action: Value) -> Self {
        self.route = Some(action);
        self
    }

    /// With this further change to Envoy's configuration, made after all others.
    pub fn change(mut self, change: impl FnOnce(&mut EnvoyConfig) -> Result<()> + 'static) -> Self {
        self.change = Some(Box::new(change));
        self
    }

    /// With this buffer limit, in bytes, on both sides of Envoy.
    pub fn buffer_limit(mut self, bytes: u32) -> Self {
        self.buffer_limit = Some(bytes);
        self
    }

    /// On this port of 127.0.0.1.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Without the filter of `envoy/body-for-bodyless.yaml`.
    pub fn without_body_for_bodyless(mut self) -> Self {
        self.body_for_bodyless = false;
        self
    }

    /// With calls of the filter's own for requests without a body (`bodyless_calls`). Only event streams by GET get one.
    pub fn callouts(mut self) -> Self {
        self.callouts = true;
        self
    }

    /// With this number of worker threads, each of which runs the filter in a VM of its own.
    pub fn workers(mut self, workers: u32) -> Self {
        self.workers = workers;
        self
    }

    /// In this Envoy.
    pub fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// With the example's access log, which would be long where a test sends much.
    pub fn with_access_log(mut self) -> Self {
        self.access_log = true;
        self
    }

    /// With a module that may trap.
    pub fn may_trap(mut self) -> Self {
        self.may_trap = true;
        self
    }

    /// Without our filter: an Envoy that passes everything on. In the place of any other change.
    pub fn without_filter(self) -> Self {
        self.change(|config| {
            let filters = config.http_filters()?;
            filters.retain(|filter| filter["name"] != FILTER);
            Ok(())
        })
    }

    /// Speaking TLS to the upstream.
    pub fn tls(mut self, tls: tls::Upstream) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Without any upstream: the cluster has no healthy host.
    pub fn without_upstream(mut self) -> Self {
        self.upstreams.clear();
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When Envoy or the module cannot be had or Envoy does not start, with the end of its log.
    pub fn start(self) -> Gateway {
        self.try_start()
            .unwrap_or_else(|error| panic!("starting Envoy: {error:#}"))
    }

    fn try_start(self) -> Result<Gateway> {
        let mut config = EnvoyConfig::example()?;
        config
            .listen("127.0.0.1", self.port)?
            .admin_port(0)?
            .module(&module::path()?)?;
        match self.upstreams.first() {
            Some(upstream) => config.upstream(upstream)?,
            None => {
                config.cluster(CLUSTER)?["load_assignment"]["endpoints"] = json!([]);
                &mut config
            }
        };
        if let Some(tls) = &self.tls {
            config.upstream_tls(tls)?;
        }
        if !self.body_for_bodyless {
            let filters = config.http_filters()?;
            filters.retain(|filter| filter["name"] != BODY_FOR_BODYLESS);
        }
        if !self.access_log {
            config.connection_manager()?["access_log"] = json!([]);
        }
        if let Some(bytes) = self.buffer_limit {
            config.buffer_limit(bytes)?;
        }
        if let Some(plugin) = &self.plugin {
            config.set_configuration(&plugin.to_string())?;
        }
        if self.callouts {
            config.configuration_key("bodyless_calls", json!("callout"))?;
            for filter in config.http_filters()? {
                if filter["name"] == BODY_FOR_BODYLESS {
                    let lua = &mut filter["typed_config"]["extension_config"]["typed_config"];
                    lua["default_source_code"]["inline_string"] = json!(BODY_FOR_GET);
                }
            }
        }
        config.allow_on_headers_stop_iteration(self.mode == Mode::Full)?;
        if let Some(mut action) = self.route {
            action["cluster"] = json!(CLUSTER);
            let routes = json!([{"match": {"prefix": "/"}, "route": action}]);
            // One for every host, and nothing else.
            let host = json!({"name": CLUSTER, "domains": ["*"], "routes": routes});
            config.connection_manager()?["route_config"]["virtual_hosts"] = json!([host]);
        }
        if let Some(change) = self.change {
            change(&mut config)?;
        }
        let options = envoy::Options {
            concurrency: Some(self.workers),
            version: self.version,
            ..envoy::Options::default()
        };
        let mut gateway = Gateway::around(Envoy::start_with(&config, &options)?)?;
        gateway.may_trap = self.may_trap;
        Ok(gateway)
    }
}

/// Whether a statistic counts something that must not happen to the filter: a VM that traps, is replaced, cannot be
/// replaced, or cannot be loaded.
fn is_failure(name: &str) -> bool {
    let counts = ["vm_reload", "fail", "negative"];
    name.starts_with("wasm.") && counts.iter().any(|word| name.contains(word))
}

/// A running Envoy with the filter, ended when dropped; the test fails then if the filter has trapped, which Envoy
/// hides from clients by starting it anew, or if Envoy has died of it.
pub struct Gateway {
    envoy: Envoy,
    address: SocketAddr,
    vms: u64,
    may_trap: bool,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if !thread::panicking() && !self.may_trap && !self.envoy.process().is_stopped() {
            // Its VM is replaced no earlier than by the next request.
            let _ = h1::send(self.address, &Request::new("OPTIONS", "/v3/kv/range"));
            let stats = self.envoy.stats();
            let mut stats = stats.unwrap_or_else(|error| panic!("Envoy is gone: {error:#}"));
            stats.retain(|(name, value)| match name.as_str() {
                VMS_CREATED => *value > self.vms,
                name => is_failure(name) && *value > 0,
            });
            assert!(stats.is_empty(), "the filter has failed: {stats:?}");
        }
    }
}

impl Gateway {
    /// In front of a scripted upstream, with this plugin configuration and Envoy's default route.
    ///
    /// # Panics
    /// As [`Setup::start`].
    pub fn start(mode: Mode, plugin: Value, upstream: &Upstream) -> Self {
        Setup::new(mode, upstream.address()).plugin(plugin).start()
    }

    /// Around an Envoy that something else has configured.
    pub fn around(envoy: Envoy) -> Result<Self> {
        let address = envoy.address().parse()?;
        let vms = envoy.admin_stat(VMS_CREATED)?;
        Ok(Gateway {
            envoy,
            address,
            vms,
            may_trap: false,
        })
    }

    /// Takes the VMs that there are for wanted: a new configuration may have made some.
    pub fn accept_vms(&mut self) -> Result<()> {
        self.vms = self.envoy.admin_stat(VMS_CREATED)?;
        Ok(())
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` and [`address`](Self::address).
    pub fn url(&self) -> String {
        self.envoy.url()
    }

    /// The Envoy.
    pub fn envoy(&mut self) -> &mut Envoy {
        &mut self.envoy
    }

    /// The Envoy process, for what it uses and has logged.
    pub fn process(&mut self) -> &mut Process {
        self.envoy.process()
    }

    /// Sends a request over HTTP/1.1 on a connection of its own.
    ///
    /// # Panics
    /// When no response head comes.
    pub fn send(&self, request: &Request) -> Response {
        h1::send(self.address, request)
            .unwrap_or_else(|error| panic!("HTTP/1.1 {} {}: {error}", request.method, request.path))
    }

    /// Sends a request over HTTP/2 on a connection of its own.
    ///
    /// # Panics
    /// When no response head comes.
    pub fn send_h2(&self, request: &Request) -> Response {
        h2::send(self.address, request)
            .unwrap_or_else(|error| panic!("HTTP/2 {} {}: {error}", request.method, request.path))
    }

    /// POSTs a JSON body over HTTP/1.1.
    ///
    /// # Panics
    /// As [`Gateway::send`].
    pub fn post(&self, path: &str, body: &str) -> Response {
        self.send(&Request::post(path, body).header("Content-Type", "application/json"))
    }
}
