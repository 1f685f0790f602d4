//! `cargo xtask generate`: what is committed but written by a program.

use std::ffi::OsStr;

use anyhow::Result;

use crate::step;

/// The tests that compare a committed file with what it is generated from, and rewrite it when [`REGENERATE`] is set.
const GENERATING_TESTS: [&str; 1] = ["schema"];
const REGENERATE: &str = "REGENERATE";

/// Write the generated files anew: the schema tables from proto/
#[derive(clap::Args)]
pub struct Arguments {}

/// Runs the generating tests so that they rewrite their files.
pub fn run() -> Result<()> {
    let tests = GENERATING_TESTS.iter().flat_map(|test| ["--test", test]);
    step::cargo(
        ["test"].into_iter().chain(tests),
        &[(REGENERATE, OsStr::new("1"))],
    )
}
