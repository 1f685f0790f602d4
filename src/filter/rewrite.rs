//! Making a header map another one with as few words to the host as possible.

use super::abi::MapType;

use super::host::{self, HostError};
use crate::http::{self, Change, Header, Headers};

/// Makes a map of `old` headers one of `new` ones: by single changes if they are few, for to replace a whole map the
/// host takes down and puts up every header.
pub(super) fn rewrite(
    map: MapType,
    old: &Headers<'_>,
    new: &[Header<'_>],
) -> Result<(), HostError> {
    let Some(changes) = http::changes(old, new) else {
        return host::replace_headers(map, new);
    };
    for change in changes {
        match change {
            // For the host the least work of the three.
            Change::Add(name, value) => host::add_header(map, name, value)?,
            Change::Replace(name, value) => host::set_header(map, name, value)?,
            Change::Remove(name) => host::remove_header(map, name)?,
        }
    }
    Ok(())
}
