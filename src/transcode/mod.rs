//! JSON text to protobuf and back, driven by the tables of [`schema`](crate::schema).
//!
//! This room knows neither HTTP nor gRPC nor Envoy.

pub mod to_json;
