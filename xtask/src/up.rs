//! `cargo xtask up`: Envoy with our module in front of etcd, on loopback.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use testbed::envoy::{self, Envoy};
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::{self, Etcd};
use testbed::progress::say;
use testbed::{artifact, loopback, module};

use crate::{signals, step};

/// How often the servers are looked at.
const WATCH_INTERVAL: Duration = Duration::from_millis(100);
/// How long a request through all parts may take to succeed after both servers are ready.
const SERVE_TIMEOUT: Duration = Duration::from_secs(15);

/// Build the module and run it in Envoy in front of an etcd, on loopback, until Ctrl-C
///
/// Envoy runs envoy/envoy.yaml, with the addresses and the module's path changed. etcd's data is removed at the end.
#[derive(clap::Args)]
pub struct Arguments {
    /// The port for HTTP/JSON and gRPC clients
    #[arg(long, default_value_t = 8379)]
    port: u16,
    /// The port of Envoy's admin interface
    #[arg(long, default_value_t = 9901)]
    admin_port: u16,
    /// The port of etcd itself [default: a free one]
    #[arg(long)]
    etcd_port: Option<u16>,
    /// An Envoy of your own instead of the pinned one
    #[arg(long, value_name = "PATH")]
    envoy: Option<PathBuf>,
    /// An etcd of your own instead of a pinned one
    #[arg(long, value_name = "PATH", conflicts_with = "etcd_version")]
    etcd: Option<PathBuf>,
    /// Which etcd to get
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = etcd_versions())]
    etcd_version: etcd::Version,
}

/// Starts everything and waits until it is told to stop, or a server ends by itself.
pub fn run(arguments: &Arguments) -> Result<()> {
    arguments.check_ports()?;
    let parts = Parts::get(arguments)?;
    // It took a while, and Envoy's own words for it are harder to read.
    arguments.check_ports()?;

    let options = etcd::Options {
        program: Some(parts.etcd),
        client_port: arguments.etcd_port,
        ..Default::default()
    };
    let mut etcd = Etcd::start_with(options)?;
    say(
        &arguments.etcd_name(),
        &format!("serves on {}", etcd.client_address()),
    );

    let mut config = EnvoyConfig::example()?;
    config
        .listen("127.0.0.1", arguments.port)?
        .admin_port(arguments.admin_port)?;
    config
        .upstream(&etcd.client_address())?
        .module(&parts.module)?;
    let options = envoy::Options {
        program: Some(parts.envoy),
        concurrency: None,
        ..Default::default()
    };
    let mut envoy = Envoy::start_with(&config, &options)?;
    say(
        "envoy",
        &format!(
            "serves on {}, statistics on {}",
            envoy.address(),
            envoy.admin_url()
        ),
    );

    wait_until_serving(&mut envoy)?;
    signals::now_serving();
    announce(&envoy.url());
    loop {
        etcd.process().check()?;
        envoy.process().check()?;
        thread::sleep(WATCH_INTERVAL);
    }
}

impl Arguments {
    /// What progress lines call etcd.
    fn etcd_name(&self) -> String {
        self.etcd.as_ref().map_or_else(
            || format!("etcd {}", self.etcd_version),
            |path| path.display().to_string(),
        )
    }

    /// An error that names the first port that is taken, and the option that chooses another.
    fn check_ports(&self) -> Result<()> {
        let ports = [
            ("--port", Some(self.port)),
            ("--admin-port", Some(self.admin_port)),
            ("--etcd-port", self.etcd_port),
        ];
        for (option, port) in ports {
            if let Some(port) = port {
                ensure!(
                    loopback::is_free(port),
                    "port {port} is taken: choose another with {option}"
                );
            }
        }
        Ok(())
    }
}

fn etcd_versions() -> impl TypedValueParser<Value = etcd::Version> {
    PossibleValuesParser::new(etcd::Version::ALL.map(etcd::Version::as_str))
        .try_map(|version| version.parse())
}

/// All that must be there before anything starts.
#[derive(Default)]
struct Parts {
    module: PathBuf,
    envoy: PathBuf,
    etcd: PathBuf,
}

impl Parts {
    /// Builds the module and gets the programs, at the same time; the first failure is the answer.
    fn get(arguments: &Arguments) -> Result<Parts> {
        let (sender, parts) = mpsc::channel();
        let get = |part: fn(&mut Parts) -> &mut PathBuf,
                   get: Box<dyn FnOnce() -> Result<PathBuf> + Send>| {
            let sender = sender.clone();
            // Nobody receives once another part has failed.
            thread::spawn(move || sender.send((part, get())).ok());
        };
        let (envoy, etcd, version) = (
            arguments.envoy.clone(),
            arguments.etcd.clone(),
            arguments.etcd_version,
        );
        get(|parts| &mut parts.module, Box::new(build_module));
        get(
            |parts| &mut parts.envoy,
            Box::new(|| envoy.map_or_else(|| artifact::ENVOY.program(), Ok)),
        );
        get(
            |parts| &mut parts.etcd,
            Box::new(move || etcd.map_or_else(|| version.program(), Ok)),
        );
        drop(sender);
        let mut all = Parts::default();
        for (part, path) in parts {
            *part(&mut all) = path?;
        }
        Ok(all)
    }
}

fn build_module() -> Result<PathBuf> {
    step::build_module()?;
    module::built()
}

/// Waits until a request goes all the way to etcd and back as JSON.
fn wait_until_serving(envoy: &mut Envoy) -> Result<()> {
    let url = format!("{}/v3/maintenance/status", envoy.url());
    let mut last = None;
    let served = envoy
        .process()
        .wait_until(SERVE_TIMEOUT, || match loopback::post(&url, "{}") {
            Ok(_) => Some(()),
            Err(error) => {
                last = Some(error);
                None
            }
        });
    served.map_err(|error| last.unwrap_or_else(|| anyhow!("no answer")).context(error))
}

/// Says what to do with it, in lines that work when pasted.
fn announce(url: &str) {
    println!();
    println!("In a browser: {url}/v3/");
    println!();
    println!("curl -s {url}/v3/kv/put -d '{{\"key\":\"aGVsbG8=\",\"value\":\"d29ybGQ=\"}}'");
    println!("curl -s {url}/v3/kv/range -d '{{\"key\":\"aGVsbG8=\"}}'");
    println!();
    println!("Ctrl-C stops it; etcd's data goes with it.");
}
