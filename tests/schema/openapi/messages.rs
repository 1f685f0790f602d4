//! Messages and enums as schemas. What a request may spell in several ways, an answer spells in one.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
};
use serde_json::{Map, Value, json};

use super::comments::Comments;
use super::{object, reference};

/// Whether a schema is for what a client sends or for what it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Request,
    Answer,
}

pub struct Messages<'a> {
    comments: &'a Comments,
    requests: BTreeMap<String, MessageDescriptor>,
    answers: BTreeMap<String, MessageDescriptor>,
    enums: BTreeMap<String, EnumDescriptor>,
}

impl<'a> Messages<'a> {
    pub fn new(pool: &DescriptorPool, comments: &'a Comments) -> Self {
        let (mut requests, mut answers) = (BTreeMap::new(), BTreeMap::new());
        let mut enums = BTreeMap::new();
        for method in methods(pool) {
            add(method.input(), &mut requests, &mut enums);
            add(method.output(), &mut answers, &mut enums);
        }
        Self {
            comments,
            requests,
            answers,
            enums,
        }
    }

    /// The schemas of all of them, by name.
    pub fn schemas(&self) -> Map<String, Value> {
        let mut found = Map::new();
        for (direction, messages) in [
            (Direction::Request, &self.requests),
            (Direction::Answer, &self.answers),
        ] {
            for message in messages.values() {
                let name = self.name(message, direction);
                let before = found.insert(name, self.message(message, direction));
                assert!(
                    before.is_none(),
                    "two messages are called {}",
                    message.full_name()
                );
            }
        }
        for of in self.enums.values() {
            let before = found.insert(
                short(of.package_name(), of.full_name()),
                self.enumeration(of),
            );
            assert!(before.is_none(), "{} is no name of its own", of.full_name());
        }
        found
    }

    /// What a message is called. One that is sent and got has two schemas.
    pub fn name(&self, message: &MessageDescriptor, direction: Direction) -> String {
        let name = short(message.package_name(), message.full_name());
        let both = self.answers.contains_key(message.full_name());
        match direction {
            Direction::Request if both => name + "Input",
            _ => name,
        }
    }

    pub fn reference(&self, message: &MessageDescriptor, direction: Direction) -> Value {
        reference("schemas", &self.name(message, direction))
    }

    fn message(&self, message: &MessageDescriptor, direction: Direction) -> Value {
        let description = self.comments.of_message(message).map(Value::from);
        let property =
            |field: FieldDescriptor| (field.name().to_owned(), self.property(&field, direction));
        let plain = message
            .fields()
            .filter(|field| field.containing_oneof().is_none());
        let plain: Map<_, _> = plain.map(property).collect();
        let Some(oneof) = message.oneofs().next() else {
            let properties = (!plain.is_empty()).then_some(Value::Object(plain));
            return object([
                ("type", Some(json!("object"))),
                ("description", description),
                ("properties", properties),
            ]);
        };
        assert_eq!(message.oneofs().len(), 1, "{}", message.full_name());
        let name = self.name(message, direction);
        let mut alternatives: Vec<Value> = oneof
            .fields()
            .map(|member| {
                let mut properties = plain.clone();
                properties.extend([property(member.clone())]);
                json!({
                    "type": "object",
                    "title": format!("{name}{}", member.name().to_pascal_case()),
                    "properties": properties,
                    "required": [member.name()],
                })
            })
            .collect();
        if !plain.is_empty() {
            // None of them, which then has its default.
            let members = oneof
                .fields()
                .map(|member| json!({"required": [member.name()]}));
            alternatives.push(json!({
                "type": "object",
                "title": format!("{name}Default"),
                "properties": plain,
                "not": {"anyOf": members.collect::<Vec<_>>()},
            }));
        }
        object([
            ("description", description),
            ("oneOf", Some(Value::from(alternatives))),
        ])
    }

    fn enumeration(&self, of: &EnumDescriptor) -> Value {
        let names: Vec<_> = of.values().map(|value| value.name().to_owned()).collect();
        let numbers = of
            .values()
            .map(|value| format!("{} {}", value.number(), value.name()));
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        let said = self.comments.of_enum(of).unwrap_or_default();
        json!({
            "description": format!("{said} By name, or by number: {numbers}.").trim(),
            "oneOf": [{"type": "string", "enum": names}, {"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX}],
        })
    }

    fn property(&self, field: &FieldDescriptor, direction: Direction) -> Value {
        let mut schema = self.value(field, direction);
        if field.is_list() {
            schema = json!({"type": "array", "items": schema});
        }
        if let Some(said) = self.comments.of_field(field) {
            schema["description"] = json!(said);
        }
        schema
    }

    /// The schema of a value, or of an element of a list.
    pub fn value(&self, field: &FieldDescriptor, direction: Direction) -> Value {
        let number = |name: &str| match direction {
            Direction::Request => reference("schemas", &format!("{name}Input")),
            Direction::Answer => reference("schemas", name),
        };
        match field.kind() {
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Int64 => number("Int64"),
            Kind::Uint64 => number("Uint64"),
            Kind::Uint32 => number("Uint32"),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes if direction == Direction::Request && field.name() == "range_end" => {
                reference("schemas", "RangeEnd")
            }
            Kind::Bytes => reference("schemas", "Bytes"),
            Kind::Enum(of) => reference("schemas", &short(of.package_name(), of.full_name())),
            Kind::Message(message) => self.reference(&message, direction),
            other => panic!("{}: type {other:?}", field.full_name()),
        }
    }
}

/// All methods, in order of their names.
pub fn methods(pool: &DescriptorPool) -> Vec<MethodDescriptor> {
    let services = pool.services();
    services
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect()
}

fn add(
    message: MessageDescriptor,
    messages: &mut BTreeMap<String, MessageDescriptor>,
    enums: &mut BTreeMap<String, EnumDescriptor>,
) {
    let name = message.full_name().to_owned();
    if messages.insert(name, message.clone()).is_some() {
        return;
    }
    for field in message.fields() {
        match field.kind() {
            Kind::Message(message) => add(message, messages, enums),
            Kind::Enum(of) => {
                enums.insert(of.full_name().to_owned(), of);
            }
            _ => {}
        }
    }
}

/// `RangeRequestSortOrder` of `etcdserverpb.RangeRequest.SortOrder`.
fn short(package: &str, full_name: &str) -> String {
    let name = full_name.strip_prefix(package).unwrap();
    name.replace('.', "")
}
