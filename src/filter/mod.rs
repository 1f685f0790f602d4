//! The proxy-wasm glue: Envoy's callbacks to the [`Exchange`](crate::exchange::Exchange) and back.
//!
//! This room alone knows Envoy (`envoy-host.md`); it knows neither protobuf nor JSON. Nothing here
//! can panic: host calls return statuses (see [`host`]), and callbacks that make no sense are
//! ignored (see [`entry`]). Should the module end all the same, it ends its streams first (see
//! [`crash`]).

mod abi;
mod call;
mod contexts;
mod crash;
mod details;
mod entry;
mod flow;
mod host;
mod kick;
mod log;
mod out;
mod pairs;
mod request_flow;
mod rewrite;
mod root;
mod shared;
mod stream;
