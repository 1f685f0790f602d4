//! What bytes are in JSON, which has none.

/// How fields of bytes stand in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[cfg_attr(test, serde(rename_all = "lowercase"))]
pub enum BytesAs {
    /// They are base64, as in etcd's own JSON API.
    #[default]
    Base64,
    /// They are strings. What is not UTF-8, or large, is `{"base64":"…"}`.
    Text,
}
