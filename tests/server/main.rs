//! The decide service, asked over loopback by a client that writes its requests byte by byte.

mod client;
mod decide;
mod guard;
mod routes;
mod world;
