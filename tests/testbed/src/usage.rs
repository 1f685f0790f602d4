//! What a process has used, as Linux's `/proc` tells it.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// A process's memory and processor time.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory, in bytes.
    pub rss: u64,
    /// The most that [`rss`](Self::rss) has been, in bytes.
    pub peak_rss: u64,
    /// Processor time of all threads that have not ended, in user and system mode.
    pub cpu: Duration,
}

/// Processor time that this thread has used.
pub fn this_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

pub(crate) fn of(process: u32) -> Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    Ok(Usage {
        rss: bytes(&status, "VmRSS:")?,
        peak_rss: bytes(&status, "VmHWM:")?,
        cpu: cpu(process)?,
    })
}

/// The value of a `NAME: N kB` line of `/proc/PID/status`, in bytes.
fn bytes(status: &str, name: &str) -> Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kibibytes: u64 = kibibytes
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("no {name}"))?;
    Ok(kibibytes << 10)
}

/// The first number of each thread's `schedstat`: nanoseconds on a processor, where `/proc/PID/stat` counts in
/// hundredths of a second (Linux, `Documentation/scheduler/sched-stats.rst`).
fn cpu(process: u32) -> Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may end meanwhile.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split(' ').next().context("no schedstat")?;
        total += Duration::from_nanos(first.parse()?);
    }
    Ok(total)
}

/// The machine's processor and how many cores of it there are, for the figures of a benchmark.
pub fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("an unknown CPU", |name| {
        name.trim_start_matches([' ', '\t', ':'])
    });
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores")
}
