//! The `log` crate's records in Envoy's log.

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::filter::abi::LogLevel;
use crate::filter::host;

struct HostLog;

/// Sends the crate's records to Envoy's log.
pub(super) fn install() {
    // This fails only where a logger is installed already, which then does as well.
    if log::set_logger(&HostLog).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

impl Log for HostLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let level = match record.level() {
            Level::Error => LogLevel::Error,
            Level::Warn => LogLevel::Warn,
            Level::Info => LogLevel::Info,
            Level::Debug => LogLevel::Debug,
            Level::Trace => LogLevel::Trace,
        };
        host::log(level, &format!("etcd-json-gateway: {}", record.args()));
    }

    fn flush(&self) {}
}
