//! `docs/compatibility.md`: what tests have run, from the lists that they run by.

use std::fs;

use anyhow::{Context, Result};
use testbed::envoy_version::{SUITES, Version as Envoy};
use testbed::etcd::Version;
use testbed::{artifact, project_root};

const FILE: &str = "docs/compatibility.md";
const MARKS: [&str; 2] = ["<!-- run -->\n", "<!-- /run -->"];

fn read(file: &str) -> Result<String> {
    fs::read_to_string(project_root().join(file)).with_context(|| file.to_owned())
}

/// The version of a module that the control planes of the tests are built of.
fn go_module(name: &str) -> Result<String> {
    let modules = read("tests/mesh/control/go.mod")?;
    let version = modules
        .lines()
        .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(' '));
    let version = version.with_context(|| format!("no {name} in go.mod"))?;
    // Go writes a commit without a release as v0.0.0-TIME-COMMIT.
    let commit: Vec<&str> = version.split('-').collect();
    Ok(match commit[..] {
        ["v0.0.0", time, commit] => {
            let (day, _) = time.split_at_checked(8).context("no time")?;
            format!("commit {commit} of {day}")
        }
        _ => version.trim_start_matches('v').to_owned(),
    })
}

/// The names of the suites of real clients, and the etcds that each is run on.
fn clients() -> Result<(Vec<String>, Vec<String>)> {
    let source = read("tests/clients.rs")?;
    let names = source
        .lines()
        .filter_map(|line| line.strip_prefix("    name: \"")?.strip_suffix("\","));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let (_, tests) = source
        .split_once("macro_rules! suites")
        .context("no suites")?;
    let of = |version: &&Version| tests.contains(&format!("Version::{version:?}"));
    let versions = Version::ALL
        .iter()
        .filter(of)
        .map(ToString::to_string)
        .collect();
    Ok((names, versions))
}

fn row(what: &str, versions: &[String], how: &str) -> String {
    format!("| {what} | {} | {how} |\n", versions.join(", "))
}

/// The rows of Envoy and etcd.
fn servers() -> String {
    let names = |versions: &[Version]| versions.iter().map(ToString::to_string).collect::<Vec<_>>();
    let suites = SUITES.map(|suite| format!("`{suite}`")).join(" and ");
    let near = format!("the suites {suites}, and the main path");
    let older = Envoy::OLDER
        .iter()
        .filter(|&&version| version != Envoy::NEAREST);
    let older: Vec<String> = older.map(ToString::to_string).collect();
    [
        row(
            "Envoy",
            &[artifact::ENVOY.version().to_owned()],
            "every suite, with held heads and without, on x86-64; arm64 is pinned and not run",
        ),
        row("Envoy", &[Envoy::NEAREST.to_string()], &near),
        row("Envoy", &older, "the main path, with two changes to the example, below"),
        row(
            "etcd",
            &names(&Version::ALL),
            "every unary call in plain; the main path in plain and over TLS",
        ),
        row(
            "etcd",
            &names(&Version::REQUIRED),
            "streams, WebSockets and what becomes of them when etcd is lost; other faults on the newest",
        ),
    ]
    .concat()
}

fn table() -> Result<String> {
    let (clients, client_etcds) = clients()?;
    let mut table = "| what | versions | how |\n|---|---|---|\n".to_owned();
    table += &servers();
    let envoy = format!("Envoy {}", artifact::ENVOY.version());
    table += &row(
        "Istio",
        &[go_module("istio.io/istio")?],
        &format!("its control plane, agent and CRDs, with {envoy} in the place of its own"),
    );
    table += &row(
        "Envoy Gateway",
        &[go_module("github.com/envoyproxy/gateway")?],
        &format!("its translation, fetcher and CRDs, with {envoy}"),
    );
    table += &row(
        "Gateway API",
        &[go_module("sigs.k8s.io/gateway-api")?],
        "through both",
    );
    for client in clients {
        let (name, how) = client
            .split_once(", ")
            .unwrap_or((&client, "tests of this project"));
        table += &row(
            name,
            &client_etcds
                .iter()
                .map(|version| format!("on etcd {version}"))
                .collect::<Vec<_>>(),
            how,
        );
    }
    Ok(table)
}

#[test]
fn the_table_of_compatibility_is_generated_from_the_lists_of_the_tests() -> Result<()> {
    let found = read(FILE)?;
    let [open, close] = MARKS;
    let (before, rest) = found.split_once(open).context("no mark")?;
    let (_, after) = rest.split_once(close).context("no mark")?;
    let wanted = format!("{before}{open}{}{close}{after}", table()?);
    if std::env::var_os("REGENERATE").is_some() {
        fs::write(project_root().join(FILE), &wanted)?;
    }
    assert!(
        read(FILE)? == wanted,
        "{FILE} is not up to date: run `cargo xtask generate`"
    );
    Ok(())
}

#[test]
fn every_list_has_something_in_it() -> Result<()> {
    let (clients, etcds) = clients()?;
    assert!(clients.len() >= 8, "{clients:?}");
    assert!(etcds.len() >= 2, "{etcds:?}");
    Ok(())
}
