//! What the benches share: workloads read and checked, the table of a run.

pub(crate) mod awkward;
pub(crate) mod cold;
pub(crate) mod table;
pub(crate) mod workload;
