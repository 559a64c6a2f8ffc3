//! verdikt.

pub mod text;
