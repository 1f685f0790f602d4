//! The golden vectors in `tests/vectors`, and what a test needs to replay them.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// The rows of one file, such as `errors.jsonl`.
///
/// # Panics
/// When the file is not there or not JSON lines: without vectors a replay would pass by doing nothing.
pub fn rows(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../vectors")
        .join(file);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect();
    assert!(!rows.is_empty(), "{} is empty", path.display());
    rows
}

/// Which of etcd's gateways the filter answers like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Status codes and success bodies as v2, error bodies for the clients of both.
    Compatible,
    /// etcd 3.4 and 3.5.
    V1,
    /// etcd 3.6 and 3.7.
    V2,
}

impl Dialect {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Compatible, Self::V1, Self::V2];

    /// Its name in the plugin configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The plugin configuration that asks for it.
    pub fn plugin(self) -> Value {
        json!({"dialect": self.name()})
    }
}

/// Collects what differs and panics with all of it at the end, so that one run shows every row that disagrees.
#[derive(Default)]
pub struct Differences(Vec<String>);

impl Differences {
    /// Notes it when the two differ.
    pub fn check<T: PartialEq + Debug>(&mut self, case: &str, what: &str, actual: T, expected: T) {
        if actual != expected {
            self.note(format!(
                "{case}: {what} is {actual:?}, expected {expected:?}"
            ));
        }
    }

    /// Notes a difference.
    pub fn note(&mut self, difference: String) {
        self.0.push(difference);
    }
}

impl Drop for Differences {
    fn drop(&mut self) {
        if !self.0.is_empty() && !std::thread::panicking() {
            panic!("{} differences:\n{}", self.0.len(), self.0.join("\n"));
        }
    }
}
