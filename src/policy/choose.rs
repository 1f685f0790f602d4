//! Which policy a request has.

use super::{Policy, sorted};
use crate::config::{self, AUTHORITY};
use crate::grpc::{Code, Status};
use crate::headers::Headers;

/// The policies of a plugin, in an order in which a request's is found at once.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    policies: Vec<Policy>,
    /// One for each header and each use of the path by which policies are chosen.
    tables: Vec<Table>,
}

/// The policies that look at the same things.
#[derive(Debug, Clone)]
struct Table {
    header: Option<Vec<u8>>,
    by_path: bool,
    /// In order of the header's value and the path, which are empty where they are not looked at. No two are alike.
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    value: Vec<u8>,
    path: String,
    policy: usize,
}

impl Policies {
    /// The policies that a configuration asks for.
    #[must_use]
    pub fn new(config::Policies(list): &config::Policies) -> Self {
        let mut tables: Vec<Table> = Vec::new();
        for (policy, config) in list.iter().enumerate() {
            let header = config.header();
            let name = header.map(|(name, _)| name.as_bytes());
            let by_path = config.path.is_some();
            let row = Row {
                value: header.map_or_else(Vec::new, |(_, value)| value.into()),
                path: config.path.clone().unwrap_or_default(),
                policy,
            };
            let alike =
                |table: &&mut Table| table.header.as_deref() == name && table.by_path == by_path;
            match tables.iter_mut().find(alike) {
                Some(table) => table.rows.push(row),
                None => tables.push(Table {
                    header: name.map(<[u8]>::to_vec),
                    by_path,
                    rows: vec![row],
                }),
            }
        }
        for table in &mut tables {
            table.rows = sorted(std::mem::take(&mut table.rows));
        }
        Self {
            policies: list.iter().map(Policy::new).collect(),
            tables,
        }
    }

    /// Whether there are none, so that all is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The policy with a number.
    #[must_use]
    pub fn get(&self, policy: usize) -> Option<&Policy> {
        self.policies.get(policy)
    }

    /// The policy of a request with these headers that came by the path prefix `path`, by its number: the first that is for
    /// it. Nothing where there are no policies at all.
    ///
    /// # Errors
    ///
    /// The status of the refusal where there are some and none is for it, or a header that chooses is there twice.
    pub fn choose(
        &self,
        headers: &Headers<'_>,
        path: Option<&str>,
    ) -> Result<Option<usize>, Status> {
        let mut first: Option<usize> = None;
        for table in &self.tables {
            if let Some(policy) = table.find(headers, path)? {
                first = Some(first.map_or(policy, |other| other.min(policy)));
            }
        }
        match first {
            Some(policy) => Ok(Some(policy)),
            None if self.is_empty() => Ok(None),
            None => Err(denied("there is none for this request")),
        }
    }
}

impl Table {
    fn find(&self, headers: &Headers<'_>, path: Option<&str>) -> Result<Option<usize>, Status> {
        let value = match &self.header {
            None => b"",
            Some(name) => {
                let mut values = headers.iter().filter(|(other, _)| other == name);
                match (values.next(), values.next()) {
                    (None, _) => return Ok(None),
                    (Some((_, value)), None) => value,
                    // A proxy or a filter may have added one, and who knows which of them counts elsewhere.
                    _ => return Err(denied("a header that chooses it is there twice")),
                }
            }
        };
        let path = match (self.by_path, path) {
            (false, _) => "",
            (true, Some(path)) => path,
            (true, None) => return Ok(None),
        };
        if self.header.as_deref() != Some(AUTHORITY.as_bytes()) {
            return Ok(self.row(value, path));
        }
        // Hosts are the same in every case, and Envoy selects a virtual host so: by another spelling of its host a request
        // would have that one's routes, and another's policy.
        let host = value.to_ascii_lowercase();
        let bare = without_port(&host).and_then(|host| self.row(host, path));
        Ok(self.row(&host, path).into_iter().chain(bare).min())
    }

    fn row(&self, value: &[u8], path: &str) -> Option<usize> {
        let order = |row: &Row| (row.value.as_slice(), row.path.as_str()).cmp(&(value, path));
        let at = self.rows.binary_search_by(order).ok()?;
        Some(self.rows.get(at)?.policy)
    }
}

/// A host that has a port, which may be empty, without it (RFC 3986, section 3.2).
fn without_port(host: &[u8]) -> Option<&[u8]> {
    let at = host.iter().rposition(|byte| *byte == b':')?;
    let (name, port) = host.split_at_checked(at)?;
    let is_port = port.iter().skip(1).all(u8::is_ascii_digit);
    // One of IPv6 has colons of its own.
    (is_port && (name.ends_with(b"]") || !name.contains(&b':'))).then_some(name)
}

fn denied(why: &str) -> Status {
    Status::new(
        Code::PERMISSION_DENIED,
        format!("denied by the rule policies: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn policies(list: &str) -> Policies {
        let text = format!(r#"{{"prefixes":["/v3","/a/v3"],"policies":[{list}]}}"#);
        Policies::new(&Config::parse(text.as_bytes()).unwrap().policies)
    }

    fn chosen(policies: &Policies, headers: &[(&str, &str)], path: Option<&str>) -> Option<String> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let headers = Headers::new(headers.collect());
        let policy = policies.choose(&headers, path).ok()?;
        Some(policies.get(policy.unwrap()).unwrap().name.clone())
    }

    #[test]
    fn the_first_policy_that_fits_counts() {
        let all = policies(
            r#"{"name":"both","header":"x-tenant: a","path":"/a/v3"},{"name":"header","header":"x-tenant: a"},
            {"name":"host","header":":authority: b.example"},{"name":"path","path":"/a/v3"},{"name":"other","header":"x-tenant: b"}"#,
        );
        for (headers, path, expected) in [
            (&[("x-tenant", "a")][..], Some("/a/v3"), Some("both")),
            (&[("x-tenant", "a")], Some("/v3"), Some("header")),
            (&[("x-tenant", "a")], None, Some("header")),
            (&[("x-tenant", "b")], Some("/v3"), Some("other")),
            // In the order of the list, not of what fits best.
            (&[("x-tenant", "b")], Some("/a/v3"), Some("path")),
            (
                &[(":authority", "b.example"), ("x-tenant", "b")],
                None,
                Some("host"),
            ),
            (&[], Some("/a/v3"), Some("path")),
            (&[], None, None),
            (&[("x-tenant", "c")], Some("/v3"), None),
            (&[("x-tenant", "A")], Some("/v3"), None),
            (&[("x-tenant", "")], Some("/v3"), None),
            (&[("x-tenant", "a"), ("x-tenant", "b")], Some("/v3"), None),
            (&[("x-tenant", "a"), ("x-tenant", "a")], Some("/a/v3"), None),
        ] {
            let found = chosen(&all, headers, path);
            assert_eq!(found.as_deref(), expected, "{headers:?} {path:?}");
        }
    }

    #[test]
    fn one_without_a_choice_is_for_all_that_no_earlier_one_is_for() {
        let all = policies(r#"{"name":"a","header":"x-tenant: a"},{"name":"rest"}"#);
        assert_eq!(chosen(&all, &[("x-tenant", "a")], None).unwrap(), "a");
        assert_eq!(chosen(&all, &[], Some("/v3")).unwrap(), "rest");
    }

    #[test]
    fn a_host_is_the_same_in_every_case_and_with_a_port() {
        let all = policies(
            r#"{"name":"a","header":":authority: a.example"},{"name":"port","header":":authority: b.example:1"},{"name":"six","header":":authority: [::1]"},{"name":"rest"}"#,
        );
        for (host, expected) in [
            ("a.example", "a"),
            ("A.EXAMPLE", "a"),
            ("a.Example:8379", "a"),
            ("a.example:", "a"),
            ("b.example:1", "port"),
            ("B.example:1", "port"),
            ("[::1]", "six"),
            ("[::1]:8379", "six"),
            // Others: a name of its own, a port that none is for, and what is no port.
            ("a.example.", "rest"),
            ("b.example", "rest"),
            ("b.example:2", "rest"),
            ("a.example:x", "rest"),
            ("a.example:1:2", "rest"),
            ("", "rest"),
            (":1", "rest"),
        ] {
            let found = chosen(&all, &[(":authority", host)], None);
            assert_eq!(found.as_deref(), Some(expected), "{host}");
        }
    }

    #[test]
    fn of_a_host_with_and_without_a_port_the_first_policy_counts() {
        for (list, expected) in [
            (["a.example", "a.example:1"], "0"),
            (["a.example:1", "a.example"], "0"),
        ] {
            let policy = |(at, host)| format!(r#"{{"name":"{at}","header":":authority: {host}"}}"#);
            let list: Vec<String> = list.into_iter().enumerate().map(policy).collect();
            let found = chosen(
                &policies(&list.join(",")),
                &[(":authority", "a.example:1")],
                None,
            );
            assert_eq!(found.as_deref(), Some(expected), "{list:?}");
        }
    }

    #[test]
    fn without_policies_nothing_is_judged() {
        let none = policies("");
        assert!(none.is_empty());
        assert!(
            none.choose(&Headers::new(Vec::new()), None)
                .unwrap()
                .is_none()
        );
    }
}
