//! A child that cannot outlive us: it leads a process group that is killed when its [`Process`] is dropped, and the
//! kernel kills it when we die without having dropped anything.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::usage;
pub use crate::usage::Usage;

/// How long a child may take to end by itself after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// How much of a log an error shows.
const TAIL_LINES: usize = 25;

/// The leaders of all groups that have not been ended.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static STOPPING: AtomicBool = AtomicBool::new(false);

/// A running child whose output goes to a log file.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
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

    /// Sends `signal` to the process and to all that it started.
    pub fn signal(&self, signal: Signal) -> Result<()> {
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
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(anyhow!(
                "{} ended by itself ({status}); {}",
                self.name,
                self.log_tail()
            )),
        }
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

    /// Ends the process and all that it started: SIGTERM, then SIGKILL.
    pub fn stop(&mut self) {
        end_group(&mut self.child);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
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

/// Ends all children, for a program that is told to stop. None can be started afterwards.
pub fn stop_all() {
    STOPPING.store(true, Ordering::SeqCst);
    let groups: Vec<Pid> = groups()
        .iter()
        .filter_map(|&leader| Pid::from_raw(leader))
        .collect();
    let signal_all = |signal| {
        groups
            .iter()
            .filter(|&&group| rustix::process::kill_process_group(group, signal).is_ok())
            .count()
    };
    signal_all(Signal::TERM);
    // A paused process takes no other signal.
    signal_all(Signal::CONT);
    let deadline = Instant::now() + GRACE;
    while Instant::now() < deadline && groups.iter().any(|&leader| is_running(leader)) {
        thread::sleep(POLL_INTERVAL);
    }
    signal_all(Signal::KILL);
}

/// Whether [`stop_all`] has been called, so that a child's end is no surprise.
pub fn is_stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

fn wait(mut child: Child) -> io::Result<ExitStatus> {
    let status = child.wait()?;
    end_group(&mut child);
    Ok(status)
}

fn end_group(child: &mut Child) {
    let leader = pid(child);
    let send = |signal| rustix::process::kill_process_group(leader, signal).is_ok();
    if is_running(leader) && send(Signal::TERM) {
        send(Signal::CONT);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && is_running(leader) {
            thread::sleep(POLL_INTERVAL);
        }
    }
    // What the leader left behind, or the leader itself: not reaped yet, so the id is still its own.
    send(Signal::KILL);
    // It has been killed: there is nothing left to fail, and nobody to tell.
    let _ = child.wait();
    groups().remove(&leader.as_raw_nonzero().get());
}

/// Whether `leader`, a child of ours, has not ended; does not reap it.
fn is_running(leader: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(
        rustix::process::waitid(WaitId::Pid(leader), options),
        Ok(None)
    )
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

type SpawnRequest = (Command, Sender<io::Result<Child>>);

/// The thread that starts all children. The kernel's parent-death signal is sent when the *thread* that forked ends,
/// and a test's thread ends before the server that it shares with other tests.
static SPAWNER: LazyLock<Sender<SpawnRequest>> = LazyLock::new(|| {
    let (sender, requests) = mpsc::channel::<SpawnRequest>();
    thread::spawn(move || {
        for (mut command, answer) in requests {
            // Whoever asked waits for the answer.
            let _ = answer.send(command.spawn());
        }
    });
    sender
});

fn spawn(mut command: Command) -> io::Result<Child> {
    let parent = rustix::process::getpid();
    let die_with_parent = move || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the kernel was told.
        if rustix::process::getppid() == Some(parent) {
            Ok(())
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    };
    // SAFETY: between fork and exec the closure makes two system calls and touches no memory but its own.
    unsafe { command.pre_exec(die_with_parent) };
    command.process_group(0);
    let (answer, answered) = mpsc::channel();
    let mut groups = groups();
    if is_stopping() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    SPAWNER
        .send((command, answer))
        .map_err(|error| io::Error::other(error.to_string()))?;
    let child = answered
        .recv()
        .map_err(|_| io::Error::other("the spawning thread is gone"))??;
    groups.insert(pid(&child).as_raw_nonzero().get());
    drop(groups);
    Ok(child)
}
