//! YAML files as JSON values.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// The one document in `file`.
pub fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    parse(&text).with_context(|| format!("parsing {}", file.display()))
}

/// The one document in `text`.
pub fn parse(text: &str) -> Result<Value> {
    Ok(yaml_serde::from_str(text)?)
}
