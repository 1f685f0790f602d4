//! Which request paths are ours.

use std::borrow::Cow;

use crate::percent;

/// The path prefixes under which etcd's API is served, such as `/v3`.
#[derive(Debug, Clone)]
pub struct Prefixes(Vec<String>);

/// A request path, matched.
#[derive(Debug, PartialEq, Eq)]
pub enum Path<'a> {
    /// Under a prefix; this is what follows it, decoded: `/kv/range`, or nothing.
    Api(Cow<'a, str>),
    /// `/version`
    Version,
    /// `/health`, with its query string
    Health(&'a str),
    /// Under a prefix, but not a path that can be decoded.
    Malformed,
    /// Not ours.
    Other,
}

impl Prefixes {
    /// Prefixes without a slash at the end.
    #[must_use]
    pub fn new(prefixes: Vec<String>) -> Self {
        Self(prefixes)
    }

    /// Matches the value of `:path`. The query string is not looked at, and neither `//` nor `.`
    /// segments are resolved (`decisions.md`, Paths).
    #[must_use]
    pub fn classify<'a>(&self, target: &'a [u8]) -> Path<'a> {
        let Ok(target) = std::str::from_utf8(target) else {
            return self.malformed(&String::from_utf8_lossy(target));
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(path) = decode(path) else {
            return self.malformed(path);
        };
        match (&*path, self.rest_length(&path)) {
            ("/version", _) => Path::Version,
            ("/health", _) => Path::Health(query),
            (_, None) => Path::Other,
            (_, Some(length)) => Path::Api(tail(path, length)),
        }
    }

    fn malformed<'a>(&self, path: &str) -> Path<'a> {
        if self.rest_length(path).is_some() {
            Path::Malformed
        } else {
            Path::Other
        }
    }

    /// How many bytes of the path follow its prefix; `None` where it has none of the prefixes.
    fn rest_length(&self, path: &str) -> Option<usize> {
        let rests = self
            .0
            .iter()
            .filter_map(|prefix| path.strip_prefix(prefix.as_str()));
        rests
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .map(str::len)
            .min()
    }
}

/// The last `length` bytes of the path.
fn tail(path: Cow<'_, str>, length: usize) -> Cow<'_, str> {
    let start = path.len().saturating_sub(length);
    match path {
        Cow::Borrowed(path) => Cow::Borrowed(path.get(start..).unwrap_or_default()),
        Cow::Owned(path) => Cow::Owned(path.get(start..).unwrap_or_default().to_owned()),
    }
}

/// The path with its percent escapes decoded; `None` where it has a bad one.
fn decode(path: &str) -> Option<Cow<'_, str>> {
    if !path.contains('%') {
        return Some(path.into());
    }
    let (decoded, sound) = percent::decode(path.as_bytes(), |byte| byte);
    if !sound {
        return None;
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(target: &str) -> Path<'_> {
        Prefixes::new(vec!["/v3".into(), "/v3beta".into(), "/v3alpha".into()])
            .classify(target.as_bytes())
    }

    #[test]
    fn paths_match_decoded_and_without_their_query() {
        for target in [
            "/v3/kv/range",
            "/v3beta/kv/range?x=%zz",
            "/v3alpha/kv/range",
            "/v3/kv%2Frange",
            "/v3/kv/r%61nge",
        ] {
            assert_eq!(classify(target), Path::Api("/kv/range".into()), "{target}");
        }
        assert_eq!(classify("/v3"), Path::Api("".into()));
        assert_eq!(classify("/v3//kv"), Path::Api("//kv".into()));
        assert_eq!(classify("/version?x"), Path::Version);
        assert_eq!(
            classify("/health?serializable=true"),
            Path::Health("serializable=true")
        );
    }

    #[test]
    fn other_paths_are_not_ours() {
        for target in [
            "/",
            "",
            "*",
            "/v3x/kv",
            "/v2/keys",
            "/etcdserverpb.KV/Range",
            "/v3%zz",
            "/%zz",
            "/healthz",
        ] {
            assert_eq!(classify(target), Path::Other, "{target}");
        }
    }

    #[test]
    fn a_path_of_ours_that_cannot_be_decoded_is_malformed() {
        for target in ["/v3/%zz", "/v3/%f", "/v3/kv%", "/v3/%ff"] {
            assert_eq!(classify(target), Path::Malformed, "{target}");
        }
    }
}
