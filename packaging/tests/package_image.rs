//! The `Dockerfile`, built by an engine that needs neither a daemon nor containers.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use testbed::{module, process, project_root, scratch};

/// Where the build stage leaves the module, as the last stage names it.
const BUILT: &str = "project/target/package/etcd_json_gateway.wasm";

/// Debian's buildah, with storage of its own.
struct Buildah {
    folder: TempDir,
}

impl Buildah {
    /// None, with a word on why, where it is not installed or cannot run: it needs rights that not all have. In CI it
    /// must run.
    fn find() -> Result<Option<Buildah>> {
        let buildah = Buildah {
            folder: scratch::folder("buildah")?,
        };
        let outcome = buildah.run(&["from", "scratch"]);
        let Err(error) = outcome else {
            return Ok(Some(buildah));
        };
        ensure!(
            std::env::var_os("CI").is_none(),
            "buildah does not run: {error:#}"
        );
        eprintln!("skipped, for buildah does not run: {error:#}");
        Ok(None)
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("buildah");
        let folder = |name: &str| self.folder.path().join(name);
        command
            .arg("--root")
            .arg(folder("root"))
            .arg("--runroot")
            .arg(folder("runroot"));
        command.args(["--storage-driver", "vfs"]).args(arguments);
        let output = process::output(command).context("starting buildah")?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "buildah {}: {error}",
            arguments.join(" ")
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Builds an image of a folder and answers its manifest, written to `out`, and its digest.
    fn build(&self, folder: &Path, out: &Path) -> Result<(String, Value)> {
        let text = |path: &Path| path.display().to_string();
        let context = format!("build={}", text(&folder.join("stage")));
        let built = [
            "bud",
            "--isolation",
            "chroot",
            "--timestamp",
            "0",
            "--build-context",
            &context,
        ];
        let id = self.run(&[&built[..], &[&text(folder)]].concat())?;
        let id = id.lines().last().context("no image")?.to_owned();
        self.run(&["push", &id, &format!("oci:{}", text(out))])?;
        let index: Value = serde_json::from_slice(&fs::read(out.join("index.json"))?)?;
        let digest = index["manifests"][0]["digest"]
            .as_str()
            .context("no digest")?;
        let name = digest.replace(':', "/");
        let manifest = fs::read(out.join("blobs").join(name))?;
        Ok((digest.to_owned(), serde_json::from_slice(&manifest)?))
    }
}

/// The instructions of the `Dockerfile`, stage by stage.
fn stages() -> Result<[Vec<String>; 3]> {
    let text = fs::read_to_string(project_root().join("Dockerfile"))?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut stages: Vec<Vec<String>> = Vec::new();
    for line in lines {
        if line.starts_with("FROM ") {
            stages.push(Vec::new());
        }
        stages
            .last_mut()
            .context("an instruction before FROM")?
            .push(line.to_owned());
    }
    stages.try_into().ok().context("not three stages")
}

#[test]
fn the_first_stage_compiles_with_the_pinned_toolchain_what_the_others_take() -> Result<()> {
    let [build, envoy, image] = stages()?;
    let toolchain = fs::read_to_string(project_root().join("rust-toolchain.toml"))?;
    let channel = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = "));
    let channel = channel.context("no channel")?.trim_matches('"');
    let from = format!("FROM docker.io/library/rust:{channel}-slim-bookworm@sha256:");
    assert!(
        build[0].starts_with(&from) && build[0].ends_with(" AS build"),
        "{}",
        build[0]
    );
    assert_eq!(
        &build[1..],
        ["WORKDIR /project", "COPY . .", "RUN cargo xtask package"]
    );
    let from = "FROM docker.io/envoyproxy/envoy:";
    assert!(
        envoy[0].starts_with(from) && envoy[0].ends_with(" AS envoy"),
        "{}",
        envoy[0]
    );
    assert_eq!(
        &envoy[1..],
        [format!(
            "COPY --from=build /{BUILT} /etc/envoy/etcd_json_gateway.wasm"
        )]
    );
    assert_eq!(
        image,
        [
            "FROM scratch",
            &format!("COPY --from=build /{BUILT} /plugin.wasm")
        ]
    );
    Ok(())
}

#[test]
fn the_last_stage_is_an_image_with_the_module_alone_and_the_same_twice() -> Result<()> {
    let Some(buildah) = Buildah::find()? else {
        return Ok(());
    };
    let folder = scratch::folder("dockerfile")?;
    let [.., image] = stages()?;
    fs::write(folder.path().join("Dockerfile"), image.join("\n"))?;
    let built = folder.path().join("stage").join(BUILT);
    fs::create_dir_all(built.parent().context("no folder")?)?;
    fs::copy(module::path()?, &built)?;

    let (digest, manifest) = buildah.build(folder.path(), &folder.path().join("one"))?;
    let (again, _) = buildah.build(folder.path(), &folder.path().join("other"))?;
    assert_eq!(digest, again);
    assert_eq!(
        manifest["mediaType"],
        "application/vnd.oci.image.manifest.v1+json"
    );
    let layers = manifest["layers"].as_array().context("no layers")?;
    assert_eq!(layers.len(), 1, "{manifest}");
    let layer = layers[0]["digest"].as_str().context("no digest")?;
    let layer = folder
        .path()
        .join("one/blobs")
        .join(layer.replace(':', "/"));
    let tar = |arguments: &[&str]| {
        let mut command = Command::new("tar");
        process::output({
            command.args(arguments).arg("--file").arg(&layer);
            command
        })
    };
    let files = tar(&["--list", "--gzip"])?.stdout;
    assert_eq!(String::from_utf8_lossy(&files), "plugin.wasm\n");
    let module = tar(&["--extract", "--gzip", "--to-stdout"])?.stdout;
    assert!(module == fs::read(module::path()?)?, "another module");
    Ok(())
}
