//! Ctrl-C and the like: everything that we started is ended before we are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use testbed::{process, scratch};

/// A shell's exit status for a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Whether there is nothing left to do but to be interrupted.
static SERVING: AtomicBool = AtomicBool::new(false);

/// From now on a signal ends all children, removes what they left, and then ends us.
pub fn stop_on_signals() -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("catching signals")?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            eprintln!("\nstopping");
            process::stop_all();
            scratch::remove_all();
            std::process::exit(if SERVING.load(Ordering::SeqCst) {
                0
            } else {
                INTERRUPTED
            });
        }
    });
    Ok(())
}

/// From now on being interrupted is success.
pub fn now_serving() {
    SERVING.store(true, Ordering::SeqCst);
}

/// Leaves it to the thread that got the signal to end us.
pub fn wait_for_exit() -> ! {
    loop {
        thread::park();
    }
}
