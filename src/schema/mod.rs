//! etcd's API as static tables: messages, fields, enums, methods and routes.
//!
//! The tables in [`tables`] are generated from `proto/` and committed; a test generates them again
//! and fails on a difference; [`reach`] says what the methods have to do with keys. This room knows neither JSON nor HTTP nor Envoy.

mod types;

pub mod reach;
pub mod tables;

pub use types::{Enum, Field, Kind, Message, Method, NAME_MAX, Route};

/// The method of a gRPC path, such as `/etcdserverpb.KV/Range`.
pub fn method(path: &str) -> Option<&'static Method> {
    reach::reach(path).map(|(_, reach)| reach.method)
}

/// The route of an HTTP path, given without the prefix, such as `/kv/range`.
pub fn route(path: &str) -> Option<&'static Route> {
    let index = tables::ROUTES
        .binary_search_by(|route| route.path.cmp(path))
        .ok()?;
    tables::ROUTES.get(index)
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
    fn a_plain_tag_is_that_of_one_number_or_bytes_outside_oneofs() {
        let tag = |message: &Message, name: &str| {
            let (_, field) = message.field_by_name(name.as_bytes()).unwrap();
            field.plain_tag
        };
        assert_eq!(tag(&ETCDSERVERPB_RANGE_REQUEST, "key"), 0x0a);
        assert_eq!(tag(&ETCDSERVERPB_RANGE_REQUEST, "limit"), 0x18);
        assert_eq!(tag(&ETCDSERVERPB_RANGE_REQUEST, "sort_order"), 0);
        assert_eq!(tag(&ETCDSERVERPB_COMPARE, "key"), 0x1a);
        assert_eq!(tag(&ETCDSERVERPB_COMPARE, "value"), 0, "in a oneof");
        assert_eq!(tag(&ETCDSERVERPB_COMPARE, "range_end"), 0, "of two bytes");
        assert_eq!(tag(&ETCDSERVERPB_RANGE_RESPONSE, "kvs"), 0, "a list");
    }

    #[test]
    fn a_name_block_is_the_name_with_zeros_behind_it() {
        for field in ETCDSERVERPB_RANGE_REQUEST.fields {
            let (name, rest) = field.name_block.split_at(field.name.len());
            assert_eq!(name, field.name.as_bytes());
            assert!(rest.iter().all(|byte| *byte == 0));
        }
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
