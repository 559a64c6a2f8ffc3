//! verdikt.

pub mod operator;
pub mod policy;
pub mod request;
pub mod text;
