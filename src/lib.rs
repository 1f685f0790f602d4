//! etcd's HTTP/JSON API as an Envoy WebAssembly filter.
//!
//! The rooms, in the order in which a request meets them:
//!
//! - `filter`: the proxy-wasm glue, which alone knows Envoy;
//! - [`config`]: the plugin configuration;
//! - [`exchange`]: one request's life as a state machine over the rooms below;
//! - [`http`]: what the client sees: heads, paths, error bodies;
//! - [`schema`]: etcd's API as static tables, generated from `proto/`;
//! - [`transcode`]: JSON to protobuf and back, driven by those tables;
//! - [`grpc`]: frames, status codes, metadata, timeouts.
//!
//! `envoy` has the names of Envoy's own headers; `percent` is what `http`, `grpc` and `transcode` know alike of
//! percent-encoding.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))] // a test may overflow: that is how it fails

pub mod config;
mod envoy;
pub mod exchange;
#[cfg(target_family = "wasm")]
mod filter;
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)] // public for what drives it with a host of its own
pub mod filter;
pub mod grpc;
pub mod http;
mod percent;
pub mod schema;
pub mod transcode;
