//! Identity pools: tokens and the attacks on them, identities, roles, sessions, keys from a server, the command line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a panic here fails a test, which is what it should do"
)]

mod attacks;
mod by_store;
mod command;
mod decision_point;
mod document;
mod flows;
mod identities;
mod pools;
mod remote;
mod roles;
mod sessions;
mod signer;
mod tags;
mod world;
