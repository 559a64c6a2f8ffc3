//! The decide service, asked over loopback by a client that writes its requests byte by byte.

mod batch;
mod client;
mod decide;
mod faults;
mod guard;
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
