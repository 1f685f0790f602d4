//! What goes wrong in a place, and how it looks: in the words of docs/deploy.md.

use std::fs;

use serde_json::{Value, json};
use testbed::envoy_config::EnvoyConfig;
use testbed::etc_envoy::EtcEnvoy;
use testbed::project_root;
use testbed::tls::Authority;

use crate::place::{Place, post};

/// With three members that speak TLS.
const EXAMPLE: &str = "sidecar-application.yaml";

/// A call is 503, its error has these words, and so has the paper.
fn fails_with(place: &Place, words: &str) {
    let url = format!("{}/v3/kv/range", place.url());
    let (status, error) = post(&place.agent(), &url, &json!({"key": "YQ=="})).unwrap();
    assert_eq!((status, &error["code"]), (503, &json!(14)), "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    let paper = fs::read_to_string(project_root().join("docs/deploy.md")).unwrap();
    assert!(
        paper.contains(&format!("`{words}`")),
        "the paper has no {words}"
    );
}

/// Gives Envoy another certificate, and another authority to trust where it is said so.
fn replace(etc: &EtcEnvoy, trusted: bool) {
    let other = Authority::new().unwrap();
    let own = other.client(None).unwrap();
    let known = etc.place("tls/etcd/ca.crt");
    let authority = if trusted {
        other.certificate()
    } else {
        let copy = etc.place("known.crt");
        fs::copy(known, &copy).unwrap();
        copy
    };
    etc.certificate("etcd", &own, &authority).unwrap();
}

fn rename(config: &mut EnvoyConfig, _: &EtcEnvoy) {
    for name in ["etcd", "etcd_http"] {
        let cluster = config.cluster(name).unwrap();
        let endpoints = &mut cluster["load_assignment"]["endpoints"][0]["lb_endpoints"];
        for endpoint in endpoints.as_array_mut().unwrap() {
            endpoint["endpoint"]["hostname"] = Value::from("another.example.com");
        }
    }
}

#[test]
fn certificates_that_do_not_fit_are_named() {
    let place = Place::start_changed(EXAMPLE, |_, etc| replace(etc, true));
    fails_with(&place, "CERTIFICATE VERIFY FAILED");
    let place = Place::start_changed(EXAMPLE, rename);
    fails_with(&place, "SAN matcher, certificate SANs are");
    let place = Place::start_changed(EXAMPLE, |_, etc| replace(etc, false));
    fails_with(&place, "connection termination");
}

#[test]
fn an_etcd_that_is_not_there_is_named() {
    let mut place = Place::start("three-members.yaml");
    for index in 0..place.members().ports().len() {
        place.members().kill(index).unwrap();
    }
    fails_with(&place, "Connection refused");
}
