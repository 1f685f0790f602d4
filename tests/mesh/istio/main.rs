//! The files of `envoy/istio`, through Istio's own control plane into a real Envoy in front of a real etcd.

mod change;
mod limits;
mod mistakes;
mod policy;
mod retries;
mod serving;

/// What stands before the filter's own file.
const COMMON: [&str; 3] = [
    "etcd-service.yaml",
    "gateway.yaml",
    "body-for-bodyless.yaml",
];

/// [`COMMON`], the filter with held heads, and more.
fn with_filter<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut files = COMMON.to_vec();
    files.push("filter.yaml");
    files.extend_from_slice(more);
    files
}
