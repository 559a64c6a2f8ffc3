//! Tests across floors: the architecture, the truth table, the corpora, properties, the command line.

#[path = "../oracle/mod.rs"]
mod oracle;
#[path = "../suite/model.rs"]
mod suite;

mod allocation;
mod architecture;
mod combine;
mod corpus;
mod examples;
mod fidelity;
mod regressions;
