//! Answers larger than Envoy and the filter may hold, in front of a real etcd.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use testbed::client::{End, Request, h1};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::values::{self, RANGE_ALL};

/// What Envoy may grow by, in bytes; the answer is nearly twice as large.
const MEMORY: u64 = 24 << 20;
const VALUES: u32 = 32;
const VALUE_LEN: usize = 1_000_000;

/// An etcd full of large values.
struct Large {
    etcd: Etcd,
    /// What its own gateway answers when it is asked for all of them.
    expected: Vec<u8>,
}

impl Large {
    fn start() -> Self {
        let etcd = Etcd::start(Version::V3_7_3).unwrap();
        values::put(&etcd, VALUES, VALUE_LEN).unwrap();
        let mut expected = Vec::new();
        ask(etcd.client_address().parse().unwrap(), |piece| {
            expected.extend_from_slice(piece);
        });
        // protojson puts a space behind each comma in some builds and in others not, on purpose.
        expected.retain(|&byte| byte != b' ');
        assert!(expected.len() as u64 > MEMORY * 3 / 2);
        Self { etcd, expected }
    }

    fn gateway(&self, mode: Mode) -> Setup {
        Setup::example(mode, self.etcd.client_address())
    }

    /// Asks for all values, which must come as expected. `before` is told how many bytes there have been, before each
    /// further piece is taken off the socket.
    fn check(&self, gateway: &mut Gateway, case: &str, mut before: impl FnMut(usize)) {
        let memory = gateway.process().usage().unwrap().rss;
        let (mut rest, mut same) = (self.expected.as_slice(), true);
        ask(gateway.address(), |piece| {
            before(self.expected.len() - rest.len());
            let (next, behind) = rest.split_at(piece.len().min(rest.len()));
            same &= next == piece;
            rest = behind;
        });
        assert!(same && rest.is_empty(), "{case}: the answer differs");
        let peak = gateway.process().usage().unwrap().peak_rss;
        let growth = peak.saturating_sub(memory);
        assert!(growth < MEMORY, "{case}: Envoy grew by {} MB", growth >> 20);
    }
}

/// Asks for all values over a connection of its own.
fn ask(address: SocketAddr, piece: impl FnMut(&[u8])) {
    let mut connection = h1::Connection::open(address).unwrap();
    let request = Request::post("/v3/kv/range", RANGE_ALL);
    connection.send(&request).unwrap();
    let mut response = connection.read_head().unwrap();
    assert_eq!(response.status, 200, "{response:?}");
    connection.drain(&mut response, piece).unwrap();
    assert_eq!(response.end, End::Clean, "{response:?}");
}

#[test]
fn a_large_answer_is_etcds_own_to_the_byte_and_passes_in_little_memory() {
    let large = Large::start();
    for mode in Mode::BOTH {
        let mut gateway = large.gateway(mode).start();
        large.check(&mut gateway, &format!("{mode:?}"), |_| {});
        let again = format!("{mode:?}, the second time");
        large.check(&mut gateway, &again, |_| {});
    }
}

#[test]
fn a_client_that_stops_reading_makes_envoy_wait_and_not_hoard() {
    const PAUSE: Duration = Duration::from_secs(1);
    let large = Large::start();
    for mode in Mode::BOTH {
        let mut gateway = large.gateway(mode).start();
        let third = large.expected.len() / 3;
        let mut pauses = [0, third, 2 * third].into_iter().peekable();
        large.check(&mut gateway, &format!("{mode:?}"), |read| {
            if pauses.next_if(|&at| at <= read).is_some() {
                thread::sleep(PAUSE);
            }
        });
    }
}

#[test]
fn a_buffer_limit_far_below_a_value_changes_nothing() {
    let large = Large::start();
    for mode in Mode::BOTH {
        for limit in [64 << 10, 4 << 10] {
            let mut gateway = large.gateway(mode).buffer_limit(limit).start();
            let case = format!("{mode:?}, limit {limit}");
            // With a pause, after which Envoy hands over as much as the limit allows.
            let mut pause = Some(Duration::from_millis(200));
            large.check(&mut gateway, &case, |read| {
                if let Some(pause) = pause.take_if(|_| read > 1 << 20) {
                    thread::sleep(pause);
                }
            });
        }
    }
}
