//! Floor 0: strings and bytes. Nothing here knows what an allow or a deny is.
//!
//! `source` and `span` say where text stands, `json` reads it with its spans, `diagnostic` is how a problem is
//! told; `arn`, `template`, `pattern` and `arn_pattern` are the texts that policies are made of; `fold` is the one
//! case fold; `word` reads eight bytes at a time; `truth` is the three-valued logic that every match answers in.

#![deny(clippy::arithmetic_side_effects)]

pub mod arn;
pub mod arn_pattern;
#[cfg(test)]
pub(crate) mod collide;
#[cfg(test)]
pub(crate) mod count;
pub mod diagnostic;
pub mod fold;
pub mod hash;
pub mod json;
pub mod pattern;
pub mod pool;
pub mod probe;
pub mod problems;
mod segment;
pub mod source;
pub mod span;
pub mod template;
pub mod truth;
mod window;
pub(crate) mod word;
