//! YAML files as JSON values.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

/// The one document in `file`.
pub fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    parse(&text).with_context(|| format!("parsing {}", file.display()))
}

/// The one document in `text`.
pub fn parse(text: &str) -> Result<Value> {
    let mut value: yaml_serde::Value = yaml_serde::from_str(text)?;
    // `<<`, as Compose files have it.
    value.apply_merge()?;
    Ok(serde_json::to_value(value)?)
}

/// All documents in `text`, as manifests of Kubernetes stand in one file.
pub fn documents(text: &str) -> Result<Vec<Value>> {
    let documents = yaml_serde::Deserializer::from_str(text);
    Ok(documents
        .map(Value::deserialize)
        .collect::<Result<_, _>>()?)
}
