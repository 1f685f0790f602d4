//! The process groups of all children, and how they end.

use std::collections::BTreeSet;
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::POLL_INTERVAL;

/// How long a child may take to end by itself after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Ends all children, for a program that is told to stop. None can be started afterwards.
pub fn stop_all() {
    STOPPING.store(true, Ordering::SeqCst);
    let leaders: Vec<Pid> = groups()
        .iter()
        .filter_map(|&leader| Pid::from_raw(leader))
        .collect();
    end(&leaders);
}

/// Whether [`stop_all`] has been called, so that a child's end is no surprise.
pub fn is_stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

/// Ends a group whose leader has not been waited for, so that the group's id is still its own; waits for it then.
pub(super) fn end_group(child: &mut Child) -> io::Result<ExitStatus> {
    let leader = Pid::from_child(child);
    end(&[leader]);
    groups().remove(&leader.as_raw_nonzero().get());
    child.wait()
}

/// Whether `leader`, a child of ours, has not ended; does not reap it.
pub(super) fn is_running(leader: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(
        rustix::process::waitid(WaitId::Pid(leader), options),
        Ok(None)
    )
}

/// Waits until `leader`, a child of ours, has ended; does not reap it.
pub(super) fn wait_for(leader: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while rustix::process::waitid(WaitId::Pid(leader), options).err() == Some(Errno::INTR) {}
}

/// The leaders of all groups that have not been ended. While it is locked no child is started.
pub(super) fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SIGTERM, time to follow it, SIGKILL for whoever is left.
fn end(leaders: &[Pid]) {
    let signal = |signal| {
        for &leader in leaders {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    };
    signal(Signal::TERM);
    // A paused process takes no other signal.
    signal(Signal::CONT);
    let deadline = Instant::now() + GRACE;
    while Instant::now() < deadline && leaders.iter().any(|&leader| is_running(leader)) {
        thread::sleep(POLL_INTERVAL);
    }
    signal(Signal::KILL);
}
