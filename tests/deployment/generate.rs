//! The examples of `envoy/`, written from `envoy/base`; its README says how.

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

/// All that `variants.yaml` names.
pub fn examples() -> Result<Vec<Example>> {
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

    let variants = yaml::read(&folder().join("base/variants.yaml"))?;
    let variants = variants.as_object().context("variants.yaml is no map")?;
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
