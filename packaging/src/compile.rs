//! The module, compiled so that its bytes tell nothing of the machine: panics name the files of their libraries, and those
//! lie in the home folder of whoever builds.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use testbed::module::{PACKAGE, TARGET};
use testbed::process;

use crate::MODULE;

/// What begins the names of variables that change what cargo builds.
const VARIABLES: [&str; 4] = [
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
];

/// A checkout of the project, and how it is built.
pub struct Build {
    project: PathBuf,
    target: PathBuf,
    home: Option<PathBuf>,
    /// What cargo knows of it, by its lock file.
    pub(crate) metadata: Metadata,
}

impl Build {
    /// Of the checkout in `project`, in the folder `target` of its own; `home` is cargo's, if not the user's.
    pub fn new(project: &Path, target: &Path, home: Option<&Path>) -> Result<Build> {
        let mut command = MetadataCommand::new();
        command.manifest_path(project.join("Cargo.toml"));
        command.other_options(["--locked", "--filter-platform", TARGET].map(str::to_owned));
        if let Some(home) = home {
            command.env("CARGO_HOME", home);
        }
        Ok(Build {
            project: project.to_path_buf(),
            target: target.to_path_buf(),
            home: home.map(Path::to_path_buf),
            metadata: command.exec().context("cargo metadata")?,
        })
    }

    /// The package that becomes the module.
    pub(crate) fn root(&self) -> Result<&Package> {
        let found = self
            .metadata
            .packages
            .iter()
            .find(|package| package.name == PACKAGE);
        found.with_context(|| format!("no package {PACKAGE}"))
    }

    /// The module's version.
    pub fn version(&self) -> Result<String> {
        Ok(self.root()?.version.to_string())
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.project.join("Cargo.lock")
    }

    /// What rustc is told: other names for the folders that differ from machine to machine.
    fn flags(&self) -> Result<String> {
        let sources = self
            .metadata
            .packages
            .iter()
            .filter(|package| package.source.is_some());
        // A registry's folder, or that of vendored sources; a crate's own folder has its name and version.
        let folders: BTreeSet<&Path> = sources
            .filter_map(|package| package.manifest_path.as_std_path().ancestors().nth(2))
            .collect();
        let standard = self.rustc(&["--print", "sysroot"])?;
        let standard = Path::new(standard.trim()).join("lib/rustlib/src/rust");
        let commit = self.rustc(&["--version", "--verbose"])?;
        let commit = commit
            .lines()
            .find_map(|line| line.strip_prefix("commit-hash: "));
        let standard_name = format!(
            "/rustc/{}",
            commit.context("rustc does not tell its commit")?
        );
        let project = self.project.canonicalize()?;

        let mut flags = vec![
            remap(&project, "/project"),
            remap(&standard, &standard_name),
        ];
        flags.extend(folders.into_iter().map(|folder| remap(folder, "/cargo")));
        // Cargo's own separator, for paths may have spaces in them.
        Ok(flags.join("\u{1f}"))
    }

    fn rustc(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("rustc");
        // Where rustup chooses the pinned toolchain.
        command.current_dir(&self.project).args(arguments);
        let output = process::output(command).context("running rustc")?;
        ensure!(
            output.status.success(),
            "rustc {}: {}",
            arguments.join(" "),
            output.status
        );
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn remap(folder: &Path, name: &str) -> String {
    format!("--remap-path-prefix={}={name}", folder.display())
}

/// Compiles the module and answers where it is.
pub fn module(build: &Build) -> Result<PathBuf> {
    let mut command = Command::new("cargo");
    command.current_dir(&build.project);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text == "RUSTFLAGS" || VARIABLES.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    if let Some(home) = &build.home {
        command.env("CARGO_HOME", home);
    }
    command
        .args(["build", "--locked", "--release", "--package", PACKAGE])
        .args(["--target", TARGET, "--target-dir"])
        .arg(&build.target)
        .env("CARGO_ENCODED_RUSTFLAGS", build.flags()?);
    let output = process::output(command).context("running cargo")?;
    ensure!(
        output.status.success(),
        "compiling the module: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(build.target.join(TARGET).join("release").join(MODULE))
}
