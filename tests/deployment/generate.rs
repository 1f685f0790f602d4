//! The examples of `envoy/` and the files of the Helm chart, written from `envoy/base`; its README says how.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;
use testbed::{project_root, yaml};

/// An example: its file's name in `envoy/`, and what should be in it.
pub struct Example {
    pub file: String,
    pub text: String,
}

impl Example {
    pub fn path(&self) -> PathBuf {
        folder().join(&self.file)
    }
}

/// What of `envoy/` the chart has as it is, and where.
const COPIES: [(&str, &str); 3] = [
    ("istio", "filter.yaml"),
    ("istio", "body-for-bodyless.yaml"),
    ("istio", "limits.yaml"),
];
/// The chart's folder for files, seen from `envoy/`.
const CHART: &str = "../deploy/helm/etcd-json-gateway/files";
const SECRETS: [&str; 3] = ["etcd-authority.yaml", "etcd-client.yaml", "listener.yaml"];

/// All that `variants.yaml` names.
pub fn examples() -> Result<Vec<Example>> {
    filled("variants.yaml")
}

/// All that `chart.yaml` names, and what the chart copies.
pub fn chart() -> Result<Vec<Example>> {
    let mut all = filled("chart.yaml")?;
    let secrets = SECRETS.map(|file| ("secrets", file));
    for (place, file) in COPIES.into_iter().chain(secrets) {
        all.push(Example {
            file: format!("{CHART}/{place}/{file}"),
            text: fs::read_to_string(folder().join(place).join(file))?,
        });
    }
    Ok(all)
}

/// All that a file of variants names.
fn filled(variants: &str) -> Result<Vec<Example>> {
    let base = fs::read_to_string(folder().join("base/envoy.yaml.j2"))?;
    let filter = without_head(&fs::read_to_string(
        folder().join("body-for-bodyless.yaml"),
    )?);
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    environment.set_syntax(syntax);
    // A word that is misspelt is an error, not nothing.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_global("body_for_bodyless", filter.trim_end());
    environment.add_template("base", &base)?;
    let base = environment.get_template("base")?;

    let variants = yaml::read(&folder().join("base").join(variants))?;
    let variants = variants.as_object().context("no map of variants")?;
    let fill = |(file, words): (&String, &Value)| {
        Ok(Example {
            text: base.render(Serde(words)).with_context(|| file.clone())?,
            file: file.clone(),
        })
    };
    variants.iter().map(fill).collect()
}

/// A file without the comment at its head.
fn without_head(text: &str) -> String {
    let lines = text.lines().skip_while(|line| line.starts_with('#'));
    lines.map(|line| format!("{line}\n")).collect()
}

fn folder() -> PathBuf {
    project_root().join("envoy")
}
