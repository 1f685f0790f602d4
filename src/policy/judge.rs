//! The walk over a request message.
//!
//! It takes a message only as one that each reader reads alike: what is there twice where one counts, of an unknown
//! field, of another wire type or of two members of one oneof is refused, for etcd's versions differ in what they make of
//! it. Encoders write none of that.

use super::{Fault, Leases, Policy, Rule};
use crate::grpc::Status;
use crate::schema::reach::{Role, Shape, What, reach};
use crate::schema::{Field, Kind, Method};
use crate::transcode::{Value, field};

/// How deep messages may be nested: as deep as JSON may.
const MAX_DEPTH: u32 = 128;

/// What has been counted of a call so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// Watches that have been created.
    watches: u32,
    /// Comparisons and operations of the message.
    operations: u32,
}

/// What a message says of keys and leases.
#[derive(Default)]
struct Found<'m> {
    key: &'m [u8],
    end: &'m [u8],
    name: &'m [u8],
    lease: i64,
    lease_keys: bool,
    limit: i64,
    count_only: bool,
    prev_kv: bool,
    action: u64,
}

impl Policy {
    /// Whether an encoded request message of a method that is [admitted](Self::admits) may be sent. `tally` is that of the
    /// call, all of whose messages are judged one after the other.
    ///
    /// # Errors
    ///
    /// The status of the refusal, with the rule's name.
    pub fn judge(
        &self,
        method: &'static Method,
        message: &[u8],
        tally: &mut Tally,
    ) -> Result<(), Status> {
        let Some((_, reach)) = reach(method.path) else {
            return self.admits(method);
        };
        if reach.shape.roles.is_empty() {
            return Ok(());
        }
        tally.operations = 0;
        self.walk(reach.shape, message, MAX_DEPTH, tally)
            .map_err(|fault| self.refusal(fault))
    }

    fn walk(
        &self,
        shape: &'static Shape,
        mut message: &[u8],
        depth: u32,
        tally: &mut Tally,
    ) -> Result<(), Fault> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Fault::Unclear("it is nested too deep"));
        };
        let mut found = Found::default();
        let mut seen = Seen::default();
        while !message.is_empty() {
            let Some((number, value)) = field(&mut message) else {
                return Err(Fault::Unclear("it is not well formed"));
            };
            let Some((index, field)) = shape.message.field_by_number(number) else {
                return Err(Fault::Unclear(
                    "it has a field that this gateway does not know",
                ));
            };
            seen.note(index, field, value)?;
            let role = shape.roles.iter().find(|(of, _)| *of == number);
            match (role, value) {
                (Some((_, Role::Message(inner))), Value::Bytes(bytes)) => {
                    self.walk(inner, bytes, depth, tally)?;
                }
                (Some((_, role)), value) => found.take(*role, value),
                (None, _) => {}
            }
        }
        self.decide(shape, &found, tally)
    }

    /// What becomes of a message that says this.
    fn decide(&self, shape: &Shape, found: &Found<'_>, tally: &mut Tally) -> Result<(), Fault> {
        let denied = |rule, why| Err(Fault::Denied(rule, why));
        if self.read_only && (shape.what == What::Write || found.action != 0) {
            return denied(Rule::ReadOnly, "the request changes something");
        }
        for (_, role) in shape.roles {
            match (role, &self.keys) {
                (Role::Key, Some(keys)) if !keys.contain(found.key, found.end) => {
                    return denied(Rule::Keys, "a key or a range is outside of the prefixes");
                }
                (Role::Name, Some(keys)) if !keys.contain_below(found.name) => {
                    return denied(Rule::Keys, "the keys of a name are outside of the prefixes");
                }
                (Role::Lease, _) => self.decide_lease(shape.what, found)?,
                _ => {}
            }
        }
        self.count(shape.what, found, tally)
    }

    fn decide_lease(&self, what: What, found: &Found<'_>) -> Result<(), Fault> {
        let concerns_lease = matches!(what, What::Grant | What::Lease);
        match self.leases {
            Leases::Shared if found.lease_keys => Err(Fault::Denied(
                Rule::SharedLeases,
                "a lease may hold keys outside of the prefixes",
            )),
            Leases::Any | Leases::Shared => Ok(()),
            Leases::None | Leases::Numbers(..) if found.lease == 0 && !concerns_lease => Ok(()),
            Leases::Numbers(first, last) if (first..=last).contains(&found.lease) => Ok(()),
            Leases::Numbers(..) => Err(Fault::Denied(
                Rule::LeaseIds,
                "the lease has none of the numbers that are allowed",
            )),
            Leases::None => Err(Fault::Denied(
                Rule::LeaseIds,
                "there are no leases for this policy",
            )),
        }
    }

    /// Holds what is counted against its limits.
    fn count(&self, what: What, found: &Found<'_>, tally: &mut Tally) -> Result<(), Fault> {
        let denied = |rule, why| Err(Fault::Denied(rule, why));
        let exceeds = |limit: Option<u32>, count| limit.is_some_and(|limit| count > limit);
        match what {
            What::Watch => {
                tally.watches = tally.watches.saturating_add(1);
                if exceeds(self.max_watches, tally.watches) {
                    return denied(Rule::MaxWatches, "the stream has created as many as it may");
                }
            }
            What::Compare | What::Operation => {
                tally.operations = tally.operations.saturating_add(1);
                if exceeds(self.max_txn_operations, tally.operations) {
                    let why = "the transaction has more comparisons and operations than it may";
                    return denied(Rule::MaxTxnOperations, why);
                }
            }
            _ => {}
        }
        let Some(most) = self.max_range_keys.filter(|_| !found.end.is_empty()) else {
            return Ok(());
        };
        let returns = (what == What::Read && !found.count_only) || found.prev_kv;
        // A delete has no limit, nor is one of 0 any.
        let limit = u32::try_from(found.limit).unwrap_or_default();
        if returns && !(1..=most).contains(&limit) {
            return denied(
                Rule::MaxRangeKeys,
                "a range needs a limit of no more than that",
            );
        }
        Ok(())
    }
}

impl<'m> Found<'m> {
    fn take(&mut self, role: Role, value: Value<'m>) {
        match (role, value) {
            (Role::Key, Value::Bytes(bytes)) => self.key = bytes,
            (Role::End, Value::Bytes(bytes)) => self.end = bytes,
            (Role::Name, Value::Bytes(bytes)) => self.name = bytes,
            (Role::Lease, Value::Number(number)) => self.lease = number.cast_signed(),
            (Role::LeaseKeys, Value::Number(number)) => self.lease_keys = number != 0,
            (Role::Limit, Value::Number(number)) => self.limit = number.cast_signed(),
            (Role::CountOnly, Value::Number(number)) => self.count_only = number != 0,
            (Role::PrevKv, Value::Number(number)) => self.prev_kv = number != 0,
            (Role::Action, Value::Number(number)) => self.action = number,
            _ => {} // another wire type, which has been refused
        }
    }
}

/// What has come of a message.
#[derive(Default)]
struct Seen {
    /// Fields, a bit each.
    fields: u64,
    /// Oneofs, a bit each.
    oneofs: u8,
}

impl Seen {
    fn note(&mut self, index: usize, field: &Field, value: Value<'_>) -> Result<(), Fault> {
        let is_number = matches!(value, Value::Number(_));
        let wants_number = match field.kind {
            Kind::Bool | Kind::Int64 | Kind::Uint64 | Kind::Uint32 | Kind::Enum(_) => true,
            Kind::String | Kind::Bytes | Kind::Message(_) => false,
        };
        // Numbers of a list come one by one or packed.
        if is_number != wants_number && !(field.repeated && wants_number) {
            return Err(Fault::Unclear("a field has another type than it should"));
        }
        let bit = 1_u64.wrapping_shl(index as u32);
        let oneof = field
            .oneof
            .map_or(0, |index| 1_u8.wrapping_shl(index.into()));
        if !field.repeated && (self.fields & bit != 0 || self.oneofs & oneof != 0) {
            return Err(Fault::Unclear(
                "it has a field twice, or two of which one counts",
            ));
        }
        self.fields |= bit;
        self.oneofs |= oneof;
        Ok(())
    }
}
