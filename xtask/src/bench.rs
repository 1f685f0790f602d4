//! `cargo xtask bench`: each room beside what it was, so that nothing becomes slower unnoticed.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use testbed::{module, process, project_root};

use crate::step;

const BENCH: &str = "benches/rooms.rs";
/// What criterion calls the earlier commit's times.
const BASELINE: &str = "against";
/// Where criterion keeps times, so that both commits use the same.
const TIMES: &str = "CRITERION_HOME";

/// Compare the speed of each room with an earlier commit's, by today's benchmark
#[derive(clap::Args)]
pub struct Arguments {
    /// The commit to compare with: one whose library today's benchmark compiles with, so none before 2fc6735
    #[arg(long, default_value = "HEAD~1")]
    against: String,
}

/// Measures the earlier commit, in a worktree of its own, and then the files as they are.
pub fn run(arguments: &Arguments) -> Result<()> {
    let target = module::built()?;
    let target = target
        .ancestors()
        .nth(3)
        .context("cargo has no target folder")?;
    let worktree = target.join(BASELINE);
    remove(&worktree)?;
    git(
        ["worktree", "add", "--detach"],
        &[worktree.as_os_str(), OsStr::new(&arguments.against)],
    )?;
    let measured = measure(target, &worktree, &arguments.against);
    remove(&worktree)?;
    measured
}

fn measure(target: &Path, worktree: &Path, against: &str) -> Result<()> {
    fs::copy(project_root().join(BENCH), worktree.join(BENCH))?;
    let times = target.join("criterion");
    let variables = [(TIMES, times.as_os_str())];
    let manifest = worktree.join("Cargo.toml");
    let bench = ["bench", "--bench", "rooms", "--manifest-path"].map(OsStr::new);
    let options = |option| ["--", option, BASELINE].map(OsStr::new);
    let earlier = bench.into_iter().chain([manifest.as_os_str()]);
    step::cargo(earlier.chain(options("--save-baseline")), &variables).with_context(|| {
        format!("today's {BENCH} does not run with the library of {against}: with none before 2fc6735 does it compile")
    })?;
    let manifest = project_root().join("Cargo.toml");
    let now = bench.into_iter().chain([manifest.as_os_str()]);
    step::cargo(now.chain(options("--baseline")), &variables)
}

/// Removes the worktree, if one is there.
fn remove(worktree: &Path) -> Result<()> {
    if worktree.exists() {
        git(["worktree", "remove", "--force"], &[worktree.as_os_str()])?;
    }
    Ok(())
}

fn git<const N: usize>(arguments: [&str; N], more: &[&OsStr]) -> Result<()> {
    let mut command = Command::new("git");
    command
        .current_dir(project_root())
        .args(arguments)
        .args(more);
    let status = process::status(command).context("starting git")?;
    ensure!(status.success(), "`git {}` failed", arguments.join(" "));
    Ok(())
}
