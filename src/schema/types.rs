//! What the tables are made of.

use std::fmt;

/// A protobuf message type.
pub struct Message {
    /// Full name, such as `etcdserverpb.RangeRequest`.
    pub name: &'static str,
    /// The fields in declaration order, which is also ascending field-number order. At most 64.
    pub fields: &'static [Field],
}

impl Message {
    /// The field that is called `name` in `proto/` or in lowerCamelCase, and its index in
    /// [`Message::fields`]. Upper and lower case differ.
    #[inline]
    pub fn field_by_name(&self, name: &[u8]) -> Option<(usize, &'static Field)> {
        let mut fields = self.fields.iter().enumerate();
        fields
            .find(|(_, field)| field.name.as_bytes() == name || field.json_name.as_bytes() == name)
    }

    /// The field with this number, and its index in [`Message::fields`].
    #[inline]
    pub fn field_by_number(&self, number: u32) -> Option<(usize, &'static Field)> {
        // Most messages number their fields 1, 2, 3, …: the index is then the number less one.
        let dense = (number as usize).wrapping_sub(1);
        match self.fields.get(dense) {
            Some(field) if field.number == number => Some((dense, field)),
            _ => self.field_beyond_a_gap(number),
        }
    }

    #[inline(never)]
    fn field_beyond_a_gap(&self, number: u32) -> Option<(usize, &'static Field)> {
        let index = self
            .fields
            .binary_search_by_key(&number, |field| field.number)
            .ok()?;
        Some((index, self.fields.get(index)?))
    }
}

/// The name alone: messages refer to each other, some in a circle.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}

/// Bytes of the longest name of a field, rounded up.
pub const NAME_MAX: usize = 24;

/// What [`Field::name_block`] is for a name.
pub(super) const fn block(name: &str) -> [u8; NAME_MAX] {
    let mut block = [0; NAME_MAX];
    let (bytes, _) = block.split_at_mut(name.len());
    bytes.copy_from_slice(name.as_bytes());
    block
}

/// One field of a [`Message`].
#[derive(Debug)]
pub struct Field {
    /// Field number, 1 to 2^29 - 1.
    pub number: u32,
    /// Name as declared, such as `range_end`: what answers use. At most [`NAME_MAX`] bytes.
    pub name: &'static str,
    /// The same with zeros behind it, for those who copy blocks of one size.
    pub name_block: &'static [u8; NAME_MAX],
    /// lowerCamelCase name, such as `rangeEnd`: accepted in requests beside [`Field::name`].
    pub json_name: &'static str,
    /// What the field holds.
    pub kind: Kind,
    /// The tag before a value, if it is one byte and the field is one `int64`, `uint64` or `bytes` outside oneofs, of
    /// which most messages are made; 0 for any other.
    pub plain_tag: u8,
    /// Whether the field is a list.
    pub repeated: bool,
    /// Index of the oneof that the field is a member of, if any. At most 8 in a message.
    pub oneof: Option<u8>,
}

/// A [`Field`] that is neither a list nor in a oneof: its number, name, name in lowerCamelCase where that is another,
/// and kind.
macro_rules! field {
    ($number:literal, $name:literal, $kind:expr) => {
        field!($number, $name, $name, $kind)
    };
    ($number:literal, $name:literal, $json_name:literal, $kind:expr) => {
        $crate::schema::types::Field {
            number: $number,
            name: $name,
            name_block: const { &$crate::schema::types::block($name) },
            json_name: $json_name,
            kind: $kind,
            plain_tag: $crate::schema::types::plain_tag($number, $kind),
            repeated: false,
            oneof: None,
        }
    };
}
pub(super) use field;

impl Field {
    /// The same as a list.
    pub(super) const fn repeated(mut self) -> Self {
        self.repeated = true;
        self.plain_tag = 0;
        self
    }

    /// The same as a member of the oneof with this index.
    pub(super) const fn in_oneof(mut self, index: u8) -> Self {
        self.oneof = Some(index);
        self.plain_tag = 0;
        self
    }
}

/// What [`Field::plain_tag`] is for a field that is no list and in no oneof.
pub(super) const fn plain_tag(number: u32, kind: Kind) -> u8 {
    let wire_type = match kind {
        Kind::Int64 | Kind::Uint64 => 0,
        Kind::Bytes => 2,
        _ => return 0,
    };
    let tag = number << 3 | wire_type;
    if tag < 0x80 { tag as u8 } else { 0 }
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

impl Enum {
    /// The number of the value that is called `name`. Upper and lower case differ.
    pub fn number(&self, name: &str) -> Option<i32> {
        let (number, _) = self.values.iter().find(|(_, declared)| *declared == name)?;
        Some(*number)
    }

    /// The name of the value with this number.
    pub fn name_of(&self, number: i32) -> Option<&'static str> {
        let (_, name) = self
            .values
            .iter()
            .find(|(declared, _)| *declared == number)?;
        Some(name)
    }
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

impl Method {
    /// A method that takes one message and answers with one.
    pub(super) const fn unary(
        path: &'static str,
        request: &'static Message,
        response: &'static Message,
    ) -> Self {
        Self {
            path,
            request,
            response,
            client_streaming: false,
            server_streaming: false,
            idempotent: false,
        }
    }

    /// The same with a stream of requests.
    pub(super) const fn client_streaming(mut self) -> Self {
        self.client_streaming = true;
        self
    }

    /// The same with a stream of responses.
    pub(super) const fn server_streaming(mut self) -> Self {
        self.server_streaming = true;
        self
    }

    /// The same, harmless to send twice.
    pub(super) const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

/// An HTTP path below the prefix, and the method behind it.
#[derive(Debug)]
pub struct Route {
    /// Path without the prefix, such as `/kv/range`.
    pub path: &'static str,
    /// The method it calls.
    pub method: &'static Method,
}

impl Route {
    pub(super) const fn new(path: &'static str, method: &'static Method) -> Self {
        Self { path, method }
    }
}
