//! Certificates for an etcd that speaks TLS, made anew for each use.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

use crate::{etcd, scratch};

/// Who a server on this machine is.
const LOOPBACK: [&str; 2] = ["localhost", "127.0.0.1"];

/// A certificate and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Who signs all certificates of an etcd and its clients. Its files go when it is dropped.
pub struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one.
    pub fn new() -> Result<Authority> {
        let folder = scratch::folder("tls")?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "etcd-json-gateway tests");
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        fs::write(folder.path().join("ca.crt"), certificate.pem())?;
        let issuer = Issuer::new(params, key);
        Ok(Authority { folder, issuer })
    }

    /// Its own certificate, for those who trust it.
    pub fn certificate(&self) -> PathBuf {
        self.path("ca.crt")
    }

    /// For a server on 127.0.0.1, without a common name. etcd's own gateway is a client of its server by it.
    pub fn server(&self) -> Result<Identity> {
        self.sign("server", None, &LOOPBACK)
    }

    /// For a server with these names, and no other.
    pub fn server_named(&self, names: &[&str]) -> Result<Identity> {
        self.sign(names.first().unwrap_or(&"server"), None, names)
    }

    /// For a client, with or without a common name, which etcd may take for a user's.
    pub fn client(&self, common_name: Option<&str>) -> Result<Identity> {
        self.sign("client", common_name, &LOOPBACK)
    }

    fn sign(&self, file: &str, common_name: Option<&str>, names: &[&str]) -> Result<Identity> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names)?;
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        params.distinguished_name = DistinguishedName::new();
        if let Some(name) = common_name {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let identity = Identity {
            certificate: self.path(&format!("{file}.crt")),
            key: self.path(&format!("{file}.key")),
        };
        fs::write(&identity.certificate, certificate.pem())?;
        fs::write(&identity.key, key.serialize_pem())?;
        Ok(identity)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }
}

impl Identity {
    /// For an etcd that asks its clients for certificates of this authority, or for none.
    pub fn for_etcd(self, clients: Option<&Authority>) -> etcd::Tls {
        etcd::Tls {
            certificate: self.certificate,
            key: self.key,
            client_authority: clients.map(Authority::certificate),
        }
    }
}

/// How Envoy speaks TLS to etcd.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Whom Envoy trusts.
    pub authority: PathBuf,
    /// Envoy's own certificate, where etcd asks for one.
    pub identity: Option<Identity>,
}

impl Upstream {
    /// Trusting this authority, with a certificate of Envoy's own or without.
    pub fn new(authority: &Authority, identity: Option<Identity>) -> Upstream {
        let authority = authority.certificate();
        Upstream {
            authority,
            identity,
        }
    }

    /// Envoy's `transport_socket` for it, that speaks this protocol (ALPN).
    pub(crate) fn transport_socket(&self, protocol: &str) -> serde_json::Value {
        let file = |path: &Path| serde_json::json!({"filename": path});
        let mut common = serde_json::json!({
            "alpn_protocols": [protocol],
            "tls_params": {"tls_maximum_protocol_version": "TLSv1_3"},
            "validation_context": {"trusted_ca": file(&self.authority)},
        });
        if let Some(identity) = &self.identity {
            common["tls_certificates"] = serde_json::json!([{
                "certificate_chain": file(&identity.certificate),
                "private_key": file(&identity.key),
            }]);
        }
        serde_json::json!({
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "common_tls_context": common,
            },
        })
    }
}
