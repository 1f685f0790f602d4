//! What the endpoints say, in etcd's own words.

use prost::Message as _;

use super::super::settings::Settings;
use super::is_auth_refusal;
use super::messages::StatusResponse;
use crate::grpc::Status;
use crate::http::{self, Reason, Reply};

/// What `/version` says.
pub(super) fn version(settings: &Settings, answer: Result<&[u8], Status>) -> Reply {
    let status = match answer {
        Ok(message) => StatusResponse::decode(message).unwrap_or_default(),
        Err(status) if is_auth_refusal(&status) => StatusResponse::default(),
        Err(status) => return http::error_reply(settings.dialect, &status, Reason::Etcd),
    };
    let (server, cluster) = if status.version.is_empty() {
        (settings.etcd_version.clone(), settings.etcd_version.clone())
    } else {
        let mut parts = status.version.split('.');
        let mut part = || parts.next().unwrap_or_default();
        let (major, minor) = (part(), part());
        (status.version.clone(), format!("{major}.{minor}.0"))
    };
    let mut members = vec![
        ("etcdserver", server.as_str()),
        ("etcdcluster", cluster.as_str()),
    ];
    if !status.storage_version.is_empty() {
        members.push(("storage", &status.storage_version));
    }
    http::success(object(&members))
}

/// What `/health` says, for this reason if it is a bad one.
pub(super) fn health(reason: Option<&str>) -> Reply {
    let (status, healthy) = if reason.is_none() {
        (200, "true")
    } else {
        (503, "false")
    };
    let members = [("health", healthy), ("reason", reason.unwrap_or_default())];
    Reply::new(status, "application/json", object(&members))
}

/// A JSON object of strings.
fn object(members: &[(&str, &str)]) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in members {
        text.push(if text.is_empty() { b'{' } else { b',' });
        http::push_json_string(name, false, &mut text);
        text.push(b':');
        http::push_json_string(value, false, &mut text);
    }
    text.push(b'}');
    text
}
