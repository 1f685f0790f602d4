//! Real clients, unmodified, through the filter in both running modes and straight to etcd, in one run: all that works
//! on etcd's own gateway works here, and what its newer versions broke works again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::process::Process;
use testbed::tls::{self, Authority};
use testbed::{artifact, loopback, python, scratch};

/// Far more than the slowest suite takes on a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// Python says what it waits for when one test takes this many seconds.
const SLOW_TEST_SECONDS: u32 = 100;

/// Tests of one client.
struct Suite {
    name: &'static str,
    tests: Tests,
    count: usize,
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
}

/// etcd3gw's own suite.
const ETCD3GW: Suite = Suite {
    name: "etcd3gw 2.7.0, its own suite",
    tests: Tests::Package("etcd3gw.tests"),
    count: 39,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

/// httpetcd's own suite, without the unit tests that need no etcd.
const HTTPETCD: Suite = Suite {
    name: "httpetcd 0.3.3, its own suite",
    tests: Tests::Package("httpetcd.tests.functional"),
    count: 15,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

const ETCD3_PY: Suite = Suite {
    name: "etcd3-py 0.1.6",
    tests: Tests::File("test_etcd3_py.py"),
    count: 12,
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
    fails_on_etcd: &[],
    may_fail_here: &[],
};

const PATRONI: Suite = Suite {
    name: "Patroni 4.1.5",
    tests: Tests::File("test_patroni.py"),
    count: 13,
    fails_on_etcd: &[],
    may_fail_here: &[],
};

const LUA_RESTY_ETCD: Suite = Suite {
    name: "as lua-resty-etcd reads",
    tests: Tests::File("test_lua_resty_etcd.py"),
    count: 4,
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
    fails_on_etcd: &[],
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

const SERVERS: [Server; 4] = [
    Server::Etcd,
    Server::Filter(Mode::Full),
    Server::Filter(Mode::Plain),
    Server::FilterOverTls,
];

/// A suite's tests that did not pass, with what pytest said of each, and how many ran.
struct Outcome {
    count: usize,
    failed: BTreeMap<String, String>,
}

/// Runs `suite` on every server at once, each in front of a new etcd of `version`.
fn check(suite: &Suite, version: Version) {
    let outcomes = thread::scope(|scope| {
        SERVERS
            .map(|server| scope.spawn(move || run(suite, version, server)))
            .map(|run| run.join().unwrap())
    });
    let mut wrong = Vec::new();
    for (server, outcome) in SERVERS.into_iter().zip(outcomes) {
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

fn run(suite: &Suite, version: Version, server: Server) -> Outcome {
    let client_port = loopback::free_port().unwrap();
    let authority = Authority::new().unwrap();
    let tls = (server == Server::FilterOverTls).then(|| {
        let identity = authority.client(Some("gateway")).unwrap();
        let server = authority.server().unwrap().for_etcd(Some(&authority));
        (tls::Upstream::new(&authority, Some(identity)), server)
    });
    let (upstream_tls, etcd_tls) = tls.unzip();
    // The members' clientURLs, which Patroni goes to, are the filter's: it has to be there first.
    let gateway = match (server, upstream_tls) {
        (Server::Filter(mode), _) => Some(filter(mode, client_port)),
        (_, Some(tls)) => {
            let etcd = format!("127.0.0.1:{client_port}");
            Some(Setup::example(Mode::Full, etcd).tls(tls).start())
        }
        _ => None,
    };
    let port = gateway
        .as_ref()
        .map_or(client_port, |gateway| gateway.address().port());
    let _etcd = Etcd::start_with(Options {
        version,
        client_port: Some(client_port),
        advertised_url: Some(format!("http://127.0.0.1:{port}")),
        tls: etcd_tls,
        ..Options::default()
    })
    .unwrap();
    let started = Instant::now();
    let outcome = pytest(suite, port);
    println!(
        "{}, etcd {version}, {server:?}: {} passed, {} failed in {:.1} s",
        suite.name,
        outcome.count - outcome.failed.len(),
        outcome.failed.len(),
        started.elapsed().as_secs_f64(),
    );
    outcome
}

fn filter(mode: Mode, etcd_port: u16) -> Gateway {
    let etcd = format!("127.0.0.1:{etcd_port}");
    match mode {
        Mode::Full => Setup::example(mode, etcd).start(),
        // Envoy's own 15 s would end every watch.
        Mode::Plain => Setup::new(mode, etcd)
            .route(json!({"timeout": "0s"}))
            .start(),
    }
}

fn folder() -> PathBuf {
    testbed::project_root().join("tests/clients")
}

/// Lets pytest run the suite against 127.0.0.1:`port`.
fn pytest(suite: &Suite, port: u16) -> Outcome {
    let scratch = scratch::folder("pytest").unwrap();
    let outcomes = scratch.path().join("outcomes");
    // Nobody's own settings of pytest.
    let settings = scratch.path().join("pytest.ini");
    fs::write(&settings, "[pytest]\n").unwrap();
    fs::write(&outcomes, "").unwrap();

    let mut command = Command::new(python::program(&folder()).unwrap());
    command.current_dir(scratch.path());
    command.args([
        "-m",
        "pytest",
        "--quiet",
        "--disable-warnings",
        "--tb=short",
    ]);
    command
        .args(["-p", "no:cacheprovider", "-p", "outcomes", "-c"])
        .arg(&settings);
    command.args(["-o", &format!("faulthandler_timeout={SLOW_TEST_SECONDS}")]);
    command.arg("--basetemp").arg(scratch.path().join("files"));
    match suite.tests {
        Tests::Package(package) => command.args(["--pyargs", package]),
        Tests::File(file) => command.arg(folder().join(file)),
    };
    command
        .env("PYTHONPATH", folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // These requests do not leave the machine.
        .env("NO_PROXY", "*")
        .env("no_proxy", "*")
        .env("OUTCOMES", &outcomes)
        .env("ETCD_PORT", port.to_string())
        .env("ETCDCTL", artifact::ETCDCTL_3_5_1.program().unwrap())
        // Under these names the clients' own suites look for it.
        .env("TOOZ_TEST_HTTP_URL", format!("http://localhost:{port}"))
        .env("TOOZ_TEST_ETCD_PORT", port.to_string())
        .env("ETCD_ENDPOINT", format!("http://127.0.0.1:{port}"));
    let mut process = Process::start("pytest", command, &scratch.path().join("log")).unwrap();
    process.wait_until_ended(TIME_LIMIT).unwrap();
    let outcome = read(&outcomes);
    assert!(outcome.count > 0, "{}", process.log_tail());
    outcome
}

/// Reads what `tests/clients/outcomes.py` has written.
fn read(file: &Path) -> Outcome {
    let text = fs::read_to_string(file).unwrap();
    let tests: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let string = |value: &Value| value.as_str().unwrap().to_owned();
    let failed = tests.iter().filter(|test| test["outcome"] != "passed");
    Outcome {
        count: tests.len(),
        failed: failed
            .map(|test| {
                (
                    string(&test["test"]),
                    format!("{}: {}", string(&test["outcome"]), string(&test["text"])),
                )
            })
            .collect(),
    }
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
}
