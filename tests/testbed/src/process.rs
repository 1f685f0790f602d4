//! A child that cannot outlive us: it leads a process group that is killed when its [`Process`] is dropped, and the
//! kernel kills it when we die without having dropped anything.

mod group;
mod spawn;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::process::{Pid, Signal};

use self::group::{end_group, is_running, wait_for};
pub use self::group::{is_stopping, stop_all};
use self::spawn::spawn;
use crate::usage;
pub use crate::usage::Usage;

const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// How much of a log an error shows.
const TAIL_LINES: usize = 25;

/// A running child whose output goes to a log file.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts `command` with its output appended to `log`. `name` is what errors call it.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Result<Process> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.with_context(|| format!("opening {}", log.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        let program = command.get_program().to_owned();
        let child =
            spawn(command).with_context(|| format!("starting {name} ({})", program.display()))?;
        Ok(Process {
            name: name.to_owned(),
            child,
            log: log.to_path_buf(),
            ended: None,
        })
    }

    /// The process id, which is also its group's.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file that holds all its output.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// What it has used so far.
    pub fn usage(&self) -> Result<Usage> {
        usage::of(self.id())
    }

    /// Sends `signal` to the process and to all that it started; an error if it has been ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        ensure!(self.ended.is_none(), "{} has been ended", self.name);
        Ok(rustix::process::kill_process_group(
            pid(&self.child),
            signal,
        )?)
    }

    /// Asks `ready` again and again until it answers; an error, with the log's tail, if the process ends or
    /// `timeout` passes first.
    pub fn wait_until<T>(
        &mut self,
        timeout: Duration,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(answer) = ready() {
                return Ok(answer);
            }
            self.check()?;
            if Instant::now() > deadline {
                bail!(
                    "{} was not ready within {timeout:?}; {}",
                    self.name,
                    self.log_tail()
                );
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Waits for the process to end by itself; an error, with the log's tail, if `timeout` passes first.
    pub fn wait_until_ended(&mut self, timeout: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("{} took over {timeout:?}; {}", self.name, self.log_tail());
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// An error, with the log's tail, if the process has ended.
    pub fn check(&mut self) -> Result<()> {
        if self.ended.is_none() && is_running(pid(&self.child)) {
            return Ok(());
        }
        let status = self.stop()?;
        Err(anyhow!(
            "{} ended by itself ({status}); {}",
            self.name,
            self.log_tail()
        ))
    }

    /// The last lines of the log, with a heading that says where it is.
    pub fn log_tail(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(TAIL_LINES)..)
            .unwrap_or_default();
        format!(
            "the end of its log {}:\n{}",
            self.log.display(),
            tail.join("\n")
        )
    }

    /// Whether it has been ended on purpose, or been found to have ended.
    pub fn is_stopped(&self) -> bool {
        self.ended.is_some()
    }

    /// Ends the process and all that it started: SIGTERM, then SIGKILL. Answers how it ended, now or earlier.
    pub fn stop(&mut self) -> io::Result<ExitStatus> {
        let status = match self.ended {
            Some(status) => status,
            None => end_group(&mut self.child)?,
        };
        self.ended = Some(status);
        Ok(status)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Its group has been killed whatever became of waiting for it.
        let _ = self.stop();
    }
}

/// Runs `command` to its end and answers its output. It is killed when we are.
pub fn output(mut command: Command) -> io::Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let reader = child
        .stderr
        .take()
        .map(|mut pipe| thread::spawn(move || pipe.read_to_end(&mut stderr).map(|_| stderr)));
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut stdout)?;
    }
    let stderr = reader
        .and_then(|reader| reader.join().ok())
        .transpose()?
        .unwrap_or_default();
    let status = wait(child)?;
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

/// Runs `command` to its end with our own output streams. It is killed when we are.
pub fn status(mut command: Command) -> io::Result<ExitStatus> {
    command.stdin(Stdio::null());
    wait(spawn(command)?)
}

fn wait(mut child: Child) -> io::Result<ExitStatus> {
    wait_for(pid(&child));
    end_group(&mut child)
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use anyhow::{Context, Result};

    use super::{Process, output};
    use crate::scratch;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_a_child_started_ends_with_it() -> Result<()> {
        let folder = scratch::folder("process")?;
        let log = folder.path().join("log");
        let mut process = Process::start("sh", shell("sleep 600 & echo $!; wait"), &log)?;
        let grandchild = process.wait_until(PATIENCE, || {
            let text = fs::read_to_string(&log).ok()?;
            text.strip_suffix('\n').map(str::to_owned)
        })?;
        let (parent, grandchild) = (
            process.id(),
            Path::new("/proc").join(grandchild).join("stat"),
        );
        assert!(grandchild.exists());
        drop(process);
        assert!(!Path::new("/proc").join(parent.to_string()).exists());
        let deadline = Instant::now() + PATIENCE;
        // Dead and gone, or dead and not waited for yet: that is up to the machine's init.
        while fs::read_to_string(&grandchild).is_ok_and(|state| !state.contains(") Z")) {
            assert!(Instant::now() < deadline, "it lives");
        }
        Ok(())
    }

    #[test]
    fn a_child_that_ends_is_reported_with_its_last_words() -> Result<()> {
        let folder = scratch::folder("process")?;
        let command = shell("echo first; echo last words >&2; exit 7");
        let mut process = Process::start("the child", command, &folder.path().join("log"))?;
        let error = process
            .wait_until(PATIENCE, || None::<()>)
            .err()
            .context("it is running")?;
        let text = format!("{error:#}");
        assert!(
            text.starts_with("the child ended by itself (exit status: 7)"),
            "{text}"
        );
        assert!(text.ends_with("first\nlast words"), "{text}");
        Ok(())
    }

    #[test]
    fn both_output_streams_are_read_whatever_their_size() -> Result<()> {
        let script = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; exit 3";
        let output = output(shell(script))?;
        assert_eq!(
            (output.stdout.len(), output.stderr.len()),
            (300_000, 300_000)
        );
        assert_eq!(output.status.code(), Some(3));
        Ok(())
    }
}
