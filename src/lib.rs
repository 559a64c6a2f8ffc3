//! verdikt.

pub mod operator;
pub mod request;
pub mod text;
