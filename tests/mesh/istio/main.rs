//! The files of `envoy/istio`, through Istio's own control plane into a real Envoy in front of a real etcd.

mod serving;
