//! One cargo command of ours, shown before it runs.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use testbed::{module, process};

use crate::target;

/// Runs `cargo` with `arguments` in the project's folder; an error if it fails.
pub fn cargo<I>(arguments: I, variables: &[(&str, &OsStr)]) -> Result<()>
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let mut command = module::cargo();
    command.args(arguments).envs(variables.iter().copied());
    let line = line(&command, variables);
    eprintln!("  $ {line}");
    let status = process::status(command).with_context(|| format!("starting `{line}`"))?;
    ensure!(status.success(), "`{line}` failed");
    Ok(())
}

/// Builds the Wasm module.
pub fn build_module() -> Result<()> {
    target::ensure_installed()?;
    cargo(module::BUILD_ARGUMENTS, &[])
}

/// The command as a person would type it.
fn line(command: &Command, variables: &[(&str, &OsStr)]) -> String {
    let variables = variables
        .iter()
        .map(|(name, value)| format!("{name}={}", value.display()));
    let arguments = command
        .get_args()
        .map(|argument| argument.display().to_string());
    variables
        .chain(["cargo".to_owned()])
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
