//! A real Envoy on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::envoy_config::EnvoyConfig;
use crate::envoy_version::Version;
use crate::loopback;
use crate::process::{self, Process};
use crate::scratch;

const START_TIMEOUT: Duration = Duration::from_secs(30);
const STATS_TIMEOUT: Duration = Duration::from_secs(20);

/// How to start an Envoy.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program; without it that of [`version`](Self::version).
    pub program: Option<PathBuf>,
    /// Which Envoy to get when there is no [`program`](Self::program); without it the one that is wanted.
    pub version: Option<Version>,
    /// Worker threads; without it as many as the machine has cores.
    pub concurrency: Option<u32>,
    /// More command-line arguments.
    pub arguments: Vec<String>,
}

impl Default for Options {
    /// The pinned Envoy with one worker, so that a test knows which Wasm VM it meets, and with a log that is read: the
    /// filter's words and Envoy's warnings, not two hundred lines about what Envoy is made of.
    fn default() -> Options {
        let arguments = [
            "--log-level",
            "warning",
            "--component-log-level",
            "wasm:info",
        ];
        Options {
            program: None,
            version: None,
            concurrency: Some(1),
            arguments: arguments.map(str::to_owned).into(),
        }
    }
}

/// A running Envoy, ended when dropped.
pub struct Envoy {
    process: Process,
    admin_address: String,
    port: u16,
    _folder: TempDir,
}

impl Envoy {
    /// Starts an Envoy with one worker and waits until it accepts requests.
    pub fn start(config: &EnvoyConfig) -> Result<Envoy> {
        Envoy::start_with(config, &Options::default())
    }

    /// Starts an Envoy and waits until it accepts requests.
    pub fn start_with(config: &EnvoyConfig, options: &Options) -> Result<Envoy> {
        let folder = scratch::folder("envoy")?;
        let admin_file = folder.path().join("admin");
        let mut command = command(config, options, folder.path())?;
        // Without hot restart's shared memory any number of Envoys live side by side.
        command
            .arg("--disable-hot-restart")
            .arg("--admin-address-path")
            .arg(&admin_file);
        if let Some(concurrency) = options.concurrency {
            command.args(["--concurrency", &concurrency.to_string()]);
        }
        let mut process = Process::start("envoy", command, &folder.path().join("log"))?;
        let (admin_address, port) = process.wait_until(START_TIMEOUT, || {
            let admin_address = fs::read_to_string(&admin_file)
                .ok()
                .filter(|address| !address.is_empty())?;
            loopback::get(&format!("http://{admin_address}/ready")).ok()?;
            let port = listener_port(&admin_address).ok()?;
            Some((admin_address, port))
        })?;
        Ok(Envoy {
            process,
            admin_address,
            port,
            _folder: folder,
        })
    }

    /// Lets Envoy check `config` without starting it: loads everything, the module included. An error is Envoy's own.
    pub fn validate(config: &EnvoyConfig) -> Result<()> {
        let folder = scratch::folder("envoy-validate")?;
        let mut command = command(config, &Options::default(), folder.path())?;
        command.args(["--mode", "validate"]);
        let output = process::output(command)?;
        if !output.status.success() {
            bail!(
                "envoy --mode validate: {}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }

    /// `127.0.0.1:PORT` of the listener.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `http://` and [`address`](Self::address).
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `http://ADDRESS` of the admin interface.
    pub fn admin_url(&self) -> String {
        format!("http://{}", self.admin_address)
    }

    /// The value of the counter or gauge called `name`; 0 if Envoy has none of that name yet.
    pub fn admin_stat(&self, name: &str) -> Result<u64> {
        let text = loopback::get(&format!("{}/stats", self.admin_url()))?;
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.map_or(Ok(0), |value| {
            value
                .trim()
                .parse()
                .with_context(|| format!("{name}: {value} is no number"))
        })
    }

    /// Every counter and gauge by its name; an error, with the log's tail, if Envoy has ended.
    pub fn stats(&mut self) -> Result<Vec<(String, u64)>> {
        let url = format!("{}/stats", self.admin_url());
        let text = self
            .process
            .wait_until(STATS_TIMEOUT, || loopback::get(&url).ok())?;
        let numbers = text.lines().filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_owned(), value.trim().parse().ok()?))
        });
        Ok(numbers.collect())
    }

    /// The process, for what it uses and has logged.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

fn command(config: &EnvoyConfig, options: &Options, folder: &Path) -> Result<Command> {
    let mut config = config.clone();
    let program = if let Some(program) = &options.program {
        program.clone()
    } else {
        let version = options.version.map_or_else(Version::wanted, Ok)?;
        version.adapt(&mut config)?;
        version.program()?
    };
    let file = folder.join("envoy.json");
    config.write(&file)?;
    let mut command = Command::new(program);
    command
        .arg("--config-path")
        .arg(&file)
        .args(&options.arguments);
    Ok(command)
}

/// The port that the first listener accepts on.
fn listener_port(admin_address: &str) -> Result<u16> {
    let text = loopback::get(&format!("http://{admin_address}/listeners?format=json"))?;
    let listeners: Value = serde_json::from_str(&text)?;
    let port = listeners.pointer("/listener_statuses/0/local_address/socket_address/port_value");
    let port = port.and_then(Value::as_u64).context("no listener yet")?;
    Ok(u16::try_from(port)?)
}
