//! The proxy-wasm glue: Envoy's callbacks to the [`Exchange`](crate::exchange::Exchange) and back.
//!
//! This room alone knows Envoy (`docs/envoy.md`); it knows neither protobuf nor JSON. Nothing here
//! can panic: host calls return statuses (see [`host`]), and callbacks that make no sense are
//! ignored (see [`callbacks`]). Should the module end all the same, it ends its streams first (`wasm`).
//!
//! Natively a test takes the host's place (`scripted`).

pub mod abi;
pub mod backlog;
mod by_id;
mod call;
pub mod callbacks;
mod contexts;
mod details;
mod flow;
pub mod host;
mod kick;
mod metrics;
mod out;
pub mod pairs;
mod request_flow;
mod rewrite;
mod root;
#[cfg(not(target_family = "wasm"))]
pub mod scripted;
mod series;
mod shared;
mod stream;
#[cfg(target_family = "wasm")]
mod wasm;
