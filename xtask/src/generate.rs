//! `cargo xtask generate`: what is committed but written by a program.

use std::ffi::OsStr;

use anyhow::Result;

use crate::step;

/// The tests that compare a committed file with what it is generated from, and rewrite it when [`REGENERATE`] is set.
const GENERATING_TESTS: [&[&str]; 3] = [
    &["--test", "schema"],
    &["--lib", "generated"],
    &["--test", "deployment", "generated"],
];
const REGENERATE: &str = "REGENERATE";

/// Write the generated files anew: the schema tables and the OpenAPI document from proto/, the configuration's JSON Schema and README table, the examples
/// of envoy/
#[derive(clap::Args)]
pub struct Arguments {}

/// Runs the generating tests so that they rewrite their files.
pub fn run() -> Result<()> {
    for test in GENERATING_TESTS {
        let arguments = ["test", "--package", "etcd-json-gateway"];
        step::cargo(
            arguments.into_iter().chain(test.iter().copied()),
            &[(REGENERATE, OsStr::new("1"))],
        )?;
    }
    Ok(())
}
