//! kepgate: the gate that Kubernetes enhancement proposals (KEPs) pass through.

pub mod model;
pub mod source;
pub mod text;
