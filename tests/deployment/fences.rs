//! Every fence of the docs is run or loaded by a test, or only shows something and tells nobody to do it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use etcd_json_gateway::config::Config;
use testbed::project_root;

/// What becomes of a fence.
enum Fence {
    /// This test, in this file, runs or loads it, as it stands there or word for word.
    Run(&'static str, &'static str),
    /// It shows something.
    Shows,
}
use Fence::{Run, Shows};

/// All there are: the document, how the fence begins, and what becomes of it.
const FENCES: &[(&str, &str, Fence)] = &[
    (
        "CONTRIBUTING.md",
        "Read usual JSON requests with",
        Shows, // a commit message
    ),
    (
        "deploy/helm/etcd-json-gateway/README.md",
        "module:",
        Run(
            "packaging/tests/package_chart.rs",
            "the_values_of_the_readme_make_a_gateway",
        ),
    ),
    (
        "docs/compatibility.md",
        "layered_runtime:",
        Run("tests/testbed/src/envoy_version.rs", "documented_addition"),
    ),
    (
        "README.md",
        "cargo xtask up",
        Run(
            "xtask/tests/envoy_up.rs",
            "the_printed_requests_work_and_ctrl_c_leaves_nothing",
        ),
    ),
    (
        "README.md",
        "curl -s http://127.0.0.1:8379/v3/kv/put",
        Run(
            "tests/envoy/deploy/docs.rs",
            "the_readme_s_commands_do_what_it_says",
        ),
    ),
    (
        "README.md",
        "curl -s -H 'X-Etcd-Bytes: text'",
        Run(
            "tests/clients/test_curl.py",
            "test_plain_text_as_the_readme_shows_it",
        ),
    ),
    (
        "README.md",
        "curl -s http://127.0.0.1:8379/v3/openapi.json",
        Run(
            "tests/clients/test_openapi.py",
            "test_the_gateway_serves_the_document",
        ),
    ),
    (
        "README.md",
        "const socket = new WebSocket(",
        Run(
            "tests/envoy/streams/sockets/browser.rs",
            "a_page_watches_as_the_readme_has_it",
        ),
    ),
    (
        "README.md",
        "new EventSource(",
        Run(
            "tests/envoy/deploy/docs.rs",
            "a_page_as_in_the_readme_gets_events",
        ),
    ),
    (
        "README.md",
        "curl -sN -H 'Accept: text/event-stream'",
        Run(
            "tests/envoy/deploy/docs.rs",
            "the_readme_s_commands_do_what_it_says",
        ),
    ),
    (
        "README.md",
        "docker compose up",
        Run(
            "tests/envoy/deploy/compose/main.rs",
            "what_compose_runs_serves_within_a_minute_and_can_be_walked_through",
        ),
    ),
    (
        "docs/deploy.md",
        "deploy/walkthrough.sh",
        Run(
            "tests/envoy/deploy/compose/main.rs",
            "deploy/walkthrough.sh",
        ),
    ),
    (
        "docs/deploy.md",
        "curl --cacert ca.crt",
        Run("tests/envoy/deploy/variants/serves.rs", "fence(\"edge\")"),
    ),
    (
        "docs/deploy.md",
        "name: etcd_json_gateway",
        Run("tests/envoy/deploy/variants/changes.rs", "fence(\"ecds\")"),
    ),
    ("docs/design.md", "Envoy", Shows),
    (
        "docs/gateways.md",
        "Access-Control-Allow-Methods",
        Shows, // an answer of etcd's
    ),
    (
        "docs/observability.md",
        "listener:",
        Run(
            "tests/envoy/deploy/observability/fences.rs",
            "a_listener_of_their_own_shows_the_metrics_and_no_more",
        ),
    ),
    (
        "docs/observability.md",
        "tracing:",
        Run(
            "tests/envoy/deploy/observability/fences.rs",
            "fence(\"tracing\")",
        ),
    ),
    (
        "docs/observability.md",
        "sidecar.istio.io/extraStatTags",
        Run(
            "tests/envoy/deploy/observability/labels.rs",
            "extraStatTags",
        ),
    ),
    (
        "docs/tenants.md",
        "denied by policy",
        Shows, // an error
    ),
    (
        "docs/tenants.md",
        "{",
        Run(
            "tests/deployment/fences.rs",
            "the_policies_of_the_docs_are_a_configuration",
        ),
    ),
    (
        "docs/tenants.md",
        "typed_per_filter_config:",
        Run("tests/envoy/edge/policy/routes.rs", "docs/tenants.md"),
    ),
    (
        "docs/tls.md",
        "transport_socket:",
        Run(
            "tests/envoy/deploy/docs.rs",
            "envoy_reaches_an_etcd_behind_tls_as_tls_md_says",
        ),
    ),
];

/// The documents of the project, from its root.
fn documents() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(project_root().join(&folder))? {
            let path = folder.join(entry?.file_name());
            let name = path.to_string_lossy();
            // What is built, what git keeps, and a fuzzer's inputs.
            let skipped = [".git", "target", "tests/fuzz/corpus", "tests/fuzz/target"];
            if skipped.contains(&&*name) {
                continue;
            }
            if project_root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// The fences of a document.
fn fences(document: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(project_root().join(document))?;
    let mut fences = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            match open.take() {
                Some(fence) => fences.push(fence),
                None => open = Some(String::new()),
            }
        } else if let Some(fence) = &mut open {
            fence.push_str(line);
            fence.push('\n');
        }
    }
    assert!(open.is_none(), "{}: a fence has no end", document.display());
    Ok(fences)
}

#[test]
fn the_policies_of_the_docs_are_a_configuration() -> Result<()> {
    let fences = fences(Path::new("docs/tenants.md"))?;
    let policies = fences.iter().find(|fence| fence.starts_with('{'));
    let policies = policies.context("no example")?;
    assert!(policies.contains("\"policies\""), "{policies}");
    assert!(Config::parse(policies.as_bytes()).is_ok(), "{policies}");
    Ok(())
}

#[test]
fn a_test_runs_every_fence_that_tells_somebody_what_to_do() -> Result<()> {
    let mut seen = BTreeSet::new();
    for document in documents()? {
        for fence in fences(&document)? {
            let known = FENCES.iter().position(|(of, start, _)| {
                Path::new(of) == document && fence.trim_start().starts_with(start)
            });
            let known = known.with_context(|| {
                format!(
                    "{}: no test runs this fence, so far as tests/deployment/fences.rs knows:\n{fence}",
                    document.display()
                )
            })?;
            seen.insert(known);
        }
    }
    for (index, (document, start, fence)) in FENCES.iter().enumerate() {
        assert!(seen.contains(&index), "{document} has no fence {start:?}");
        if let Run(file, test) = fence {
            let text = fs::read_to_string(project_root().join(file))
                .with_context(|| (*file).to_owned())?;
            assert!(text.contains(test), "{file} has no {test}");
        }
    }
    Ok(())
}
