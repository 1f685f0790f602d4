//! A policy per route: an instance of the plugin for each, of which a route chooses its own.

use serde_json::{Value, json};
use testbed::client::Request;
use testbed::gateway::{Mode, Setup};
use testbed::upstream::{Script, Upstream};
use testbed::yaml;

use crate::calls::Call;

const OURS: &str = "etcd_json_gateway";

/// What a route says to have a filter that is otherwise switched off, as the document has it for the first tenant.
fn enable(tenant: &str) -> Value {
    let document = include_str!("../../../../docs/tenants.md");
    let (_, rest) = document.split_once("```yaml\n").unwrap();
    let (fence, _) = rest.split_once("```").unwrap();
    let route = yaml::parse(&fence.replace(&format!("{OURS}_a"), &format!("{OURS}_{tenant}")));
    route.unwrap()["typed_per_filter_config"].clone()
}

#[test]
fn a_route_chooses_an_instance_and_with_it_a_policy() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .change(|config| {
                let filters = config.http_filters()?;
                let at = filters
                    .iter()
                    .position(|filter| filter["name"] == OURS)
                    .unwrap();
                let ours = filters.remove(at);
                for tenant in ["b", "a"] {
                    let mut filter = ours.clone();
                    filter["name"] = json!(format!("{OURS}_{tenant}"));
                    filter["disabled"] = json!(true);
                    let text = &mut filter["typed_config"]["config"]["configuration"]["value"];
                    let mut plugin: Value = serde_json::from_str(text.as_str().unwrap())?;
                    plugin["policies"] = json!([{"name": "p", "keys": [format!("/{tenant}/")]}]);
                    *text = json!(plugin.to_string());
                    filters.insert(at, filter);
                }
                let route = |tenant: &str| {
                    let header = json!({"name": "x-route", "string_match": {"exact": tenant}});
                    json!({
                        "match": {"prefix": "/", "headers": [header]},
                        "route": {"cluster": "etcd"},
                        "typed_per_filter_config": enable(tenant),
                    })
                };
                *config.routes()? = vec![route("a"), route("b")];
                Ok(())
            })
            .start();
        for (tenant, key, allowed) in [
            ("a", "/a/x", true),
            ("a", "/b/x", false),
            ("b", "/b/x", true),
            ("b", "/a/x", false),
        ] {
            let case = format!("{mode:?} {tenant} {key}");
            let call = Call::new("/kv/range", format!(r#"{{"key":'{key}'}}"#));
            let json = Request::post("/v3/kv/range", call.json()).header("x-route", tenant);
            let response = gateway.send(&json);
            let status = if allowed { 200 } else { 403 };
            assert_eq!(response.status, status, "{case}: {response:?}");
            let native = gateway.send_h2(&call.native(&[]).header("x-route", tenant));
            let refused = native.header("grpc-status").as_deref() == Some("7");
            assert_eq!(refused, !allowed, "{case}: {native:?}");
            let sent = upstream.take();
            let sent = sent.iter().flat_map(|call| call.messages()).count();
            assert_eq!(sent, if allowed { 2 } else { 0 }, "{case}");
        }
    }
}

#[test]
fn no_spelling_of_a_host_has_its_routes_and_the_policy_of_others() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    let plugin = json!({"policies": [
        {"name": "p", "header": ":authority: a.example", "keys": ["/a/"]},
        {"name": "rest"},
    ]});
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .plugin(plugin.clone())
            .change(|config| {
                let manager = config.connection_manager()?;
                let host = &mut manager["route_config"]["virtual_hosts"][0];
                host["domains"] = json!(["a.example"]);
                manager["route_config"]["ignore_port_in_host_matching"] = json!(true);
                Ok(())
            })
            .start();
        let outside = Call::new("/kv/range", r#"{"key":'/b/x'}"#.to_owned());
        for host in ["a.example", "A.EXAMPLE", "a.example:8379", "A.example:1"] {
            let json = Request::post("/v3/kv/range", outside.json()).header("host", host);
            let response = gateway.send(&json);
            assert_eq!(response.status, 403, "{mode:?} {host}: {response:?}");
            let sent = upstream.take();
            let sent = sent.iter().flat_map(|call| call.messages()).count();
            assert_eq!(sent, 0, "{mode:?} {host}");
        }
        let within = Call::new("/kv/range", r#"{"key":'/a/x'}"#.to_owned());
        let json = Request::post("/v3/kv/range", within.json()).header("host", "A.example:1");
        assert_eq!(gateway.send(&json).status, 200, "{mode:?}");
        upstream.take();
    }
}
