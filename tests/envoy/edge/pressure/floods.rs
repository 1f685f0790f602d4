//! Floods of heads, of half-sent bodies, of frames and of calls.

use std::thread;
use std::time::{Duration, Instant};

use envoy_tests::flood::{Flood, Request};
use testbed::client::PATIENCE;

use crate::crowd::STREAMS;
use crate::{CLIENTS, GROWTH, Stage};

/// Requests with the largest heads that the example takes, all at once.
const HEADS: usize = 20_000;

/// Most that Envoy may grow by under them.
const GROWTH_OF_HEADS: u64 = 650 << 20;

/// How often a thousand calls come.
const BURSTS: usize = 20;

/// Pieces of the body of one stream, in frames of their own. Their answers fit into the window of who does not read.
const FRAMES: usize = 50_000;

const RANGE: &str = "/v3/kv/range";

/// Headers of nearly 4 KiB in a head of nearly 16 KiB.
const TIMES: usize = 4;

/// Without a body that ends, and with nothing in its head.
const fn small(name: &'static str, path: &'static str, body: &'static str) -> Request {
    Request {
        times: 0,
        ..Request::new(name, path, Some(body))
    }
}

/// So many connections with as many requests each as the example takes at a time.
fn floods(stage: &Stage, requests: usize, request: &Request) -> Vec<Flood> {
    let open = |_| Flood::open(stage.gateway.address());
    let mut floods: Vec<Flood> = (0..requests / STREAMS).map(open).collect();
    for flood in &mut floods {
        flood.send(request, STREAMS);
    }
    floods
}

#[test]
fn twenty_thousand_large_heads_at_once() {
    let mut stage = Stage::new();
    let request = Request {
        times: TIMES,
        ..small("heads", "/v3/kv/put", "{")
    };
    stage.watch_over("heads", GROWTH_OF_HEADS, |stage| {
        floods(stage, HEADS, &request)
    });
}

#[test]
fn a_thousand_half_sent_bodies() {
    for (name, path) in [
        ("half-sent puts", "/v3/kv/put"),
        ("half-sent watches", "/v3/watch"),
        ("half-sent locks", "/v3/lock/lock"),
    ] {
        let mut stage = Stage::new();
        let request = small(name, path, r#"{"key":""#);
        stage.watch_over(name, GROWTH, |stage| floods(stage, CLIENTS, &request));
    }
}

#[test]
fn many_small_frames() {
    let mut stage = Stage::new();
    stage.watch_over("frames", GROWTH, |stage| {
        let mut flood = Flood::open(stage.gateway.address());
        flood.send(&small("frames", "/v3/lease/keepalive", ""), 1);
        let value = &br#"{"ID":1}"#[..];
        flood.send_pieces(&vec![value; FRAMES], false);
        flood
    });
}

#[test]
fn bursts_of_calls() {
    let mut stage = Stage::new();
    let request = Request {
        ends: true,
        ..small("calls", RANGE, r#"{"key":"YQ=="}"#)
    };
    stage.watch_over("bursts of calls", GROWTH, |stage| {
        let mut floods = Vec::new();
        for burst in 1..=BURSTS {
            if floods.is_empty() {
                floods = self::floods(stage, CLIENTS, &request);
            } else {
                floods
                    .iter_mut()
                    .for_each(|flood| flood.send(&request, STREAMS));
            }
            let started = Instant::now();
            while floods.iter().any(|flood| flood.ended() < burst * STREAMS) {
                assert!(started.elapsed() < PATIENCE, "burst {burst}");
                thread::sleep(Duration::from_millis(1));
            }
        }
        floods
    });
}
