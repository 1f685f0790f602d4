//! What the value of a key must be beyond its type. Each check says what is wrong.

use crate::grpc::is_metadata_name;

/// Smallest buffer limit of a listener that streams can live with: it must take the line of a
/// message that comes in one HTTP/2 frame of 16 KiB.
pub(super) const MIN_LISTENER_BUFFER: u32 = 32 << 10;

/// Largest byte bound that can be configured: a worker's Wasm memory is 1 GiB for all its streams.
pub(crate) const MAX_BYTES: u32 = 64 << 20;

pub(super) fn prefixes(prefixes: &[String]) -> Result<(), String> {
    let is_prefix =
        |prefix: &&String| prefix.len() >= 2 && prefix.starts_with('/') && !prefix.ends_with('/');
    match prefixes.iter().find(|prefix| !is_prefix(prefix)) {
        None => Ok(()),
        Some(prefix) => Err(format!(
            "{prefix:?} does not begin with a slash, or ends with one"
        )),
    }
}

pub(super) fn bytes(value: &u32) -> Result<(), String> {
    between(1, *value)
}

pub(super) fn listener_buffer(value: &u32) -> Result<(), String> {
    between(MIN_LISTENER_BUFFER, *value)
}

fn between(min: u32, value: u32) -> Result<(), String> {
    if (min..=MAX_BYTES).contains(&value) {
        return Ok(());
    }
    Err(format!("{value} is not between {min} and {MAX_BYTES}"))
}

pub(super) fn metadata(names: &[String]) -> Result<(), String> {
    let is_name = |name: &&String| *name == "*" || is_metadata_name(name.as_bytes());
    match names.iter().find(|name| !is_name(name)) {
        None => Ok(()),
        Some(name) => Err(format!(
            "{name:?} is not a lower-case name of metadata that can be set"
        )),
    }
}

pub(super) fn version(version: &str) -> Result<(), String> {
    let parts = || version.split('.');
    if parts().count() == 3 && parts().all(|part| part.parse::<u32>().is_ok()) {
        return Ok(());
    }
    Err(format!("{version:?} is not a version such as 3.5.0"))
}
