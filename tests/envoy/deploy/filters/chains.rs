//! The chains that are tried: one of Envoy's filters in front of ours or behind it.

use std::path::PathBuf;
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{FILTER, Gateway, Mode, Setup};
use testbed::upstream::Upstream;
use testbed::{module, scratch};

use crate::calls::{Call, ORIGIN};
use crate::filters::{self, SERVICE};
use crate::services::{self, Asked};

/// On which side of ours a filter stands: nearer to the client or to etcd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Front,
    Behind,
}

/// What the client of a call sees, beside what it sees without the other filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The same bytes, and of a stream each as it comes.
    Same,
    /// The same bytes, of a stream only at its end.
    Whole,
    /// The same bytes or an error that the client sees, never less.
    WholeOrError,
}

/// One call through one chain.
#[derive(Clone, Copy)]
pub struct Case {
    pub place: Place,
    pub mode: Mode,
    pub call: Call,
}

/// A filter beside ours.
pub struct Beside {
    /// As the documentation calls it.
    pub name: &'static str,
    pub filter: fn(Place, Mode) -> Value,
    pub service: Option<fn() -> Upstream>,
    pub expected: fn(Case) -> Expected,
}

fn same(_: Case) -> Expected {
    Expected::Same
}

/// Beside a filter that keeps a whole answer, or as much of it as its buffer takes.
fn kept(case: Case) -> Expected {
    match case.call {
        Call::Watch | Call::Events => Expected::Whole,
        Call::Large | Call::Snapshot | Call::Late => Expected::WholeOrError,
        _ => Expected::Same,
    }
}

/// Beside a filter that lets an answer's body through slowly and keeps its end so long.
fn slowed(case: Case) -> Expected {
    match (case.place, case.call) {
        (Place::Behind, Call::Large | Call::Snapshot) => Expected::WholeOrError,
        _ => Expected::Same,
    }
}

/// Beside a filter that asks somebody about each chunk.
fn asked(case: Case) -> Expected {
    match (case.place, case.call) {
        (Place::Behind, Call::Large | Call::Snapshot) if case.mode == Mode::Full => {
            Expected::WholeOrError
        }
        _ => Expected::Same,
    }
}

pub const fn plain(name: &'static str, filter: fn(Place, Mode) -> Value) -> Beside {
    Beside {
        name,
        filter,
        service: None,
        expected: same,
    }
}

pub static BESIDE: &[Beside] = &[
    plain("compressor", |_, _| filters::compressor()),
    plain("decompressor", |_, _| filters::decompressor()),
    plain("buffer", |_, _| filters::buffer()),
    Beside {
        service: Some(services::authorization),
        ..plain("ext_authz", |_, _| filters::ext_authz())
    },
    plain("rbac", |place, _| match place {
        Place::Front => filters::rbac("/v3/"),
        Place::Behind => filters::rbac("/etcdserverpb."),
    }),
    plain("jwt_authn", |_, _| filters::jwt_authn()),
    plain("csrf", |_, _| filters::csrf()),
    plain("local_ratelimit", |_, _| filters::local_ratelimit()),
    plain("cors", |_, _| filters::cors()),
    plain("header_mutation", |_, _| filters::header_mutation()),
    Beside {
        expected: slowed,
        ..plain("fault, `response_rate_limit`", |_, _| filters::fault())
    },
    Beside {
        expected: slowed,
        ..plain("bandwidth_limit", |_, _| filters::bandwidth_limit())
    },
    plain("grpc_web", |_, _| filters::grpc_web()),
    plain("grpc_stats", |_, _| filters::grpc_stats()),
    plain("health_check", |_, _| filters::health_check()),
    plain("lua, headers", |_, _| filters::lua(filters::LUA_HEADERS)),
    Beside {
        service: Some(services::authorization),
        ..plain("lua, `httpCall`", |_, _| filters::lua(filters::LUA_CALL))
    },
    Beside {
        expected: kept,
        ..plain("lua, `body()`", |_, _| filters::lua(filters::LUA_BODY))
    },
    Beside {
        expected: kept,
        service: Some(services::authorization),
        ..plain("lua, `httpCall` for each chunk", |_, _| {
            filters::lua(filters::LUA_CHUNKS)
        })
    },
    Beside {
        service: Some(|| {
            services::processor(&[Asked::RequestHeaders, Asked::ResponseHeaders], false)
        }),
        ..plain("ext_proc, heads", |_, _| filters::ext_proc(json!({})))
    },
    Beside {
        expected: asked,
        service: Some(|| services::processor(&[Asked::ResponseHeaders], true)),
        ..plain("ext_proc, body `STREAMED`", |_, _| {
            filters::ext_proc(
                json!({"request_header_mode": "SKIP", "response_body_mode": "STREAMED"}),
            )
        })
    },
    Beside {
        expected: kept,
        service: Some(|| services::processor(&[Asked::ResponseHeaders], true)),
        ..plain("ext_proc, body `BUFFERED`", |_, _| {
            filters::ext_proc(
                json!({"request_header_mode": "SKIP", "response_body_mode": "BUFFERED"}),
            )
        })
    },
    plain("wasm, another module", |_, mode| {
        filters::wasm(&NOTHING.1, "", mode == Mode::Full)
    }),
    plain("wasm, ours once more", |_, mode| {
        let full = mode == Mode::Full;
        let configuration = json!({"allow_on_headers_stop_iteration": full}).to_string();
        filters::wasm(&module::path().unwrap(), &configuration, full)
    }),
];

/// A module that does nothing, and the folder that it is in.
static NOTHING: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = scratch::folder("module").unwrap();
    let file = folder.path().join("nothing.wasm");
    let text = include_str!("../../../../benches/cost/nothing.wat");
    std::fs::write(&file, wat::parse_str(text).unwrap()).unwrap();
    (folder, file)
});

/// An Envoy with such a chain, and what must live as long.
pub struct Chain {
    pub gateway: Gateway,
    _service: Option<Upstream>,
}

impl Beside {
    /// Starts it.
    pub fn start(&self, place: Place, mode: Mode, upstream: &Upstream) -> Chain {
        self.start_with(place, mode, upstream, json!({}))
    }

    /// The same with a plugin configuration.
    pub fn start_with(
        &self,
        place: Place,
        mode: Mode,
        upstream: &Upstream,
        plugin: Value,
    ) -> Chain {
        let service = self.service.map(|start| start());
        let filter = (self.filter)(place, mode);
        let buffer = plugin["listener_buffer_bytes"].clone();
        let address = service.as_ref().map(Upstream::address);
        let gateway = Setup::new(mode, upstream.address())
            .plugin(plugin)
            .without_body_for_bodyless()
            .change(move |config| {
                if let Some(address) = address {
                    add_service(config, &address.to_string())?;
                }
                allow_origin(config)?;
                if buffer.is_number() {
                    // Of an HTTP/2 stream Envoy's buffer is as large as its window.
                    let manager = config.connection_manager()?;
                    manager["http2_protocol_options"]["initial_stream_window_size"] =
                        buffer.clone();
                    config.listener()?["per_connection_buffer_limit_bytes"] = buffer;
                }
                let filters = config.http_filters()?;
                let ours = filters.iter().position(|filter| filter["name"] == FILTER);
                let at = ours.unwrap() + usize::from(place == Place::Behind);
                filters.insert(at, filter);
                Ok(())
            })
            .start();
        Chain {
            gateway,
            _service: service,
        }
    }
}

/// Ours alone.
pub fn alone(mode: Mode, upstream: &Upstream) -> Gateway {
    let setup = Setup::new(mode, upstream.address()).without_body_for_bodyless();
    setup.start()
}

/// A cluster like etcd's.
fn add_service(config: &mut EnvoyConfig, address: &str) -> Result<()> {
    let mut cluster = config.cluster("etcd")?.clone();
    let (host, port) = address.rsplit_once(':').unwrap();
    let port: u16 = port.parse()?;
    cluster["name"] = json!(SERVICE);
    cluster["load_assignment"] = json!({"cluster_name": SERVICE, "endpoints": [{"lb_endpoints": [
        {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}},
    ]}]});
    let clusters = config.bootstrap().pointer_mut("/static_resources/clusters");
    clusters.unwrap().as_array_mut().unwrap().push(cluster);
    Ok(())
}

/// What Envoy's own CORS filter goes by.
fn allow_origin(config: &mut EnvoyConfig) -> Result<()> {
    let host = config
        .connection_manager()?
        .pointer_mut("/route_config/virtual_hosts/0");
    host.unwrap()["typed_per_filter_config"] = json!({"tried.cors.v3.Cors": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": ORIGIN}],
    }});
    Ok(())
}
