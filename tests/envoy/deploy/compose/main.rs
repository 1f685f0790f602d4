//! What docker-compose.yml runs, as processes of this machine: the very flags, the very configuration of Envoy, and the
//! walk-through against it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::envoy::Envoy;
use testbed::etc_envoy::EtcEnvoy;
use testbed::etcd::Version;
use testbed::members::{MEMBERS, Members, Ports};
use testbed::{go, loopback, module, process, project_root};

/// From nothing to the first answer, with every program there.
const START: Duration = Duration::from_secs(60);

/// The file as Docker Compose reads it: by its own loader.
fn project() -> Value {
    let mut loader = Command::new(go::compose_loader().unwrap());
    loader.arg("docker-compose.yml").current_dir(project_root());
    let output = process::output(loader).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A member's flags, with ports of this machine in the places of the names that containers have.
fn arguments(service: &Value, own: usize, ports: &[Ports; MEMBERS], data: &Path) -> Vec<String> {
    let local = |argument: &Value| {
        let mut argument = argument.as_str().unwrap().to_owned();
        for (index, ports) in ports.iter().enumerate() {
            for (port, local) in [(2379, ports.client), (2380, ports.peer)] {
                let name = format!("etcd-{}:{port}", index + 1);
                argument = argument.replace(&name, &format!("127.0.0.1:{local}"));
                if index == own {
                    argument =
                        argument.replace(&format!("0.0.0.0:{port}"), &format!("127.0.0.1:{local}"));
                }
            }
        }
        argument.replace("/var/lib/etcd", &data.display().to_string())
    };
    let command = service["command"].as_array().unwrap();
    assert_eq!(command[0], "/usr/local/bin/etcd");
    let mut arguments: Vec<String> = command[1..].iter().map(local).collect();
    // Whether it is healthy the file asks by etcdctl, which the test has no need of.
    arguments.push(format!(
        "--listen-metrics-urls=http://127.0.0.1:{}",
        ports[own].metrics
    ));
    arguments
}

fn bound_at<'a>(service: &'a Value, target: &str) -> &'a str {
    let volumes = service["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["target"] == target);
    volume.unwrap()["source"].as_str().unwrap()
}

#[test]
fn all_that_compose_mounts_is_there() {
    let project = project();
    let services = project["services"].as_object().unwrap();
    let volumes = services
        .values()
        .filter_map(|service| service["volumes"].as_array());
    let mut files = 0;
    for volume in volumes.flatten().filter(|volume| volume["type"] == "bind") {
        let source = volume["source"].as_str().unwrap();
        assert!(Path::new(source).exists(), "{source}");
        files += 1;
    }
    assert!(files >= 5, "only {files} mounts");
}

#[test]
fn what_compose_runs_serves_within_a_minute_and_can_be_walked_through() {
    // They are got and built once, which takes as long as it takes.
    let program = Version::V3_7_3.program().unwrap();
    testbed::artifact::ENVOY.program().unwrap();
    module::path().unwrap();
    let project = project();
    let services = &project["services"];

    let started = Instant::now();
    let members = Members::start_with(&program, |own, ports, data| {
        let service = &services[format!("etcd-{}", own + 1)];
        arguments(service, own, ports, data)
    })
    .unwrap();
    let etc = EtcEnvoy::new().unwrap();
    let file = bound_at(&services["envoy"], "/etc/envoy/envoy.yaml");
    let file = Path::new(file)
        .strip_prefix(project_root().join("envoy"))
        .unwrap();
    let mut config = etc.example(file.to_str().unwrap()).unwrap();
    config.listen("127.0.0.1", 0).unwrap();
    config.admin_port(0).unwrap();
    config.members(&members.client_ports()).unwrap();
    let envoy = Envoy::start(&config).unwrap();
    loopback::post(&format!("{}/v3/kv/range", envoy.url()), r#"{"key":"YQ=="}"#).unwrap();
    let took = started.elapsed();
    eprintln!(
        "three members and Envoy serve after {:.1} s",
        took.as_secs_f64()
    );
    assert!(took < START, "{took:?}");

    // Twice: it leaves nothing that would stop the next.
    for _ in 0..2 {
        let mut walk = Command::new("bash");
        walk.arg(project_root().join("deploy/walkthrough.sh"))
            .arg(envoy.url())
            .env("no_proxy", "*");
        let output = process::output(walk).unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}\n{shown}");
        assert!(said.ends_with("All of it works.\n"), "{said}");
    }
}
