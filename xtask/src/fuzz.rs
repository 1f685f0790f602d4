//! `cargo xtask fuzz`: the targets of `tests/fuzz` under libFuzzer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use testbed::progress::say;
use testbed::{module, process, project_root, scratch};

use crate::step;

/// The folder of all this, in the project's.
const FOLDER: &str = "tests/fuzz";
/// How the targets are compiled.
const CONFIG: &str = "tests/fuzz/instrumented.toml";
/// What the program is told by, see its `main.rs`.
const TARGET_VARIABLE: &str = "FUZZ_TARGET";
const SEEDS_VARIABLE: &str = "FUZZ_SEEDS";
/// Longest input in bytes. Targets make large messages of small inputs.
const MAX_INPUT: u32 = 4096;
/// Longest time that one input may take, in seconds: a thousand times what the slowest does.
const INPUT_SECONDS: u32 = 10;
/// How long each target runs in the tests.
const SMOKE_SECONDS: u32 = 3;
/// What libFuzzer calls the number of inputs that it has tried.
const EXECUTIONS: &str = "stat::number_of_executed_units:";

/// Try the rooms and the whole filter with inputs that a fuzzer makes, guided by what code they reach
///
/// A finding is left in tests/fuzz/regressions/TARGET: name it after what was wrong and commit it with the fix.
#[derive(clap::Args)]
pub struct Arguments {
    /// The targets to run [default: all]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// How long to run each
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// How many inputs to try with each, in place of a time
    #[arg(long, conflicts_with = "seconds")]
    runs: Option<u32>,
    /// Write the corpus anew: the fewest inputs that reach everything reached so far
    #[arg(long, conflicts_with_all = ["seconds", "runs"])]
    minimize: bool,
}

/// Runs what was asked for.
pub fn run(arguments: &Arguments) -> Result<()> {
    let all = targets()?;
    if let Some(unknown) = arguments.targets.iter().find(|name| !all.contains(name)) {
        bail!("there is no target {unknown}, but {}", all.join(", "));
    }
    let limit = match arguments.runs {
        Some(runs) => format!("-runs={runs}"),
        None => format!("-max_total_time={}", arguments.seconds),
    };
    let program = build()?;
    let found = module::target_directory()?.join("fuzz-corpus");
    let wanted = |name: &&String| arguments.targets.is_empty() || arguments.targets.contains(name);
    for name in all.iter().filter(wanted) {
        let target = Target::new(name, &program, found.join(name))?;
        if arguments.minimize {
            target.minimize()?;
        } else {
            target.fuzz(&[&limit], true)?;
        }
    }
    Ok(())
}

/// Runs every target for a short time, in the same way each time.
pub fn smoke() -> Result<()> {
    let program = build()?;
    let scratch = scratch::folder("fuzz")?;
    let limit = format!("-max_total_time={SMOKE_SECONDS}");
    for name in targets()? {
        let target = Target::new(&name, &program, scratch.path().join(&name))?;
        target.fuzz(&[&limit, "-seed=1"], false)?;
    }
    Ok(())
}

/// The names of all targets: each has a corpus.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(project_root().join(FOLDER).join("corpus"))? {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Builds the fuzzer's program.
fn build() -> Result<PathBuf> {
    let output = Command::new("rustc")
        .args(["--print", "host-tuple"])
        .current_dir(project_root())
        .output()?;
    let host = String::from_utf8(output.stdout)?.trim().to_owned();
    // With a target, nothing that runs while compiling is instrumented.
    let target = ["--target", &host];
    step::cargo(
        [
            "build",
            "--package",
            "fuzz",
            "--features",
            "libfuzzer",
            "--profile",
            "fuzz",
            "--config",
            CONFIG,
        ]
        .into_iter()
        .chain(target),
        &[],
    )?;
    Ok(module::target_directory()?.join(host).join("fuzz/fuzz"))
}

/// A target and its folders.
struct Target<'a> {
    name: &'a str,
    program: &'a Path,
    /// Inputs that are committed.
    corpus: PathBuf,
    /// Inputs that once broke something, and those that do now.
    regressions: PathBuf,
    /// Inputs that were found to reach something new.
    found: PathBuf,
}

impl<'a> Target<'a> {
    fn new(name: &'a str, program: &'a Path, found: PathBuf) -> Result<Self> {
        let folder = project_root().join(FOLDER);
        fs::create_dir_all(&found)?;
        Ok(Self {
            name,
            program,
            corpus: folder.join("corpus").join(name),
            regressions: folder.join("regressions").join(name),
            found,
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command
            .env(TARGET_VARIABLE, self.name)
            .arg(format!("-timeout={INPUT_SECONDS}"))
            .arg(format!("-artifact_prefix={}/", self.regressions.display()))
            .args(["-verbosity=0", "-print_final_stats=1"]);
        command
    }

    /// Runs a command of this target; what libFuzzer says.
    fn run(&self, command: Command) -> Result<String> {
        fs::create_dir_all(&self.regressions)?;
        let output = process::output(command)?;
        // Where there is nothing in it, git knows nothing of it either.
        let _ = fs::remove_dir(&self.regressions);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            eprintln!("{said}");
            let folder = self.regressions.display();
            bail!("{}: an input breaks a promise, see {folder}", self.name);
        }
        Ok(said)
    }

    /// Tries inputs up to a limit; an error if one breaks a promise.
    fn fuzz(&self, limits: &[&str], seeds: bool) -> Result<()> {
        let mut command = self.command();
        if seeds {
            command.env(SEEDS_VARIABLE, &self.found);
        }
        command.arg(format!("-max_len={MAX_INPUT}")).args(limits);
        command.args([&self.found, &self.corpus]);
        let said = self.run(command)?;
        let executions = said.lines().find_map(|line| line.strip_prefix(EXECUTIONS));
        let executions = executions.context("libFuzzer does not say how much it has tried")?;
        say(self.name, &format!("{} inputs", executions.trim()));
        Ok(())
    }

    /// Replaces the corpus by the fewest inputs of it and of those found that reach the same.
    fn minimize(&self) -> Result<()> {
        let scratch = scratch::folder("fuzz")?;
        let mut command = self.command();
        // What code is reached counts, and not how often.
        command.args(["-set_cover_merge=1", "-use_counters=0"]);
        command.arg(scratch.path());
        command.args([&self.corpus, &self.found]);
        self.run(command)?;
        fs::remove_dir_all(&self.corpus)?;
        fs::create_dir_all(&self.corpus)?;
        let mut files = 0;
        for entry in fs::read_dir(scratch.path())? {
            let entry = entry?;
            fs::copy(entry.path(), self.corpus.join(entry.file_name()))?;
            files += 1;
        }
        say(self.name, &format!("{files} inputs"));
        Ok(())
    }
}
