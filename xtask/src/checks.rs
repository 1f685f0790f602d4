//! `cargo xtask test`: everything that must hold before a change is shared.

use std::ffi::OsStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use testbed::envoy_version::{self, Version as Envoy};
use testbed::{artifact, module, process};

use crate::{fuzz, step, target};

/// What the names of the tests in real Envoy begin with, as in `envoy_unary`.
const ENVOY_TESTS: &str = "envoy_";
/// What the names of the tests behind Istio's and Envoy Gateway's control planes begin with.
const MESH_TESTS: &str = "mesh_";
/// What the names of the tests of what a release has begin with.
const PACKAGE_TESTS: &str = "package_";
/// The test of the real clients, `tests/clients.rs`.
const CLIENT_TESTS: &str = "clients";

/// Run the tests and lints, all of them or the parts that are named
#[derive(clap::Args)]
pub struct Arguments {
    /// The parts to run, in this order whatever order they are given in
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// `format`, `lint` and `native`: what to run while working
    Everyday,
    /// rustfmt changes nothing
    Format,
    /// clippy is silent, for this machine and for Wasm
    Lint,
    /// The tests that need no Envoy
    Native,
    /// A few seconds of `cargo xtask fuzz`
    Fuzz,
    /// The tests in real Envoy, against real etcds
    Envoy,
    /// Istio's and Envoy Gateway's own code over the files for them, with real Envoy and etcd
    Mesh,
    /// What a release has: the module as it is packed, its image, the chart
    Package,
    /// Real clients of etcd's JSON API, through the filter and straight to etcd
    Clients,
}

impl Part {
    /// What runs, in order: the quickest to fail first.
    const STEPS: [Part; 8] = [
        Part::Format,
        Part::Lint,
        Part::Native,
        Part::Fuzz,
        Part::Envoy,
        Part::Mesh,
        Part::Package,
        Part::Clients,
    ];

    fn name(self) -> &'static str {
        match self {
            Part::Everyday => "everyday",
            Part::Format => "format",
            Part::Lint => "lint",
            Part::Native => "native",
            Part::Fuzz => "fuzz",
            Part::Envoy => "envoy",
            Part::Mesh => "mesh",
            Part::Package => "package",
            Part::Clients => "clients",
        }
    }

    /// Whether `step` is run for the parts that were asked for.
    fn is_wanted(step: Part, parts: &[Part]) -> bool {
        let slow = !matches!(step, Part::Format | Part::Lint | Part::Native);
        let everyday = parts.contains(&Part::Everyday) && !slow;
        parts.is_empty() || everyday || parts.contains(&step)
    }

    fn run(self) -> Result<()> {
        match self {
            Part::Everyday => Ok(()),
            Part::Format => step::cargo(["fmt", "--all", "--check"], &[]),
            Part::Lint => lint(),
            Part::Native => native(),
            Part::Fuzz => fuzz::smoke(),
            Part::Envoy => envoy(),
            Part::Mesh => mesh(),
            Part::Package => package(),
            Part::Clients => clients(),
        }
    }
}

/// Runs what was asked for, all of it even if something fails, and says at the end what failed.
pub fn run(arguments: &Arguments) -> Result<()> {
    let steps: Vec<Part> = Part::STEPS
        .into_iter()
        .filter(|&step| Part::is_wanted(step, &arguments.parts))
        .collect();
    let started = Instant::now();
    let mut outcomes = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        eprintln!("\n[{}/{}] {}", index + 1, steps.len(), step.name());
        let step_started = Instant::now();
        let outcome = step.run();
        if process::is_stopping() {
            return outcome;
        }
        if let Err(error) = &outcome {
            eprintln!("  {error:#}");
        }
        outcomes.push((*step, outcome, step_started.elapsed()));
    }
    summarize(&outcomes, started.elapsed())
}

fn summarize(outcomes: &[(Part, Result<()>, Duration)], total: Duration) -> Result<()> {
    eprintln!();
    for (step, outcome, time) in outcomes {
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        eprintln!(
            "  {:<8} {word:<8} {:>6.1} s",
            step.name(),
            time.as_secs_f64()
        );
    }
    eprintln!("  {:<17} {:>6.1} s", "total", total.as_secs_f64());
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|(_, outcome, _)| outcome.is_err())
        .map(|(step, ..)| step.name())
        .collect();
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

fn lint() -> Result<()> {
    step::cargo(
        [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ],
        &[],
    )?;
    target::ensure_installed()?;
    step::cargo(
        [
            "clippy",
            "--target",
            module::TARGET,
            "--",
            "--deny",
            "warnings",
        ],
        &[],
    )
}

fn native() -> Result<()> {
    let tests = test_targets()?;
    let elsewhere = |name: &str| {
        let parts = [ENVOY_TESTS, MESH_TESTS, PACKAGE_TESTS];
        parts.iter().any(|part| name.starts_with(part)) || name == CLIENT_TESTS
    };
    let native = tests.iter().filter(|name| !elsewhere(name));
    let native = native.flat_map(|name| ["--test", name]);
    step::cargo(
        ["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]
            .into_iter()
            .chain(native),
        &[],
    )
}

fn envoy() -> Result<()> {
    step::build_module()?;
    // Before the tests, whose output is not shown while they run.
    for version in Envoy::ALL {
        version.program()?;
    }
    for version in testbed::etcd::Version::ALL {
        version.program()?;
    }
    let module = module::built()?;
    let module = (module::MODULE_VARIABLE, module.as_os_str());
    let glob = format!("{ENVOY_TESTS}*");
    let test = ["test", "--workspace", "--no-fail-fast"];
    let all = step::cargo(test.into_iter().chain(["--test", &glob]), &[module]);
    // Some of it once more, in an older Envoy.
    let older = (
        envoy_version::VERSION_VARIABLE,
        OsStr::new(Envoy::NEAREST.as_str()),
    );
    let suites = envoy_version::SUITES.into_iter();
    let suites = suites.flat_map(|suite| ["--test", suite]);
    all.and(step::cargo(
        test.into_iter().chain(suites),
        &[module, older],
    ))
}

fn mesh() -> Result<()> {
    step::build_module()?;
    // Before the tests, whose output is not shown while they run: it takes minutes if it is not built yet.
    testbed::go::mesh()?;
    testbed::go::packaging()?;
    artifact::ENVOY.program()?;
    testbed::etcd::Version::default().program()?;
    let module = module::built()?;
    let glob = format!("{MESH_TESTS}*");
    step::cargo(
        ["test", "--workspace", "--no-fail-fast", "--test", &glob],
        &[(module::MODULE_VARIABLE, module.as_os_str())],
    )
}

fn package() -> Result<()> {
    step::build_module()?;
    // As above.
    testbed::go::packaging()?;
    testbed::etcd::Version::default().program()?;
    artifact::ENVOY.program()?;
    let module = module::built()?;
    let glob = format!("{PACKAGE_TESTS}*");
    // What is skipped says so.
    step::cargo(
        [
            "test",
            "--workspace",
            "--no-fail-fast",
            "--test",
            &glob,
            "--",
            "--nocapture",
        ],
        &[(module::MODULE_VARIABLE, module.as_os_str())],
    )
}

fn clients() -> Result<()> {
    step::build_module()?;
    let module = module::built()?;
    // The counts of each suite are worth seeing.
    step::cargo(
        ["test", "--test", CLIENT_TESTS, "--", "--nocapture"],
        &[(module::MODULE_VARIABLE, module.as_os_str())],
    )
}

/// The names of all integration tests in the workspace.
fn test_targets() -> Result<Vec<String>> {
    let metadata = module::metadata()?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata has no packages")?;
    let targets = packages
        .iter()
        .flat_map(|package| package["targets"].as_array().into_iter().flatten());
    let tests = targets.filter(|target| target["kind"][0] == "test");
    Ok(tests
        .filter_map(|target| target["name"].as_str())
        .map(str::to_owned)
        .collect())
}
