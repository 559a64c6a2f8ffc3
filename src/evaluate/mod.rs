//! Floor 4: the decision.
//!
//! 1. Every Deny of every layer that concerns the caller: the first that applies ends it (`walk`).
//! 2. What each layer allows: the resource-based policy by its strongest grant, every other layer by its first Allow.
//! 3. [`combine`]: a pure function of what the layers allow and of the facts (caller, account, mode).
//!
//! A statement applies if its clauses hold together: action, resource, principal (`clause`, `principal`),
//! conditions (`condition`). Each answers True, False or Indeterminate; a Deny that cannot be told applies, an Allow
//! that cannot be told does not. [`explain`](PolicySet::explain) walks everything, unindexed, over the same clauses.
//!
//! Follows the IAM User Guide, "Policy evaluation logic".

#![deny(clippy::wildcard_enum_match_arm)]
#![deny(clippy::arithmetic_side_effects)]

pub mod api_call;
mod bind;
mod call;
mod clause;
pub mod combine;
mod condition;
mod decide;
pub mod decision;
pub mod explain;
#[cfg(test)]
mod hostile;
pub mod layer;
mod many;
mod principal;
mod set;
#[cfg(test)]
mod shortlist;
pub mod trace;
mod walk;

pub use api_call::ApiCall;
pub use call::{CallCheck, CallDecision, CallExplanation, Combination};
pub use decide::AllDecision;
pub use decision::{Decision, Missing, Outcome, StatementId};
pub use explain::Explanation;
pub use layer::Layer;
pub use set::{Attachment, PolicySet, PolicySetBuilder, PolicySetError};
