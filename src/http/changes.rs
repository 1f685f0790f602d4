//! What makes a list of headers another one.

use crate::headers::{Header, Headers};

/// Most changes that are worth making one by one.
const MAX_CHANGES: usize = 12;

/// Most headers of either list: each is a bit in a mask.
const MAX_HEADERS: usize = 48;

/// A change of a list of headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'c> {
    /// A header whose name is not in the list yet.
    Add(&'c [u8], &'c [u8]),
    /// The header of this name gets this value.
    Replace(&'c [u8], &'c [u8]),
    /// The header of this name goes.
    Remove(&'c [u8]),
}

/// The changes that make the `old` headers the `new` ones, in any order. Nothing where they are many, and where a name
/// comes twice in a list, so that a change of the name could only reach both.
///
/// Names and values that `new` has borrowed from `old` are known by where they are, so that few bytes are compared.
#[must_use]
pub fn changes<'c>(old: &Headers<'c>, new: &'c [Header<'_>]) -> Option<Vec<Change<'c>>> {
    let old = old.as_slice();
    if old.len() > MAX_HEADERS
        || new.len() > MAX_HEADERS
        || any_twice(old, |(name, _)| name)
        || any_twice(new, |(name, _)| name)
    {
        return None;
    }
    let mut changes = Vec::with_capacity(MAX_CHANGES);
    let mut kept = 0_u64;
    let mut next = 0;
    for (name, value) in new {
        let found = borrowed(old, next, name).or_else(|| named(old, name));
        let same = found.and_then(|index| old.get(index)).map(|(_, old)| *old);
        if let Some(index) = found {
            kept |= bit(index);
            next = index.saturating_add(1);
        }
        match same {
            None => changes.push(Change::Add(name, value)),
            Some(old) if is_same(old, value) || *old == **value => {}
            Some(_) => changes.push(Change::Replace(name, value)),
        }
    }
    let gone = old.iter().enumerate().filter(|(i, _)| kept & bit(*i) == 0);
    changes.extend(gone.map(|(_, (name, _))| Change::Remove(name)));
    (changes.len() <= MAX_CHANGES).then_some(changes)
}

#[inline(always)]
fn bit(index: usize) -> u64 {
    1_u64.wrapping_shl(index as u32) // below MAX_HEADERS
}

/// Where the very bytes of `name` are that of an old header, from an index on: kept headers keep their order.
fn borrowed(old: &[(&[u8], &[u8])], from: usize, name: &[u8]) -> Option<usize> {
    let rest = old.get(from..)?;
    let index = rest.iter().position(|(other, _)| is_same(other, name))?;
    from.checked_add(index)
}

fn named(old: &[(&[u8], &[u8])], name: &[u8]) -> Option<usize> {
    old.iter().position(|(other, _)| *other == name)
}

/// Whether both are the same bytes in memory.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    std::ptr::eq(one, other)
}

/// Whether any name comes twice. Only names with the same bit are compared byte by byte.
#[inline(always)]
fn any_twice<T>(list: &[T], name: impl Fn(&T) -> &[u8]) -> bool {
    let mut seen = 0_u64;
    list.iter().enumerate().any(|(index, header)| {
        let own = name(header);
        let bit = bit_of(own);
        let known = seen & bit != 0;
        seen |= bit;
        known && list.iter().take(index).any(|other| name(other) == own)
    })
}

/// One of 64 bits, made of a name's length and two of its bytes: names with different bits differ.
#[inline(always)]
fn bit_of(name: &[u8]) -> u64 {
    let middle = name.get(name.len() / 2).map_or(0, |byte| u32::from(*byte));
    let last = name.last().map_or(0, |byte| u32::from(*byte));
    1_u64.wrapping_shl(name.len() as u32 ^ (middle << 2) ^ (last << 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed<'c>(old: &[(&'c str, &'c str)], new: &'c [Header<'c>]) -> Option<Vec<Change<'c>>> {
        let old = old.iter().map(|(k, v)| (k.as_bytes(), v.as_bytes()));
        changes(&Headers::new(old.collect()), new)
    }

    fn header(name: &'static str, value: &'static str) -> Header<'static> {
        (name.as_bytes().into(), value.as_bytes().into())
    }

    const OLD: [(&str, &str); 4] = [
        (":path", "/v3/kv/range"),
        ("content-type", "application/json"),
        ("content-length", "2"),
        ("x-request-id", "7"),
    ];

    #[test]
    fn what_differs_is_changed_and_nothing_else() {
        let new = [
            header("x-request-id", "7"),
            header(":path", "/etcdserverpb.KV/Range"),
            (b"content-type".to_vec().into(), b"application/grpc".into()),
            header("te", "trailers"),
        ];
        let changes = listed(&OLD, &new).unwrap();
        assert_eq!(
            changes,
            [
                Change::Replace(b":path", b"/etcdserverpb.KV/Range"),
                Change::Replace(b"content-type", b"application/grpc"),
                Change::Add(b"te", b"trailers"),
                Change::Remove(b"content-length"),
            ]
        );
    }

    #[test]
    fn the_same_headers_need_no_change_whatever_their_order() {
        let mut new: Vec<Header<'_>> = OLD.map(|(name, value)| header(name, value)).to_vec();
        assert_eq!(listed(&OLD, &new), Some(Vec::new()));
        new.reverse();
        assert_eq!(listed(&OLD, &new), Some(Vec::new()));
    }

    #[test]
    fn a_name_that_comes_twice_has_no_changes() {
        let twice = [OLD[0], OLD[1], OLD[0]];
        assert_eq!(listed(&twice, &[]), None);
        let new = [header("a", "1"), header("b", "2"), header("a", "1")];
        assert_eq!(listed(&OLD, &new), None);
    }

    #[test]
    fn many_headers_have_no_changes() {
        let names: Vec<String> = (0..=MAX_HEADERS).map(|n| format!("x-{n}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        assert_eq!(listed(&many, &[]), None);
        assert_eq!(listed(&many[..=MAX_CHANGES], &[]), None);
        let all = listed(&many[..MAX_CHANGES], &[]).unwrap();
        assert_eq!(all.len(), MAX_CHANGES);
    }

    #[test]
    fn names_with_the_same_bit_are_told_apart() {
        let names: Vec<String> = (0..MAX_HEADERS).map(|n| format!("{n:x}-{n:x}")).collect();
        let new: Vec<Header<'_>> = names
            .iter()
            .map(|name| (name.as_bytes().into(), b"".into()))
            .collect();
        assert!(!any_twice(&new, |(name, _)| name));
    }
}
