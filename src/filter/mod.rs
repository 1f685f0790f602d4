//! The proxy-wasm glue: Envoy's callbacks to the [`Exchange`](crate::exchange::Exchange) and back.
//!
//! This room alone knows Envoy (`envoy-host.md`); it knows neither protobuf nor JSON. Nothing here
//! can panic: host calls return statuses (see [`host`]), never the SDK's wrappers.

mod call;
mod flow;
mod host;
mod kick;
mod log;
mod pairs;
mod root;
mod stream;

use proxy_wasm::traits::RootContext;

proxy_wasm::main! {{
    log::install();
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(root::Root::default()) });
}}
