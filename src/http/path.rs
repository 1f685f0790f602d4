//! Which request paths are ours.

use crate::percent;

/// The path prefixes under which etcd's API is served, such as `/v3`.
#[derive(Debug, Clone)]
pub struct Prefixes(Vec<String>);

/// A request path, matched.
#[derive(Debug, PartialEq, Eq)]
pub enum Path<'a> {
    /// Under a prefix; this is what follows it: `/kv/range`, or nothing.
    Api(&'a str),
    /// `/version`
    Version,
    /// `/health`, with its query string
    Health(&'a str),
    /// Not ours as it stands, but it would be once its percent escapes are undone.
    Escaped,
    /// Under a prefix, with a percent sign that begins no escape.
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

    /// Matches the value of `:path` as it stands: other filters and routes judge a path so, and one that is matched
    /// decoded would pass by their rules. The query string is not looked at, and neither `//` nor `.` segments are
    /// resolved.
    #[must_use]
    pub fn classify<'a>(&self, target: &'a [u8]) -> Path<'a> {
        let query_at = target.iter().position(|byte| *byte == b'?');
        let (path, query) = target.split_at(query_at.unwrap_or(target.len()));
        match path {
            b"/version" => return Path::Version,
            b"/health" => {
                let query = query.get(1..).unwrap_or_default();
                return Path::Health(std::str::from_utf8(query).unwrap_or_default());
            }
            _ => {}
        }
        let (decoded, sound) = if path.contains(&b'%') {
            percent::decode(path, |byte| byte)
        } else {
            (Vec::new(), true)
        };
        match self.rest(path) {
            Some(_) if !sound => Path::Malformed,
            Some(rest) => Path::Api(std::str::from_utf8(rest).unwrap_or_default()),
            None if self.is_ours(&decoded) => Path::Escaped,
            None => Path::Other,
        }
    }

    fn is_ours(&self, path: &[u8]) -> bool {
        matches!(path, b"/version" | b"/health") || self.rest(path).is_some()
    }

    /// What follows the path's prefix, the longest that it has.
    fn rest<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        let rests = self
            .0
            .iter()
            .filter_map(|prefix| path.strip_prefix(prefix.as_bytes()));
        rests
            .filter(|rest| rest.is_empty() || rest.starts_with(b"/"))
            .min_by_key(|rest| rest.len())
    }
}

/// What of a request's path stands before `rest`, with which it ends: the prefix by which it has come.
#[must_use]
pub fn before<'a>(target: &'a [u8], rest: &str) -> Option<&'a str> {
    let path = target.split(|byte| *byte == b'?').next()?;
    std::str::from_utf8(path).ok()?.strip_suffix(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(target: &str) -> Path<'_> {
        Prefixes::new(vec!["/v3".into(), "/v3beta".into(), "/v3alpha".into()])
            .classify(target.as_bytes())
    }

    #[test]
    fn paths_match_as_they_stand_and_without_their_query() {
        for target in [
            "/v3/kv/range",
            "/v3beta/kv/range?x=%zz",
            "/v3alpha/kv/range",
        ] {
            assert_eq!(classify(target), Path::Api("/kv/range"), "{target}");
        }
        for (target, rest) in [
            ("/v3", ""),
            ("/v3//kv", "//kv"),
            ("/v3/kv%2Frange", "/kv%2Frange"),
        ] {
            assert_eq!(classify(target), Path::Api(rest), "{target}");
        }
        assert_eq!(classify("/version?x"), Path::Version);
        assert_eq!(
            classify("/health?serializable=true"),
            Path::Health("serializable=true")
        );
    }

    #[test]
    fn the_prefix_of_a_path_is_what_stands_before_the_rest() {
        assert_eq!(before(b"/v3/kv/range?/kv/range", "/kv/range"), Some("/v3"));
        assert_eq!(before(b"/v3", ""), Some("/v3"));
        assert_eq!(before(b"/v3/kv/put", "/kv/range"), None);
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
            "/%2576%33/kv/put",
        ] {
            assert_eq!(classify(target), Path::Other, "{target}");
        }
    }

    #[test]
    fn a_path_of_ours_that_cannot_be_decoded_is_malformed() {
        for target in ["/v3/%zz", "/v3/%f", "/v3/kv%"] {
            assert_eq!(classify(target), Path::Malformed, "{target}");
        }
    }

    #[test]
    fn a_path_that_is_ours_once_decoded_is_told_apart() {
        for target in [
            "/%76%33/kv/put",
            "/v%33/kv/put",
            "/v3%2Fkv/put",
            "%2fv3/kv/put",
            "/vers%69on",
            "/%68ealth?x",
        ] {
            assert_eq!(classify(target), Path::Escaped, "{target}");
        }
    }
}
