//! From an API call to the authorization requests that it makes.
//!
//! AWS's services turn a call into one or more checks, each of an action, a resource and condition keys, before a policy
//! is asked. This floor does the same outside AWS. It only translates: it reads no policy and decides nothing. What it
//! cannot translate is an error, never a weaker check.

mod arn_format;
mod check;
pub mod dynamodb;
pub mod http;
pub mod s3;

pub use crate::evaluate::Combination;
pub use arn_format::arn_format;
pub use check::{ApiCall, Check, Value};
pub use http::HttpRequest;
