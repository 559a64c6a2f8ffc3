//! From an API call to the authorization requests that it makes.
//!
//! AWS's services turn a call into one or more checks, each of an action, a resource and condition keys, before a policy
//! is asked. This floor does the same outside AWS. It only translates: it reads no policy and decides nothing. What it
//! cannot translate is an error, never a weaker check.
//!
//! ```
//! use verdikt::evaluate::CallDecision;
//! use verdikt::service::s3::{Facts, Operation};
//! use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, RequestError};
//! let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
//!     "Resource": "arn:aws:s3:::photos/*"}}"#;
//! let role = Document::parse(Kind::Identity, "role", json, &Limits::default())?.document;
//! let set = PolicySet::builder().identity(CompiledPolicy::compile(&[role])?).build()?;
//! let user = Principal::parse("arn:aws:iam::111122223333:user/alice")?;
//!
//! let call = Operation::get_object("photos", "cat.jpg").checks(&Facts::default())?;
//! let checks = call.governed(|check| {
//!     Ok::<_, RequestError>((&set, check.request(&user, Owner::Account("111122223333")).build()?))
//! })?;
//! assert!(CallDecision::decide(call.combination, &checks).is_allowed());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arn_format;
pub mod dynamodb;
pub mod http;
pub mod s3;

pub use crate::evaluate::Combination;
pub use crate::evaluate::api_call::{ApiCall, Check, Value};
pub use arn_format::arn_format;
pub use http::HttpRequest;
