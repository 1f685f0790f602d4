//! Who may call what, of which keys: the policies of the configuration, compiled.
//!
//! A request's policy is [chosen](Policies::choose) by its head; it says [whether the method may be called](Policy::admits)
//! and then judges [each message](Policy::judge). What is judged is the encoded request message, wherever it comes
//! from, so that JSON in every spelling and native gRPC are judged alike. Nothing is held between two calls but how many
//! watches a stream has created.
//!
//! This room knows neither HTTP nor Envoy, and no JSON.

mod choose;
mod judge;
mod prefixes;

pub use choose::Policies;
pub use judge::Tally;

use std::collections::BinaryHeap;

use crate::config;
use crate::grpc::{Code, Status};
use crate::schema::Method;
use crate::schema::reach::{Keys, REACH, Reach, Reads, What, named, reach};
use prefixes::KeyPrefixes;

/// A policy, compiled.
#[derive(Debug, Clone)]
pub struct Policy {
    name: String,
    read_only: bool,
    allowed: Methods,
    denied: Methods,
    /// Those that are allowed by their own name.
    by_name: Methods,
    keys: Option<KeyPrefixes>,
    leases: Leases,
    max_range_keys: Option<u32>,
    max_txn_operations: Option<u32>,
    max_watches: Option<u32>,
}

/// A set of methods, a bit for each by its index in [`REACH`].
#[derive(Debug, Clone, Copy, Default)]
struct Methods(u64);

const _: () = assert!(REACH.len() <= 64);

/// Which leases may be used.
#[derive(Debug, Clone, Copy)]
enum Leases {
    /// All of them.
    Any,
    /// None.
    None,
    /// All of them, but not to ask for the keys that they hold.
    Shared,
    /// Those with these numbers.
    Numbers(i64, i64),
}

/// The rules, by the keys of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Allow,
    Deny,
    ReadOnly,
    Keys,
    LeaseIds,
    SharedLeases,
    MaxRangeKeys,
    MaxTxnOperations,
    MaxWatches,
}

impl Rule {
    fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::ReadOnly => "read_only",
            Self::Keys => "keys",
            Self::LeaseIds => "lease_ids",
            Self::SharedLeases => "shared_leases",
            Self::MaxRangeKeys => "max_range_keys",
            Self::MaxTxnOperations => "max_txn_operations",
            Self::MaxWatches => "max_watches",
        }
    }
}

/// Why a message may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A rule forbids it.
    Denied(Rule, &'static str),
    /// It cannot be told what etcd would read in it.
    Unclear(&'static str),
}

/// The same list in order. By a heap, which takes a tenth of the code that a slice's own sorting does, and is used as a
/// configuration is loaded.
fn sorted<T: Ord>(list: Vec<T>) -> Vec<T> {
    BinaryHeap::from(list).into_sorted_vec()
}

impl Methods {
    #[inline(never)] // it is small beside what three of it would be
    fn of(patterns: &[String], wanted: fn(&str) -> bool) -> Self {
        let patterns = patterns.iter().filter(|pattern| wanted(pattern));
        let methods = patterns.flat_map(|pattern| named(pattern));
        Self(methods.fold(0, |set, (index, _)| set | bit(index)))
    }

    fn has(self, index: usize) -> bool {
        self.0 & bit(index) != 0
    }
}

fn bit(index: usize) -> u64 {
    1_u64.wrapping_shl(index as u32)
}

impl Policy {
    /// The policy that a configuration asks for.
    #[must_use]
    pub fn new(config: &config::Policy) -> Self {
        let leases = match (config.lease_ids, &config.keys) {
            (Some([first, last]), _) => Leases::Numbers(first, last),
            (None, Some(_)) if config.shared_leases => Leases::Shared,
            (None, Some(_)) => Leases::None,
            (None, None) => Leases::Any,
        };
        Self {
            name: config.name.clone(),
            read_only: config.read_only,
            allowed: Methods::of(&config.allow, |_| true),
            denied: Methods::of(&config.deny, |_| true),
            by_name: Methods::of(&config.allow, |pattern| !pattern.ends_with('*')),
            keys: config.keys.as_deref().map(KeyPrefixes::new),
            leases,
            max_range_keys: config.max_range_keys,
            max_txn_operations: config.max_txn_operations,
            max_watches: config.max_watches,
        }
    }

    /// Whether a method may be called at all.
    ///
    /// # Errors
    ///
    /// The status of the refusal, with the rule's name.
    pub fn admits(&self, method: &'static Method) -> Result<(), Status> {
        let Some((index, reach)) = reach(method.path) else {
            return Err(self.refusal(Fault::Unclear("the method is unknown")));
        };
        self.admit(index, reach)
            .map_err(|fault| self.refusal(fault))
    }

    fn admit(&self, index: usize, reach: &Reach) -> Result<(), Fault> {
        let denied = |rule, why| Err(Fault::Denied(rule, why));
        if self.denied.has(index) {
            return denied(Rule::Deny, "the method is denied");
        }
        if !self.allowed.has(index) {
            return denied(Rule::Allow, "the method is not among those allowed");
        }
        if self.read_only && reach.reads == Reads::Never {
            return denied(Rule::ReadOnly, "the method changes something");
        }
        if self.keys.is_some() {
            match reach.keys {
                Keys::Named | Keys::Free => {}
                Keys::Apart if self.by_name.has(index) => {}
                Keys::Apart => {
                    return denied(
                        Rule::Keys,
                        "the method is not one of keys, and allow has not its name",
                    );
                }
                Keys::Whole => return denied(Rule::Keys, "the method concerns all keys"),
            }
        }
        match (self.leases, reach.shape.what) {
            (Leases::None, What::Grant | What::Lease) => {
                denied(Rule::LeaseIds, "there are no leases for this policy")
            }
            _ => Ok(()),
        }
    }

    /// The status that a refusal has.
    fn refusal(&self, fault: Fault) -> Status {
        match fault {
            Fault::Denied(rule, why) => {
                let (name, rule) = (&self.name, rule.name());
                let message = format!("denied by policy {name:?}, rule {rule}: {why}");
                Status::new(Code::PERMISSION_DENIED, message)
            }
            Fault::Unclear(why) => {
                let message = format!("policy {:?} cannot judge the request: {why}", self.name);
                Status::new(Code::INVALID_ARGUMENT, message)
            }
        }
    }
}

#[cfg(test)]
mod tests;
