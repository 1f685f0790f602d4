//! Envoy configurations: the files that users copy, with the places changed that must differ from one run to the next.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{project_root, yaml};

/// The least that the plugin configuration takes as the listener's buffer limit.
const SMALLEST_BUFFER: u32 = 32 << 10;

/// An Envoy bootstrap whose first listener has our filter in its first HTTP connection manager.
#[derive(Clone, Debug)]
pub struct EnvoyConfig {
    bootstrap: Value,
}

impl EnvoyConfig {
    /// The full example, `envoy/envoy.yaml`, with what this project's Envoy serves itself.
    pub fn example() -> Result<EnvoyConfig> {
        let mut config = EnvoyConfig::from_yaml(&project_root().join("envoy/envoy.yaml"))?;
        config.page(&project_root().join("envoy/page"))?;
        Ok(config)
    }

    /// The bootstrap in `file`.
    pub fn from_yaml(file: &Path) -> Result<EnvoyConfig> {
        let bootstrap = yaml::read(file)?;
        Ok(EnvoyConfig { bootstrap })
    }

    /// The bootstrap in this text.
    pub fn from_text(text: &str) -> Result<EnvoyConfig> {
        let bootstrap = yaml::parse(text)?;
        Ok(EnvoyConfig { bootstrap })
    }

    /// Where the listener accepts; port 0 lets the kernel choose.
    pub fn listen(&mut self, address: &str, port: u16) -> Result<&mut Self> {
        let socket = at(self.listener()?, "/address/socket_address")?;
        socket["address"] = json!(address);
        socket["port_value"] = json!(port);
        Ok(self)
    }

    /// The port of the admin interface on its own address; 0 lets the kernel choose.
    pub fn admin_port(&mut self, port: u16) -> Result<&mut Self> {
        at(&mut self.bootstrap, "/admin/address/socket_address")?["port_value"] = json!(port);
        Ok(self)
    }

    /// The one endpoint of every cluster, such as `127.0.0.1:2379`.
    pub fn upstream(&mut self, address: &str) -> Result<&mut Self> {
        let (host, port) = address
            .rsplit_once(':')
            .with_context(|| format!("{address} has no port"))?;
        let port: u16 = port
            .parse()
            .with_context(|| format!("the port of {address}"))?;
        for cluster in list(&mut self.bootstrap, "/static_resources/clusters")? {
            let endpoint =
                "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
            let socket = at(cluster, endpoint)?;
            socket["address"] = json!(host);
            socket["port_value"] = json!(port);
        }
        Ok(self)
    }

    /// The endpoints of every cluster of etcd's, as many as it has, on this machine.
    pub fn members(&mut self, ports: &[u16]) -> Result<&mut Self> {
        for name in ["etcd", "etcd_http"] {
            let endpoints = "/load_assignment/endpoints/0/lb_endpoints";
            let endpoints = list(self.cluster(name)?, endpoints)?;
            ensure!(
                endpoints.len() == ports.len(),
                "{name} has {} members",
                endpoints.len()
            );
            for (endpoint, port) in endpoints.iter_mut().zip(ports) {
                let socket = at(endpoint, "/endpoint/address/socket_address")?;
                *socket = json!({"address": "127.0.0.1", "port_value": port});
            }
        }
        Ok(self)
    }

    /// TLS to the upstream, in every cluster: HTTP/2 for gRPC, HTTP/1.1 for what etcd serves beside it.
    #[cfg(feature = "scripts")]
    pub fn upstream_tls(&mut self, tls: &crate::tls::Upstream) -> Result<&mut Self> {
        for cluster in list(&mut self.bootstrap, "/static_resources/clusters")? {
            let is_grpc = cluster.get("typed_extension_protocol_options").is_some();
            let protocol = if is_grpc { "h2" } else { "http/1.1" };
            cluster["transport_socket"] = tls.transport_socket(protocol);
        }
        Ok(self)
    }

    /// The Wasm module's file.
    pub fn module(&mut self, file: &Path) -> Result<&mut Self> {
        at(self.plugin()?, "/vm_config/code/local")?["filename"] = json!(file);
        Ok(self)
    }

    /// Where the files are that Envoy serves itself.
    pub fn page(&mut self, folder: &Path) -> Result<&mut Self> {
        for route in self.routes()? {
            if let Some(file) = route.pointer_mut("/direct_response/body/filename") {
                let name = file.as_str().and_then(|file| file.rsplit('/').next());
                *file = json!(folder.join(name.context("a file without a name")?));
            }
        }
        Ok(self)
    }

    /// The running mode, in both places that must agree: Envoy's field and the plugin configuration's key.
    pub fn allow_on_headers_stop_iteration(&mut self, allow: bool) -> Result<&mut Self> {
        self.plugin()?["allow_on_headers_stop_iteration"] = json!(allow);
        self.configuration_key("allow_on_headers_stop_iteration", json!(allow))
    }

    /// One key of the plugin configuration, the others as they are.
    pub fn configuration_key(&mut self, key: &str, value: Value) -> Result<&mut Self> {
        let mut configuration = self.configuration()?;
        ensure!(
            configuration.is_object(),
            "the plugin configuration is no object"
        );
        configuration[key] = value;
        self.set_configuration(&configuration.to_string())
    }

    /// The whole plugin configuration, as text that need not be valid.
    pub fn set_configuration(&mut self, text: &str) -> Result<&mut Self> {
        at(self.plugin()?, "/configuration")?["value"] = json!(text);
        Ok(self)
    }

    /// `per_connection_buffer_limit_bytes` of the listener and of every cluster, and the plugin configuration's key
    /// that must not be above it.
    pub fn buffer_limit(&mut self, bytes: u32) -> Result<&mut Self> {
        self.configuration_key("listener_buffer_bytes", json!(bytes.max(SMALLEST_BUFFER)))?;
        self.listener()?["per_connection_buffer_limit_bytes"] = json!(bytes);
        for cluster in list(&mut self.bootstrap, "/static_resources/clusters")? {
            cluster["per_connection_buffer_limit_bytes"] = json!(bytes);
        }
        Ok(self)
    }

    /// The plugin configuration as it is now.
    pub fn configuration(&mut self) -> Result<Value> {
        let text = at(self.plugin()?, "/configuration/value")?;
        Ok(serde_json::from_str(
            text.as_str()
                .context("the plugin configuration is no text")?,
        )?)
    }

    /// The listener (`envoy.config.listener.v3.Listener`), for other changes.
    pub fn listener(&mut self) -> Result<&mut Value> {
        at(&mut self.bootstrap, "/static_resources/listeners/0")
    }

    /// The HTTP connection manager's `typed_config`, which holds the HTTP filters and the routes.
    pub fn connection_manager(&mut self) -> Result<&mut Value> {
        at(self.listener()?, "/filter_chains/0/filters/0/typed_config")
    }

    /// The routes of the one virtual host.
    pub fn routes(&mut self) -> Result<&mut Vec<Value>> {
        list(
            self.connection_manager()?,
            "/route_config/virtual_hosts/0/routes",
        )
    }

    /// The HTTP filters, ours and the router.
    pub fn http_filters(&mut self) -> Result<&mut Vec<Value>> {
        list(self.connection_manager()?, "/http_filters")
    }

    /// Our filter's `envoy.extensions.wasm.v3.PluginConfig`.
    pub fn plugin(&mut self) -> Result<&mut Value> {
        let wasm = self.http_filters()?.iter_mut().find(|filter| {
            let filter_type = filter
                .pointer("/typed_config/@type")
                .and_then(Value::as_str);
            filter_type.is_some_and(|name| name.ends_with(".http.wasm.v3.Wasm"))
        });
        at(wasm.context("no Wasm filter")?, "/typed_config/config")
    }

    /// The cluster called `name` (`envoy.config.cluster.v3.Cluster`), for other changes.
    pub fn cluster(&mut self, name: &str) -> Result<&mut Value> {
        let clusters = list(&mut self.bootstrap, "/static_resources/clusters")?;
        clusters
            .iter_mut()
            .find(|cluster| cluster["name"] == name)
            .with_context(|| format!("no cluster {name}"))
    }

    /// Without the pings that ask HTTP/2 peers whether they are there: a test's own are slow to answer under a flood.
    pub fn without_pings(&mut self) -> Result<&mut Self> {
        let downstream = &mut self.connection_manager()?["http2_protocol_options"];
        if let Some(options) = downstream.as_object_mut() {
            options.remove("connection_keepalive");
        }
        let upstream = self.upstream_http2()?.as_object_mut();
        upstream
            .context("no options")?
            .remove("connection_keepalive");
        Ok(self)
    }

    /// The options of HTTP/2 to etcd (`envoy.config.core.v3.Http2ProtocolOptions`).
    pub fn upstream_http2(&mut self) -> Result<&mut Value> {
        let options = "/typed_extension_protocol_options/envoy.extensions.upstreams.http.v3.HttpProtocolOptions\
                       /explicit_http_config/http2_protocol_options";
        at(self.cluster("etcd")?, options)
    }

    /// The whole bootstrap, for other changes.
    pub fn bootstrap(&mut self) -> &mut Value {
        &mut self.bootstrap
    }

    /// Writes it as JSON, which Envoy reads from a file whose name ends in `.json`.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.bootstrap)?;
        fs::write(file, text).with_context(|| format!("writing {}", file.display()))
    }
}

fn at<'a>(value: &'a mut Value, pointer: &str) -> Result<&'a mut Value> {
    value
        .pointer_mut(pointer)
        .with_context(|| format!("the Envoy configuration has no {pointer} where expected"))
}

fn list<'a>(value: &'a mut Value, pointer: &str) -> Result<&'a mut Vec<Value>> {
    at(value, pointer)?
        .as_array_mut()
        .with_context(|| format!("{pointer} is no list"))
}
