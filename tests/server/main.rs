//! The decide service, asked over loopback by a client that writes its requests byte by byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a panic here fails a test, which is what it should do"
)]

mod authzen;
mod batch;
mod client;
mod decide;
mod faults;
mod forward_auth;
mod guard;
mod hostile;
mod iam;
mod log;
mod openapi;
mod process;
mod reload;
mod routes;
mod session;
#[path = "../cognito/signer.rs"]
#[allow(dead_code, reason = "the tests of tokens use more of it")]
mod signer;
mod tls;
mod world;
