//! What each method reaches of etcd's keys and leases, and which fields of its request say so.
//!
//! Written by hand, for `proto/` does not tell it; a test holds it against all methods of the tables.

use super::tables::*;
use super::{Message, Method};

/// What a method reaches.
#[derive(Debug)]
pub struct Reach {
    /// The method.
    pub method: &'static Method,
    /// Whether it only reads.
    pub reads: Reads,
    /// What it has to do with keys.
    pub keys: Keys,
    /// Where its request names them.
    pub shape: &'static Shape,
}

/// Whether a method only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// It changes nothing.
    Always,
    /// The request says so.
    AsAsked,
    /// It changes something.
    Never,
}

/// What a method has to do with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// It reads and changes the keys that its request names, and no other.
    Named,
    /// Of keys it tells and changes nothing, and whoever has a key may well need it.
    Free,
    /// It belongs to leases, users, roles or the cluster: nothing for somebody who has some keys only.
    Apart,
    /// It reads or changes all keys at once.
    Whole,
}

/// A message of a request: what of it counts.
#[derive(Debug)]
pub struct Shape {
    /// The message.
    pub message: &'static Message,
    /// What it is.
    pub what: What,
    /// Field numbers, ascending, and what the fields hold. Others have to do with neither keys nor leases.
    pub roles: &'static [(u32, Role)],
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Nothing that is counted or told apart.
    Other,
    /// It reads a key or a range of keys.
    Read,
    /// It changes a key or a range of keys.
    Write,
    /// It is one of a transaction's operations.
    Operation,
    /// It compares a key or a range of keys, and the answer tells the outcome.
    Compare,
    /// It creates a watch.
    Watch,
    /// It makes a lease, by the number that it names or one that etcd chooses.
    Grant,
    /// It concerns a lease that there is.
    Lease,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    /// A key, or the first of a range.
    Key,
    /// The end of that range, as etcd writes it: empty for the key alone, a zero byte for all keys from there on.
    End,
    /// A name, below which and a slash keys are made.
    Name,
    /// The number of a lease, 0 for none.
    Lease,
    /// Whether the keys of a lease are asked for.
    LeaseKeys,
    /// How many keys the answer may have.
    Limit,
    /// Whether the answer counts the keys instead.
    CountOnly,
    /// Whether the answer has what was there before.
    PrevKv,
    /// What is done; 0 where something is told alone.
    Action,
    /// Such a message.
    Message(&'static Shape),
}

/// The reach of a method, and its index in [`REACH`].
#[must_use]
pub fn reach(path: &str) -> Option<(usize, &'static Reach)> {
    let mut all = REACH.iter().enumerate();
    all.find(|(_, reach)| reach.method.path == path)
}

/// The methods that a pattern names, and their indices: `KV.Range`, `KV.*` for a service, or `*`.
pub fn named(pattern: &str) -> impl Iterator<Item = (usize, &'static Reach)> {
    let all = REACH.iter().enumerate();
    all.filter(move |(_, reach)| {
        let (service, method) = name(reach.method);
        pattern == "*"
            || pattern
                .strip_prefix(service)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| rest == "*" || rest == method)
    })
}

/// The names of a method's service, without its package, and of the method: `KV` and `Range`.
#[must_use]
pub fn name(method: &'static Method) -> (&'static str, &'static str) {
    let (_, name) = method.path.split_once('.').unwrap_or_default();
    name.split_once('/').unwrap_or_default()
}

macro_rules! shape {
    ($name:ident = $message:ident, $what:ident $(, $number:literal: $role:expr)*) => {
        static $name: Shape = Shape {
            message: &$message,
            what: What::$what,
            roles: &[$(($number, $role)),*],
        };
    };
}

use Role::{Action, CountOnly, End, Key, Lease, LeaseKeys, Limit, Name, PrevKv};

shape!(RANGE = ETCDSERVERPB_RANGE_REQUEST, Read, 1: Key, 2: End, 3: Limit, 9: CountOnly);
shape!(PUT = ETCDSERVERPB_PUT_REQUEST, Write, 1: Key, 3: Lease);
shape!(DELETE = ETCDSERVERPB_DELETE_RANGE_REQUEST, Write, 1: Key, 2: End, 3: PrevKv);
shape!(COMPARE = ETCDSERVERPB_COMPARE, Compare, 3: Key, 64: End);
shape!(TXN = ETCDSERVERPB_TXN_REQUEST, Other, 1: Role::Message(&COMPARE), 2: Role::Message(&OPERATION), 3: Role::Message(&OPERATION));
shape!(OPERATION = ETCDSERVERPB_REQUEST_OP, Operation, 1: Role::Message(&RANGE), 2: Role::Message(&PUT), 3: Role::Message(&DELETE), 4: Role::Message(&TXN));
shape!(CREATE_WATCH = ETCDSERVERPB_WATCH_CREATE_REQUEST, Watch, 1: Key, 2: End);
shape!(WATCH = ETCDSERVERPB_WATCH_REQUEST, Other, 1: Role::Message(&CREATE_WATCH));
shape!(GRANT = ETCDSERVERPB_LEASE_GRANT_REQUEST, Grant, 2: Lease);
shape!(REVOKE = ETCDSERVERPB_LEASE_REVOKE_REQUEST, Lease, 1: Lease);
shape!(KEEP_ALIVE = ETCDSERVERPB_LEASE_KEEP_ALIVE_REQUEST, Lease, 1: Lease);
shape!(TIME_TO_LIVE = ETCDSERVERPB_LEASE_TIME_TO_LIVE_REQUEST, Lease, 1: Lease, 2: LeaseKeys);
shape!(LOCK = V3LOCKPB_LOCK_REQUEST, Write, 1: Name, 2: Lease);
shape!(UNLOCK = V3LOCKPB_UNLOCK_REQUEST, Write, 1: Key);
shape!(CAMPAIGN = V3ELECTIONPB_CAMPAIGN_REQUEST, Write, 1: Name, 2: Lease);
shape!(LEADER_KEY = V3ELECTIONPB_LEADER_KEY, Write, 1: Name, 2: Key, 4: Lease);
shape!(PROCLAIM = V3ELECTIONPB_PROCLAIM_REQUEST, Other, 1: Role::Message(&LEADER_KEY));
shape!(RESIGN = V3ELECTIONPB_RESIGN_REQUEST, Other, 1: Role::Message(&LEADER_KEY));
shape!(LEADER = V3ELECTIONPB_LEADER_REQUEST, Read, 1: Name);
shape!(PERMISSION = AUTHPB_PERMISSION, Other, 2: Key, 3: End);
shape!(GRANT_PERMISSION = ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_REQUEST, Other, 2: Role::Message(&PERMISSION));
shape!(REVOKE_PERMISSION = ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_REQUEST, Other, 2: Key, 3: End);
shape!(ALARM = ETCDSERVERPB_ALARM_REQUEST, Other, 1: Action);

/// Of a request that names neither keys nor leases.
static NOTHING: Shape = Shape {
    message: &ETCDSERVERPB_STATUS_REQUEST,
    what: What::Other,
    roles: &[],
};

const fn row(method: &'static Method, reads: Reads, keys: Keys, shape: &'static Shape) -> Reach {
    Reach {
        method,
        reads,
        keys,
        shape,
    }
}

use Keys::{Apart, Free, Named, Whole};
use Reads::{Always, AsAsked, Never};

/// Every method.
pub static REACH: [Reach; 49] = [
    row(&KV_RANGE, Always, Named, &RANGE),
    row(&KV_RANGE_STREAM, Always, Named, &RANGE),
    row(&KV_PUT, Never, Named, &PUT),
    row(&KV_DELETE_RANGE, Never, Named, &DELETE),
    row(&KV_TXN, AsAsked, Named, &TXN),
    row(&WATCH_WATCH, Always, Named, &WATCH),
    // Of the history of all keys.
    row(&KV_COMPACT, Never, Whole, &NOTHING),
    // By leases keys are deleted, and kept: those of others, if the lease is theirs.
    row(&LEASE_LEASE_GRANT, Never, Named, &GRANT),
    row(&LEASE_LEASE_REVOKE, Never, Named, &REVOKE),
    row(&LEASE_LEASE_KEEP_ALIVE, Never, Named, &KEEP_ALIVE),
    row(&LEASE_LEASE_TIME_TO_LIVE, Always, Named, &TIME_TO_LIVE),
    row(&LEASE_LEASE_LEASES, Always, Apart, &NOTHING),
    // They make a lease where they are given none, and keep it for a while.
    row(&LOCK_LOCK, Never, Named, &LOCK),
    row(&LOCK_UNLOCK, Never, Named, &UNLOCK),
    row(&ELECTION_CAMPAIGN, Never, Named, &CAMPAIGN),
    row(&ELECTION_PROCLAIM, Never, Named, &PROCLAIM),
    row(&ELECTION_RESIGN, Never, Named, &RESIGN),
    row(&ELECTION_LEADER, Always, Named, &LEADER),
    row(&ELECTION_OBSERVE, Always, Named, &LEADER),
    // Without it there is no token.
    row(&AUTH_AUTHENTICATE, Always, Free, &NOTHING),
    row(&AUTH_AUTH_STATUS, Always, Apart, &NOTHING),
    row(&AUTH_AUTH_ENABLE, Never, Apart, &NOTHING),
    row(&AUTH_AUTH_DISABLE, Never, Apart, &NOTHING),
    row(&AUTH_USER_ADD, Never, Apart, &NOTHING),
    row(&AUTH_USER_GET, Always, Apart, &NOTHING),
    row(&AUTH_USER_LIST, Always, Apart, &NOTHING),
    row(&AUTH_USER_DELETE, Never, Apart, &NOTHING),
    row(&AUTH_USER_CHANGE_PASSWORD, Never, Apart, &NOTHING),
    row(&AUTH_USER_GRANT_ROLE, Never, Apart, &NOTHING),
    row(&AUTH_USER_REVOKE_ROLE, Never, Apart, &NOTHING),
    row(&AUTH_ROLE_ADD, Never, Apart, &NOTHING),
    row(&AUTH_ROLE_GET, Always, Apart, &NOTHING),
    row(&AUTH_ROLE_LIST, Always, Apart, &NOTHING),
    row(&AUTH_ROLE_DELETE, Never, Apart, &NOTHING),
    row(&AUTH_ROLE_GRANT_PERMISSION, Never, Apart, &GRANT_PERMISSION),
    row(
        &AUTH_ROLE_REVOKE_PERMISSION,
        Never,
        Apart,
        &REVOKE_PERMISSION,
    ),
    row(&CLUSTER_MEMBER_LIST, Always, Apart, &NOTHING),
    row(&CLUSTER_MEMBER_ADD, Never, Apart, &NOTHING),
    row(&CLUSTER_MEMBER_REMOVE, Never, Apart, &NOTHING),
    row(&CLUSTER_MEMBER_UPDATE, Never, Apart, &NOTHING),
    row(&CLUSTER_MEMBER_PROMOTE, Never, Apart, &NOTHING),
    row(&MAINTENANCE_STATUS, Always, Apart, &NOTHING),
    row(&MAINTENANCE_ALARM, AsAsked, Apart, &ALARM),
    row(&MAINTENANCE_DEFRAGMENT, Never, Apart, &NOTHING),
    row(&MAINTENANCE_MOVE_LEADER, Never, Apart, &NOTHING),
    row(&MAINTENANCE_DOWNGRADE, Never, Apart, &NOTHING),
    row(&MAINTENANCE_HASH, Always, Whole, &NOTHING),
    row(&MAINTENANCE_HASH_KV, Always, Whole, &NOTHING),
    row(&MAINTENANCE_SNAPSHOT, Always, Whole, &NOTHING),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schema::Kind;

    #[test]
    fn every_method_has_its_row_and_no_other() {
        let rows: Vec<&str> = REACH.iter().map(|reach| reach.method.path).collect();
        let methods: BTreeSet<&str> = ROUTES.iter().map(|route| route.method.path).collect();
        assert_eq!(rows.iter().copied().collect::<BTreeSet<_>>(), methods);
        assert_eq!(rows.len(), methods.len(), "one row each");
    }

    /// The shapes below one, itself among them.
    fn shapes(shape: &'static Shape, found: &mut Vec<&'static Shape>) {
        if found.iter().any(|other| std::ptr::eq(*other, shape)) {
            return;
        }
        found.push(shape);
        for (_, role) in shape.roles {
            if let Role::Message(inner) = role {
                shapes(inner, found);
            }
        }
    }

    #[test]
    fn every_shape_is_that_of_its_message() {
        for reach in &REACH {
            if reach.shape.roles.is_empty() {
                continue;
            }
            assert_eq!(reach.shape.message.name, reach.method.request.name);
            let mut found = Vec::new();
            shapes(reach.shape, &mut found);
            for shape in found {
                for (number, role) in shape.roles {
                    let (_, field) = shape.message.field_by_number(*number).unwrap();
                    let fits = match (role, field.kind) {
                        (Key, Kind::Bytes) => field.name == "key",
                        (End, Kind::Bytes) => field.name == "range_end",
                        (Name, Kind::Bytes) => field.name == "name",
                        (Lease, Kind::Int64) => ["ID", "lease"].contains(&field.name),
                        (LeaseKeys, Kind::Bool) => field.name == "keys",
                        (Limit, Kind::Int64) => field.name == "limit",
                        (CountOnly, Kind::Bool) => field.name == "count_only",
                        (PrevKv, Kind::Bool) => field.name == "prev_kv",
                        (Action, Kind::Enum(_)) => field.name == "action",
                        (Role::Message(inner), Kind::Message(message)) => {
                            std::ptr::eq(inner.message, message)
                        }
                        _ => false,
                    };
                    assert!(fits, "{}.{}", shape.message.name, field.name);
                }
            }
        }
    }

    /// Names of fields that have to do with keys or leases, of all messages.
    const TELLING: [&str; 5] = ["key", "range_end", "lease", "leader", "perm"];

    #[test]
    fn no_field_of_a_request_that_names_a_key_or_a_lease_is_without_a_role() {
        for reach in &REACH {
            for field in reach.method.request.fields {
                let role = reach
                    .shape
                    .roles
                    .iter()
                    .find(|(number, _)| *number == field.number);
                assert!(
                    !TELLING.contains(&field.name) || role.is_some(),
                    "{}.{}",
                    reach.method.request.name,
                    field.name
                );
            }
        }
    }

    #[test]
    fn what_can_be_sent_again_only_reads() {
        for reach in REACH.iter().filter(|reach| reach.method.idempotent) {
            assert_eq!(reach.reads, Always, "{}", reach.method.path);
        }
    }
}
