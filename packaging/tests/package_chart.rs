//! The Helm chart makes manifests that Kubernetes takes, and configurations with which Envoy serves.

use anyhow::{Context, Result};
use packaging::chart;
use serde_json::{Value, json};
use testbed::envoy::Envoy;
use testbed::envoy_config::EnvoyConfig;
use testbed::etc_envoy::EtcEnvoy;
use testbed::etcd::{Etcd, Version};
use testbed::tls::Authority;
use testbed::{loopback, project_root, yaml};

/// Where the chart has the module in a container, and where a folder of the tests has it.
const IN_CONTAINER: &str = "/etc/envoy/module/plugin.wasm";
const IN_FOLDER: &str = "/etc/envoy/etcd_json_gateway.wasm";

fn of<'a>(manifests: &'a [Value], kind: &str) -> Result<&'a Value> {
    let mut found = manifests.iter().filter(|manifest| manifest["kind"] == kind);
    let first = found.next().with_context(|| format!("no {kind}"))?;
    assert!(found.next().is_none(), "two of {kind}");
    Ok(first)
}

/// The rendered configuration of Envoy, with its files where the test has them.
fn envoy(manifests: &[Value], etc: &EtcEnvoy) -> Result<EnvoyConfig> {
    let text = of(manifests, "ConfigMap")?["data"]["envoy.yaml"]
        .as_str()
        .context("no envoy.yaml")?;
    assert!(text.contains(IN_CONTAINER), "{text}");
    etc.config(&text.replace(IN_CONTAINER, IN_FOLDER))
}

fn etc() -> Result<EtcEnvoy> {
    let etc = EtcEnvoy::new()?;
    let authority = Authority::new()?;
    for name in ["listener", "etcd"] {
        etc.certificate(
            name,
            &authority.server_named(&[name])?,
            &authority.certificate(),
        )?;
    }
    Ok(etc)
}

#[test]
fn envoy_takes_what_is_made_with_and_without_tls_on_either_side() -> Result<()> {
    let etc = etc()?;
    for listener in [false, true] {
        for etcd in [false, true] {
            let values = json!({
                "listener": {"tls": {"enabled": listener}},
                "etcd": {"members": ["etcd-1.example", "etcd-2.example", "etcd-3.example"], "tls": {"enabled": etcd}},
            });
            let manifests = chart::manifests(&values.to_string())?;
            let mut config = envoy(&manifests, &etc)?;
            assert_eq!(
                config.listener()?["filter_chains"][0]["transport_socket"].is_object(),
                listener
            );
            let cluster = config.cluster("etcd")?;
            assert_eq!(cluster["transport_socket"].is_object(), etcd);
            let endpoints = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"].as_array();
            assert_eq!(endpoints.map(Vec::len), Some(3));
            Envoy::validate(&config).with_context(|| values.to_string())?;
            assert_mounts(&manifests, &[("etcd", etcd), ("listener", listener)])?;
        }
    }
    Ok(())
}

/// The values that the chart's README tells somebody to write.
#[test]
fn the_values_of_the_readme_make_a_gateway() -> Result<()> {
    let readme = project_root().join("deploy/helm/etcd-json-gateway/README.md");
    let readme = std::fs::read_to_string(readme)?;
    let fence = readme.split_once("```yaml\n").context("no fence")?.1;
    let values = fence.split_once("```").context("no end")?.0;
    let manifests = chart::manifests(values)?;
    let pod = of(&manifests, "Deployment")?["spec"]["template"]["spec"].to_string();
    let image = yaml::parse(values)?["module"]["image"].clone();
    assert!(pod.contains(&image.to_string()), "{pod}");
    let etc = etc()?;
    let mut config = envoy(&manifests, &etc)?;
    let bootstrap = config.bootstrap().to_string();
    assert!(bootstrap.contains(r"etcd\\.example\\.com"), "{bootstrap}");
    let endpoints = "/load_assignment/endpoints/0/lb_endpoints";
    let endpoints = config.cluster("etcd")?.pointer(endpoints);
    assert_eq!(endpoints.and_then(Value::as_array).map(Vec::len), Some(3));
    Envoy::validate(&config)
}

/// A Secret is where Envoy's configuration has its files, if it is used.
fn assert_mounts(manifests: &[Value], secrets: &[(&str, bool)]) -> Result<()> {
    let pod = &of(manifests, "Deployment")?["spec"]["template"]["spec"];
    let volumes = pod["volumes"].as_array().context("no volumes")?;
    let mounts = pod["containers"][0]["volumeMounts"]
        .as_array()
        .context("no mounts")?;
    for mount in mounts {
        assert_eq!(mount["readOnly"], true, "{mount}");
        assert!(
            volumes.iter().any(|volume| volume["name"] == mount["name"]),
            "{mount}"
        );
    }
    let at = |path: &str| mounts.iter().any(|mount| mount["mountPath"] == path);
    for (secret, used) in secrets {
        assert_eq!(at(&format!("/etc/envoy/tls/{secret}")), *used, "{secret}");
    }
    assert_eq!(
        at("/etc/envoy/secrets"),
        secrets.iter().any(|(_, used)| *used)
    );
    assert!(at("/etc/envoy/module"));
    Ok(())
}

#[test]
fn what_is_made_serves_in_front_of_an_etcd() -> Result<()> {
    let etcd = Etcd::start(Version::default())?;
    let values = json!({
        "etcd": {"members": ["127.0.0.1"], "port": etcd.client_port()},
        "plugin": {"dialect": "v2"},
    });
    let manifests = chart::manifests(&values.to_string())?;
    let etc = etc()?;
    let mut config = envoy(&manifests, &etc)?;
    let (admin, status) = (loopback::free_port()?, loopback::free_port()?);
    config.listen("127.0.0.1", 0)?.admin_port(admin)?;
    let resources = &mut config.bootstrap()["static_resources"];
    let address = "/listeners/1/address/socket_address";
    let address = resources
        .pointer_mut(address)
        .context("no listener for the status")?;
    *address = json!({"address": "127.0.0.1", "port_value": status});
    let cluster = config.cluster("admin")?;
    let endpoint =
        "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address/port_value";
    *cluster.pointer_mut(endpoint).context("no endpoint")? = json!(admin);

    let envoy = Envoy::start(&config)?;
    let put = loopback::post(
        &format!("{}/v3/kv/put", envoy.url()),
        r#"{"key":"YQ==","value":"Yg=="}"#,
    )?;
    assert!(put.contains("revision"), "{put}");
    // As the plugin is configured by the values, over what the chart's own file says.
    let wrong = loopback::post(&format!("{}/v3/kv/put", envoy.url()), "{}");
    assert!(wrong.is_err(), "{wrong:?}");
    assert_eq!(config.configuration()?["dialect"], "v2");
    assert_eq!(config.configuration()?["local_endpoints"], false);

    let of_status = |path: &str| loopback::get(&format!("http://127.0.0.1:{status}{path}"));
    assert!(of_status("/ready").is_ok());
    assert!(of_status("/stats/prometheus")?.contains("etcd_json_gateway_info"));
    for path in ["/", "/quitquitquit", "/config_dump", "/certs"] {
        assert!(of_status(path).is_err(), "{path}");
    }
    Ok(())
}

#[test]
fn pods_have_few_rights_and_say_when_they_are_ready() -> Result<()> {
    let manifests = chart::manifests("{}")?;
    let deployment = of(&manifests, "Deployment")?;
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    let container = &pod["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(
        container["securityContext"]["allowPrivilegeEscalation"],
        false
    );
    assert_eq!(
        container["securityContext"]["capabilities"]["drop"],
        json!(["ALL"])
    );
    let ports = container["ports"].as_array().context("no ports")?;
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        let check = &container[probe];
        let port = check
            .pointer("/httpGet/port")
            .or_else(|| check.pointer("/tcpSocket/port"));
        assert!(
            ports.iter().any(|known| Some(&known["name"]) == port),
            "{probe}: {check}"
        );
    }
    assert!(container["resources"]["limits"]["memory"].is_string());

    let service = of(&manifests, "Service")?;
    assert!(
        ports
            .iter()
            .any(|port| port["name"] == service["spec"]["ports"][0]["targetPort"])
    );
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    let budget = &of(&manifests, "PodDisruptionBudget")?["spec"]["selector"]["matchLabels"];
    for selector in [
        &service["spec"]["selector"],
        &deployment["spec"]["selector"]["matchLabels"],
        budget,
    ] {
        let selector = selector.as_object().context("no selector")?;
        assert!(
            !selector.is_empty() && selector.iter().all(|(name, value)| labels[name] == *value)
        );
    }
    // The module is in an image; one pod needs no budget.
    let image = &pod["volumes"].as_array().context("no volumes")?[1]["image"]["reference"];
    assert_eq!(image, "registry.example.com/etcd-json-gateway:0.1.0");
    let one = chart::manifests(r#"{"replicas": 1, "module": {"configMap": "module"}}"#)?;
    assert!(of(&one, "PodDisruptionBudget").is_err());
    let volumes = &of(&one, "Deployment")?["spec"]["template"]["spec"]["volumes"];
    assert_eq!(volumes[1]["configMap"]["items"][0]["path"], "plugin.wasm");
    Ok(())
}

#[test]
fn at_an_istio_gateway_it_is_the_project_s_own_manifests() -> Result<()> {
    let values = json!({
        "mode": "istio",
        "istio": {"namespace": "edge"},
        "module": {"image": "registry.test/gateway@sha256:00"},
        "etcd": {"members": ["etcd-1.test", "etcd-2.test"], "port": 1234},
        "plugin": {"dialect": "v1"},
    });
    let manifests = chart::manifests(&values.to_string())?;
    assert_eq!(manifests.len(), 3);
    assert!(
        manifests
            .iter()
            .all(|manifest| manifest["metadata"]["namespace"] == "edge")
    );
    let named = |name: &str| {
        let found = manifests
            .iter()
            .find(|manifest| manifest["metadata"]["name"] == name);
        found.with_context(|| format!("no {name}"))
    };
    let filter = &named("etcd-json-gateway")?["spec"]["configPatches"][0]["patch"]["value"]["typed_config"]
        ["config"];
    assert_eq!(
        filter["vm_config"]["code"]["remote"]["http_uri"]["uri"],
        "oci://registry.test/gateway@sha256:00"
    );
    let configuration = filter["configuration"]["value"]
        .as_str()
        .context("no configuration")?;
    let configuration: Value = serde_json::from_str(configuration)?;
    assert_eq!(configuration["dialect"], "v1");
    assert_eq!(configuration["allow_on_headers_stop_iteration"], true);
    let limits = named("etcd-json-gateway-limits")?["spec"]["configPatches"]
        .as_array()
        .context("none")?;
    let clusters = limits.iter().filter(|patch| patch["applyTo"] == "CLUSTER");
    let services: Vec<&Value> = clusters
        .map(|patch| &patch["match"]["cluster"]["service"])
        .collect();
    assert_eq!(services, ["etcd-1.test", "etcd-2.test"]);

    // Nothing else is changed.
    let body = named("etcd-json-gateway-body-for-bodyless")?;
    let file = yaml::read(&project_root().join("envoy/istio/body-for-bodyless.yaml"))?;
    assert_eq!(body["spec"]["configPatches"], file["spec"]["configPatches"]);
    Ok(())
}

#[test]
fn values_that_make_no_sense_are_refused() {
    for values in [
        r#"{"mode": "sidecar"}"#,
        r#"{"etcd": {"members": []}}"#,
        r#"{"replicas": "many"}"#,
    ] {
        assert!(chart::manifests(values).is_err(), "{values}");
    }
}

#[test]
fn its_version_is_the_module_s() -> Result<()> {
    let chart = yaml::read(&project_root().join(chart::FOLDER).join("Chart.yaml"))?;
    let version = testbed::module::version()?;
    assert_eq!(
        (&chart["version"], &chart["appVersion"]),
        (&json!(version), &json!(version))
    );
    Ok(())
}
