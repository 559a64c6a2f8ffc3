//! What the benches share: workloads read and checked, the sessions that they are asked in, the table of a run.

pub(crate) mod cold;
pub(crate) mod growth;
pub(crate) mod session;
pub(crate) mod table;
pub(crate) mod workload;
