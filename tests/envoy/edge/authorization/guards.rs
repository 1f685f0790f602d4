//! Rules that allow reads and deny all else, in the ways in which Envoy's operators write them.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::envoy_config::EnvoyConfig;
use testbed::upstream::{Script, Upstream};

use crate::{READS, paths};

const OURS: &str = "etcd_json_gateway";
const RBAC: &str = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC";

/// Who judges.
#[derive(Clone, Copy, Debug)]
pub enum Guard {
    /// RBAC with a list of what is allowed.
    Allow,
    /// RBAC with a list of what is denied, which must then have every path.
    Deny,
    /// RBAC by route: the route of all else denies.
    Routes,
    /// A server of one's own.
    ExtAuthz,
}

/// Where it stands in the filter chain.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// It sees JSON paths.
    Before,
    /// It sees gRPC paths.
    Behind,
}

fn is_read(path: &str) -> bool {
    READS.contains(&path)
}

/// A server that ext_authz asks.
pub fn authorizer() -> Upstream {
    let authorizer = Upstream::start().unwrap();
    let allowed = paths(is_read);
    authorizer.always_with(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        let status = if allowed.iter().any(|read| read == path) {
            200
        } else {
            403
        };
        Script::http(status, "text/plain", b"")
    });
    authorizer
}

impl Guard {
    /// Puts it into the chain.
    pub fn add(self, place: Place, authorizer: SocketAddr, config: &mut EnvoyConfig) -> Result<()> {
        let filter = match self {
            Guard::Allow => rbac(rules("ALLOW", &paths(is_read))),
            Guard::Deny => rbac(rules("DENY", &paths(|path| !is_read(path)))),
            Guard::Routes => {
                *config.routes()? = routes();
                rbac(json!({}))
            }
            Guard::ExtAuthz => {
                let mut cluster = config.cluster("etcd")?.clone();
                cluster["name"] = json!("authorizer");
                let endpoint =
                    "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
                let socket = cluster.pointer_mut(endpoint).context("no endpoint")?;
                socket["address"] = json!(authorizer.ip().to_string());
                socket["port_value"] = json!(authorizer.port());
                let clusters = &mut config.bootstrap()["static_resources"]["clusters"];
                clusters
                    .as_array_mut()
                    .context("no clusters")?
                    .push(cluster);
                ext_authz()
            }
        };
        let filters = config.http_filters()?;
        let ours = filters.iter().position(|filter| filter["name"] == OURS);
        let ours = ours.context("no filter of ours")?;
        let at = match place {
            Place::Before => ours,
            Place::Behind => ours + 1,
        };
        filters.insert(at, json!({"name": "guard", "typed_config": filter}));
        Ok(())
    }
}

fn rbac(rules: Value) -> Value {
    let mut filter = json!({"@type": RBAC});
    if rules != json!({}) {
        filter["rules"] = rules;
    }
    filter
}

fn rules(action: &str, paths: &[String]) -> Value {
    let exact = |path: &String| json!({"url_path": {"path": {"exact": path}}});
    let permissions: Vec<Value> = paths.iter().map(exact).collect();
    let policy = json!({"permissions": permissions, "principals": [{"any": true}]});
    json!({"action": action, "policies": {"rule": policy}})
}

/// A route for everything that is allowed, and one that denies all else.
fn routes() -> Vec<Value> {
    let to_etcd = json!({"cluster": "etcd"});
    let mut routes: Vec<Value> = paths(is_read)
        .iter()
        .map(|path| json!({"match": {"path": path}, "route": to_etcd}))
        .collect();
    let nothing = json!({"action": "ALLOW", "policies": {}});
    let denial = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
        "rbac": {"rules": nothing},
    });
    routes.push(json!({
        "match": {"prefix": "/"},
        "route": to_etcd,
        "typed_per_filter_config": {"guard": denial},
    }));
    routes
}

fn ext_authz() -> Value {
    json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        "http_service": {"server_uri": {"uri": "http://authorizer", "cluster": "authorizer", "timeout": "5s"}},
    })
}
