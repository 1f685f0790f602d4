//! What the tests behind Istio's own control plane need.

pub mod edge;
pub mod istio;
