//! `cargo xtask up` as a newcomer meets it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};
use testbed::loopback;

const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A stack that serves, on ports of its own.
struct Stack {
    xtask: Child,
    /// What it printed for pasting: the URL and the body of each request.
    requests: Vec<(String, String)>,
    etcd: String,
}

impl Stack {
    fn start() -> Result<Stack> {
        let etcd = loopback::free_port()?.to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args([
            "up",
            "--port",
            "0",
            "--admin-port",
            "0",
            "--etcd-port",
            &etcd,
        ]);
        let mut xtask = command.stdout(Stdio::piped()).spawn()?;
        let output = xtask.stdout.take().context("no output")?;
        let mut requests = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line?;
            if let Some(arguments) = line.strip_prefix("curl -s ") {
                let (url, body) = arguments.split_once(" -d '").context("no body")?;
                requests.push((url.to_owned(), body.trim_end_matches('\'').to_owned()));
            }
            if line.contains("Ctrl-C") {
                return Ok(Stack {
                    xtask,
                    requests,
                    etcd: format!("127.0.0.1:{etcd}"),
                });
            }
        }
        bail!("it ended with {}", xtask.wait()?)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(rustix::process::kill_process(
            Pid::from_child(&self.xtask),
            signal,
        )?)
    }

    /// Whether Envoy or etcd still accepts connections.
    fn is_serving(&self) -> bool {
        let envoy = self
            .requests
            .iter()
            .filter_map(|(url, _)| url.split('/').nth(2));
        envoy
            .chain([self.etcd.as_str()])
            .any(|address| TcpStream::connect(address).is_ok())
    }

    fn wait_until_nothing_serves(&self) -> bool {
        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.is_serving() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        !self.is_serving()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // A failed test leaves it running; one that passed has ended it.
        let _ = self.xtask.kill();
        let _ = self.xtask.wait();
    }
}

#[test]
fn the_printed_requests_work_and_ctrl_c_leaves_nothing() -> Result<()> {
    let mut stack = Stack::start()?;
    assert!(!stack.requests.is_empty());
    for (url, body) in &stack.requests {
        let answer = loopback::post(url, body)?;
        assert!(answer.contains(r#""header""#), "{url}: {answer}");
    }
    stack.signal(Signal::INT)?;
    assert!(stack.xtask.wait()?.success());
    assert!(!stack.is_serving());
    Ok(())
}

#[test]
fn nothing_outlives_a_killed_stack() -> Result<()> {
    let stack = Stack::start()?;
    assert!(stack.is_serving());
    stack.signal(Signal::KILL)?;
    assert!(stack.wait_until_nothing_serves());
    Ok(())
}

#[test]
fn a_server_that_ends_by_itself_is_reported_and_ends_the_stack() -> Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = command
        .args([
            "up",
            "--port",
            "0",
            "--admin-port",
            "0",
            "--etcd",
            "/bin/false",
        ])
        .output()?;
    let error = String::from_utf8(output.stderr)?;
    assert!(!output.status.success());
    assert!(
        error.contains("etcd ended by itself (exit status: 1)"),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_taken_port_is_named_with_the_option_that_changes_it() -> Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = command.args(["up", "--port", &port]).output()?;
    let error = String::from_utf8(output.stderr)?;
    assert!(!output.status.success());
    assert!(
        error.contains(&format!("port {port} is taken: choose another with --port")),
        "{error}"
    );
    Ok(())
}
