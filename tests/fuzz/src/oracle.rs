//! Another implementation of protobuf and its JSON, prost-reflect, and what it makes of etcd's messages.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use etcd_json_gateway::schema::{Message, Method, tables::ROUTES};
use prost::DecodeError;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Value;

/// A message type of ours, and the oracle's.
pub struct Type {
    pub ours: &'static Message,
    pub theirs: MessageDescriptor,
}

/// All that a route takes or answers.
pub static TYPES: LazyLock<Vec<Type>> = LazyLock::new(|| {
    let pool = etcd();
    let methods = ROUTES.iter().map(|route| route.method);
    let messages: BTreeMap<_, _> = methods
        .flat_map(|method| [method.request, method.response])
        .map(|message| (message.name, message))
        .collect();
    messages
        .into_values()
        .map(|ours| {
            let theirs = pool.get_message_by_name(ours.name).expect(ours.name);
            Type { ours, theirs }
        })
        .collect()
});

/// The type of a message of ours.
pub fn type_of(message: &Message) -> &'static Type {
    let found = TYPES.binary_search_by(|one| one.ours.name.cmp(message.name));
    &TYPES[found.expect(message.name)]
}

/// The method of a gRPC path.
pub fn method(path: &str) -> &'static Method {
    let route = ROUTES.iter().find(|route| route.method.path == path);
    route.expect(path).method
}

/// Where in [`TYPES`] a message of ours is.
pub fn index_of(message: &Message) -> u8 {
    let found = TYPES.iter().position(|one| one.ours.name == message.name);
    found
        .and_then(|index| u8::try_from(index).ok())
        .expect(message.name)
}

impl Type {
    /// What the bytes mean.
    pub fn decode(&self, bytes: &[u8]) -> Result<DynamicMessage, DecodeError> {
        DynamicMessage::decode(self.theirs.clone(), bytes)
    }
}

/// The JSON of a message as etcd's gateways write it.
pub fn json(message: &DynamicMessage) -> Value {
    let options = SerializeOptions::new()
        .use_proto_field_name(true)
        .stringify_64_bit_integers(true)
        .skip_default_fields(true);
    message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .expect("etcd's messages have nothing that JSON cannot say")
}

fn etcd() -> DescriptorPool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let files = ROUTES.iter().map(|route| route.method.path);
    let services: BTreeMap<&str, ()> = files
        .filter_map(|path| Some((path.get(1..)?.split_once('.')?.0, ())))
        .collect();
    let mut found = Vec::new();
    for package in services.into_keys() {
        let single = root.join(format!("{package}.proto"));
        if single.is_file() {
            found.push(single);
            continue;
        }
        let folder = std::fs::read_dir(root.join(package)).expect(package);
        found.extend(folder.map(|entry| entry.expect(package).path()));
    }
    protox::Compiler::new([&root])
        .and_then(|mut compiler| {
            compiler.include_imports(true).open_files(found)?;
            Ok(compiler.descriptor_pool())
        })
        .expect("proto/ can be compiled")
}
