//! Every example of `envoy/` in a real Envoy, with real certificates and real members of etcd.

mod changes;
mod faults;
mod load;
mod place;
mod serves;
mod validate;
mod wrong;
