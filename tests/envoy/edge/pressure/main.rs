//! Clients that cost as much as they can, against the full example and a real etcd, and a bystander who must not notice.
//!
//! Each test prints what it measured: the bystander's slowest put, that of somebody who goes to etcd itself, which says
//! whose the delay is, and how much Envoy grew.

mod bystander;
mod crowd;
mod floods;
mod kinds;

use std::thread;
use std::time::{Duration, Instant};

use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};

use bystander::{Bystander, Writer};

/// Clients at a time.
const CLIENTS: usize = 1000;

/// The slowest that a put of the bystander's may be, on a machine that is busy with other things too. On an idle one it is
/// below a second, which the figures show; without the example's windows he waits until the crowd has gone.
const SLOWEST: Duration = Duration::from_secs(5);

/// Most bytes that Envoy may grow by: a tenth more than the 200 MB that are promised, for what a busy machine adds.
const GROWTH: u64 = 220 << 20;

/// Most bytes more that it may hold once the clients are gone. What of its memory goes back to the system is its
/// allocator's to say, and printed.
const KEPT: u64 = 64 << 20;

/// Bytes that Envoy has allocated.
const ALLOCATED: &str = "server.memory_allocated";

/// By when it has given them back.
const SETTLING: Duration = Duration::from_secs(20);

const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The full example, with one worker, before a real etcd.
struct Stage {
    etcd: Etcd,
    gateway: Gateway,
}

impl Stage {
    fn new() -> Self {
        let etcd = Etcd::start(Version::V3_7_3).unwrap();
        let gateway = Setup::example(Mode::Full, etcd.client_address()).start();
        Self { etcd, gateway }
    }

    fn rss(&mut self) -> u64 {
        self.gateway.process().usage().unwrap().rss
    }

    fn bystander(&self) -> Bystander {
        Bystander::start(self.gateway.address())
    }

    /// Lets a crowd press, with a bystander throughout, and checks what it cost. What `press` returns is the crowd, which
    /// stays until the measurement is over.
    fn watch_over<C>(&mut self, what: &str, growth: u64, press: impl FnOnce(&Self) -> C) {
        let _alone = testbed::alone();
        // The heaps grow to what everyday needs.
        self.bystander().stop();
        let before = self.rss();
        let allocated = self.gateway.envoy().admin_stat(ALLOCATED).unwrap();
        let bystander = self.bystander();
        let beside = Writer::start(self.etcd.client_address().parse().unwrap(), "beside");
        let crowd = press(self);
        thread::sleep(Duration::from_secs(3));
        let peak = self.gateway.process().usage().unwrap().peak_rss;
        drop(crowd);
        let slowest = bystander.stop();
        let (without, _) = beside.stop();
        let deadline = Instant::now() + SETTLING;
        // What is given back goes to the system bit by bit.
        let (held, after) = loop {
            let held = self.gateway.envoy().admin_stat(ALLOCATED).unwrap();
            let rss = self.rss();
            let settled = held < allocated + KEPT && rss < before + KEPT;
            if settled || Instant::now() > deadline {
                break (held, rss);
            }
            thread::sleep(POLL_INTERVAL);
        };
        let grown = |rss: u64| rss.saturating_sub(before) >> 20;
        eprintln!(
            "{what}: the slowest put {slowest:?}, one beside Envoy {without:?}, Envoy grew by {} MB, {} MB afterwards",
            grown(peak),
            grown(after)
        );
        // The end of a crowd, all streams at once, is no flood to Envoy, which would end others' streams with them.
        let stats = self.gateway.envoy().stats().unwrap();
        let floods = stats.iter().filter(|(name, _)| {
            name.starts_with("cluster.etcd.http2.outbound") && name.ends_with("flood")
        });
        let floods: Vec<_> = floods.collect();
        assert_eq!(floods.len(), 2, "{floods:?}");
        assert!(floods.iter().all(|(_, count)| *count == 0), "{floods:?}");
        assert!(slowest < SLOWEST, "{what}: {slowest:?}");
        assert!(peak < before + growth, "{what}: {} MB", grown(peak));
        assert!(held < allocated + KEPT, "{what}: {held} bytes");
    }
}
