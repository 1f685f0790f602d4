//! The `Dockerfile`, built by an engine that needs neither a daemon nor containers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use testbed::envoy::Envoy;
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::Version;
use testbed::members::Members;
use testbed::{loopback, module, process, project_root, scratch};

/// Where the build stage leaves the module, as the last stage names it.
const BUILT: &str = "project/target/package/etcd_json_gateway.wasm";
/// Where that stage has the page.
const PAGE: &str = "project/envoy/page";

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

    /// Builds an image of these instructions and of what the build stage leaves, both in `folder`; then as `build`.
    fn build_stage(&self, stage: &[String], folder: &Path, out: &Path) -> Result<(String, Value)> {
        fs::write(folder.join("Dockerfile"), stage.join("\n"))?;
        let built = folder.join("stage").join(BUILT);
        fs::create_dir_all(built.parent().context("no folder")?)?;
        fs::copy(module::path()?, &built)?;
        let page = folder.join("stage").join(PAGE);
        fs::create_dir_all(&page)?;
        for file in fs::read_dir(project_root().join("envoy/page"))? {
            let file = file?;
            fs::copy(file.path(), page.join(file.file_name()))?;
        }
        self.build(folder, out)
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

/// The file of a layer in an image's folder.
fn blob(image: &Path, layer: &Value) -> Result<PathBuf> {
    let digest = layer["digest"].as_str().context("no digest")?;
    Ok(image.join("blobs").join(digest.replace(':', "/")))
}

/// Unpacks all layers of an image.
fn unpack(image: &Path, manifest: &Value, root: &Path) -> Result<()> {
    for layer in manifest["layers"].as_array().context("no layers")? {
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--gzip", "--no-same-owner", "--directory"])
            .arg(root)
            .arg("--file")
            .arg(blob(image, layer)?);
        let output = process::output(tar)?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{error}");
    }
    Ok(())
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
        [
            format!("COPY --from=build /{BUILT} /etc/envoy/etcd_json_gateway.wasm"),
            format!("COPY --from=build /{PAGE} /etc/envoy/page"),
        ]
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
    let (digest, manifest) =
        buildah.build_stage(&image, folder.path(), &folder.path().join("one"))?;
    let (again, _) = buildah.build(folder.path(), &folder.path().join("other"))?;
    assert_eq!(digest, again);
    assert_eq!(
        manifest["mediaType"],
        "application/vnd.oci.image.manifest.v1+json"
    );
    let layers = manifest["layers"].as_array().context("no layers")?;
    assert_eq!(layers.len(), 1, "{manifest}");
    let layer = blob(&folder.path().join("one"), &layers[0])?;
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

/// Envoy's own image cannot be had in a test: the stage stands on an empty one, and the same Envoy runs beside it, with what
/// docker-compose.yml mounts and nothing else but the image's files.
#[test]
fn an_envoy_serves_the_page_and_etcd_with_the_files_of_the_second_stage() -> Result<()> {
    let Some(buildah) = Buildah::find()? else {
        return Ok(());
    };
    let folder = scratch::folder("dockerfile-envoy")?;
    let [_, mut stage, _] = stages()?;
    stage[0] = "FROM scratch".to_owned();
    let image = folder.path().join("image");
    let (_, manifest) = buildah.build_stage(&stage, folder.path(), &image)?;
    let root = folder.path().join("root");
    fs::create_dir(&root)?;
    unpack(&image, &manifest, &root)?;

    let example = fs::read_to_string(project_root().join("envoy/three-members.yaml"))?;
    let place = root.join("etc/envoy").display().to_string();
    let mut config = EnvoyConfig::from_text(&example.replace("/etc/envoy", &place))?;
    let members = Members::start(Version::default(), None)?;
    config.listen("127.0.0.1", 0)?.admin_port(0)?;
    config.members(&members.client_ports())?;
    let envoy = Envoy::start(&config)?;
    let page = fs::read_to_string(project_root().join("envoy/page/index.html"))?;
    assert_eq!(loopback::get(&format!("{}/v3/", envoy.url()))?, page);
    let put = loopback::post(
        &format!("{}/v3/kv/put", envoy.url()),
        r#"{"key":"aW1hZ2U=","value":"eWVz"}"#,
    )?;
    assert!(put.contains("\"revision\""), "{put}");
    let read = loopback::post(
        &format!("{}/v3/kv/range", envoy.url()),
        r#"{"key":"aW1hZ2U="}"#,
    )?;
    assert!(read.contains("\"eWVz\""), "{read}");
    Ok(())
}
