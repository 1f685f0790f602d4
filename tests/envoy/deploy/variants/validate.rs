//! Envoy takes each as it is.

use std::fs;

use testbed::envoy::Envoy;
use testbed::etc_envoy::EtcEnvoy;
use testbed::tls::Authority;
use testbed::{project_root, yaml};

/// The least number of examples that there are, so that none is forgotten unseen.
const EXAMPLES: usize = 6;

#[test]
fn envoy_takes_every_example() {
    let authority = Authority::new().unwrap();
    let etc = EtcEnvoy::new().unwrap();
    for name in ["listener", "clients", "etcd"] {
        let identity = authority.server_named(&[name]).unwrap();
        etc.certificate(name, &identity, &authority.certificate())
            .unwrap();
    }
    let mut examples = 0;
    for file in fs::read_dir(project_root().join("envoy")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let is_bootstrap =
            || yaml::read(&file.path()).is_ok_and(|file| file["static_resources"].is_object());
        if !name.ends_with(".yaml") || !is_bootstrap() {
            continue;
        }
        let config = etc.example(&name).unwrap();
        Envoy::validate(&config).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        examples += 1;
    }
    assert!(examples >= EXAMPLES, "only {examples} examples");
}
