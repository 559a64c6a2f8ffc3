//! The targets. Each takes the bytes of an input and says whether the input is worth keeping.

pub mod arn;
pub mod batch;
pub mod condition;
pub mod context;
pub mod decide;
pub mod index;
pub mod json;
pub mod layers;
pub mod operator;
pub mod parse;
pub mod pattern;
pub mod principal;
pub mod print;
pub mod request;
pub mod session;
pub mod template;

/// A target.
pub type Target = fn(&[u8]) -> bool;

/// Every target by its name, which is that of its binary and of its folder in `corpus/`.
pub const ALL: [(&str, Target); 16] = [
    ("arn", arn::run),
    ("batch", batch::run),
    ("condition", condition::run),
    ("context", context::run),
    ("decide", decide::run),
    ("index", index::run),
    ("json", json::run),
    ("layers", layers::run),
    ("operator", operator::run),
    ("parse", parse::run),
    ("pattern", pattern::run),
    ("principal", principal::run),
    ("print", print::run),
    ("request", request::run),
    ("session", session::run),
    ("template", template::run),
];
