//! The main path on each etcd, in plain and over TLS, and in each Envoy before the stack's own.

mod path;

use testbed::envoy_version::Version as Envoy;
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Mode, Setup};
use testbed::tls::{Authority, Upstream};

/// A new etcd in plain behind this Envoy with the example.
fn in_plain(envoy: Envoy, version: Version, mode: Mode) {
    let etcd = Etcd::start(version).unwrap();
    let gateway = Setup::example(mode, etcd.client_address()).version(envoy);
    path::walk(&gateway.start(), &format!("{envoy} {version} {mode:?}"));
}

/// A new etcd behind TLS that asks Envoy for a certificate, which names nobody. Errors come behind the head there, which
/// only held heads are a match for.
fn over_tls(envoy: Envoy, version: Version) {
    let authority = Authority::new().unwrap();
    let shown = authority.client(None).unwrap();
    let etcd = Etcd::start_with(Options {
        version,
        tls: Some(authority.server().unwrap().for_etcd(Some(&authority))),
        ..Options::default()
    })
    .unwrap();
    let gateway = Setup::example(Mode::Full, etcd.client_address())
        .tls(Upstream::new(&authority, Some(shown)))
        .version(envoy);
    path::walk(&gateway.start(), &format!("{envoy} {version} over TLS"));
}

#[test]
fn every_etcd_is_served_in_plain() {
    for version in Version::ALL {
        for mode in Mode::BOTH {
            in_plain(Envoy::V1_40_0, version, mode);
        }
    }
}

#[test]
fn every_etcd_is_served_over_tls() {
    for version in Version::ALL {
        over_tls(Envoy::V1_40_0, version);
    }
}

#[test]
fn every_older_envoy_serves() {
    for envoy in Envoy::OLDER {
        for mode in Mode::BOTH {
            in_plain(envoy, Version::V3_7_3, mode);
        }
        over_tls(envoy, Version::V3_7_3);
    }
}
