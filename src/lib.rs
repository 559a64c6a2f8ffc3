//! verdikt.

pub mod operator;
pub mod text;
