//! JSON text to protobuf and back, driven by the tables of [`schema`](crate::schema).
//!
//! This room knows neither HTTP nor gRPC nor Envoy.

mod from_query;
mod nested;
mod values;
mod wire;

pub mod from_json;
pub mod to_json;

pub use from_json::from_json;
pub use from_query::from_query;
pub use nested::{Value, field, nested_number, with_nested_number};
pub use to_json::{BytesAs, Style, TEXT_LIMIT, ToJson, WHOLE_LIMIT};
pub(crate) use values::Values;
