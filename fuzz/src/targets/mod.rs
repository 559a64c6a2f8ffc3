//! The targets. Each takes the bytes of an input and says whether the input is worth keeping.

pub mod arn;
pub mod batch;
pub mod condition;
pub mod context;
pub mod decide;
pub mod dynamodb;
pub mod expression;
pub mod index;
pub mod json;
pub mod layers;
pub mod manifest;
pub mod operator;
pub mod parse;
pub mod pattern;
pub mod principal;
pub mod print;
pub mod request;
pub mod s3;
pub mod session;
pub mod template;
pub mod token_header;

/// A target.
pub type Target = fn(&[u8]) -> bool;

/// Every target by its name, which is that of its binary and of its folder in `corpus/`.
pub const ALL: [(&str, Target); 21] = [
    ("arn", arn::run),
    ("batch", batch::run),
    ("condition", condition::run),
    ("context", context::run),
    ("decide", decide::run),
    ("dynamodb", dynamodb::run),
    ("expression", expression::run),
    ("index", index::run),
    ("json", json::run),
    ("layers", layers::run),
    ("manifest", manifest::run),
    ("operator", operator::run),
    ("parse", parse::run),
    ("pattern", pattern::run),
    ("principal", principal::run),
    ("print", print::run),
    ("request", request::run),
    ("s3", s3::run),
    ("session", session::run),
    ("template", template::run),
    ("token_header", token_header::run),
];
