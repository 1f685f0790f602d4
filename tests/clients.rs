//! Real clients, unmodified, through the filter in both running modes and straight to etcd, in one run: all that works
//! on etcd's own gateway works here, and what its newer versions broke works again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

#[path = "clients/run.rs"]
mod run;

use std::thread;

use testbed::etcd::Version;
use testbed::gateway::Mode;

use run::run;

/// Tests of one client.
struct Suite {
    name: &'static str,
    tests: Tests,
    count: usize,
    /// What it is run on.
    servers: &'static [Server],
    /// What etcd's own gateway fails, though it should not: version and test.
    fails_on_etcd: &'static [(Version, &'static str)],
    /// What may fail through the filter, for what Envoy does not let it do.
    may_fail_here: &'static [&'static str],
}

enum Tests {
    /// The client's own, in this package.
    Package(&'static str),
    /// Ours, in this file of `tests/clients`.
    File(&'static str),
    /// Ours, in this script for Node.js.
    Script(&'static str),
}

/// etcd3gw's own suite.
const ETCD3GW: Suite = Suite {
    name: "etcd3gw 2.7.0, its own suite",
    tests: Tests::Package("etcd3gw.tests"),
    count: 39,
    servers: &EVERYWHERE,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

/// httpetcd's own suite, without the unit tests that need no etcd.
const HTTPETCD: Suite = Suite {
    name: "httpetcd 0.3.3, its own suite",
    tests: Tests::Package("httpetcd.tests.functional"),
    count: 15,
    servers: &EVERYWHERE,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

const ETCD3_PY: Suite = Suite {
    name: "etcd3-py 0.1.6",
    tests: Tests::File("test_etcd3_py.py"),
    count: 12,
    servers: &EVERYWHERE,
    // etcd 3.6 dropped "error" from its error bodies (etcd#21100).
    fails_on_etcd: &[
        (
            Version::V3_7_3,
            "test_etcd3_py::test_errors_are_known_by_their_text",
        ),
        (
            Version::V3_7_3,
            "test_etcd3_py::test_the_asynchronous_client_calls",
        ),
    ],
    // The documents that come together with the end of a stream share a chunk, which this client takes for one.
    may_fail_here: &["test_etcd3_py::test_a_snapshot_is_streamed"],
};

const ASYNC_ETCD3GW: Suite = Suite {
    name: "async-etcd3gw 0.8",
    tests: Tests::File("test_async_etcd3gw.py"),
    count: 9,
    servers: &EVERYWHERE,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

const PATRONI: Suite = Suite {
    name: "Patroni 4.1.5",
    tests: Tests::File("test_patroni.py"),
    count: 13,
    servers: &EVERYWHERE,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

const LUA_RESTY_ETCD: Suite = Suite {
    name: "as lua-resty-etcd reads",
    tests: Tests::File("test_lua_resty_etcd.py"),
    count: 4,
    servers: &EVERYWHERE,
    // etcd 3.6 dropped "http_code" from the errors in its streams.
    fails_on_etcd: &[(
        Version::V3_7_3,
        "test_lua_resty_etcd::test_an_error_in_a_stream_has_a_number_to_compare_with",
    )],
    may_fail_here: &[],
};

const CURL: Suite = Suite {
    name: "curl",
    tests: Tests::File("test_curl.py"),
    count: 13,
    servers: &EVERYWHERE,
    fails_on_etcd: &[
        (
            Version::V3_7_3,
            "test_curl::test_an_error_is_also_called_error",
        ),
        // Plain text is the filter's own.
        (
            Version::V3_5_1,
            "test_curl::test_plain_text_as_the_readme_shows_it",
        ),
        (
            Version::V3_7_3,
            "test_curl::test_plain_text_as_the_readme_shows_it",
        ),
    ],
    may_fail_here: &[],
};

const ETCDCTL: Suite = Suite {
    name: "etcdctl 3.5.1",
    tests: Tests::File("test_etcdctl.py"),
    count: 8,
    servers: &EVERYWHERE,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

/// Python's WebSockets.
const WEBSOCKETS: Suite = Suite {
    name: "websockets 17.4",
    tests: Tests::File("test_websockets.py"),
    count: 16,
    servers: &WITH_HELD_HEADS,
    // etcd takes a token behind "Bearer" since 3.5.32 (etcd#19752).
    fails_on_etcd: &[
        (
            Version::V3_5_1,
            "test_websockets::test_a_token_by_the_subprotocol",
        ),
        (
            Version::V3_5_1,
            "test_websockets::test_a_token_by_the_cookie",
        ),
    ],
    may_fail_here: &[],
};

/// What etcd's own gateway lets a client of a WebSocket wait for.
const WEBSOCKET_CLOSES: Suite = Suite {
    name: "websockets 17.4, refused and closed",
    tests: Tests::File("test_websocket_closes.py"),
    count: 4,
    servers: &OURS_WITH_HELD_HEADS,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

/// What Vitastor's monitor does.
const VITASTOR: Suite = Suite {
    name: "npm ws 8.23.0, as Vitastor's monitor uses it",
    tests: Tests::Script("vitastor.mjs"),
    count: 14,
    servers: &WITH_HELD_HEADS,
    // The same as above.
    fails_on_etcd: &[(
        Version::V3_5_1,
        "vitastor::a_token_by_the_subprotocol_is_taken",
    )],
    may_fail_here: &[],
};

/// What serves a suite.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Server {
    Etcd,
    /// The filter in front of etcd: with the example's routes in the full mode, with one plain route and the filter's
    /// own defaults, its `/version` among them, in the plain one.
    Filter(Mode),
    /// The filter with the example's routes in the full mode, in front of an etcd that speaks TLS and asks Envoy for its
    /// certificate, as nearly every etcd in production does.
    FilterOverTls,
}

const EVERYWHERE: [Server; 4] = [
    Server::Etcd,
    Server::Filter(Mode::Full),
    Server::Filter(Mode::Plain),
    Server::FilterOverTls,
];

/// Where a connection of HTTP/1.1 can become a socket.
const WITH_HELD_HEADS: [Server; 3] = [
    Server::Etcd,
    Server::Filter(Mode::Full),
    Server::FilterOverTls,
];

/// The filter there.
const OURS_WITH_HELD_HEADS: [Server; 2] = [Server::Filter(Mode::Full), Server::FilterOverTls];

/// Runs `suite` on every server at once, each in front of a new etcd of `version`.
fn check(suite: &Suite, version: Version) {
    let outcomes = thread::scope(|scope| {
        let start = |&server| scope.spawn(move || run(suite, version, server));
        let runs: Vec<_> = suite.servers.iter().map(start).collect();
        let ends = runs.into_iter().map(|run| run.join().unwrap());
        ends.collect::<Vec<_>>()
    });
    let mut wrong = Vec::new();
    for (server, outcome) in suite.servers.iter().zip(outcomes) {
        let case = format!("{}, etcd {version}, {server:?}", suite.name);
        if outcome.count != suite.count {
            wrong.push(format!(
                "{case}: {} tests, not {}",
                outcome.count, suite.count
            ));
        }
        for (test, text) in &outcome.failed {
            let known = match server {
                Server::Etcd => suite.fails_on_etcd.contains(&(version, test)),
                Server::Filter(_) | Server::FilterOverTls => {
                    suite.may_fail_here.contains(&test.as_str())
                }
            };
            if !known {
                wrong.push(format!("{case}: {test}\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A test of each suite on each etcd.
macro_rules! suites {
    ($($module:ident: $suite:expr;)*) => {$(
        mod $module {
            use super::{Version, check};

            #[test]
            fn on_etcd_3_5_1() {
                check(&$suite, Version::V3_5_1);
            }

            #[test]
            fn on_etcd_3_7_3() {
                check(&$suite, Version::V3_7_3);
            }
        }
    )*};
}

suites! {
    etcd3gw: super::ETCD3GW;
    httpetcd: super::HTTPETCD;
    etcd3_py: super::ETCD3_PY;
    async_etcd3gw: super::ASYNC_ETCD3GW;
    patroni: super::PATRONI;
    lua_resty_etcd: super::LUA_RESTY_ETCD;
    curl: super::CURL;
    etcdctl: super::ETCDCTL;
    websockets: super::WEBSOCKETS;
    websocket_closes: super::WEBSOCKET_CLOSES;
    vitastor: super::VITASTOR;
}

/// Clients by the OpenAPI document, which the filter alone has. Only on the newest etcd: calls at random end older ones.
mod openapi {
    use super::{Mode, Server, Suite, Tests, Version, run};

    const OPENAPI: Suite = Suite {
        name: "clients by the OpenAPI document",
        tests: Tests::File("test_openapi.py"),
        count: 6,
        servers: &[Server::Filter(Mode::Full)],
        fails_on_etcd: &[],
        may_fail_here: &[],
    };

    #[test]
    fn on_etcd_3_7_3() {
        let outcome = run(&OPENAPI, Version::V3_7_3, Server::Filter(Mode::Full));
        assert!(outcome.failed.is_empty(), "{:#?}", outcome.failed);
        assert_eq!(outcome.count, OPENAPI.count);
    }
}
