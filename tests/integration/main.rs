//! Tests across floors: the architecture, the truth table, the corpora, properties, the command line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::match_same_arms,
    reason = "a panic here fails a test, which is what it should do; a test may print"
)]

#[path = "../bound/mod.rs"]
mod bound;
#[path = "../oracle/mod.rs"]
mod oracle;
#[path = "../suite/model.rs"]
mod suite;

mod advisories;
mod allocation;
mod architecture;
#[cfg(feature = "cli")]
mod broken_by_hand;
mod buffers;
#[cfg(feature = "cli")]
mod call_cases;
mod call_lines;
mod calls;
#[cfg(feature = "cli")]
mod cli;
mod combine;
mod corners;
mod corpus;
mod decisions;
#[cfg(feature = "cli")]
mod examples;
mod exhaustive;
mod explain;
mod explained;
mod fidelity;
mod fuzzed;
mod hostile;
mod index;
mod lists;
mod long;
mod many;
mod metamorphic;
mod nearest;
mod patterns;
#[cfg(feature = "cli")]
mod policy_tests;
mod properties;
mod regressions;
#[cfg(feature = "service")]
mod service;
#[cfg(feature = "service")]
#[path = "service/dynamodb/mod.rs"]
mod service_dynamodb;
mod session_sizes;
mod sessions;
#[cfg(feature = "store")]
mod store;
mod strategies;
mod supply;
mod traces;
