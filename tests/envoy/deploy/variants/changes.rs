//! What is changed under load: the plugin's configuration, the listener and the certificates. No call is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::process::Process;
use testbed::{loopback, yaml};

use crate::load;
use crate::place::{self, Place, post};

/// How often what can change is changed.
const CHANGES: u64 = 10;
/// The least number of calls meanwhile.
const CALLS: usize = 600;
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two changes, for some calls.
const PAUSE: Duration = Duration::from_millis(300);

/// What the listener's new certificate names, and the old one does not.
const NEW_NAME: &str = "new.example";
const EXTENSION: &str = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";
const LISTENER: &str = "type.googleapis.com/envoy.config.listener.v3.Listener";

/// Puts a resource where Envoy looks for it: the whole file at once, as it wants files to be replaced.
fn publish(file: &Path, resource: &Value) {
    let next = file.with_extension("next");
    fs::write(&next, json!({"resources": [resource]}).to_string()).unwrap();
    fs::rename(&next, file).unwrap();
}

fn wait_for(place: &Place, stat: &str, value: u64) {
    let deadline = Instant::now() + PATIENCE;
    while place.envoy.admin_stat(stat).unwrap() < value {
        assert!(Instant::now() < deadline, "{stat} has not become {value}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn files() -> (TempDir, PathBuf) {
    let folder = place::folder();
    let file = folder.path().join("resource.json");
    (folder, file)
}

/// The dialect that answers are in now.
fn speaks_v2(place: &Place) -> bool {
    let url = format!("{}/v3/lease/revoke", place.url());
    let (_, error) = post(&place.agent(), &url, &json!({"ID": "7"})).unwrap();
    error["error"].is_null()
}

/// By ECDS, as Istio does it. A configuration that the filter refuses changes nothing.
#[test]
fn a_new_configuration_of_the_plugin_costs_no_call_and_no_watch() {
    let (folder, file) = files();
    let mut plugin = Value::Null;
    let mut place = Place::start_changed("envoy.yaml", |config, _| {
        for filter in config.http_filters().unwrap() {
            if filter["name"] == "etcd_json_gateway" {
                let own = filter["typed_config"].clone();
                plugin =
                    json!({"@type": EXTENSION, "name": "etcd_json_gateway", "typed_config": own});
                publish(&file, &plugin);
                let place = file.display().to_string();
                let entry = place::fence("ecds").replace("/etc/envoy/plugin.yaml", &place);
                *filter = yaml::parse(&entry).unwrap();
            }
        }
    });
    let log = folder.path().join("watch");
    let mut curl = place.curl();
    let create = json!({"create_request": {"key": "dw=="}}).to_string();
    curl.args(["--data", &create, &format!("{}/v3/watch", place.url())]);
    let mut watch = Process::start("curl", curl, &log).unwrap();
    let said = |text: &str| {
        fs::read_to_string(&log)
            .ok()
            .filter(|log| log.contains(text))
    };
    watch
        .wait_until(PATIENCE, || said(r#""created":true"#))
        .unwrap();

    let counter =
        |name: &str| format!("extension_config_discovery.http_filter.etcd_json_gateway.{name}");
    let configuration = |keys: Value| {
        let mut plugin = plugin.clone();
        let value = &mut plugin["typed_config"]["config"]["configuration"]["value"];
        let mut configuration: Value = serde_json::from_str(value.as_str().unwrap()).unwrap();
        for (key, value) in keys.as_object().unwrap() {
            configuration[key] = value.clone();
        }
        *value = json!(configuration.to_string());
        plugin
    };
    let tally = load::run(&mut place, "configured", CALLS, |place| {
        let before = place.envoy.admin_stat(&counter("config_reload")).unwrap();
        for change in 1..=CHANGES {
            let dialect = if change % 2 == 1 { "v2" } else { "compatible" };
            publish(&file, &configuration(json!({"dialect": dialect})));
            wait_for(place, &counter("config_reload"), before + change);
            assert_eq!(speaks_v2(place), change % 2 == 1);
            thread::sleep(PAUSE);
        }
        publish(&file, &configuration(json!({"dialect": "none"})));
        wait_for(place, &counter("update_rejected"), 1);
        assert!(!speaks_v2(place));
    });
    tally.assert_share(1.0, "the plugin configured anew");
    load::assert_each_put_once(&place, &tally);
    let put = json!({"key": "dw==", "value": "ZXZlbnQ="});
    post(&place.agent(), &format!("{}/v3/kv/put", place.url()), &put).unwrap();
    watch.wait_until(PATIENCE, || said("ZXZlbnQ=")).unwrap();
}

/// By LDS: the old listener's connections are drained, and clients told to come back.
#[test]
fn a_new_listener_costs_no_call() {
    let (_folder, file) = files();
    let mut listener = Value::Null;
    let mut place = Place::start_changed("envoy.yaml", |config, _| {
        let port = loopback::free_port().unwrap();
        config.listen("127.0.0.1", port).unwrap();
        listener = config.listener().unwrap().clone();
        listener["@type"] = json!(LISTENER);
        publish(&file, &listener);
        let bootstrap = config.bootstrap();
        bootstrap["static_resources"]["listeners"] = json!([]);
        bootstrap["dynamic_resources"] =
            json!({"lds_config": {"path_config_source": {"path": file}}});
    });
    let tally = load::run(&mut place, "listened", CALLS, |place| {
        let stat = "listener_manager.listener_create_success";
        let before = place.envoy.admin_stat(stat).unwrap();
        for change in 1..=CHANGES {
            listener["per_connection_buffer_limit_bytes"] = json!(65536 + change);
            publish(&file, &listener);
            wait_for(place, stat, before + change);
            thread::sleep(PAUSE);
        }
    });
    tally.assert_share(1.0, "the listener changed");
    load::assert_each_put_once(&place, &tally);
}

/// On either side: what clients see, and what Envoy shows etcd.
#[test]
fn new_certificates_cost_no_call_and_no_restart() {
    let mut place = Place::start("edge-three-members.yaml");
    let tally = load::run(&mut place, "certified", CALLS, |place| {
        let authority = place.authority.certificate();
        let stat = "cluster.etcd.client_ssl_socket_factory.ssl_context_update_by_sds";
        let before = place.envoy.admin_stat(stat).unwrap();
        let client = place.authority.client(None).unwrap();
        place.etc.certificate("etcd", &client, &authority).unwrap();
        wait_for(place, stat, before + 1);

        assert!(!is_named(place));
        let names = ["localhost", "127.0.0.1", NEW_NAME];
        let listener = place.authority.server_named(&names).unwrap();
        place
            .etc
            .certificate("listener", &listener, &authority)
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !is_named(place) {
            assert!(Instant::now() < deadline, "the listener's is the old one");
            thread::sleep(PAUSE);
        }
    });
    tally.assert_share(1.0, "the certificates replaced");
    load::assert_each_put_once(&place, &tally);
}

/// Whether the certificate that clients see has the new name.
fn is_named(place: &Place) -> bool {
    let address = place.envoy.address();
    let (_, port) = address.rsplit_once(':').unwrap();
    let mut curl = place.curl();
    curl.args(["--resolve", &format!("{NEW_NAME}:{port}:127.0.0.1")]);
    curl.args(["--fail", &format!("https://{NEW_NAME}:{port}/version")]);
    testbed::process::output(curl).unwrap().status.success()
}
