//! `proto/` against `tests/facts/`: tables of what each etcd release serves, one row a fact.

use std::collections::BTreeSet;
use std::fs;

use etcd_json_gateway::schema::tables::ROUTES;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// Columns as in the file, less those that `proto/` does not hold.
type Row = Vec<String>;

/// The one path that etcd does not serve: its own JSON API leaves this method out.
const OUR_OWN: [&str; 5] = [
    "POST",
    "/v3/kv/rangestream",
    "/etcdserverpb.KV/RangeStream",
    "n",
    "y",
];

#[test]
fn every_message_has_the_fields_that_etcd_gives_it() {
    let pool = testbed::api::descriptors().unwrap();
    let messages = pool
        .all_messages()
        .filter(|message| is_etcd(message.package_name()));
    let declared = messages
        .flat_map(|message| message_rows(&message))
        .collect();
    let facts = facts(
        "messages.tsv",
        "message number proto_name json_name type type_name label oneof",
    );
    assert_same(&declared, &facts);
}

#[test]
fn every_enum_has_the_values_that_etcd_gives_it() {
    let pool = testbed::api::descriptors().unwrap();
    let enums = pool
        .all_enums()
        .filter(|enumeration| is_etcd(enumeration.package_name()));
    let values = enums.flat_map(|enumeration| enumeration.values().collect::<Vec<_>>());
    let declared = values
        .map(|value| {
            row([
                value.parent_enum().full_name(),
                &value.number().to_string(),
                value.name(),
            ])
        })
        .collect();
    assert_same(&declared, &facts("enums.tsv", "enum number name"));
}

#[test]
fn every_method_has_the_types_that_etcd_gives_it() {
    let pool = testbed::api::descriptors().unwrap();
    let methods = pool
        .services()
        .flat_map(|service| service.methods().collect::<Vec<_>>());
    let declared = methods
        .map(|method| {
            row([
                &format!("/{}/{}", method.parent_service().full_name(), method.name()),
                method.input().full_name(),
                method.output().full_name(),
                &method.is_client_streaming().to_string(),
                &method.is_server_streaming().to_string(),
            ])
        })
        .collect();
    let columns = "grpc_path request response client_streaming server_streaming";
    assert_same(&declared, &facts("methods.tsv", columns));
}

#[test]
fn every_path_leads_where_etcd_leads_it() {
    let yes_or_no = |streaming| if streaming { "y" } else { "n" };
    let declared = ROUTES
        .iter()
        .map(|route| {
            let path = format!("/v3{}", route.path);
            let (client, server) = (route.method.client_streaming, route.method.server_streaming);
            row([
                "POST",
                &path,
                route.method.path,
                yes_or_no(client),
                yes_or_no(server),
            ])
        })
        .collect();
    let columns = "http_method path grpc_full_method client_streaming server_streaming note";
    let mut served: BTreeSet<Row> = facts("routes.tsv", columns)
        .into_iter()
        .filter(|row| row[1].starts_with("/v3/") && !row[5].starts_with("SHADOWED"))
        .map(|row| row[..5].to_vec())
        .collect();
    assert!(
        served.insert(row(OUR_OWN)),
        "etcd serves {}: it is no longer our own",
        OUR_OWN[1]
    );
    assert_same(&declared, &served);
}

fn message_rows(message: &MessageDescriptor) -> Vec<Row> {
    if message.fields().len() == 0 {
        return vec![row([message.full_name(), "", "", "", "", "", "", ""])];
    }
    message
        .fields()
        .map(|field| field_row(message.full_name(), &field))
        .collect()
}

fn field_row(message: &str, field: &FieldDescriptor) -> Row {
    let (kind, type_name) = match field.kind() {
        Kind::Message(message) => ("message".to_owned(), message.full_name().to_owned()),
        Kind::Enum(enumeration) => ("enum".to_owned(), enumeration.full_name().to_owned()),
        scalar => (format!("{scalar:?}"), String::new()),
    };
    row([
        message,
        &field.number().to_string(),
        field.name(),
        field.json_name(),
        &kind,
        &type_name,
        if field.is_list() { "repeated" } else { "" },
        field
            .containing_oneof()
            .as_ref()
            .map_or("", |oneof| oneof.name()),
    ])
}

/// The rows of a file, reduced to the named columns.
fn facts(file: &str, columns: &str) -> BTreeSet<Row> {
    let text = fs::read_to_string(crate::root().join("tests/facts").join(file)).unwrap();
    let mut lines = text
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let columns: Vec<_> = columns
        .split(' ')
        .map(|column| header.iter().position(|name| *name == column).unwrap())
        .collect();
    lines
        .map(|line| {
            columns
                .iter()
                .map(|column| line[*column].to_owned())
                .collect()
        })
        .collect()
}

fn assert_same(declared: &BTreeSet<Row>, facts: &BTreeSet<Row>) {
    assert!(!facts.is_empty());
    let missing: Vec<_> = facts.difference(declared).collect();
    let extra: Vec<_> = declared.difference(facts).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing from proto/: {missing:#?}\nin proto/ alone: {extra:#?}"
    );
}

fn row<const COLUMNS: usize>(columns: [&str; COLUMNS]) -> Row {
    columns.map(str::to_owned).to_vec()
}

/// Not one of the packages that only describe `proto/` itself.
fn is_etcd(package: &str) -> bool {
    !package.starts_with("google.")
}
