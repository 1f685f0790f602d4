//! The files that users copy agree with each other, with the filter and with what they are files of.
//!
//! That they also work is seen in real Envoy: `tests/envoy/deploy/examples.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

mod compatibility;
mod fences;
mod generate;

use std::env;
use std::fs;

use anyhow::{Context, Result};
use boon::{Compiler, Schemas};
use etcd_json_gateway::config::{Config, WriteRetries};
use etcd_json_gateway::schema::tables;
use serde_json::{Value, json};
use testbed::envoy_config::EnvoyConfig;
use testbed::{project_root, yaml};

/// Calls that answer once, but only when something happens, or after rewriting the whole database.
const SLOW_CALLS: [&str; 3] = [
    "/v3lockpb.Lock/Lock",
    "/v3electionpb.Election/Campaign",
    "/etcdserverpb.Maintenance/Defragment",
];

fn read(file: &str) -> Result<Value> {
    yaml::read(&project_root().join(file))
}

fn parse(configuration: &Value) -> Config {
    Config::parse(configuration.to_string().as_bytes()).unwrap()
}

#[test]
fn the_examples_are_generated_from_their_base() -> Result<()> {
    for example in generate::examples()?.into_iter().chain(generate::chart()?) {
        if env::var_os("REGENERATE").is_some() {
            fs::write(example.path(), &example.text)?;
        }
        assert!(
            fs::read_to_string(example.path()).unwrap_or_default() == example.text,
            "envoy/{} is not what envoy/base makes: run `cargo xtask generate`",
            example.file
        );
    }
    Ok(())
}

#[test]
fn the_compose_file_is_valid() -> Result<()> {
    let schema = fs::read_to_string(project_root().join("tests/deployment/compose-spec.json"))?;
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler
        .add_resource("compose-spec.json", serde_json::from_str(&schema)?)
        .unwrap();
    let schema = compiler.compile("compose-spec.json", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(&read("docker-compose.yml")?, schema) {
        panic!("{error}");
    }
    Ok(())
}

#[test]
fn the_compose_file_provides_what_the_example_expects() -> Result<()> {
    let compose = read("docker-compose.yml")?;
    let envoy = &compose["services"]["envoy"];
    let mount = &envoy["volumes"][0];
    assert_eq!(mount["source"], "./envoy/three-members.yaml");
    let mut example = EnvoyConfig::from_yaml(&project_root().join("envoy/three-members.yaml"))?;
    assert_eq!(envoy["command"], json!(["--config-path", mount["target"]]));

    // Envoy's, on this machine alone, as is all that the file opens.
    let port = example.listener()?["address"]["socket_address"]["port_value"].clone();
    assert_eq!(envoy["ports"][0], format!("127.0.0.1:{port}:{port}"));
    let services = compose["services"].as_object().context("no services")?;
    let ports = services.values().flat_map(|service| {
        let ports = service["ports"].as_array();
        ports.into_iter().flatten()
    });
    for port in ports {
        assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{port}");
    }

    let endpoints =
        &example.cluster("etcd")?["load_assignment"]["endpoints"][0]["lb_endpoints"].clone();
    for endpoint in endpoints.as_array().context("no members")? {
        let name = &endpoint["endpoint"]["address"]["socket_address"]["address"];
        let name = name.as_str().unwrap();
        let flags = services[name]["command"].to_string();
        assert!(flags.contains(&format!("--advertise-client-urls=http://{name}:2379")));
    }

    // What the image has is where the example expects it, and of the Envoy that the tests run.
    let image = fs::read_to_string(project_root().join("Dockerfile"))?;
    let module = example.plugin()?["vm_config"]["code"]["local"]["filename"].clone();
    let stage = image.split("FROM ").find(|stage| {
        let name = stage.lines().next().unwrap_or_default();
        name.ends_with(" AS envoy")
    });
    let stage = stage.context("no stage envoy")?;
    let version = testbed::artifact::ENVOY.version();
    assert!(stage.contains(&format!("-v{version} ")), "{stage}");
    assert!(stage.contains(module.as_str().unwrap()), "{stage}");
    assert_eq!(envoy["build"], json!({"context": ".", "target": "envoy"}));
    Ok(())
}

#[test]
fn the_filter_accepts_the_configuration_of_every_example() -> Result<()> {
    let mut example = EnvoyConfig::example()?;
    let config = parse(&example.configuration()?);
    assert!(config.allow_on_headers_stop_iteration && !config.local_endpoints);
    assert_eq!(config.write_retries, WriteRetries::Route);
    assert_eq!(example.plugin()?["allow_on_headers_stop_iteration"], true);

    let snippet = &read("envoy/filter.yaml")?[0]["typed_config"]["config"];
    let config = Config::parse(
        snippet["configuration"]["value"]
            .as_str()
            .unwrap()
            .as_bytes(),
    )
    .unwrap();
    assert!(config.allow_on_headers_stop_iteration);
    assert_eq!(snippet["allow_on_headers_stop_iteration"], true);

    // Istio has no way to set Envoy's field.
    let plugin = &read("envoy/istio/wasmplugin.yaml")?["spec"];
    let extension = &read("envoy/istio/trafficextension.yaml")?["spec"]["wasm"];
    for configuration in [&plugin["pluginConfig"], &extension["pluginConfig"]] {
        assert!(!parse(configuration).allow_on_headers_stop_iteration);
    }
    let patch = &read("envoy/istio/filter.yaml")?["spec"]["configPatches"][0]["patch"];
    let filter = &patch["value"]["typed_config"]["config"];
    let text = filter["configuration"]["value"].as_str().unwrap();
    let config = Config::parse(text.as_bytes()).unwrap();
    assert!(config.allow_on_headers_stop_iteration);
    assert_eq!(filter["allow_on_headers_stop_iteration"], true);
    Ok(())
}

#[test]
fn what_gives_get_a_body_is_the_same_wherever_it_stands() -> Result<()> {
    let snippet = read("envoy/body-for-bodyless.yaml")?[0].clone();
    let mut example = EnvoyConfig::example()?;
    let filters = example.http_filters()?;
    let at = |name| filters.iter().position(|filter| filter["name"] == name);
    let (snippet_at, ours_at) = (
        at("body_for_bodyless").unwrap(),
        at("etcd_json_gateway").unwrap(),
    );
    assert_eq!(filters[snippet_at], snippet);
    assert!(snippet_at < ours_at);

    let istio = &read("envoy/istio/body-for-bodyless.yaml")?["spec"]["configPatches"][0];
    assert_eq!(istio["patch"]["value"], snippet);

    // Without the matcher in front it has to see for itself what has a body.
    let lua = "/typed_config/extension_config/typed_config/default_source_code/inline_string";
    let script = snippet.pointer(lua).and_then(Value::as_str).unwrap();
    let extension = read("envoy/istio/body-for-bodyless-trafficextension.yaml")?;
    let own = extension["spec"]["lua"]["inlineCode"].as_str().unwrap();
    let lines: Vec<&str> = own.lines().collect();
    let (begin, end) = (lines[..2].join("\n"), lines[5..].join("\n"));
    assert_eq!(format!("{begin}\n{end}"), script.trim_end());
    Ok(())
}

/// Whether `whole` says all that `part` says.
fn contains(whole: &Value, part: &Value) -> bool {
    match part {
        Value::Object(members) => members
            .iter()
            .all(|(name, member)| contains(&whole[name], member)),
        _ => whole == part,
    }
}

#[test]
fn the_bounds_for_istio_are_those_of_the_example() -> Result<()> {
    let patches = read("envoy/istio/limits.yaml")?["spec"]["configPatches"].clone();
    let mut example = EnvoyConfig::example()?;
    let expected = [
        ("LISTENER", example.listener()?.clone()),
        (
            "NETWORK_FILTER",
            json!({"typed_config": example.connection_manager()?}),
        ),
        ("CLUSTER", example.cluster("etcd")?.clone()),
    ];
    for ((kind, whole), patch) in expected.iter().zip(patches.as_array().unwrap()) {
        assert_eq!(patch["applyTo"], *kind);
        let value = &patch["patch"]["value"];
        assert!(contains(whole, value), "{kind}: {value}");
    }
    // All streams of a connection fit into half of its window: Envoy gives what it has taken back by halves.
    let options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    let upstream = &expected[2].1["typed_extension_protocol_options"][options];
    for http2 in [
        &expected[1].1["typed_config"]["http2_protocol_options"],
        &upstream["explicit_http_config"]["http2_protocol_options"],
    ] {
        let number = |name: &str| http2[name].as_u64().unwrap();
        let streams = number("max_concurrent_streams") * number("initial_stream_window_size");
        assert!(2 * streams <= number("initial_connection_window_size"));
    }
    Ok(())
}

/// What a file says of a module that ends: Envoy's `failure_policy` for every plugin in it, or Istio's `failStrategy`.
fn failure_policies(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    if value["vm_config"].is_object() {
        found.push(&value["failure_policy"]);
    }
    match value["kind"].as_str() {
        Some("WasmPlugin") => found.push(&value["spec"]["failStrategy"]),
        Some("TrafficExtension") if value["spec"]["wasm"].is_object() => {
            found.push(&value["spec"]["wasm"]["failStrategy"]);
        }
        _ => {}
    }
    match value {
        Value::Array(values) => found.extend(values.iter().flat_map(failure_policies)),
        Value::Object(values) => found.extend(values.values().flat_map(failure_policies)),
        _ => {}
    }
    found
}

#[test]
fn a_crash_of_the_module_is_never_the_end_of_service() -> Result<()> {
    let mut plugins = 0;
    for folder in ["envoy", "envoy/istio", "envoy/envoy-gateway"] {
        for entry in fs::read_dir(project_root().join(folder))? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            for document in yaml::documents(&fs::read_to_string(&path)?)? {
                for policy in failure_policies(&document) {
                    assert_eq!(policy, "FAIL_RELOAD", "{}", path.display());
                    plugins += 1;
                }
            }
        }
    }
    assert!(plugins >= 3, "only {plugins} plugins found");
    // What Docker Compose runs is one of these files.
    let envoy = &read("docker-compose.yml")?["services"]["envoy"];
    assert_eq!(envoy["volumes"][0]["source"], "./envoy/three-members.yaml");
    Ok(())
}

#[test]
fn the_example_lets_every_call_that_may_be_silent_be_silent() -> Result<()> {
    let mut example = EnvoyConfig::example()?;
    let routes = example.routes()?;
    let streams = tables::ROUTES
        .iter()
        .map(|route| route.method)
        .filter(|method| method.server_streaming);
    for path in streams.map(|method| method.path).chain(SLOW_CALLS) {
        let route = routes.iter().find(|route| route["match"]["path"] == path);
        let action = &route.with_context(|| format!("no route for {path}"))?["route"];
        assert_eq!(
            (&action["timeout"], &action["idle_timeout"]),
            (&json!("0s"), &json!("0s")),
            "{path}"
        );
    }
    Ok(())
}

#[test]
fn the_readme_begins_with_the_two_commands() -> Result<()> {
    let readme = fs::read_to_string(project_root().join("README.md"))?;
    let block = readme.split("```").nth(1).context("no fenced block")?;
    let lines: Vec<&str> = block.lines().skip(1).collect();
    assert_eq!(lines, ["cargo xtask up", "cargo xtask test"]);
    Ok(())
}

/// An example that names a file too many does not start, and one that lacks a file serves a page that does not.
#[test]
fn the_examples_serve_every_file_of_the_page_and_it_names_each_script() -> Result<()> {
    let folder = project_root().join("envoy/page");
    let mut files = Vec::new();
    for file in fs::read_dir(&folder)? {
        files.push(file?.file_name().into_string().unwrap());
    }
    files.sort();
    let html = fs::read_to_string(folder.join("index.html"))?;
    for script in files.iter().filter(|file| file.ends_with(".js")) {
        let named = html.contains(&format!(r#"="{script}""#));
        assert!(named, "index.html names no {script}");
    }
    for example in generate::examples()? {
        let mut config = EnvoyConfig::from_yaml(&example.path())?;
        let served = config.routes()?.iter().filter_map(|route| {
            let file = route.pointer("/direct_response/body/filename")?.as_str()?;
            file.strip_prefix("/etc/envoy/page/").map(str::to_owned)
        });
        let mut served: Vec<_> = served.collect();
        served.sort();
        assert!(
            served.is_empty() == example.file.starts_with("sidecar"),
            "{}",
            example.file
        );
        assert!(served.is_empty() || served == files, "{}", example.file);
    }
    Ok(())
}
