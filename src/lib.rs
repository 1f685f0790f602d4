//! etcd's HTTP/JSON API as an Envoy WebAssembly filter.
//!
//! The rooms, from the top down; each knows only rooms below it:
//!
//! - `filter`: the proxy-wasm glue, which alone knows Envoy's calls;
//! - [`exchange`]: one request's life as a state machine over the rooms below;
//! - [`policy`]: who may call what, of which keys;
//! - [`config`]: the plugin configuration;
//! - [`http`]: what the client sees: heads, paths, error bodies, lines and events;
//! - [`grpc`]: frames, status codes, metadata, timeouts;
//! - [`transcode`]: JSON to protobuf and back, driven by tables;
//! - [`schema`]: those tables, of etcd's API, generated from `proto/`;
//! - `headers`, `json_text`, `percent`, `growth`, `envoy`: lists of headers, text of JSON, percent-encoding, buffers that
//!   grow and the names of Envoy's headers, as more than one room knows them.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))] // a test may overflow: that is how it fails

pub mod config;
mod envoy;
pub mod exchange;
#[cfg(target_family = "wasm")]
mod filter;
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)] // public for what drives it with a host of its own
pub mod filter;
mod growth;
pub mod grpc;
mod headers;
pub mod http;
mod json_text;
mod percent;
pub mod policy;
pub mod schema;
pub mod transcode;
