//! The module is the same whoever builds it, and what belongs to it agrees with it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use packaging::compile::Build;
use packaging::{Package, package};
use serde_json::Value;
use sha2::{Digest, Sha256};
use testbed::{module, process, project_root, scratch};

/// What an image may take, in bytes.
const MAX_IMAGE: u64 = 150_000;

/// The sources of another checkout, without what git does not keep.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg("tar -C \"$0\" --exclude=./target --exclude=./.git -c . | tar -C \"$1\" -x");
    let output = process::output({
        command.arg(from).arg(to);
        command
    })?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Cargo's home, as cargo finds it.
fn home() -> Result<std::path::PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(Into::into);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    home.context("cargo has no home")
}

#[test]
fn the_module_and_its_image_are_the_same_from_any_home_and_checkout() -> Result<()> {
    let folder = scratch::folder("package")?;
    let kept = module::target_directory()?.join("packaged");
    let one = package(
        &Build::new(&project_root(), &kept, None)?,
        &folder.path().join("one"),
    )?;

    let checkout = folder.path().join("a checkout elsewhere");
    fs::create_dir(&checkout)?;
    copy(&project_root(), &checkout)?;
    // Another home for cargo, which names the sources of libraries otherwise, though they are not downloaded again.
    let other_home = folder.path().join("another home");
    fs::create_dir(&other_home)?;
    std::os::unix::fs::symlink(home()?.join("registry"), other_home.join("registry"))?;
    let build = Build::new(&checkout, &folder.path().join("target"), Some(&other_home))?;
    let other = package(&build, &folder.path().join("other"))?;

    let bytes = fs::read(&one.module)?;
    let root = project_root();
    for path in [home()?, root, other_home, checkout] {
        let path = path.display().to_string();
        assert!(!contains(&bytes, &path), "the module names {path}");
        assert!(
            !contains(&fs::read(&other.module)?, &path),
            "the module names {path}"
        );
    }
    // It does name its libraries' files, so the test sees something.
    assert!(
        contains(&bytes, "/cargo/serde_json"),
        "no path of a library"
    );
    assert_eq!(one.module_sha256, other.module_sha256);
    assert_eq!(one.image_digest, other.image_digest);
    assert_eq!(fs::read(&one.bill)?, fs::read(&other.bill)?);
    assert_is_whole(&one)?;
    Ok(())
}

fn assert_is_whole(package: &Package) -> Result<()> {
    let module = fs::read(&package.module)?;
    assert_eq!(sha256(&module), package.module_sha256);

    let index = json(&package.image.join("index.json"))?;
    let manifests = index["manifests"].as_array().context("no manifests")?;
    assert_eq!(manifests.len(), 1);
    assert_eq!(manifests[0]["digest"], package.image_digest.as_str());
    let manifest = json(&blob(package, &manifests[0])?)?;
    let layers = manifest["layers"].as_array().context("no layers")?;
    assert_eq!(layers.len(), 1);
    assert_eq!(
        layers[0]["mediaType"],
        "application/vnd.oci.image.layer.v1.tar+gzip"
    );
    let layer = blob(package, &layers[0])?;
    // As another program reads it.
    let mut command = Command::new("tar");
    command
        .args(["--extract", "--gzip", "--to-stdout", "--file"])
        .arg(&layer)
        .arg("plugin.wasm");
    assert!(
        process::output(command)?.stdout == module,
        "the layer has another module"
    );
    let sizes = [&manifests[0], &manifest["config"], &layers[0]].map(|part| part["size"].as_u64());
    let size = sizes.into_iter().sum::<Option<u64>>().context("no size")?;
    assert!(size < MAX_IMAGE, "the image has {size} bytes");
    println!("the module has {} bytes, its image {size}", module.len());

    let bill = json(&package.bill)?;
    let ours = &bill["metadata"]["component"];
    assert_eq!(ours["hashes"][0]["content"], package.module_sha256.as_str());
    assert_eq!(ours["version"], module::version()?);
    assert_libraries(&bill)
}

/// Names what is linked in, and apart from that what only compiles, each by its hash; and nothing that only tests need.
fn assert_libraries(bill: &Value) -> Result<()> {
    let components = bill["components"].as_array().context("no components")?;
    let of = |name: &str| {
        components
            .iter()
            .find(|component| component["name"] == name)
    };
    for (name, scope) in [
        ("serde_json", "required"),
        ("prost", "required"),
        ("prost-derive", "excluded"),
    ] {
        let component = of(name).with_context(|| format!("{name} is not in the bill"))?;
        assert_eq!(component["scope"], scope, "{name}");
        let hash = component["hashes"][0]["content"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(hash.len(), 64, "{component}");
    }
    for name in ["boon", "protox", "schemars", "testbed"] {
        assert!(of(name).is_none(), "{name} is in the bill");
    }
    Ok(())
}

/// The file of what a descriptor describes, whose hash and size are as it says.
fn blob(package: &Package, descriptor: &Value) -> Result<std::path::PathBuf> {
    let digest = descriptor["digest"].as_str().context("no digest")?;
    let hash = digest.strip_prefix("sha256:").context("not SHA-256")?;
    let path = package.image.join("blobs/sha256").join(hash);
    let bytes = fs::read(&path)?;
    assert_eq!(
        (sha256(&bytes).as_str(), Some(bytes.len() as u64)),
        (hash, descriptor["size"].as_u64())
    );
    Ok(path)
}

fn json(path: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn an_image_is_the_same_whenever_it_is_packed() -> Result<()> {
    let folder = scratch::folder("image")?;
    let write = |name: &str| {
        let text = b"\0asm".repeat(1000);
        packaging::image::write(&text, "1.2.3".to_owned(), &folder.path().join(name))
    };
    // Maps of annotations are in another order in each process and each map.
    let digests = (0..8)
        .map(|n| write(&n.to_string()))
        .collect::<Result<Vec<_>>>()?;
    assert!(
        digests.iter().all(|digest| *digest == digests[0]),
        "{digests:?}"
    );
    Ok(())
}

#[test]
fn a_folder_that_is_no_checkout_is_an_error() -> Result<()> {
    let folder = scratch::folder("package")?;
    let error = Build::new(folder.path(), folder.path(), None)
        .err()
        .context("it builds")?;
    assert!(format!("{error:#}").contains("cargo metadata"), "{error:#}");
    Ok(())
}
