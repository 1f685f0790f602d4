//! etcd's API as static tables: messages, fields, enums, methods and routes.
//!
//! The tables in [`tables`] are generated from `proto/` and committed; a test generates them again
//! and fails on a difference. This room knows neither JSON nor HTTP nor Envoy.

pub mod tables;

use std::fmt;

/// The route of an HTTP path, given without the prefix, such as `/kv/range`.
pub fn route(path: &str) -> Option<&'static Route> {
    let index = tables::ROUTES
        .binary_search_by(|route| route.path.cmp(path))
        .ok()?;
    tables::ROUTES.get(index)
}

/// A protobuf message type.
pub struct Message {
    /// Full name, such as `etcdserverpb.RangeRequest`.
    pub name: &'static str,
    /// The fields in declaration order, which is also ascending field-number order. At most 64.
    pub fields: &'static [Field],
    /// How many oneofs the message declares. At most 8.
    pub oneofs: u8,
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
const fn block(name: &str) -> [u8; NAME_MAX] {
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

/// An HTTP path below the prefix, and the method behind it.
#[derive(Debug)]
pub struct Route {
    /// Path without the prefix, such as `/kv/range`.
    pub path: &'static str,
    /// The method it calls.
    pub method: &'static Method,
}

#[cfg(test)]
mod tests {
    use super::tables::*;
    use super::*;

    #[test]
    fn a_field_is_found_by_either_of_its_names() {
        let index = |name: &str| {
            ETCDSERVERPB_RANGE_REQUEST
                .field_by_name(name.as_bytes())
                .map(|(index, _)| index)
        };
        assert_eq!(index("range_end"), Some(1));
        assert_eq!(index("rangeEnd"), Some(1));
        assert_eq!(index("RangeEnd"), None);
        assert_eq!(index("range"), None);
        assert_eq!(index(""), None);
    }

    #[test]
    fn a_field_is_found_by_its_number() {
        let name = |message: &Message, number| {
            message.field_by_number(number).map(|(_, field)| field.name)
        };
        assert_eq!(name(&ETCDSERVERPB_RANGE_REQUEST, 1), Some("key"));
        assert_eq!(
            name(&ETCDSERVERPB_RANGE_REQUEST, 13),
            Some("max_create_revision")
        );
        assert_eq!(name(&ETCDSERVERPB_RANGE_REQUEST, 0), None);
        assert_eq!(name(&ETCDSERVERPB_RANGE_REQUEST, 14), None);
        assert_eq!(name(&ETCDSERVERPB_RANGE_REQUEST, u32::MAX), None);
        assert_eq!(name(&ETCDSERVERPB_STATUS_REQUEST, 1), None);
    }

    #[test]
    fn a_field_beyond_a_gap_is_found_by_its_number() {
        let index =
            |message: &Message, number| message.field_by_number(number).map(|(index, _)| index);
        assert_eq!(index(&ETCDSERVERPB_COMPARE, 64), Some(8));
        assert_eq!(index(&ETCDSERVERPB_COMPARE, 9), None);
        assert_eq!(index(&ETCDSERVERPB_WATCH_RESPONSE, 11), Some(7));
        assert_eq!(index(&ETCDSERVERPB_WATCH_RESPONSE, 8), None);
    }

    #[test]
    fn an_enum_value_has_a_name_and_a_number() {
        let order = &ETCDSERVERPB_RANGE_REQUEST_SORT_ORDER;
        assert_eq!(order.number("DESCEND"), Some(2));
        assert_eq!(order.number("descend"), None);
        assert_eq!(order.name_of(2), Some("DESCEND"));
        assert_eq!(order.name_of(3), None);
        assert_eq!(order.name_of(-1), None);
    }

    #[test]
    fn a_path_has_at_most_one_route() {
        let method = |path| route(path).map(|route| route.method.path);
        assert_eq!(method("/kv/range"), Some("/etcdserverpb.KV/Range"));
        assert_eq!(
            method("/kv/lease/leases"),
            Some("/etcdserverpb.Lease/LeaseLeases")
        );
        assert_eq!(
            method("/lease/leases"),
            Some("/etcdserverpb.Lease/LeaseLeases")
        );
        assert_eq!(method("/v3/kv/range"), None);
        assert_eq!(method("/kv/range/"), None);
        assert_eq!(method(""), None);
    }

    #[test]
    fn every_route_is_found() {
        for declared in ROUTES {
            assert_eq!(route(declared.path).unwrap().path, declared.path);
        }
    }

    #[test]
    fn a_message_that_contains_itself_can_be_printed() {
        let (_, field) = ETCDSERVERPB_REQUEST_OP
            .field_by_name(b"request_txn")
            .unwrap();
        assert_eq!(
            format!("{:?}", field.kind),
            "Message(etcdserverpb.TxnRequest)"
        );
    }
}
