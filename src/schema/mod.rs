//! etcd's API as static tables: messages, fields, enums, methods and routes.
//!
//! The tables in [`tables`] are generated from `proto/` and committed; a test generates them again
//! and fails on a difference. This room knows neither JSON nor HTTP nor Envoy.

pub mod tables;

/// A protobuf message type.
#[derive(Debug)]
pub struct Message {
    /// Full name, such as `etcdserverpb.RangeRequest`.
    pub name: &'static str,
    /// The fields in declaration order, which is also ascending field-number order. At most 64.
    pub fields: &'static [Field],
    /// How many oneofs the message declares. At most 8.
    pub oneofs: u8,
}

/// One field of a [`Message`].
#[derive(Debug)]
pub struct Field {
    /// Field number, 1 to 2^29 - 1.
    pub number: u32,
    /// Name as declared, such as `range_end`: what answers use.
    pub name: &'static str,
    /// lowerCamelCase name, such as `rangeEnd`: accepted in requests beside [`Field::name`].
    pub json_name: &'static str,
    /// What the field holds.
    pub kind: Kind,
    /// Whether the field is a list.
    pub repeated: bool,
    /// Index of the oneof that the field is a member of, if any.
    pub oneof: Option<u8>,
}

/// The type of a field's value.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `int64`
    Int64,
    /// `uint64`
    Uint64,
    /// `uint32`
    Uint32,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// An enum
    Enum(&'static Enum),
    /// A message
    Message(&'static Message),
}

/// A protobuf enum type.
#[derive(Debug)]
pub struct Enum {
    /// Full name, such as `etcdserverpb.RangeRequest.SortOrder`.
    pub name: &'static str,
    /// Numbers and names, in ascending number order.
    pub values: &'static [(i32, &'static str)],
}

/// A gRPC method.
#[derive(Debug)]
pub struct Method {
    /// The gRPC path, such as `/etcdserverpb.KV/Range`.
    pub path: &'static str,
    /// Type of a request message.
    pub request: &'static Message,
    /// Type of a response message.
    pub response: &'static Message,
    /// Whether the client sends a stream of messages.
    pub client_streaming: bool,
    /// Whether the server answers with a stream of messages.
    pub server_streaming: bool,
    /// Whether sending the call twice can do no harm (`idempotency_level` in `proto/`).
    pub idempotent: bool,
}

/// An HTTP path below the prefix, and the method behind it.
#[derive(Debug)]
pub struct Route {
    /// Path without the prefix, such as `/kv/range`.
    pub path: &'static str,
    /// The method it calls.
    pub method: &'static Method,
}
