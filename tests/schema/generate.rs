//! Writes the Rust source of `src/schema/tables.rs` from compiled `proto/` files.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use etcd_json_gateway::schema::NAME_MAX;
use heck::ToShoutySnakeCase;
use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    MethodDescriptor, Syntax,
};

/// What `Message::fields` allows.
const MAX_FIELDS: usize = 64;

/// What `Field::oneof` allows.
const MAX_ONEOFS: usize = 8;

/// Every path in `proto/` begins with it, no path in the tables does.
pub const PREFIX: &str = "/v3";

const HEADER: &str = "\
// @generated from `proto/` by `REGENERATE=1 cargo test --test schema`; do not edit.
//! etcd's API as static tables.

use super::types::{Enum, Kind, Message, Method, Route, field};
";

/// The source of the tables, formatted; an error names what the tables have no place for.
pub fn tables(pool: &DescriptorPool) -> Result<String, String> {
    let mut services: Vec<_> = pool.services().collect();
    services.sort_by(|a, b| a.full_name().cmp(b.full_name()));
    let methods: Vec<_> = services
        .iter()
        .flat_map(|s| s.methods().collect::<Vec<_>>())
        .collect();

    let mut types = Types::default();
    for method in &methods {
        types.add_message(method.input());
        types.add_message(method.output());
    }

    let mut source = HEADER.to_owned();
    for message in types.messages.values() {
        source += &message_source(message)?;
    }
    for enumeration in types.enums.values() {
        source += &enum_source(enumeration)?;
    }
    for method in &methods {
        source += &method_source(method);
    }
    source += &routes_source(&methods)?;
    Ok(format(&source))
}

/// The types that the methods reach, by full name.
#[derive(Default)]
struct Types {
    messages: BTreeMap<String, MessageDescriptor>,
    enums: BTreeMap<String, EnumDescriptor>,
}

impl Types {
    fn add_message(&mut self, message: MessageDescriptor) {
        if self
            .messages
            .insert(message.full_name().to_owned(), message.clone())
            .is_some()
        {
            return;
        }
        for field in message.fields() {
            match field.kind() {
                Kind::Message(message) => self.add_message(message),
                Kind::Enum(enumeration) => {
                    self.enums
                        .insert(enumeration.full_name().to_owned(), enumeration);
                }
                _ => {}
            }
        }
    }
}

fn message_source(message: &MessageDescriptor) -> Result<String, String> {
    let name = message.full_name();
    check_syntax(name, message.parent_file().syntax())?;
    let declared = &message.descriptor_proto().field;
    require(
        declared.is_sorted_by(|a, b| a.number() < b.number()),
        name,
        "fields out of number order",
    )?;
    require(declared.len() <= MAX_FIELDS, name, "too many fields")?;
    require(
        message.oneofs().len() <= MAX_ONEOFS,
        name,
        "too many oneofs",
    )?;

    let fields = message
        .fields()
        .map(|field| field_source(&field))
        .collect::<Result<String, _>>()?;
    Ok(format!(
        "\n/// `{name}`\npub static {}: Message = Message {{ name: {name:?}, fields: &[{fields}] }};\n",
        static_name(name),
    ))
}

fn field_source(field: &FieldDescriptor) -> Result<String, String> {
    let declared = field.field_descriptor_proto();
    require(!field.is_map(), field.full_name(), "a map")?;
    require(
        !declared.proto3_optional(),
        field.full_name(),
        "a proto3 optional",
    )?;
    let name = field.name();
    require(name.len() <= NAME_MAX, field.full_name(), "a long name")?;
    let json_name = match field.json_name() {
        same if same == name => String::new(),
        other => format!("{other:?}, "),
    };
    let list = if field.is_list() { ".repeated()" } else { "" };
    let oneof = declared
        .oneof_index
        .map(|index| format!(".in_oneof({index})"))
        .unwrap_or_default();
    Ok(format!(
        "field!({}, {name:?}, {json_name}{}){list}{oneof},",
        field.number(),
        kind_source(field)?,
    ))
}

fn kind_source(field: &FieldDescriptor) -> Result<String, String> {
    Ok(match field.kind() {
        Kind::Bool => "Kind::Bool".to_owned(),
        Kind::Int64 => "Kind::Int64".to_owned(),
        Kind::Uint64 => "Kind::Uint64".to_owned(),
        Kind::Uint32 => "Kind::Uint32".to_owned(),
        Kind::String => "Kind::String".to_owned(),
        Kind::Bytes => "Kind::Bytes".to_owned(),
        Kind::Enum(enumeration) => format!("Kind::Enum(&{})", static_name(enumeration.full_name())),
        Kind::Message(message) => format!("Kind::Message(&{})", static_name(message.full_name())),
        other => return Err(format!("{}: type {other:?}", field.full_name())),
    })
}

fn enum_source(enumeration: &EnumDescriptor) -> Result<String, String> {
    let name = enumeration.full_name();
    check_syntax(name, enumeration.parent_file().syntax())?;
    let declared = &enumeration.enum_descriptor_proto().value;
    require(
        declared.is_sorted_by(|a, b| a.number() < b.number()),
        name,
        "values out of number order",
    )?;

    let values: String = declared
        .iter()
        .map(|v| format!("({}, {:?}),", v.number(), v.name()))
        .collect();
    Ok(format!(
        "\n/// `{name}`\npub static {}: Enum = Enum {{ name: {name:?}, values: &[{values}] }};\n",
        static_name(name),
    ))
}

fn method_source(method: &MethodDescriptor) -> String {
    let idempotent = method
        .method_descriptor_proto()
        .options
        .as_ref()
        .is_some_and(|options| options.idempotency_level().as_str_name() != "IDEMPOTENCY_UNKNOWN");
    let traits: String = [
        (method.is_client_streaming(), ".client_streaming()"),
        (method.is_server_streaming(), ".server_streaming()"),
        (idempotent, ".idempotent()"),
    ]
    .into_iter()
    .filter_map(|(has, which)| has.then_some(which))
    .collect();
    format!(
        "\n/// `{}`\npub static {}: Method = Method::unary({:?}, &{}, &{}){traits};\n",
        method.full_name(),
        method_static_name(method),
        format!("/{}/{}", method.parent_service().full_name(), method.name()),
        static_name(method.input().full_name()),
        static_name(method.output().full_name()),
    )
}

fn routes_source(methods: &[MethodDescriptor]) -> Result<String, String> {
    let mut routes = BTreeMap::new();
    for method in methods {
        for path in paths(method)? {
            let taken = routes.insert(path.clone(), method_static_name(method));
            require(
                taken.is_none(),
                method.full_name(),
                &format!("path {path} is taken"),
            )?;
        }
    }
    let routes: String = routes
        .iter()
        .map(|(path, method)| format!("Route::new({path:?}, &{method}),"))
        .collect();
    Ok(format!(
        "\n/// Every route, sorted by path.\npub static ROUTES: &[Route] = &[{routes}];\n"
    ))
}

/// The HTTP paths of a method, without the prefix.
pub fn paths(method: &MethodDescriptor) -> Result<Vec<String>, String> {
    let name = method.full_name();
    let extension = method
        .parent_pool()
        .get_extension_by_name("google.api.http")
        .ok_or_else(|| format!("{name}: google.api.http is not declared"))?;
    let options = method.options();
    require(options.has_extension(&extension), name, "no HTTP rule")?;
    let rule = options.get_extension(&extension).as_message().cloned();
    rule_paths(
        name,
        &rule.ok_or_else(|| format!("{name}: HTTP rule is not a message"))?,
    )
}

fn rule_paths(name: &str, rule: &DynamicMessage) -> Result<Vec<String>, String> {
    let text = |field| {
        rule.get_field_by_name(field)
            .and_then(|value| value.as_str().map(str::to_owned))
    };
    let post = text("post").unwrap_or_default();
    require(
        text("body").as_deref() == Some("*"),
        name,
        "HTTP body is not `*`",
    )?;
    require(!post.contains(['{', '*']), name, "HTTP path is a template")?;
    let path = post
        .strip_prefix(PREFIX)
        .filter(|path| path.starts_with('/'));
    let path = path.ok_or_else(|| format!("{name}: HTTP rule is not a POST to {PREFIX}/…"))?;

    let mut paths = vec![path.to_owned()];
    if let Some(bindings) = rule.get_field_by_name("additional_bindings") {
        for binding in bindings
            .as_list()
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_message())
        {
            paths.extend(rule_paths(name, binding)?);
        }
    }
    Ok(paths)
}

/// `etcdserverpb.RangeRequest.SortOrder` is `ETCDSERVERPB_RANGE_REQUEST_SORT_ORDER`.
fn static_name(full_name: &str) -> String {
    full_name.to_shouty_snake_case()
}

/// `etcdserverpb.KV.Range` is `KV_RANGE`.
fn method_static_name(method: &MethodDescriptor) -> String {
    static_name(&format!(
        "{}.{}",
        method.parent_service().name(),
        method.name()
    ))
}

fn check_syntax(name: &str, syntax: Syntax) -> Result<(), String> {
    require(syntax == Syntax::Proto3, name, "not proto3")
}

fn require(condition: bool, name: &str, otherwise: &str) -> Result<(), String> {
    if condition {
        Ok(())
    } else {
        Err(format!("{name}: {otherwise}"))
    }
}

/// Runs `rustfmt`, so that the committed file is what `cargo fmt` would make of it.
fn format(source: &str) -> String {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt is a component of the pinned toolchain");
    let mut input = rustfmt.stdin.take().expect("stdin is piped");
    input
        .write_all(source.as_bytes())
        .expect("rustfmt reads the source");
    drop(input);
    let output = rustfmt.wait_with_output().expect("rustfmt ends");
    assert!(output.status.success(), "rustfmt refuses the source");
    String::from_utf8(output.stdout).expect("rustfmt writes UTF-8")
}
