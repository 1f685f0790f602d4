//! Programs that no registry has: built from their Go modules, whose hashes their `go.sum` pins.

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

/// The oldest Go (minor version and patch) that all their `go.mod` accept.
const OLDEST_GO: (u32, u32) = (26, 7);

/// The etcd program of `version`, built first if the cache has none of that version, source hashes and Go.
pub fn etcd(version: &str) -> Result<PathBuf> {
    let source = project_root().join("tests/etcd-build").join(version);
    let folder = programs(&format!("etcd-{version}"), &source, &["."], "a minute")?;
    Ok(folder.join("etcd"))
}

/// The program that loads a Compose file as Docker Compose does, built first likewise.
pub fn compose_loader() -> Result<PathBuf> {
    let source = project_root().join("tests/compose");
    Ok(programs("compose", &source, &["."], "a minute")?.join("compose"))
}

/// The folder of `istio` and `gateway`, which run Istio's and Envoy Gateway's own code; built first likewise.
pub fn mesh() -> Result<PathBuf> {
    let source = project_root().join("tests/mesh/control");
    programs("mesh", &source, &["./istio", "./gateway"], "six minutes")
}

/// The folder of `chart` and `workflows`, which check the Helm chart and the forge's workflows; built first likewise.
pub fn packaging() -> Result<PathBuf> {
    let source = project_root().join("packaging/tools");
    programs(
        "packaging",
        &source,
        &["./chart", "./workflows"],
        "two minutes",
    )
}

/// What is built of these packages of the module in `source`.
fn programs(name: &str, source: &Path, packages: &[&str], duration: &str) -> Result<PathBuf> {
    let toolchain = Toolchain::find()?;
    let key = build_key(source, &toolchain.version)
        .with_context(|| format!("reading {}", source.display()))?;
    cache::folder_made_by(&format!("{name}-{key}"), |folder| {
        let doing = format!("building with {} (about {duration})", toolchain.version);
        say(name, &doing);
        toolchain
            .build(source, packages, folder)
            .with_context(|| format!("building {name}"))
    })
}

/// Twelve hex digits of a hash of all that decides what is built.
fn build_key(source: &Path, go_version: &str) -> Result<String> {
    let mut hash = Sha256::new();
    add_files(&mut hash, source)?;
    hash.update(go_version);
    Ok(hash
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn add_files(hash: &mut Sha256, folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths: Vec<PathBuf> = entries.collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add_files(hash, &path)?;
        } else {
            hash.update(fs::read(path)?);
        }
    }
    Ok(())
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

    /// Leaves each package's program in `folder`, by the name of its folder or, of `.`, of its module.
    fn build(&self, source: &Path, packages: &[&str], folder: &Path) -> Result<()> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(source)
            .args(["build", "-trimpath", "-buildvcs=false"])
            .arg("-gcflags=all=-dwarf=false")
            .args(["-ldflags=-s -w", "-o"])
            // A folder to Go by its last character.
            .arg(folder.join(""))
            .args(packages);
        command.envs([
            ("CGO_ENABLED", "0"),
            ("GOTOOLCHAIN", "local"),
            ("GOWORK", "off"),
            ("GOFLAGS", "-mod=readonly -modcacherw"),
        ]);
        command.env_remove("GOROOT");
        // Half a gigabyte that nothing else needs, if it is not where a user's Go keeps it anyway.
        let caches = folder.join("go-caches");
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
    let numbers = version.strip_prefix("go1.").map(|rest| {
        let mut parts = rest.split('.').map(|part| {
            let digits = part.split(|byte: char| !byte.is_ascii_digit()).next();
            digits.and_then(|digits| digits.parse().ok())
        });
        let minor: Option<u32> = parts.next().flatten();
        (minor.unwrap_or(0), parts.next().flatten().unwrap_or(0))
    });
    numbers.is_some_and(|numbers| numbers >= OLDEST_GO)
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn a_go_is_judged_by_its_minor_version_and_patch() {
        for new in ["go1.26.7", "go1.26.10-X:some", "go1.27rc1", "go1.30"] {
            assert!(is_new_enough(new), "{new}");
        }
        for old in ["go1.26", "go1.26.6", "go1.25.9", "go1.9", "devel"] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
