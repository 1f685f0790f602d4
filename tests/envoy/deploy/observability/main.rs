//! What Envoy and Prometheus show of the gateway: `deploy/observability`, and the metrics and logs of the examples.

mod dashboard;
mod fences;
mod labels;
mod log;
mod rules;
mod secrets;
mod traffic;
