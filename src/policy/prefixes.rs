//! Prefixes of keys, and whether a range lies within one of them.

use super::sorted;

/// Key prefixes in order, none of which begins with another.
#[derive(Debug, Clone)]
pub(super) struct KeyPrefixes(Vec<Box<[u8]>>);

impl KeyPrefixes {
    pub(super) fn new(prefixes: &[String]) -> Self {
        let prefixes = prefixes.iter().map(|prefix| prefix.as_bytes().into());
        Self::sorted(prefixes.collect())
    }

    fn sorted(prefixes: Vec<Box<[u8]>>) -> Self {
        let mut prefixes = sorted(prefixes);
        // What begins with another stands right behind it, and all between them do too.
        prefixes.dedup_by(|next, kept| next.starts_with(kept));
        Self(prefixes)
    }

    /// Whether all of a range lies within one prefix: a key and, behind it, an end as etcd writes it, which is empty for
    /// the key alone and a zero byte for all keys from there on.
    pub(super) fn contain(&self, key: &[u8], end: &[u8]) -> bool {
        let Some(prefix) = self.of(key) else {
            return false;
        };
        match end {
            [] => true,
            [0] => is_last(prefix),
            // etcd takes a range that ends before it begins for none or, in places, for an error.
            _ => key < end && (end.starts_with(prefix) || is_behind(prefix, end)),
        }
    }

    /// Whether all keys lie within one prefix that begin with `name` and a slash.
    pub(super) fn contain_below(&self, name: &[u8]) -> bool {
        // The least of them; a prefix that it has is that of all others, unless it is longer.
        let below = [name, b"/"].concat();
        self.of(&below).is_some()
    }

    /// The prefix that a key has. It is the last one that is not behind the key: what stands between a prefix and a key
    /// that begins with it begins with it too.
    fn of(&self, key: &[u8]) -> Option<&[u8]> {
        let behind = self.0.partition_point(|prefix| **prefix <= *key);
        let prefix = self.0.get(behind.checked_sub(1)?)?;
        key.starts_with(prefix).then_some(prefix)
    }
}

/// Whether no key is behind those that begin with `prefix`.
fn is_last(prefix: &[u8]) -> bool {
    prefix.iter().all(|byte| *byte == u8::MAX)
}

/// Whether `end` is the least of what stands behind all keys that begin with `prefix`.
fn is_behind(prefix: &[u8], end: &[u8]) -> bool {
    let mut rest = prefix;
    while let [shorter @ .., u8::MAX] = rest {
        rest = shorter;
    }
    match (rest, end) {
        ([common @ .., last], [same @ .., next]) => {
            common == same && last.checked_add(1) == Some(*next)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(list: &[&[u8]]) -> KeyPrefixes {
        KeyPrefixes::sorted(list.iter().map(|prefix| (*prefix).into()).collect())
    }

    #[test]
    fn a_key_is_within_the_prefix_that_it_has() {
        let two = prefixes(&[b"/b/", b"/a/"]);
        for (key, within) in [
            (&b"/a/"[..], true),
            (b"/a/x", true),
            (b"/b/\xff\xff", true),
            (b"/a", false),
            (b"/a0", false),
            (b"/c/", false),
            (b"", false),
            (b"\0", false),
        ] {
            assert_eq!(two.contain(key, b""), within, "{key:?}");
        }
        assert!(!prefixes(&[]).contain(b"/a/", b""));
    }

    #[test]
    fn a_prefix_within_another_counts_for_nothing() {
        let three = prefixes(&[b"/a/b/", b"/a/", b"/a/c/"]);
        assert_eq!(three.0.len(), 1);
        assert!(three.contain(b"/a/d", b""));
        assert!(three.contain(b"/a/b/z", b"/a/c/"));
    }

    #[test]
    fn a_range_is_within_a_prefix_up_to_its_end() {
        let two = prefixes(&[b"/a/", b"/b/"]);
        for (key, end, within) in [
            (&b"/a/"[..], &b"/a0"[..], true),
            (b"/a/x", b"/a0", true),
            (b"/a/x", b"/a/y", true),
            (b"/a/", b"/a00", false),
            (b"/a/", b"/a0\0", false),
            (b"/a/", b"/b/", false),
            (b"/a/", b"/b0", false),
            (b"/a", b"/a0", false),
            (b"/a/", b"\0", false),
            (b"\0", b"\0", false),
            (b"", b"\0", false),
            (b"/a/x", b"/a/x", false),
            (b"/a/x", b"/a/w", false),
            (b"/a/x", b"/a/", false),
            (b"/a/x", b"\0\0", false),
            (b"/a/x", b"\x01", false),
        ] {
            assert_eq!(two.contain(key, end), within, "{key:?} {end:?}");
        }
    }

    #[test]
    fn a_prefix_that_ends_with_the_last_byte_ends_where_a_shorter_one_does() {
        let one = prefixes(&[b"a\xff\xff"]);
        assert!(one.contain(b"a\xff\xffx", b"b"));
        assert!(!one.contain(b"a\xff\xffx", b"b\0"));
        assert!(!one.contain(b"a\xff\xffx", b"\0"));
        let last = prefixes(&[b"\xff\xff"]);
        assert!(last.contain(b"\xff\xff", b"\0"));
        assert!(last.contain(b"\xff\xffa", b"\xff\xffb"));
        assert!(!last.contain(b"\xff", b"\0"));
    }

    #[test]
    fn names_are_those_of_keys_below_them() {
        let one = prefixes(&[b"/a/"]);
        assert!(one.contain_below(b"/a"));
        assert!(one.contain_below(b"/a/lock"));
        assert!(!one.contain_below(b"/"));
        assert!(!one.contain_below(b""));
        assert!(!one.contain_below(b"/ab"));
        // Keys below are some of those of the prefix, and others.
        assert!(!prefixes(&[b"/a/lock/1"]).contain_below(b"/a/lock"));
        assert!(prefixes(&[b"/"]).contain_below(b""));
    }

    /// Whether a key is in a range, as etcd has it.
    fn is_in(key: &[u8], begin: &[u8], end: &[u8]) -> bool {
        match end {
            [] => key == begin,
            [0] => key >= begin,
            _ => key >= begin && key < end,
        }
    }

    #[test]
    fn what_is_contained_has_no_key_outside() {
        // All strings of up to three of these bytes.
        let letters = [0, b'a', b'b', 0xff];
        let mut strings: Vec<Vec<u8>> = vec![Vec::new()];
        for length in 1..=3 {
            let longer: Vec<Vec<u8>> = strings
                .iter()
                .filter(|string| string.len() == length - 1)
                .flat_map(|string| letters.map(|letter| [string, &[letter][..]].concat()))
                .collect();
            strings.extend(longer);
        }
        for list in [
            &[&b"a"[..], b"b\xff"][..],
            &[b"\xff", b"ab"],
            &[b"a\xff\xff"],
            &[b"aa", b"ab"],
        ] {
            let all = prefixes(list);
            let allowed = |key: &[u8]| list.iter().any(|prefix| key.starts_with(prefix));
            let mut contained = 0;
            for key in &strings {
                for end in &strings {
                    let mut keys = strings.iter().filter(|other| is_in(other, key, end));
                    if all.contain(key, end) {
                        contained += 1;
                        assert!(keys.all(|key| allowed(key)), "{list:?} {key:?} {end:?}");
                    }
                }
            }
            assert!(contained > 0, "{list:?}");
        }
    }
}
