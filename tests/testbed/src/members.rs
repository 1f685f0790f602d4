//! Three members of one etcd on loopback.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{array, thread};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::etcd::{Tls, Version};
use crate::process::Process;
use crate::{loopback, scratch};

/// How many there are: of fewer none may be lost.
pub const MEMBERS: usize = 3;
/// Until all have found each other, on a machine that is busy.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Free ports are guessed, so another process may take one before etcd does.
const START_ATTEMPTS: usize = 5;
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The ports of a member.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// For clients.
    pub client: u16,
    /// For the other members.
    pub peer: u16,
    /// For who asks for its health or its metrics, in plain.
    pub metrics: u16,
}

/// Running members, ended and their data removed when dropped.
pub struct Members {
    program: PathBuf,
    members: Vec<Member>,
}

struct Member {
    name: String,
    ports: Ports,
    arguments: Vec<String>,
    process: Process,
    folder: TempDir,
}

impl Members {
    /// Members called `etcd-1`, `etcd-2` and so on, each with its certificate if they speak TLS to their clients.
    pub fn start(version: Version, tls: Option<&[Tls; MEMBERS]>) -> Result<Members> {
        Members::start_with(&version.program()?, |index, ports, data| {
            let scheme = if tls.is_some() { "https" } else { "http" };
            let client = format!("{scheme}://127.0.0.1:{}", ports[index].client);
            let peer = |index: usize| format!("http://127.0.0.1:{}", ports[index].peer);
            let cluster = array::from_fn::<_, MEMBERS, _>(|index| {
                format!("etcd-{}={}", index + 1, peer(index))
            });
            let mut arguments = vec![
                format!("--name=etcd-{}", index + 1),
                format!("--data-dir={}", data.display()),
                format!("--listen-client-urls={client}"),
                format!("--advertise-client-urls={client}"),
                format!("--listen-peer-urls={}", peer(index)),
                format!("--initial-advertise-peer-urls={}", peer(index)),
                format!("--initial-cluster={}", cluster.join(",")),
                format!(
                    "--listen-metrics-urls=http://127.0.0.1:{}",
                    ports[index].metrics
                ),
            ];
            if let Some(tls) = tls.map(|tls| &tls[index]) {
                arguments.push(format!("--cert-file={}", tls.certificate.display()));
                arguments.push(format!("--key-file={}", tls.key.display()));
                if let Some(authority) = &tls.client_authority {
                    arguments.push("--client-cert-auth".to_owned());
                    arguments.push(format!("--trusted-ca-file={}", authority.display()));
                }
            }
            arguments
        })
    }

    /// Members with these arguments, made of their place in the list, the ports of all, and a folder for data.
    pub fn start_with(
        program: &Path,
        arguments: impl Fn(usize, &[Ports; MEMBERS], &Path) -> Vec<String>,
    ) -> Result<Members> {
        let mut attempt = 1;
        loop {
            match Members::attempt(program, &arguments) {
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

    fn attempt(
        program: &Path,
        arguments: impl Fn(usize, &[Ports; MEMBERS], &Path) -> Vec<String>,
    ) -> Result<Members> {
        let mut free = Vec::new();
        while free.len() < 3 * MEMBERS {
            let port = loopback::free_port()?;
            if !free.contains(&port) {
                free.push(port);
            }
        }
        let ports = array::from_fn(|index| Ports {
            client: free[3 * index],
            peer: free[3 * index + 1],
            metrics: free[3 * index + 2],
        });
        let mut members = Vec::new();
        for (index, own) in ports.into_iter().enumerate() {
            let folder = scratch::folder("member")?;
            let arguments = arguments(index, &ports, &folder.path().join("data"));
            let name = format!("etcd-{}", index + 1);
            members.push(Member {
                process: start(program, &name, &arguments, &folder)?,
                name,
                ports: own,
                arguments,
                folder,
            });
        }
        let program = program.to_path_buf();
        let mut members = Members { program, members };
        for index in 0..MEMBERS {
            members.wait_until_healthy(index)?;
        }
        Ok(members)
    }

    /// The ports of all, in their order.
    pub fn ports(&self) -> Vec<Ports> {
        self.members.iter().map(|member| member.ports).collect()
    }

    /// The client ports of all, in their order.
    pub fn client_ports(&self) -> Vec<u16> {
        self.ports().iter().map(|ports| ports.client).collect()
    }

    /// Which one leads.
    pub fn leader(&self) -> Result<usize> {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            let leads = |member: &Member| {
                let metrics = format!("http://127.0.0.1:{}/metrics", member.ports.metrics);
                loopback::get(&metrics)
                    .is_ok_and(|text| text.lines().any(|line| line == "etcd_server_is_leader 1"))
            };
            if let Some(index) = self.members.iter().position(leads) {
                return Ok(index);
            }
            thread::sleep(POLL_INTERVAL);
        }
        bail!("no member leads");
    }

    /// Kills one as a power cut would, without a word to its clients.
    pub fn kill(&mut self, index: usize) -> Result<()> {
        let process = &mut self.member(index)?.process;
        process.signal(Signal::KILL)?;
        process.stop()?;
        Ok(())
    }

    /// Starts one again that has been killed, and waits until it serves.
    pub fn restart(&mut self, index: usize) -> Result<()> {
        let program = self.program.clone();
        let member = self.member(index)?;
        member.process = start(&program, &member.name, &member.arguments, &member.folder)?;
        self.wait_until_healthy(index)
    }

    /// Stops one where it stands: connections stay open and nothing answers.
    pub fn pause(&mut self, index: usize) -> Result<()> {
        self.member(index)?.process.signal(Signal::STOP)
    }

    /// Lets one go on after [`pause`](Self::pause), and waits until it serves.
    pub fn resume(&mut self, index: usize) -> Result<()> {
        self.member(index)?.process.signal(Signal::CONT)?;
        self.wait_until_healthy(index)
    }

    fn member(&mut self, index: usize) -> Result<&mut Member> {
        self.members.get_mut(index).context("no such member")
    }

    fn wait_until_healthy(&mut self, index: usize) -> Result<()> {
        let member = self.member(index)?;
        let url = format!("http://127.0.0.1:{}/health", member.ports.metrics);
        member.process.wait_until(START_TIMEOUT, || {
            let health = loopback::get(&url).ok()?;
            health.contains(r#""health":"true""#).then_some(())
        })
    }
}

fn start(program: &Path, name: &str, arguments: &[String], folder: &TempDir) -> Result<Process> {
    ensure!(program.is_file(), "no etcd at {}", program.display());
    let mut command = Command::new(program);
    command.args(arguments);
    Process::start(name, command, &folder.path().join("log"))
}
