//! What `proto/` says in comments.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, MessageDescriptor, MethodDescriptor,
    ServiceDescriptor,
};

/// The comments before declarations, by file and by their path in it (`SourceCodeInfo.Location.path`).
pub struct Comments(HashMap<(String, Vec<i32>), String>);

/// Field numbers of `DescriptorProto` and its like.
const FIELDS_OF_MESSAGE: i32 = 2;
const METHODS_OF_SERVICE: i32 = 2;

impl Comments {
    pub fn new(pool: &DescriptorPool) -> Self {
        let mut found = HashMap::new();
        for file in pool.file_descriptor_protos() {
            for location in file.source_code_info.iter().flat_map(|info| &info.location) {
                let text = location.leading_comments().split_whitespace();
                let text = text.collect::<Vec<_>>().join(" ");
                if !text.is_empty() {
                    found.insert((file.name().to_owned(), location.path.clone()), text);
                }
            }
        }
        Self(found)
    }

    fn get(&self, file: &str, path: Vec<i32>) -> Option<String> {
        self.0.get(&(file.to_owned(), path)).cloned()
    }

    pub fn of_service(&self, service: &ServiceDescriptor) -> Option<String> {
        self.get(service.parent_file().name(), service.path().to_vec())
    }

    pub fn of_method(&self, method: &MethodDescriptor) -> Option<String> {
        let service = method.parent_service();
        let path = [service.path(), &[METHODS_OF_SERVICE, method.index() as i32]].concat();
        self.get(service.parent_file().name(), path)
    }

    pub fn of_message(&self, message: &MessageDescriptor) -> Option<String> {
        self.get(message.parent_file().name(), message.path().to_vec())
    }

    pub fn of_enum(&self, of: &EnumDescriptor) -> Option<String> {
        self.get(of.parent_file().name(), of.path().to_vec())
    }

    pub fn of_field(&self, field: &FieldDescriptor) -> Option<String> {
        let message = field.parent_message();
        let declared = &message.descriptor_proto().field;
        let index = declared
            .iter()
            .position(|other| other.name() == field.name());
        let path = [message.path(), &[FIELDS_OF_MESSAGE, index? as i32]].concat();
        self.get(message.parent_file().name(), path)
    }
}
