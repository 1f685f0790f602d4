//! Streaming calls through a real Envoy: what their clients see, to the byte.

mod bad_requests;
mod duplex;
mod errors;
mod etcd;
mod etcd_loss;
mod lines;
mod losses;
mod memory;
mod open;
mod pressure;
mod vectors;
