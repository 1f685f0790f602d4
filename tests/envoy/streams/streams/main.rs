//! Streaming calls through a real Envoy: what their clients see, to the byte.

mod bad_requests;
mod duplex;
mod etcd;
mod lines;
mod memory;
mod pressure;
mod vectors;
