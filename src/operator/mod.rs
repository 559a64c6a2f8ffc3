//! Floor 1: condition operators as pure comparisons of a policy's operand with a request's value.
//!
//! `table` is the only list of operators. Each family's file reads values of its type and compares them; `operand`
//! brings them together. Absent keys, `IfExists`, set qualifiers and negation are not decided here but once, in
//! `evaluate::condition`.
//!
//! Follows the IAM User Guide, "IAM JSON policy elements: Condition operators".

pub mod arn;
pub mod binary;
pub mod boolean;
pub mod date;
pub mod ip;
pub mod null;
pub mod numeric;
pub mod operand;
pub mod string;
pub mod table;
