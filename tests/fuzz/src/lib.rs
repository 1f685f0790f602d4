//! What is tried with inputs that a fuzzer makes, a target for most rooms and two for the whole filter.
//!
//! A target takes any bytes, does with them what a client or an upstream could, and panics where a promise is broken.
//! `cargo xtask fuzz` runs them under libFuzzer; the tests run them on every input that is committed:
//! `corpus/<target>` has inputs that reach different code, `regressions/<target>` those that once broke something.

mod backlog;
mod config;
mod dialects;
mod events;
mod filter;
mod from_json;
mod grpc;
mod headers;
mod http;
mod input;
mod json_text;
mod oracle;
mod pieces;
mod plain;
mod policy;
mod query;
mod round_trip;
mod script;
mod seen;
mod to_json;
mod vectors;
mod websocket;
mod wild;
mod wire;

use std::path::Path;
use std::{fs, io};

/// Names the target that the fuzzer's program runs.
pub const TARGET_VARIABLE: &str = "FUZZ_TARGET";

/// Names the folder that the fuzzer's program writes the target's seeds to, if it is set.
pub const SEEDS_VARIABLE: &str = "FUZZ_SEEDS";

/// Something that takes any bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, which its folders have too.
    pub name: &'static str,
    /// Runs it on one input; panics if that breaks a promise.
    pub run: fn(&[u8]),
    /// Inputs to start from, beside those that are committed.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self {
            name: "from_json",
            run: from_json::run,
            seeds: from_json::seeds,
        },
        Self {
            name: "to_json",
            run: to_json::run,
            seeds: to_json::seeds,
        },
        Self {
            name: "round_trip",
            run: round_trip::run,
            seeds: Vec::new,
        },
        Self {
            name: "query",
            run: query::run,
            seeds: Vec::new,
        },
        Self {
            name: "grpc",
            run: grpc::run,
            seeds: Vec::new,
        },
        Self {
            name: "http",
            run: http::run,
            seeds: Vec::new,
        },
        Self {
            name: "websocket",
            run: websocket::run,
            seeds: websocket::seeds,
        },
        Self {
            name: "config",
            run: config::run,
            seeds: config::seeds,
        },
        Self {
            name: "policy",
            run: policy::run,
            seeds: policy::seeds,
        },
        Self {
            name: "backlog",
            run: backlog::run,
            seeds: Vec::new,
        },
        Self {
            name: "wild",
            run: wild::run,
            seeds: wild::seeds,
        },
        Self {
            name: "filter",
            run: filter::run,
            seeds: filter::seeds,
        },
    ];

    /// The target of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name == name)
    }

    /// Writes its seeds into a folder, a file each.
    pub fn write_seeds(&self, folder: &Path) -> io::Result<()> {
        let mut seeds = (self.seeds)().into_iter().enumerate();
        seeds.try_for_each(|(index, seed)| fs::write(folder.join(format!("seed-{index}")), seed))
    }
}
