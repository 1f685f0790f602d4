//! A real browser, Chromium without a window, on a page of the test's own.
//!
//! The page is served from an origin of its own, so that what a browser forbids across origins is forbidden here too,
//! and says what it sees by `report(…)`, which its script finds defined.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::Process;
use crate::scratch;

/// Names the browser's program when it is set.
pub const BROWSER_VARIABLE: &str = "ETCD_JSON_GATEWAY_BROWSER";

/// What a Chromium is called, by who packages it.
const PROGRAMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// It does one thing and talks to nobody but the page and the gateway. `--no-sandbox` is what root needs.
pub(crate) const ARGUMENTS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--disable-extensions",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
];

/// How long a page may take to say something.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends what the page reports, in order, as JSON.
const REPORT: &str = "let sent = Promise.resolve();
const report = (...what) => {
  sent = sent.then(() => fetch('/report', { method: 'POST', body: JSON.stringify(what) }));
};
";

/// The browser's program; an error says how to get one.
pub fn program() -> Result<PathBuf> {
    if let Some(program) = env::var_os(BROWSER_VARIABLE) {
        return Ok(program.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = PROGRAMS
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file());
    found.with_context(|| {
        format!(
            "no browser on PATH ({}): install Chromium (`apt-get install chromium`), or name one by {BROWSER_VARIABLE}",
            PROGRAMS.join(", ")
        )
    })
}

/// A browser with one page open, ended with all its processes when dropped.
pub struct Page {
    browser: Process,
    reports: Receiver<Value>,
    _profile: TempDir,
}

impl Page {
    /// Opens a page that runs this script.
    pub fn open(script: &str) -> Result<Self> {
        let program = program()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/", listener.local_addr()?);
        let page = format!("<!doctype html><script>\n{REPORT}{script}\n</script>\n");
        let (sender, reports) = mpsc::channel();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (page, sender) = (page.clone(), sender.clone());
                // A browser opens connections ahead of need: each has a thread, so that none blocks another.
                thread::spawn(move || serve(socket, &page, &sender));
            }
        });
        let profile = scratch::folder("browser")?;
        let mut command = Command::new(program);
        command
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(&url)
            // Whatever it writes beside its profile, it writes there.
            .env("HOME", profile.path())
            .env("XDG_CONFIG_HOME", profile.path())
            .env("XDG_CACHE_HOME", profile.path());
        let browser = Process::start("browser", command, &profile.path().join("log"))?;
        Ok(Self {
            browser,
            reports,
            _profile: profile,
        })
    }

    /// What the page says next, the arguments of one `report`; an error, with the end of the browser's log, if it says
    /// nothing for [`PATIENCE`].
    pub fn report(&mut self) -> Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(report) = self.reports.recv_timeout(Duration::from_millis(100)) {
                return Ok(report);
            }
            self.browser.check()?;
            if Instant::now() > deadline {
                bail!(
                    "the page was silent for {PATIENCE:?}; {}",
                    self.browser.log_tail()
                );
            }
        }
    }
}

/// Answers the requests on one connection.
fn serve(socket: TcpStream, page: &str, reports: &Sender<Value>) -> Option<()> {
    let mut reader = BufReader::new(socket.try_clone().ok()?);
    let mut writer = socket;
    loop {
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .ok()
            .filter(|&length| length > 0)?;
        let mut length = 0;
        loop {
            let mut field = String::new();
            reader
                .read_line(&mut field)
                .ok()
                .filter(|&length| length > 0)?;
            let field = field.trim_end().to_ascii_lowercase();
            if field.is_empty() {
                break;
            }
            if let Some(value) = field.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let answer = if line.starts_with("POST /report ") {
            reports.send(serde_json::from_slice(&body).ok()?).ok()?;
            ""
        } else {
            page
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        );
        writer.write_all(answer.as_bytes()).ok()?;
    }
}
