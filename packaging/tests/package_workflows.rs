//! The workflows of a public forge: such as it takes them, and pinned.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;
use testbed::{go, process, project_root, yaml};

const FOLDER: &str = ".github/workflows";

#[test]
fn actionlint_finds_nothing() -> Result<()> {
    let mut command = Command::new(go::packaging()?.join("workflows"));
    command
        .arg(project_root().join(FOLDER))
        .current_dir(project_root());
    let output = process::output(command)?;
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{}", text.concat());
    Ok(())
}

/// What each step of a workflow uses.
fn used(workflow: &Value) -> Vec<&str> {
    let jobs = workflow["jobs"].as_object().into_iter().flatten();
    let steps = jobs.flat_map(|(_, job)| job["steps"].as_array().into_iter().flatten());
    steps.filter_map(|step| step["uses"].as_str()).collect()
}

#[test]
fn every_action_is_pinned_by_a_commit_and_no_job_has_more_rights_than_it_says() -> Result<()> {
    let mut count = 0;
    for file in fs::read_dir(project_root().join(FOLDER))? {
        let path = file?.path();
        let workflow = yaml::read(&path)?;
        assert_eq!(
            workflow["permissions"],
            serde_json::json!({"contents": "read"}),
            "{path:?}"
        );
        for action in used(&workflow) {
            let (_, pin) = action.split_once('@').context("no pin")?;
            let is_commit = pin.len() == 40 && pin.chars().all(|digit| digit.is_ascii_hexdigit());
            assert!(is_commit, "{action} in {path:?}");
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} actions found");
    Ok(())
}

#[test]
fn a_release_has_what_the_package_has() -> Result<()> {
    let release = fs::read_to_string(project_root().join(FOLDER).join("release.yml"))?;
    for file in [
        packaging::MODULE,
        "etcd_json_gateway.wasm.sha256",
        "etcd_json_gateway.cdx.json",
        "image.digest",
        "oci:target/package/image",
    ] {
        assert!(release.contains(file), "{file}");
    }
    Ok(())
}
