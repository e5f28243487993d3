//! The gate that Kubernetes enhancement proposals pass through.

fn main() {}
