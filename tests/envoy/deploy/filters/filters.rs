//! Envoy's filters as users configure them, with settings that change nothing of an answer where they can be set so.

use std::path::Path;

use serde_json::{Value, json};

use crate::calls::ORIGIN;

/// The cluster of the service that a filter asks.
pub const SERVICE: &str = "service";

/// An entry of `http_filters`; `kind` is what lies between `envoy.extensions.filters.http.` and the end of its type.
fn http(kind: &str, mut config: Value) -> Value {
    config["@type"] = json!(format!(
        "type.googleapis.com/envoy.extensions.filters.http.{kind}"
    ));
    json!({"name": format!("tried.{kind}"), "typed_config": config})
}

fn library(kind: &str) -> Value {
    json!({"name": "library", "typed_config": {
        "@type": format!("type.googleapis.com/envoy.extensions.compression.{kind}"),
    }})
}

fn always(key: &str) -> Value {
    json!({"default_value": {"numerator": 100, "denominator": "HUNDRED"}, "runtime_key": key})
}

pub fn compressor() -> Value {
    let library = library("gzip.compressor.v3.Gzip");
    http(
        "compressor.v3.Compressor",
        json!({"compressor_library": library}),
    )
}

pub fn decompressor() -> Value {
    let library = library("gzip.decompressor.v3.Gzip");
    http(
        "decompressor.v3.Decompressor",
        json!({"decompressor_library": library}),
    )
}

pub fn buffer() -> Value {
    http("buffer.v3.Buffer", json!({"max_request_bytes": 1 << 20}))
}

pub fn ext_authz() -> Value {
    let service = json!({"envoy_grpc": {"cluster_name": SERVICE}});
    http(
        "ext_authz.v3.ExtAuthz",
        json!({"grpc_service": service, "transport_api_version": "V3"}),
    )
}

/// Allows the paths on its own side of ours.
pub fn rbac(prefix: &str) -> Value {
    let permission = json!({"url_path": {"path": {"prefix": prefix}}});
    let policy = json!({"permissions": [permission], "principals": [{"any": true}]});
    http(
        "rbac.v3.RBAC",
        json!({"rules": {"action": "ALLOW", "policies": {"ours": policy}}}),
    )
}

pub fn jwt_authn() -> Value {
    let keys = json!({"keys": [{"kty": "oct", "alg": "HS256", "kid": "k", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]});
    let provider = json!({"issuer": "i", "local_jwks": {"inline_string": keys.to_string()}});
    let rule = json!({"match": {"prefix": "/"}, "requires": {"requires_any": {"requirements": [
        {"provider_name": "p"}, {"allow_missing": {}},
    ]}}});
    http(
        "jwt_authn.v3.JwtAuthentication",
        json!({"providers": {"p": provider}, "rules": [rule]}),
    )
}

pub fn csrf() -> Value {
    http(
        "csrf.v3.CsrfPolicy",
        json!({
            "filter_enabled": always("csrf"), "additional_origins": [{"exact": ORIGIN.trim_start_matches("http://")}],
        }),
    )
}

pub fn local_ratelimit() -> Value {
    http(
        "local_ratelimit.v3.LocalRateLimit",
        json!({
            "stat_prefix": "tried",
            "token_bucket": {"max_tokens": 10_000, "tokens_per_fill": 10_000, "fill_interval": "1s"},
            "filter_enabled": always("limited"), "filter_enforced": always("limited"),
        }),
    )
}

pub fn cors() -> Value {
    http("cors.v3.Cors", json!({}))
}

pub fn header_mutation() -> Value {
    let append = json!({"append": {"header": {"key": "x-tried", "value": "yes"}}});
    http(
        "header_mutation.v3.HeaderMutation",
        json!({"mutations": {"response_mutations": [append]}}),
    )
}

/// KiB a second, at which the largest call lasts half a second.
const RATE: u32 = 4096;

pub fn fault() -> Value {
    let limit = json!({"percentage": {"numerator": 100}, "fixed_limit": {"limit_kbps": RATE}});
    http("fault.v3.HTTPFault", json!({"response_rate_limit": limit}))
}

pub fn bandwidth_limit() -> Value {
    http(
        "bandwidth_limit.v3.BandwidthLimit",
        json!({
            "stat_prefix": "tried", "enable_mode": "REQUEST_AND_RESPONSE", "limit_kbps": RATE, "fill_interval": "0.02s",
        }),
    )
}

pub fn grpc_web() -> Value {
    http("grpc_web.v3.GrpcWeb", json!({}))
}

pub fn grpc_stats() -> Value {
    http(
        "grpc_stats.v3.FilterConfig",
        json!({"emit_filter_state": true, "stats_for_all_methods": true}),
    )
}

pub fn health_check() -> Value {
    let path = json!({"name": ":path", "string_match": {"exact": "/healthz"}});
    http(
        "health_check.v3.HealthCheck",
        json!({"pass_through_mode": false, "headers": [path]}),
    )
}

pub fn lua(code: &str) -> Value {
    http(
        "lua.v3.Lua",
        json!({"default_source_code": {"inline_string": code}}),
    )
}

pub const LUA_HEADERS: &str = r#"
function envoy_on_request(request) request:headers():add("x-tried", "yes") end
function envoy_on_response(response) response:headers():add("x-tried", "yes") end
"#;

pub const LUA_CALL: &str = r#"
function envoy_on_response(response)
  response:httpCall("service", {[":method"] = "POST", [":path"] = "/x", [":authority"] = "x"}, "", 5000)
end
"#;

pub const LUA_BODY: &str = r#"
function envoy_on_request(request) request:body() end
function envoy_on_response(response) response:body() end
"#;

pub const LUA_CHUNKS: &str = r#"
function envoy_on_response(response)
  for chunk in response:bodyChunks() do
    if chunk:length() > 0 then
      response:httpCall("service", {[":method"] = "POST", [":path"] = "/x", [":authority"] = "x"}, "", 5000)
    end
  end
end
"#;

/// An external processor, with this `processing_mode`.
pub fn ext_proc(mode: Value) -> Value {
    let service = json!({"envoy_grpc": {"cluster_name": SERVICE}});
    http(
        "ext_proc.v3.ExternalProcessor",
        json!({
            "grpc_service": service, "processing_mode": mode, "message_timeout": "5s",
        }),
    )
}

/// A module of one's own, in a VM of its own.
pub fn wasm(file: &Path, configuration: &str, full: bool) -> Value {
    http(
        "wasm.v3.Wasm",
        json!({"config": {
            "name": "tried", "failure_policy": "FAIL_RELOAD", "allow_on_headers_stop_iteration": full,
            "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": configuration},
            "vm_config": {"vm_id": "tried", "runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": file}}},
        }}),
    )
}
