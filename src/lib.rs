//! etcd's HTTP/JSON API as an Envoy WebAssembly filter.
//!
//! The rooms, in the order in which a request meets them:
//!
//! - [`config`]: the plugin configuration;
//! - [`schema`]: etcd's API as static tables, generated from `proto/`;
//! - [`transcode`]: JSON to protobuf and back, driven by those tables.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))] // a test may overflow: that is how it fails

pub mod schema;
pub mod transcode;
