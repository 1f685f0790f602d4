//! etcds that no registry has as a program: built from their Go modules, whose hashes `tests/etcd-build/*/go.sum` pins.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::artifact;
use crate::cache;
use crate::process;
use crate::progress::say;
use crate::project_root;

/// The oldest Go (minor version) that these etcds' `go.mod` accept.
const OLDEST_GO_MINOR: u32 = 26;

/// The etcd program of `version`, built first if the cache has none of that version, source hashes and Go.
pub fn etcd(version: &str) -> Result<PathBuf> {
    let subject = format!("etcd {version}");
    let source = project_root().join("tests/etcd-build").join(version);
    let toolchain = Toolchain::find()?;
    let key = build_key(&source, &toolchain.version)
        .with_context(|| format!("reading {}", source.display()))?;
    let folder = cache::folder_made_by(&format!("etcd-{version}-{key}"), |folder| {
        say(
            &subject,
            &format!("building with {} (about a minute)", toolchain.version),
        );
        toolchain
            .build(&source, &folder.join("etcd"))
            .with_context(|| format!("building {subject}"))
    })?;
    Ok(folder.join("etcd"))
}

/// Twelve hex digits of a hash of all that decides what is built.
fn build_key(source: &Path, go_version: &str) -> Result<String> {
    let mut hash = Sha256::new();
    for file in ["go.mod", "go.sum", "main.go"] {
        hash.update(fs::read(source.join(file))?);
    }
    hash.update(go_version);
    Ok(hash
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

struct Toolchain {
    program: PathBuf,
    /// As `go env GOVERSION` says it, such as `go1.26.10`.
    version: String,
    /// Ours leaves nothing but what it builds, a user's Go has its module and build caches.
    ours: bool,
}

impl Toolchain {
    /// The machine's own Go if it is new enough, else the pinned one.
    fn find() -> Result<Toolchain> {
        let program = PathBuf::from("go");
        if let Some(version) = version_of(&program).filter(|version| is_new_enough(version)) {
            return Ok(Toolchain {
                program,
                version,
                ours: false,
            });
        }
        let program = artifact::GO.folder()?.join("bin/go");
        let version =
            version_of(&program).with_context(|| format!("{} does not run", program.display()))?;
        Ok(Toolchain {
            program,
            version,
            ours: true,
        })
    }

    fn build(&self, source: &Path, program: &Path) -> Result<()> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(source)
            .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
            .arg(program)
            .arg(".");
        command.envs([
            ("CGO_ENABLED", "0"),
            ("GOTOOLCHAIN", "local"),
            ("GOWORK", "off"),
            ("GOFLAGS", "-mod=readonly -modcacherw"),
        ]);
        command.env_remove("GOROOT");
        // Half a gigabyte that nothing else needs, if it is not where a user's Go keeps it anyway.
        let caches = program.with_extension("go-caches");
        if self.ours {
            command
                .env("GOPATH", caches.join("path"))
                .env("GOCACHE", caches.join("build"));
        }
        let output = process::output(command)?;
        if !output.status.success() {
            bail!(
                "go build: {}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        if self.ours {
            fs::remove_dir_all(&caches)?;
        }
        Ok(())
    }
}

fn version_of(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    // In a folder without a go.mod, so that no toolchain line decides.
    command
        .args(["env", "GOVERSION"])
        .env("GOTOOLCHAIN", "local")
        .current_dir(env::temp_dir());
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn is_new_enough(version: &str) -> bool {
    let minor = version
        .strip_prefix("go1.")
        .and_then(|rest| rest.split(['.', 'r', 'b', '-', ' ']).next());
    minor
        .and_then(|minor| minor.parse().ok())
        .is_some_and(|minor: u32| minor >= OLDEST_GO_MINOR)
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn a_go_is_judged_by_its_minor_version() {
        for new in ["go1.26.0", "go1.27rc1", "go1.30"] {
            assert!(is_new_enough(new), "{new}");
        }
        for old in ["go1.25.9", "go1.9", "devel"] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
