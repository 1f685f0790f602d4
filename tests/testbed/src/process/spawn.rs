//! Starting a child so that it leads a group and dies with us.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Sender};
use std::thread;

use rustix::process::{Pid, Signal};

use super::group::{groups, is_stopping};

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

/// Starts `command` as the leader of a group of its own, which `group` knows.
pub(super) fn spawn(mut command: Command) -> io::Result<Child> {
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
    groups.insert(Pid::from_child(&child).as_raw_nonzero().get());
    drop(groups);
    Ok(child)
}
