//! One suite on one server.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::process::Process;
use testbed::tls::{self, Authority};
use testbed::{artifact, loopback, python, scratch};

use super::{Server, Suite, Tests};

/// Far more than the slowest suite takes on a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// Python says what it waits for when one test takes this many seconds.
const SLOW_TEST_SECONDS: u32 = 100;

/// A suite's tests that did not pass, with what was said of each, and how many ran.
pub struct Outcome {
    pub count: usize,
    pub failed: BTreeMap<String, String>,
}

/// Runs `suite` against a new etcd of `version`.
pub fn run(suite: &Suite, version: Version, server: Server) -> Outcome {
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
    let outcome = outcome(suite, port, client_port);
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

/// Runs the suite against 127.0.0.1:`port`, behind which etcd itself is at `own_port`.
fn outcome(suite: &Suite, port: u16, own_port: u16) -> Outcome {
    let scratch = scratch::folder("clients").unwrap();
    let outcomes = scratch.path().join("outcomes");
    fs::write(&outcomes, "").unwrap();
    let mut command = match suite.tests {
        Tests::Package(package) => pytest(scratch.path(), ["--pyargs", package]),
        Tests::File(file) => pytest(scratch.path(), [folder().join(file)]),
        Tests::Script(file) => node(file),
    };
    command
        .current_dir(scratch.path())
        // These requests do not leave the machine.
        .env("NO_PROXY", "*")
        .env("no_proxy", "*")
        .env("OUTCOMES", &outcomes)
        .env("ETCD_PORT", port.to_string())
        .env("ETCD_OWN_PORT", own_port.to_string())
        .env(
            "OPENAPI",
            testbed::project_root().join("envoy/page/openapi.json"),
        )
        .env("ETCDCTL", artifact::ETCDCTL_3_5_1.program().unwrap())
        // Under these names the clients' own suites look for it.
        .env("TOOZ_TEST_HTTP_URL", format!("http://localhost:{port}"))
        .env("TOOZ_TEST_ETCD_PORT", port.to_string())
        .env("ETCD_ENDPOINT", format!("http://127.0.0.1:{port}"));
    let mut process = Process::start("clients", command, &scratch.path().join("log")).unwrap();
    process.wait_until_ended(TIME_LIMIT).unwrap();
    let outcome = read(&outcomes);
    assert!(outcome.count > 0, "{}", process.log_tail());
    outcome
}

/// pytest, which runs these tests.
fn pytest<Tests: AsRef<OsStr>>(scratch: &Path, tests: impl IntoIterator<Item = Tests>) -> Command {
    // Nobody's own settings of pytest.
    let settings = scratch.join("pytest.ini");
    fs::write(&settings, "[pytest]\n").unwrap();
    let mut command = Command::new(python::program(&folder()).unwrap());
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
    command.arg("--basetemp").arg(scratch.join("files"));
    command.args(tests);
    command
        .env("PYTHONPATH", folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // Nobody's plugins but the one that is named.
        .env("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1");
    command
}

/// Node.js, which runs this script with npm's ws.
fn node(script: &str) -> Command {
    let ws = artifact::WS.folder().unwrap().join("wrapper.mjs");
    let mut command = Command::new(artifact::NODE.program().unwrap());
    command.arg(folder().join(script)).env("WS", ws);
    command
}

/// Reads what `outcomes.py`, or a script, has written.
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
