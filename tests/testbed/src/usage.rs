//! What a process has used, as Linux's `/proc` tells it.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// A process's memory and processor time.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory, in bytes.
    pub rss: u64,
    /// The most that [`rss`](Self::rss) has been, in bytes.
    pub peak_rss: u64,
    /// Processor time of all threads, in user and system mode.
    pub cpu: Duration,
}

/// Processor time that this thread has used.
pub fn this_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

pub(crate) fn of(process: u32) -> Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    Ok(Usage {
        rss: bytes(&status, "VmRSS:")?,
        peak_rss: bytes(&status, "VmHWM:")?,
        cpu: cpu(&stat)?,
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

/// `utime` and `stime`, fields 14 and 15 of `/proc/PID/stat` (proc(5)).
fn cpu(stat: &str) -> Result<Duration> {
    // Field 2 is the program's name in parentheses, which may hold anything.
    let fields = stat
        .rsplit_once(") ")
        .map(|(_, rest)| rest.split(' '))
        .context("no program name")?;
    let ticks: Vec<u64> = fields
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(
        ticks.iter().sum::<u64>() * 1000 / per_second,
    ))
}
