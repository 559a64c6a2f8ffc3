//! verdikt decides IAM-style JSON policies: it parses them, compiles them once, and answers for each request whether
//! this principal may do this action on this resource, and why.
//!
//! The main path, floor by floor:
//!
//! 1. [`Document::parse`] reads a policy of one [`Kind`], with every problem and its place.
//! 2. [`CompiledPolicy::compile`] compiles what is attached in one place.
//! 3. [`PolicySet`] says which compiled policies govern.
//! 4. [`Request::builder`] prepares what is asked; nothing is derived that was not asked for.
//! 5. [`PolicySet::decide`] answers, without error and without allocating; [`PolicySet::explain`] says why.
//!
//! ```
//! use verdikt::{CompiledPolicy, Document, Kind, Limits, Outcome, Owner, PolicySet, Principal, Request};
//!
//! let json = r#"{
//!     "Version": "2012-10-17",
//!     "Statement": {
//!         "Effect": "Allow",
//!         "Action": ["s3:GetObject", "s3:PutObject"],
//!         "Resource": "arn:aws:s3:::app-data/${cognito-identity.amazonaws.com:sub}/*"
//!     }
//! }"#;
//! let role = Document::parse(Kind::Identity, "auth-role", json, &Limits::default())?.document;
//! let set = PolicySet::builder().identity(CompiledPolicy::compile(&[role])?).build()?;
//!
//! let user = Principal::parse("arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials")?;
//! let owner = Owner::Account("111122223333");
//! let request = Request::builder(&user, "s3:GetObject", "arn:aws:s3:::app-data/us-east-1:bob/cat.jpg", owner)
//!     .one("cognito-identity.amazonaws.com:sub", "us-east-1:alice")
//!     .build()?;
//!
//! assert_eq!(set.decide(&request).outcome, Outcome::ImplicitDeny);
//! println!("{}", set.explain(&request));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cognito")]
pub mod cognito;
pub mod compile;
#[cfg(feature = "decision-point")]
pub mod decision_point;
pub mod evaluate;
pub mod operator;
pub mod policy;
pub mod request;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "store")]
pub mod store;
pub mod suite;
pub mod text;

pub use compile::{CompileError, CompiledPolicy};
pub use evaluate::{Decision, Explanation, Layer, Outcome, PolicySet};
pub use policy::{Document, Kind, Limits};
pub use request::{Owner, Principal, Request, RequestBuffers, RequestError, SessionFacts};

/// The README's Rust code is compiled and run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So is that of the guide to identity pools.
#[cfg(all(doctest, feature = "cognito"))]
#[doc = include_str!("../docs/identity-pools.md")]
struct IdentityPools;
