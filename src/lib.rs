//! etcd's HTTP/JSON API as an Envoy WebAssembly filter.
//!
//! The rooms, in the order in which a request meets them:
//!
//! - `filter` (Wasm only): the proxy-wasm glue, which alone knows Envoy;
//! - [`config`]: the plugin configuration;
//! - [`exchange`]: one request's life as a state machine over the rooms below;
//! - [`http`]: what the client sees: heads, paths, error bodies;
//! - [`schema`]: etcd's API as static tables, generated from `proto/`;
//! - [`transcode`]: JSON to protobuf and back, driven by those tables;
//! - [`grpc`]: frames, status codes, metadata, timeouts.
//!
//! `envoy` has the names of Envoy's own headers, `percent` is what `http`, `grpc` and `transcode` know alike of percent-encoding; `by_id` is the table of
//! what the host numbers.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))] // a test may overflow: that is how it fails

#[cfg(any(target_family = "wasm", test))]
mod by_id;
pub mod config;
mod envoy;
pub mod exchange;
pub mod grpc;
pub mod http;
mod percent;
pub mod schema;
pub mod transcode;

#[cfg(target_family = "wasm")]
mod filter;

/// The parts of `filter` that can be tested without a host.
#[cfg(test)]
#[path = "filter/abi.rs"]
mod abi;
#[cfg(test)]
#[path = "filter/details.rs"]
mod details;
#[cfg(test)]
#[path = "filter/out.rs"]
mod out;
