//! Clients that put and read without pause, and what became of each call.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::place::{Place, post};

/// How many ask. What a leader has in hand when it is lost, a put of each, is lost with it.
const CLIENTS: usize = 12;
/// For how long each rests between a put with its range, and the next.
const REST: Duration = Duration::from_millis(80);
/// What all keys of a load begin with.
const PREFIX: &str = "load/";
/// The key behind them.
const BEHIND: &str = "load0";
/// However slow the machine is.
const LONGEST: Duration = Duration::from_secs(150);

/// What became of the calls of a load.
#[derive(Debug, Default)]
pub struct Tally {
    pub calls: usize,
    /// Those that failed, as their clients saw it.
    pub failures: Vec<String>,
    pub slowest: Duration,
    /// Each put's key, and whether its client was told that it is done.
    pub puts: HashMap<String, bool>,
}

impl Tally {
    /// At least this share of the calls was good.
    pub fn assert_share(&self, share: f64, what: &str) {
        let failed = self.failures.len();
        let line = format!(
            "{what}: {failed} of {} calls failed, the slowest took {:.1} s",
            self.calls,
            self.slowest.as_secs_f64()
        );
        eprintln!("{line}");
        let most = (1.0 - share) * self.calls as f64;
        assert!(failed as f64 <= most, "{line}: {:?}", self.failures);
    }

    fn add(&mut self, kind: &str, time: Duration, outcome: Result<(u16, Value), String>) -> bool {
        self.calls += 1;
        self.slowest = self.slowest.max(time);
        match outcome {
            Ok((200, _)) => return true,
            other => self.failures.push(format!("{kind} {time:.1?}: {other:?}")),
        }
        false
    }
}

/// Runs a load beside `meanwhile`, and on until there were as many calls as `least`.
pub fn run(
    place: &mut Place,
    name: &str,
    least: usize,
    meanwhile: impl FnOnce(&mut Place),
) -> Tally {
    let (url, agent) = (place.url(), place.agent());
    let (is_over, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (url, agent) = (url.clone(), agent.clone());
            let (is_over, calls, tally) = (&is_over, &calls, &tally);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    let key = format!("{PREFIX}{name}/{client}/{number}");
                    let call = |path: &str, body: Value| {
                        let started = Instant::now();
                        let outcome = post(&agent, &format!("{url}{path}"), &body);
                        (started.elapsed(), outcome)
                    };
                    let encoded = STANDARD.encode(&key);
                    let put = call("/v3/kv/put", json!({"key": encoded, "value": "YQ=="}));
                    let range = call("/v3/kv/range", json!({"key": encoded}));
                    calls.fetch_add(2, Ordering::Relaxed);
                    let mut tally = tally.lock().unwrap();
                    let is_good = tally.add("put", put.0, put.1);
                    tally.add("range", range.0, range.1);
                    tally.puts.insert(key, is_good);
                    drop(tally);
                    thread::sleep(REST);
                }
            });
        }
        meanwhile(place);
        let deadline = Instant::now() + LONGEST;
        while calls.load(Ordering::Relaxed) < least && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(50));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    tally.into_inner().unwrap()
}

/// What a client was told is done, is; and nothing is done twice.
pub fn assert_each_put_once(place: &Place, tally: &Tally) {
    let url = format!("{}/v3/kv/range", place.url());
    let all = json!({"key": STANDARD.encode(PREFIX), "range_end": STANDARD.encode(BEHIND)});
    let (status, range) = post(&place.agent(), &url, &all).unwrap();
    assert_eq!(status, 200, "{range}");
    let mut versions = HashMap::new();
    for kv in range["kvs"].as_array().unwrap() {
        let key = STANDARD.decode(kv["key"].as_str().unwrap()).unwrap();
        let version: u64 = kv["version"].as_str().unwrap().parse().unwrap();
        versions.insert(String::from_utf8(key).unwrap(), version);
    }
    for (key, is_good) in &tally.puts {
        let version = versions.get(key).copied().unwrap_or_default();
        assert!(version <= 1, "{key} was put {version} times");
        assert!(
            version == 1 || !is_good,
            "{key} was promised and is not there"
        );
    }
}
