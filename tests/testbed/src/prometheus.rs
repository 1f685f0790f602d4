//! A real Prometheus on loopback, with the project's own configuration, and promtool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{self, Process};
use crate::{artifact, loopback, project_root, scratch, yaml};

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How often another port is tried, should somebody have taken the one that was free.
const START_ATTEMPTS: usize = 5;

/// The project's own configuration and rules.
pub fn folder() -> PathBuf {
    project_root().join("deploy/observability")
}

/// A running Prometheus, ended when dropped.
pub struct Prometheus {
    _process: Process,
    port: u16,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that asks the admin interface at `target` every second, and waits until it serves.
    pub fn start(target: &str) -> Result<Prometheus> {
        let mut attempt = 1;
        loop {
            match Prometheus::attempt_start(target) {
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

    fn attempt_start(target: &str) -> Result<Prometheus> {
        let home = scratch::folder("prometheus")?;
        let mut config = yaml::read(&folder().join("prometheus.yml"))?;
        for interval in ["scrape_interval", "evaluation_interval"] {
            config["global"][interval] = json!("1s");
        }
        config["scrape_configs"][0]["static_configs"][0]["targets"] = json!([target]);
        let file = home.path().join("prometheus.yml");
        fs::write(&file, config.to_string())?;
        fs::copy(folder().join("rules.yml"), home.path().join("rules.yml"))?;
        let port = loopback::free_port()?;
        let mut command = Command::new(artifact::PROMETHEUS.program()?);
        command
            .arg(argument("config.file", &file))
            .arg(argument("storage.tsdb.path", &home.path().join("data")))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut process = Process::start("prometheus", command, &home.path().join("log"))?;
        let ready = format!("http://127.0.0.1:{port}/-/ready");
        process.wait_until(START_TIMEOUT, || loopback::get(&ready).ok())?;
        Ok(Prometheus {
            _process: process,
            port,
            _folder: home,
        })
    }

    /// The `data` of an answer of its HTTP API, whose `path` begins behind `/api/v1/`.
    pub fn api(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let url = format!("http://127.0.0.1:{}/api/v1/{path}", self.port);
        let answer = loopback::get_with(&url, query)?;
        let answer: Value = serde_json::from_str(&answer)?;
        if answer["status"] != "success" {
            bail!("{path} {query:?}: {answer}");
        }
        Ok(answer["data"].clone())
    }

    /// The values that an expression has now.
    pub fn values(&self, expression: &str) -> Result<Vec<f64>> {
        let data = self.api("query", &[("query", expression)])?;
        let result = data["result"].as_array().context("no result")?;
        let value = |series: &Value| series["value"][1].as_str()?.parse().ok();
        Ok(result.iter().filter_map(value).collect())
    }
}

fn argument(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}

/// Runs promtool in the project's own folder; its words if it finds fault.
pub fn promtool(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(artifact::PROMTOOL.program()?);
    command.args(arguments).current_dir(folder());
    let output = process::output(command)?;
    if !output.status.success() {
        bail!(
            "promtool {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
