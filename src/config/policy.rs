//! The policies of the configuration: for which requests each is, and what it allows.

use std::collections::BinaryHeap;

use super::keys::at;
use crate::schema::reach::{Keys, named};

/// The header that is the host.
pub const AUTHORITY: &str = ":authority";

/// Most names of headers by which policies are chosen: each is looked up for every request.
const MAX_HEADERS: usize = 8;

/// Longest name of a policy, in bytes: it is told to those whom it refuses.
const MAX_NAME: usize = 64;

keys! {
    /// One policy.
    pub struct Policy;

    /// What it is called: those whom it refuses are told.
    #[cfg_attr(test, schemars(length(min = 1, max = 64)))]
    name: String = String::new(), check_name;
    /// It is for requests with this header, written `name: value`, the name in lower case; `:authority` is the host, written in lower case: for requests that write it in any, with any port where this has none. With `path` too, both must fit. Without either it is for all requests. Whoever can set the header chooses the policy: an earlier filter must set or remove it.
    #[cfg_attr(test, schemars(regex(pattern = r"^(:authority|[0-9a-z._-]+): [^ ]")))]
    header: Option<String> = None, check_header;
    /// It is for JSON requests by this path prefix, which is one of `prefixes`. Native gRPC has no prefix.
    path: Option<String> = None;
    /// Whether calls that change something are refused, transactions with a put or a delete in any branch among them.
    read_only: bool = false;
    /// Methods that may be called: `KV.Range`, `KV.*` for a service, `*` for all.
    allow: Vec<String> = vec!["*".to_owned()], check_methods;
    /// Methods that may not be called, whatever `allow` says.
    deny: Vec<String> = Vec::new(), check_methods;
    /// Prefixes of the keys that may be read and changed. A range must lie within one of them. Methods that concern no keys, such as those of users and of the cluster, are then refused unless `allow` has their full name; those that concern all keys at once always are: Compact, Hash, HashKV, Snapshot. Leases are refused without `lease_ids` or `shared_leases`.
    #[cfg_attr(test, schemars(inner(length(min = 1))))]
    keys: Option<Vec<String>> = None, check_keys;
    /// The first and the last number of the leases that may be used. A lease must then be granted with a number from here, not 0.
    lease_ids: Option<[i64; 2]> = None, check_lease_ids;
    /// Whether every lease may be used, together with `keys`: whoever knows or guesses the number of another's lease can then keep or delete the keys that it holds.
    shared_leases: bool = false;
    /// Most keys that a range may return: it then needs a `limit` of at most this.
    #[cfg_attr(test, schemars(range(min = 1)))]
    max_range_keys: Option<u32> = None, check_limit;
    /// Most comparisons and operations of a transaction, with those of transactions within it.
    #[cfg_attr(test, schemars(range(min = 1)))]
    max_txn_operations: Option<u32> = None, check_limit;
    /// Most watches that one stream may create, counted as long as it lasts, also those that it has cancelled.
    #[cfg_attr(test, schemars(range(min = 1)))]
    max_watches: Option<u32> = None, check_limit;
}

impl Policy {
    /// The name and the value of its header; a host is in lower case.
    #[must_use]
    pub fn header(&self) -> Option<(&str, &str)> {
        split(self.header.as_deref()?)
    }
}

/// The policies, in the order in which they are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[cfg_attr(test, schemars(inline))]
pub struct Policies(pub Vec<Policy>);

impl Policies {
    /// What is wrong with a policy that is for no request: its path is none of the prefixes.
    pub(super) fn unreachable(&self, prefixes: &[String]) -> Option<String> {
        let paths = self.0.iter().enumerate();
        let mut unknown = paths.filter_map(|(index, policy)| {
            let path = policy.path.as_ref()?;
            let message = format!("[{index}].path: {path:?} is none of prefixes");
            (!prefixes.contains(path)).then_some(message)
        });
        unknown.next()
    }
}

/// What concerns more than one key of a policy, or more than one policy.
pub(super) fn check(Policies(policies): &Policies) -> Result<(), String> {
    let mut chosen = BinaryHeap::new();
    let mut headers = Vec::new();
    for (index, policy) in policies.iter().enumerate() {
        let fail = |reason: String| Err(at(&format!("[{index}]"), &reason));
        if policy.name.is_empty() {
            return fail(".name: is missing".to_owned());
        }
        if let Some(reason) = contradiction(policy) {
            return fail(reason.to_owned());
        }
        if let Some((name, _)) = policy.header()
            && !headers.contains(&name)
        {
            headers.push(name);
        }
        if headers.len() > MAX_HEADERS {
            return fail(format!(".header: is the name of more than {MAX_HEADERS}"));
        }
        chosen.push((policy.header(), policy.path.as_deref(), index));
    }
    let chosen = chosen.into_sorted_vec();
    let pairs = chosen.iter().zip(chosen.iter().skip(1));
    for ((header, path, other), (same, also, index)) in pairs {
        if (header, path) == (same, also) {
            let reason = format!("is for the same requests as [{other}]");
            return Err(at(&format!("[{index}]"), &reason));
        }
    }
    Ok(())
}

fn contradiction(policy: &Policy) -> Option<&'static str> {
    let mut whole = policy.allow.iter().flat_map(|pattern| {
        let by_name = !pattern.ends_with('*');
        named(pattern).filter(move |(_, reach)| by_name && reach.keys == Keys::Whole)
    });
    if policy.keys.is_some() && whole.next().is_some() {
        return Some(".allow: names a method that concerns all keys, beside keys");
    }
    if policy.shared_leases && policy.keys.is_none() {
        return Some(".shared_leases: says nothing without keys");
    }
    if policy.shared_leases && policy.lease_ids.is_some() {
        return Some(".shared_leases: contradicts lease_ids");
    }
    None
}

/// The name and the value of a header, which may have a colon in front.
fn split(header: &str) -> Option<(&str, &str)> {
    let at = header.bytes().skip(1).position(|byte| byte == b':')?;
    let (name, value) = header.split_at_checked(at.saturating_add(1))?;
    let value = value.strip_prefix(':')?.strip_prefix(' ')?;
    Some((name, value))
}

fn check_name(name: &str) -> Result<(), String> {
    let is_name = (1..=MAX_NAME).contains(&name.len()) && !name.contains(char::is_control);
    is_name
        .then_some(())
        .ok_or_else(|| format!("has not 1 to {MAX_NAME} printable characters"))
}

fn check_header(header: &Option<String>) -> Result<(), String> {
    let Some(header) = header else {
        return Ok(());
    };
    let is_name = |name: &str| {
        let is_in_name = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'_' | b'.');
        name == AUTHORITY || (!name.is_empty() && name.bytes().all(is_in_name))
    };
    match split(header) {
        Some((name, value))
            if is_name(name)
                && !value.is_empty()
                && value.trim_ascii() == value
                && !(name == AUTHORITY && value.bytes().any(|byte| byte.is_ascii_uppercase())) =>
        {
            Ok(())
        }
        _ => Err(format!(
            "{header:?} is not a header such as \"x-tenant: a\""
        )),
    }
}

fn check_methods(patterns: &[String]) -> Result<(), String> {
    for (index, pattern) in patterns.iter().enumerate() {
        if named(pattern).next().is_none() {
            return Err(format!("[{index}]: there is no method {pattern:?}"));
        }
    }
    Ok(())
}

fn check_keys(keys: &Option<Vec<String>>) -> Result<(), String> {
    let mut prefixes = keys.iter().flatten();
    match prefixes.position(String::is_empty) {
        None => Ok(()),
        Some(index) => Err(format!("[{index}]: the empty prefix is that of all keys")),
    }
}

fn check_lease_ids(range: &Option<[i64; 2]>) -> Result<(), String> {
    match range {
        Some([first, last]) if *first < 1 || last < first => {
            Err(format!("{first} to {last} is no range of positive numbers"))
        }
        _ => Ok(()),
    }
}

fn check_limit(limit: &Option<u32>) -> Result<(), String> {
    match limit {
        Some(0) => Err("0 is no limit: deny the method".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn refusal(text: &str) -> String {
        Config::parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_fault_names_the_way_to_its_key() {
        for (policy, place) in [
            (r#"1"#, "policies[1]: "),
            (r#"{"name":"x","kyes":[]}"#, "policies[1].kyes: unknown key"),
            (
                r#"{"name":"x","name":"y"}"#,
                "policies[1].name: given twice",
            ),
            (r#"{}"#, "policies[1].name: "),
            (r#"{"name":""}"#, "policies[1].name: "),
            (
                r#"{"name":"x","header":"x-tenant=a"}"#,
                "policies[1].header: ",
            ),
            (
                r#"{"name":"x","header":"X-Tenant: a"}"#,
                "policies[1].header: ",
            ),
            (
                r#"{"name":"x","header":":path: /v3"}"#,
                "policies[1].header: ",
            ),
            (r#"{"name":"x","path":"/a/v3"}"#, "policies[1].path: "),
            (r#"{"name":"x","read_only":1}"#, "policies[1].read_only: "),
            (
                r#"{"name":"x","allow":["KV.*","KV.Rang"]}"#,
                "policies[1].allow[1]: ",
            ),
            (r#"{"name":"x","deny":["range"]}"#, "policies[1].deny[0]: "),
            (r#"{"name":"x","keys":["/a/",""]}"#, "policies[1].keys[1]: "),
            (r#"{"name":"x","keys":[1]}"#, "policies[1].keys[0]: "),
            (
                r#"{"name":"x","keys":["/a/"],"allow":["Maintenance.Snapshot"]}"#,
                "policies[1].allow: ",
            ),
            (
                r#"{"name":"x","lease_ids":[0,1]}"#,
                "policies[1].lease_ids: ",
            ),
            (
                r#"{"name":"x","lease_ids":[2,1]}"#,
                "policies[1].lease_ids: ",
            ),
            (r#"{"name":"x","lease_ids":[1]}"#, "policies[1].lease_ids: "),
            (
                r#"{"name":"x","shared_leases":true}"#,
                "policies[1].shared_leases: ",
            ),
            (
                r#"{"name":"x","max_range_keys":0}"#,
                "policies[1].max_range_keys: ",
            ),
            (
                r#"{"name":"x","max_watches":-1}"#,
                "policies[1].max_watches: ",
            ),
            (
                r#"{"name":"x","header":"x-tenant: a"}"#,
                "policies[1]: is for the same requests as [0]",
            ),
            (
                r#"{"name":"x","header":":authority: B.example"}"#,
                "policies[1].header: ",
            ),
        ] {
            let text =
                format!(r#"{{"policies":[{{"name":"a","header":"x-tenant: a"}},{policy}]}}"#);
            let refusal = refusal(&text);
            assert!(refusal.starts_with(place), "{policy}: {refusal}");
        }
        assert!(refusal(r#"{"policies":{}}"#).starts_with("policies: "));
        assert!(refusal(r#"{"policies":null}"#).starts_with("policies: "));
    }

    #[test]
    fn a_path_is_one_of_the_prefixes_wherever_they_stand() {
        let text = |first, then| format!("{{{first},{then}}}");
        let prefixes = r#""prefixes":["/v3","/a/v3"]"#;
        let policies = r#""policies":[{"name":"a","path":"/a/v3"}]"#;
        for text in [text(prefixes, policies), text(policies, prefixes)] {
            assert!(Config::parse(text.as_bytes()).is_ok(), "{text}");
        }
        let others = r#""prefixes":["/v3"]"#;
        assert!(refusal(&text(policies, others)).starts_with("policies[0].path: "));
    }

    /// The examples in these documents, between fences of JSON.
    #[test]
    fn the_examples_of_the_documents_are_good() {
        let document = include_str!("../../docs/tenants.md");
        let examples: Vec<&str> = document
            .split("```json\n")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once("```")?.0))
            .collect();
        assert!(!examples.is_empty());
        for example in examples {
            let config = Config::parse(example.as_bytes()).unwrap();
            assert!(!config.policies.0.is_empty());
        }
    }

    #[test]
    fn headers_by_which_policies_are_chosen_are_few() {
        let policies = |count: usize| {
            let policy = |index| format!(r#"{{"name":"x","header":"x-{index}: a"}}"#);
            let policies: Vec<String> = (0..count).map(policy).collect();
            format!(r#"{{"policies":[{}]}}"#, policies.join(","))
        };
        assert!(Config::parse(policies(super::MAX_HEADERS).as_bytes()).is_ok());
        assert!(refusal(&policies(super::MAX_HEADERS + 1)).starts_with("policies[8].header: "));
    }
}
