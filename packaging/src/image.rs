//! The module as an OCI image, in a folder with the layout of OCI's image specification.
//!
//! One manifest and no index of platforms: Istio and Envoy Gateway choose linux/amd64 from an index, and do not look at
//! what platform a plain manifest is for. One layer with one file, `plugin.wasm`, which is where they look.
//! All that is in it comes from the module and its version, so that the digest is the same whoever packs it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result};
use oci_spec::image::{
    ANNOTATION_DESCRIPTION, ANNOTATION_LICENSES, ANNOTATION_REF_NAME, ANNOTATION_TITLE,
    ANNOTATION_VERSION, Arch, Descriptor, ImageConfigurationBuilder, ImageIndexBuilder,
    ImageManifestBuilder, MediaType, OciLayoutBuilder, Os, RootFsBuilder, SCHEMA_VERSION,
    Sha256Digest,
};
use zopfli::{Format, Options};

use crate::hash::sha256;

/// The only file of the only layer.
const FILE: &str = "plugin.wasm";
/// The head of what is compressed so (RFC 1952, 2.3): deflate, without a time, by an unknown system.
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];

/// Writes the image of this module and answers the digest of its manifest.
pub fn write(module: &[u8], version: String, folder: &Path) -> Result<String> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).with_context(|| format!("making {}", blobs.display()))?;
    let keep = |kind: MediaType, bytes: &[u8]| -> Result<Descriptor> {
        let digest = sha256(bytes);
        fs::write(blobs.join(&digest), bytes)?;
        let digest = Sha256Digest::from_str(&digest)?;
        Ok(Descriptor::new(kind, u64::try_from(bytes.len())?, digest))
    };

    let files = archive(module)?;
    let layer = keep(MediaType::ImageLayerGzip, &compressed(&files)?)?;
    let unpacked = RootFsBuilder::default()
        .typ("layers")
        .diff_ids(vec![format!("sha256:{}", sha256(&files))])
        .build()?;
    // What the platform is nobody looks at, and engines that do need one that they know.
    let configuration = ImageConfigurationBuilder::default()
        .architecture(Arch::Amd64)
        .os(Os::Linux)
        .rootfs(unpacked)
        .build()?;
    let configuration = keep(
        MediaType::ImageConfig,
        configuration.to_string()?.as_bytes(),
    )?;
    let annotations = [
        (ANNOTATION_TITLE, "etcd-json-gateway".to_owned()),
        (
            ANNOTATION_DESCRIPTION,
            "etcd's HTTP/JSON API as a WebAssembly filter for Envoy".to_owned(),
        ),
        (ANNOTATION_LICENSES, "Apache-2.0".to_owned()),
        (ANNOTATION_VERSION, version.clone()),
    ];
    let annotations = annotations.map(|(name, value)| (name.to_owned(), value));
    let named = HashMap::from([(ANNOTATION_REF_NAME.to_owned(), version)]);
    let manifest = ImageManifestBuilder::default()
        .schema_version(SCHEMA_VERSION)
        .media_type(MediaType::ImageManifest)
        .config(configuration)
        .layers(vec![layer])
        .annotations(HashMap::from(annotations))
        .build()?;
    let manifest = ordered(&manifest.to_string()?)?;
    let mut manifest = keep(MediaType::ImageManifest, manifest.as_bytes())?;
    let digest = manifest.digest().to_string();

    manifest.set_annotations(Some(named));
    let index = ImageIndexBuilder::default()
        .schema_version(SCHEMA_VERSION)
        .media_type(MediaType::ImageIndex)
        .manifests(vec![manifest])
        .build()?;
    fs::write(folder.join("index.json"), ordered(&index.to_string()?)?)?;
    let layout = OciLayoutBuilder::default()
        .image_layout_version("1.0.0")
        .build()?;
    fs::write(folder.join("oci-layout"), layout.to_string()?)?;
    Ok(digest)
}

/// The same JSON with the members of each object in order: the types keep annotations in hash maps.
fn ordered(text: &str) -> Result<String> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    Ok(sort(value).to_string())
}

fn sort(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(
                members
                    .into_iter()
                    .map(|(name, member)| (name, sort(member)))
                    .collect(),
            )
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sort).collect()),
        other => other,
    }
}

fn archive(module: &[u8]) -> Result<Vec<u8>> {
    let mut header = tar::Header::new_ustar();
    header.set_size(u64::try_from(module.len())?);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, FILE, module)?;
    Ok(archive.into_inner()?)
}

/// As gzip, as small as a second of time makes it. By a library in plain Rust alone: faster ones find other matches on other
/// processors.
fn compressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GZIP.to_vec();
    zopfli::compress(Options::default(), Format::Deflate, bytes, &mut gzip)?;
    gzip.extend(crc32fast::hash(bytes).to_le_bytes());
    gzip.extend(u32::try_from(bytes.len())?.to_le_bytes());
    Ok(gzip)
}
