//! The folder `/etc/envoy` that the examples expect, elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::envoy_config::EnvoyConfig;
use crate::tls::Identity;
use crate::{module, project_root, scratch};

/// Where the examples expect all files.
const PLACE: &str = "/etc/envoy";

/// Such a folder, with the module, all of `envoy/secrets` and `envoy/page`, and what certificates are put there. It goes when it is dropped.
pub struct EtcEnvoy {
    folder: TempDir,
}

impl EtcEnvoy {
    /// Without certificates.
    pub fn new() -> Result<EtcEnvoy> {
        let etc = EtcEnvoy {
            folder: scratch::folder("etc-envoy")?,
        };
        let module = etc.place("etcd_json_gateway.wasm");
        fs::copy(module::path()?, &module).context("copying the module")?;
        fs::create_dir(etc.place("secrets"))?;
        for file in fs::read_dir(project_root().join("envoy/secrets"))? {
            let file = file?;
            let text = etc.moved(&fs::read_to_string(file.path())?);
            fs::write(etc.place("secrets").join(file.file_name()), text)?;
        }
        fs::create_dir(etc.place("page"))?;
        for file in fs::read_dir(project_root().join("envoy/page"))? {
            let file = file?;
            fs::copy(file.path(), etc.place("page").join(file.file_name()))?;
        }
        Ok(etc)
    }

    /// An example of `envoy/`, with this folder in the place of `/etc/envoy`.
    pub fn example(&self, file: &str) -> Result<EnvoyConfig> {
        let path = project_root().join("envoy").join(file);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        self.config(&text)
            .with_context(|| path.display().to_string())
    }

    /// A configuration, with this folder in the place of `/etc/envoy`.
    pub fn config(&self, text: &str) -> Result<EnvoyConfig> {
        EnvoyConfig::from_text(&self.moved(text))
    }

    /// Puts a certificate, its key and who has signed it where `secrets/` expects them: in `tls/NAME`. Over an earlier
    /// one each file is moved, which Envoy notices.
    pub fn certificate(&self, name: &str, identity: &Identity, authority: &Path) -> Result<()> {
        let folder = self.place("tls").join(name);
        fs::create_dir_all(&folder)?;
        let files = [
            (authority, "ca.crt"),
            (identity.key.as_path(), "tls.key"),
            (identity.certificate.as_path(), "tls.crt"),
        ];
        for (from, to) in files {
            let next = folder.join(format!(".{to}"));
            fs::copy(from, &next).with_context(|| from.display().to_string())?;
            fs::rename(&next, folder.join(to))?;
        }
        Ok(())
    }

    /// Where this file of it is.
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn moved(&self, text: &str) -> String {
        text.replace(PLACE, &self.folder.path().display().to_string())
    }
}
