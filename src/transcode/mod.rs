//! JSON to protobuf and back, driven by the tables of [`crate::schema`].
