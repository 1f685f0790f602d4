//! Streams whose etcd is killed or hangs: every client is told or cut off as soon as Envoy knows.

use std::time::{Duration, Instant};

use envoy_tests::open::{KEEPALIVE, Open, Protocol, WATCH, assert_ends_with_error};
use serde_json::json;
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};

/// How long a client may be left in the dark once the cause is known.
const KNOWN: Duration = Duration::from_secs(3);

/// A ping to etcd every so often, and how long it may take; etcd refuses more than one in five seconds.
const PING_INTERVAL: Duration = Duration::from_secs(6);
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// A watch and a keepalive over each protocol, all answered once.
fn streams(gateway: &Gateway) -> Vec<Open> {
    let mut opens = Vec::new();
    for protocol in Protocol::BOTH {
        for (path, body) in [
            (WATCH, r#"{"create_request":{"key":"Zm9v"}}"#),
            (KEEPALIVE, r#"{"ID":7}"#),
        ] {
            let mut open = Open::start(gateway.address(), protocol, path);
            open.send(body);
            open.document();
            opens.push(open);
        }
    }
    opens
}

/// Asserts that each stream ends with the error line of a lost upstream by `deadline`.
fn assert_all_are_told(opens: Vec<Open>, deadline: Instant, case: &str) {
    for open in opens {
        assert_ends_with_error(&open.rest(), 0, 14, case);
    }
    assert!(Instant::now() < deadline, "{case}: too late");
}

#[test]
fn when_etcd_is_killed_every_stream_ends_with_an_error_line() {
    for version in Version::REQUIRED {
        let mut etcd = Etcd::start(version).unwrap();
        for mode in Mode::BOTH {
            let gateway = Setup::example(mode, etcd.client_address()).start();
            let opens = streams(&gateway);
            etcd.kill().unwrap();
            let deadline = Instant::now() + KNOWN;
            assert_all_are_told(opens, deadline, &format!("{version} {mode:?}"));
            etcd.restart().unwrap();
            drop(streams(&gateway));
        }
    }
}

#[test]
fn when_etcd_hangs_envoys_pings_find_out_and_every_stream_ends_with_an_error_line() {
    let etcd = Etcd::start(Version::V3_5_1).unwrap();
    let gateway = Setup::example(Mode::Full, etcd.client_address())
        .change(|config| {
            config.upstream_http2()?["connection_keepalive"] = json!({
                "interval": format!("{}s", PING_INTERVAL.as_secs()),
                "timeout": format!("{}s", PING_TIMEOUT.as_secs()),
            });
            Ok(())
        })
        .start();
    let opens = streams(&gateway);
    etcd.pause().unwrap();
    let deadline = Instant::now() + PING_INTERVAL + PING_TIMEOUT + KNOWN;
    assert_all_are_told(opens, deadline, "a paused etcd");
    etcd.resume().unwrap();
    drop(streams(&gateway));
}
