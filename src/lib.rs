//! etcd's HTTP/JSON API as an Envoy WebAssembly filter.
//!
//! The rooms, from the top down; each knows only rooms below it:
//!
//! - `filter` (Wasm only): the proxy-wasm glue, which alone knows Envoy;
//! - [`exchange`]: one request's life as a state machine over the rooms below;
//! - [`config`]: the plugin configuration;
//! - [`http`]: what the client sees: heads, paths, error bodies, lines and events;
//! - [`grpc`]: frames, status codes, metadata, timeouts;
//! - [`transcode`]: JSON to protobuf and back, driven by tables;
//! - [`schema`]: those tables, of etcd's API, generated from `proto/`;
//! - `headers`, `json_text`, `percent`, `growth`: lists of headers, text of JSON, percent-encoding and buffers that
//!   grow, as more than one room knows them; `by_id`: the table of what the host numbers.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))] // a test may overflow: that is how it fails

#[cfg(any(target_family = "wasm", test))]
mod by_id;
pub mod config;
pub mod exchange;
mod growth;
pub mod grpc;
mod headers;
pub mod http;
mod json_text;
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
#[path = "filter/out.rs"]
mod out;
