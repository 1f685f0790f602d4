//! What the tests behind Istio's and Envoy Gateway's own code need. The programs are in `control`.

pub mod bounds;
pub mod control;
pub mod edge;
pub mod envoy_gateway;
pub mod images;
pub mod istio;
pub mod traffic;
