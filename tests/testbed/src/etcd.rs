//! A single etcd member on loopback, with its data in a scratch folder.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Result, bail};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::artifact;
use crate::go;
use crate::loopback;
use crate::process::Process;
use crate::scratch;

const START_TIMEOUT: Duration = Duration::from_secs(20);
/// Free ports are guessed, so another process may take one before etcd does.
const START_ATTEMPTS: usize = 5;

/// The versions that [`Version::program`] can get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// Debian's.
    V3_4_23,
    /// The PyPI wheel's.
    V3_5_1,
    /// Built from its Go module.
    V3_5_35,
    /// Built from its Go module.
    V3_6_16,
    /// Built from its Go module; the stack's own.
    #[default]
    V3_7_3,
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Version; 5] = [
        Version::V3_4_23,
        Version::V3_5_1,
        Version::V3_5_35,
        Version::V3_6_16,
        Version::V3_7_3,
    ];

    /// One of each generation, which most suites in real Envoy use, oldest first.
    pub const REQUIRED: [Version; 3] = [Version::V3_4_23, Version::V3_5_1, Version::V3_7_3];

    /// `MAJOR.MINOR.PATCH`.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V3_4_23 => "3.4.23",
            Version::V3_5_1 => "3.5.1",
            Version::V3_5_35 => "3.5.35",
            Version::V3_6_16 => "3.6.16",
            Version::V3_7_3 => "3.7.3",
        }
    }

    /// The etcd program, downloaded or built first if the cache does not have it.
    pub fn program(self) -> Result<PathBuf> {
        match self {
            Version::V3_4_23 => artifact::ETCD_3_4_23.program(),
            Version::V3_5_1 => artifact::ETCD_3_5_1.program(),
            Version::V3_5_35 | Version::V3_6_16 | Version::V3_7_3 => go::etcd(self.as_str()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Version> {
        crate::named("etcd version", Version::ALL, Version::as_str, text)
    }
}

/// How to start an etcd.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The program; without it that of [`version`](Self::version).
    pub program: Option<PathBuf>,
    /// Which etcd to get when there is no [`program`](Self::program).
    pub version: Version,
    /// The client port; without it a free one.
    pub client_port: Option<u16>,
    /// What its member list says for [`client_port`](Self::client_port), which clients that look for the members then
    /// use; without it the truth.
    pub advertised_url: Option<String>,
    /// How it speaks TLS; without it in plain.
    pub tls: Option<Tls>,
    /// More command-line arguments.
    pub arguments: Vec<String>,
}

/// How an etcd speaks TLS to its clients.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Its certificate, a PEM file.
    pub certificate: PathBuf,
    /// The key to that.
    pub key: PathBuf,
    /// Who has signed its clients' certificates, which it then asks for.
    pub client_authority: Option<PathBuf>,
}

/// A running etcd, ended and its data removed when dropped.
pub struct Etcd {
    program: PathBuf,
    options: Options,
    client_port: u16,
    peer_port: u16,
    /// Where it tells its health in plain, whatever its clients speak.
    metrics_port: u16,
    process: Process,
    folder: TempDir,
}

impl Etcd {
    /// Starts an etcd of `version` and waits until it serves.
    pub fn start(version: Version) -> Result<Etcd> {
        Etcd::start_with(Options {
            version,
            ..Options::default()
        })
    }

    /// Starts an etcd and waits until it serves.
    pub fn start_with(options: Options) -> Result<Etcd> {
        let program = match &options.program {
            Some(program) => program.clone(),
            None => options.version.program()?,
        };
        let mut attempt = 1;
        loop {
            match Etcd::attempt_start(&program, &options) {
                Err(error)
                    if attempt < START_ATTEMPTS
                        && format!("{error:#}").contains("address already in use") =>
                {
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    fn attempt_start(program: &PathBuf, options: &Options) -> Result<Etcd> {
        let client_port = options.client_port.map_or_else(loopback::free_port, Ok)?;
        let (peer_port, metrics_port) = (loopback::free_port()?, loopback::free_port()?);
        if client_port == peer_port || metrics_port == peer_port || metrics_port == client_port {
            bail!("address already in use");
        }
        let folder = scratch::folder("etcd")?;
        let ports = [client_port, peer_port, metrics_port];
        let command = command(program, options, ports, &folder);
        let process = Process::start("etcd", command, &folder.path().join("log"))?;
        let (program, options) = (program.clone(), options.clone());
        let mut etcd = Etcd {
            program,
            options,
            client_port,
            peer_port,
            metrics_port,
            process,
            folder,
        };
        etcd.wait_until_serving()?;
        Ok(etcd)
    }

    /// `127.0.0.1:PORT` of the client port, which speaks gRPC and etcd's own HTTP/JSON.
    pub fn client_address(&self) -> String {
        format!("127.0.0.1:{}", self.client_port)
    }

    /// The client port.
    pub fn client_port(&self) -> u16 {
        self.client_port
    }

    /// `http://` or `https://`, and [`client_address`](Self::client_address).
    pub fn client_url(&self) -> String {
        format!("{}://{}", scheme(&self.options), self.client_address())
    }

    /// The process, for what it uses and has logged.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Stops it where it stands: connections stay open and nothing answers.
    pub fn pause(&self) -> Result<()> {
        self.process.signal(Signal::STOP)
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) -> Result<()> {
        self.process.signal(Signal::CONT)
    }

    /// Kills it as a power cut would, without a word to its clients.
    pub fn kill(&mut self) -> Result<()> {
        self.process.signal(Signal::KILL)?;
        self.process.stop()?;
        Ok(())
    }

    /// Starts it again, killing it first if it runs: same port, same data. Waits until it serves.
    pub fn restart(&mut self) -> Result<()> {
        self.process.stop()?;
        let ports = [self.client_port, self.peer_port, self.metrics_port];
        let command = command(&self.program, &self.options, ports, &self.folder);
        self.process = Process::start("etcd", command, &self.folder.path().join("log"))?;
        self.wait_until_serving()
    }

    fn wait_until_serving(&mut self) -> Result<()> {
        let port = if self.options.tls.is_some() {
            self.metrics_port
        } else {
            self.client_port
        };
        let url = format!("http://127.0.0.1:{port}/health");
        self.process.wait_until(START_TIMEOUT, || {
            loopback::get(&url)
                .ok()
                .filter(|body| body.contains("true"))
        })?;
        Ok(())
    }
}

fn scheme(options: &Options) -> &'static str {
    if options.tls.is_some() {
        "https"
    } else {
        "http"
    }
}

fn command(
    program: &PathBuf,
    options: &Options,
    [client_port, peer_port, metrics_port]: [u16; 3],
    folder: &TempDir,
) -> Command {
    let client = format!("{}://127.0.0.1:{client_port}", scheme(options));
    let peer = format!("http://127.0.0.1:{peer_port}");
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(folder.path().join("data"));
    command.args([
        "--name",
        "default",
        "--listen-client-urls",
        &client,
        "--advertise-client-urls",
        options.advertised_url.as_ref().unwrap_or(&client),
    ]);
    command.args([
        "--listen-peer-urls",
        &peer,
        "--initial-advertise-peer-urls",
        &peer,
    ]);
    command.args(["--initial-cluster", &format!("default={peer}")]);
    if let Some(tls) = &options.tls {
        command.args([
            "--listen-metrics-urls",
            &format!("http://127.0.0.1:{metrics_port}"),
        ]);
        command.arg("--cert-file").arg(&tls.certificate);
        command.arg("--key-file").arg(&tls.key);
        if let Some(authority) = &tls.client_authority {
            command.arg("--client-cert-auth");
            command.arg("--trusted-ca-file").arg(authority);
        }
    }
    command.args(&options.arguments);
    command
}
