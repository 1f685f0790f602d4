//! What the tables have no place for is refused by name, not left out.

use protox::file::File;

use crate::generate;

#[test]
fn a_field_type_that_the_tables_lack_is_refused() {
    for kind in ["float", "double", "int32", "sint64", "fixed32", "sfixed64"] {
        let refusal = refusal(&message(&format!("{kind} odd = 1;")));
        assert_eq!(refusal, format!("odd.Request.odd: type {kind}"));
    }
}

#[test]
fn a_map_is_refused() {
    assert_eq!(
        refusal(&message("map<string, string> odd = 1;")),
        "odd.Request.odd: a map"
    );
}

#[test]
fn a_proto3_optional_is_refused() {
    assert_eq!(
        refusal(&message("optional bool odd = 1;")),
        "odd.Request.odd: a proto3 optional"
    );
}

#[test]
fn fields_out_of_number_order_are_refused() {
    let refusal = refusal(&message("bool b = 2; bool a = 1;"));
    assert_eq!(refusal, "odd.Request: fields out of number order");
}

#[test]
fn a_message_of_more_than_64_fields_is_refused() {
    let fields: String = (1..=65)
        .map(|number| format!("bool f{number} = {number};"))
        .collect();
    assert_eq!(refusal(&message(&fields)), "odd.Request: too many fields");
}

#[test]
fn a_message_of_more_than_8_oneofs_is_refused() {
    let oneofs: String = (1..=9)
        .map(|number| format!("oneof o{number} {{ bool f{number} = {number}; }}"))
        .collect();
    assert_eq!(refusal(&message(&oneofs)), "odd.Request: too many oneofs");
}

#[test]
fn enum_values_out_of_number_order_are_refused() {
    let refusal = refusal(&message("enum Odd { A = 0; C = 2; B = 1; } Odd odd = 1;"));
    assert_eq!(refusal, "odd.Request.Odd: values out of number order");
}

#[test]
fn proto2_is_refused() {
    let source = message("optional group Odd = 1 {}").replace("proto3", "proto2");
    assert_eq!(refusal(&source), "odd.Request: not proto3");
}

#[test]
fn a_method_without_a_path_is_refused() {
    assert_eq!(refusal(&method("")), "odd.Odd.Call: no HTTP rule");
}

#[test]
fn a_path_that_the_tables_cannot_hold_is_refused() {
    let refusals = [
        (
            r#"get: "/v3/odd" body: "*""#,
            "HTTP rule is not a POST to /v3/…",
        ),
        (
            r#"post: "/v4/odd" body: "*""#,
            "HTTP rule is not a POST to /v3/…",
        ),
        (r#"post: "/v3/{key}" body: "*""#, "HTTP path is a template"),
        (r#"post: "/v3/odd""#, "HTTP body is not `*`"),
        (r#"post: "/v3/odd" body: "key""#, "HTTP body is not `*`"),
        (
            r#"post: "/v3/kv/range" body: "*""#,
            "path /kv/range is taken",
        ),
        (
            r#"post: "/v3/odd" body: "*" additional_bindings { post: "/v3/kv/put" body: "*" }"#,
            "path /kv/put is taken",
        ),
    ];
    for (rule, reason) in refusals {
        let refusal = refusal(&method(&format!(
            "option (google.api.http) = {{ {rule} }};"
        )));
        assert_eq!(refusal, format!("odd.Odd.Call: {reason}"));
    }
}

/// What the generator says when `source` comes with etcd's own API.
fn refusal(source: &str) -> String {
    let file = File::from_source("odd.proto", source).unwrap();
    let mut pool = testbed::api::descriptors().unwrap();
    pool.add_file_descriptor_proto(file.file_descriptor_proto().clone())
        .unwrap();
    generate::tables(&pool).unwrap_err()
}

fn message(body: &str) -> String {
    format!(
        r#"syntax = "proto3"; package odd; message Request {{ {body} }}
        service Odd {{ rpc Call(Request) returns (Request); }}"#
    )
}

fn method(options: &str) -> String {
    format!(
        r#"syntax = "proto3"; package odd; import "google/api/annotations.proto";
        message Request {{}} service Odd {{ rpc Call(Request) returns (Request) {{ {options} }} }}"#
    )
}
