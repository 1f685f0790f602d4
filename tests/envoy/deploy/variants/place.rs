//! An example where it belongs: in an Envoy on loopback, before the etcd that it is for, for the clients that it asks for.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use testbed::envoy::{Envoy, Options};
use testbed::envoy_config::EnvoyConfig;
use testbed::etc_envoy::EtcEnvoy;
use testbed::etcd::{self, Etcd, Version};
use testbed::members::{MEMBERS, Members};
use testbed::tls::{Authority, Identity};
use testbed::{artifact, project_root, scratch};
use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

/// Longer than any call may take: an Envoy that gives up a member takes 15 s.
const CALL_TIMEOUT: Duration = Duration::from_secs(40);

/// The etcd behind an example.
pub enum Upstream {
    One(#[expect(dead_code, reason = "it runs")] Box<Etcd>),
    Three(Members),
}

/// A running example.
pub struct Place {
    pub example: &'static str,
    pub etc: EtcEnvoy,
    pub envoy: Envoy,
    pub upstream: Upstream,
    /// Who signs all certificates.
    pub authority: Authority,
    listener_tls: bool,
    /// What its clients show.
    client: Identity,
}

/// What an example asks of its etcd, as it says itself.
fn members(config: &mut EnvoyConfig) -> Vec<String> {
    let cluster = config.cluster("etcd").unwrap();
    let endpoints = &cluster["load_assignment"]["endpoints"][0]["lb_endpoints"];
    let name = |endpoint: &Value| endpoint["endpoint"]["hostname"].as_str().map(str::to_owned);
    let endpoints = endpoints.as_array().unwrap();
    endpoints
        .iter()
        .map(|endpoint| name(endpoint).unwrap_or_default())
        .collect()
}

fn upstream(config: &mut EnvoyConfig, authority: &Authority) -> Upstream {
    let names = members(config);
    let is_tls = config.cluster("etcd").unwrap()["transport_socket"].is_object();
    if names.len() != MEMBERS {
        assert!(!is_tls, "nobody has needed that yet");
        let etcd = Etcd::start(Version::V3_7_3).unwrap();
        config.members(&[etcd.client_port()]).unwrap();
        return Upstream::One(Box::new(etcd));
    }
    // Each has a certificate for its own name: what Envoy asks of another's would be seen. etcd itself is a client of
    // its own gateway by it.
    let tls = std::array::from_fn::<etcd::Tls, MEMBERS, _>(|index| {
        let identity = authority.server_named(&[names[index].as_str()]);
        identity.unwrap().for_etcd(Some(authority))
    });
    let members = Members::start(Version::V3_7_3, is_tls.then_some(&tls)).unwrap();
    config.members(&members.client_ports()).unwrap();
    Upstream::Three(members)
}

impl Place {
    /// Starts the example of this name.
    pub fn start(example: &'static str) -> Self {
        Self::start_changed(example, |_, _| {})
    }

    /// With a change that a test makes at last.
    pub fn start_changed(
        example: &'static str,
        change: impl FnOnce(&mut EnvoyConfig, &EtcEnvoy),
    ) -> Self {
        let authority = Authority::new().unwrap();
        let etc = EtcEnvoy::new().unwrap();
        let listener = authority.server().unwrap();
        etc.certificate("listener", &listener, &authority.certificate())
            .unwrap();
        let client = authority.client(None).unwrap();
        for name in ["clients", "etcd"] {
            etc.certificate(name, &client, &authority.certificate())
                .unwrap();
        }
        let mut config = etc.example(example).unwrap();
        config.listen("127.0.0.1", 0).unwrap();
        config.admin_port(0).unwrap();
        let upstream = upstream(&mut config, &authority);
        let listener = config.listener().unwrap();
        let listener_tls = listener["filter_chains"][0]["transport_socket"].is_object();
        change(&mut config, &etc);
        let envoy = Envoy::start_with(&config, &Options::default()).unwrap();
        Self {
            example,
            etc,
            envoy,
            upstream,
            authority,
            listener_tls,
            client,
        }
    }

    /// Where clients ask.
    pub fn url(&self) -> String {
        let scheme = if self.listener_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.envoy.address())
    }

    /// A client that keeps its connections.
    pub fn agent(&self) -> Agent {
        agent(&self.authority, Some(&self.client))
    }

    /// curl, as a client of it.
    pub fn curl(&self) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--noproxy", "*", "--no-buffer"]);
        if self.listener_tls {
            curl.arg("--cacert").arg(self.authority.certificate());
            curl.arg("--cert").arg(&self.client.certificate);
            curl.arg("--key").arg(&self.client.key);
        }
        curl
    }

    /// etcdctl, as a client of it.
    pub fn etcdctl(&self) -> Command {
        let mut etcdctl = Command::new(artifact::ETCDCTL_3_5_1.program().unwrap());
        etcdctl.arg(format!("--endpoints={}", self.url()));
        if self.listener_tls {
            etcdctl.arg("--cacert").arg(self.authority.certificate());
            etcdctl.arg("--cert").arg(&self.client.certificate);
            etcdctl.arg("--key").arg(&self.client.key);
        }
        etcdctl
    }

    /// The members of an etcd of three.
    pub fn members(&mut self) -> &mut Members {
        match &mut self.upstream {
            Upstream::Three(members) => members,
            Upstream::One(_) => panic!("{} has one", self.example),
        }
    }
}

/// A client that trusts this authority.
pub fn agent(authority: &Authority, client: Option<&Identity>) -> Agent {
    let read = |path: &Path| std::fs::read(path).unwrap();
    let root = Certificate::from_pem(&read(&authority.certificate())).unwrap();
    let client = client.map(|client| {
        let certificate = Certificate::from_pem(&read(&client.certificate)).unwrap();
        let key = PrivateKey::from_pem(&read(&client.key)).unwrap();
        ClientCert::new_with_certs(&[certificate], key)
    });
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[root]))
        .client_cert(client);
    Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(CALL_TIMEOUT))
        .tls_config(tls.build())
        .build()
        .into()
}

/// POSTs JSON: the status and the body, or that there is none.
pub fn post(agent: &Agent, url: &str, body: &Value) -> Result<(u16, Value), String> {
    let answer = agent.post(url).send(body.to_string());
    let mut answer = answer.map_err(|error| error.to_string())?;
    let text = answer.body_mut().read_to_string();
    let text = text.map_err(|error| error.to_string())?;
    let json = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    Ok((answer.status().as_u16(), json))
}

/// Runs a command; its output, if it succeeds.
pub fn run(command: Command) -> String {
    let line = format!("{command:?}");
    let output = testbed::process::output(command).unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A folder for a process's log.
pub fn folder() -> tempfile::TempDir {
    scratch::folder("variants").unwrap()
}

/// The fenced block of docs/deploy.md behind the comment of this name.
pub fn fence(name: &str) -> String {
    let paper = std::fs::read_to_string(project_root().join("docs/deploy.md")).unwrap();
    let (_, behind) = paper.split_once(&format!("<!-- {name} -->\n```")).unwrap();
    let (_, block) = behind.split_once('\n').unwrap();
    block.split_once("```").unwrap().0.to_owned()
}
