//! Making a header map another one with as few words to the host as possible.

use super::abi::MapType;

use super::host::{self, HostError};
use crate::http::{Header, Headers};

/// Changes up to which single ones are cheaper than a whole map, of which the host takes down and puts up every
/// header. It also bounds the look-ups, which are for each header through all the others.
const MAX_CHANGES: usize = 12;

/// Headers up to which changes are looked for.
const MAX_HEADERS: usize = 48;

/// Makes a map of `old` headers one of `new` ones.
pub(super) fn rewrite(
    map: MapType,
    old: &Headers<'_>,
    new: &[Header<'_>],
) -> Result<(), HostError> {
    let Some(changes) = changes(old, new) else {
        return host::replace_headers(map, new);
    };
    for (name, value) in changes {
        match value {
            Some(value) => host::set_header(map, name, value)?,
            None => host::remove_header(map, name)?,
        }
    }
    Ok(())
}

/// A name and its new value, none to remove it.
type Change<'c> = (&'c [u8], Option<&'c [u8]>);

/// What makes the old headers the new ones; nothing where a name comes twice, of which single changes
/// could only reach all, or where there are too many.
fn changes<'c>(old: &Headers<'c>, new: &'c [Header<'_>]) -> Option<Vec<Change<'c>>> {
    if old.iter().count() > MAX_HEADERS || new.len() > MAX_HEADERS {
        return None;
    }
    let mut changes = Vec::with_capacity(MAX_CHANGES);
    for (index, (name, value)) in new.iter().enumerate() {
        let rest = new.get(index.saturating_add(1)..).unwrap_or_default();
        if rest.iter().any(|(other, _)| other == name) {
            return None;
        }
        if old.get(name) != Some(value) {
            changes.push((&**name, Some(&**value)));
        }
    }
    for (index, (name, _)) in old.iter().enumerate() {
        if old
            .iter()
            .skip(index.saturating_add(1))
            .any(|(other, _)| other == name)
        {
            return None;
        }
        if !new.iter().any(|(other, _)| **other == *name) {
            changes.push((name, None));
        }
    }
    (changes.len() <= MAX_CHANGES).then_some(changes)
}
