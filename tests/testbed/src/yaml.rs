//! YAML files as JSON values.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// The one document in `file`.
pub fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    yaml_serde::from_str(&text).with_context(|| format!("parsing {}", file.display()))
}
