//! What the filter counts: what nobody else in front of etcd knows (`docs/observability.md`).
//!
//! A series is defined when there is something to count. What there is much of, bytes, is summed up by the exchange and
//! goes out with a tick.

use std::cell::{Cell, RefCell};

use super::by_id::sink;
use super::host::{self, HostError};
use super::series::{Direction, Format, Key, Series};
use crate::exchange::Bytes;

/// Of so many requests one has its times taken, in the module and at etcd: two looks at the clock for each callback are a
/// hundredth of a small request, and the time at etcd another two.
const ONE_IN: u8 = 16;

/// One plugin's counts on one worker. The host adds up those of all workers.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    /// The host's numbers of the series that have been defined, ascending; nothing for one that the host refuses.
    /// Their values are methods, codes, reasons and ends, all from tables, so that there are at most some thousand.
    series: RefCell<Vec<(Key, Option<u32>)>>,
    /// Requests since one was timed.
    untimed: Cell<u8>,
}

impl Metrics {
    /// Counts one more.
    pub(super) fn count(&self, series: Series) {
        self.add(series, 1);
    }

    /// Counts so many more.
    fn add(&self, series: Series, count: u64) {
        if let Some(id) = self.id(series)
            && count > 0
        {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let _ = host::increment_metric(id, count); // no request should fail for it
        }
    }

    /// Records a value of a histogram, or sets a gauge.
    pub(super) fn record(&self, series: Series, value: u64) {
        if let Some(id) = self.id(series) {
            let _ = host::record_metric(id, value); // as above
        }
    }

    /// Counts bytes that have been summed up.
    pub(super) fn add_bytes(&self, bytes: Bytes) {
        for (format, direction, count) in [
            (Format::Json, Direction::Request, bytes.json_in),
            (Format::Grpc, Direction::Request, bytes.grpc_out),
            (Format::Grpc, Direction::Response, bytes.grpc_in),
            (Format::Json, Direction::Response, bytes.json_out),
        ] {
            self.add(Series::Bytes(format, direction), count);
        }
    }

    /// Whether the request that begins now is one that has its times taken.
    pub(super) fn times(&self) -> bool {
        let count = self.untimed.get().wrapping_add(1) % ONE_IN;
        self.untimed.set(count);
        count == 0
    }

    /// The host's number of a series, which is defined if it is new.
    fn id(&self, series: Series) -> Option<u32> {
        let key = series.key();
        let mut known = self.series.try_borrow_mut().ok()?;
        match known.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => known.get(at)?.1,
            Err(_) => {
                let id = define(series).ok();
                known.push((key, id));
                sink(&mut known, |(key, _)| *key);
                id
            }
        }
    }
}

fn define(series: Series) -> Result<u32, HostError> {
    let id = host::define_metric(series.kind(), &series.name());
    if let Err(error) = id {
        log::warn!("cannot define the metric {}: {error}", series.name());
    }
    id
}
