//! Why a request is refused.

use crate::text::diagnostic::excerpt;

/// A request that cannot be asked. Every message names the place and what to do; input is quoted only in part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A principal that cannot be read.
    #[error("the principal {} {problem}", excerpt(.text))]
    Principal {
        /// The text given.
        text: String,
        /// What is wrong, as a predicate.
        problem: &'static str,
    },
    /// A fact beside the principal that does not fit.
    #[error("the principal's {fact} {problem}")]
    Fact {
        /// Which.
        fact: &'static str,
        /// What is wrong, as a predicate.
        problem: &'static str,
    },
    /// Not one concrete action.
    #[error("the action {} is not one concrete action such as `s3:GetObject`", excerpt(.0))]
    Action(String),
    /// Neither an ARN nor `*`.
    #[error("the resource {} is neither a whole ARN such as `arn:aws:s3:::bucket/key` nor `*`", excerpt(.0))]
    Resource(String),
    /// Not twelve digits.
    #[error("the resource account {} is not twelve digits", excerpt(.0))]
    Account(String),
    /// An empty context-key name.
    #[error("a context key with an empty name")]
    EmptyKey,
    /// Two context keys that are one under the case fold.
    #[error("the context keys {} and {} differ only in case: which of them counts is ambiguous", excerpt(.0), excerpt(.1))]
    AmbiguousKey(String, String),
    /// The same context key twice.
    #[error("the context key {} stands twice: which of them counts is ambiguous", excerpt(.0))]
    RepeatedKey(String),
    /// A key that the session fixes.
    #[error("the context key {} is fixed by the session: leave it out of the request", excerpt(.0))]
    SealedKey(String),
    /// A key that cannot be derived for this principal.
    #[error("`{key}` cannot be derived: {reason}")]
    Underivable {
        /// The key.
        key: &'static str,
        /// What is missing.
        reason: &'static str,
    },
    /// Over a limit.
    #[error("the request has more than {limit} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// JSON that is not the JSON form of a request.
    #[error("not a request: {0}")]
    Json(String),
}

impl RequestError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Principal { .. } => "INVALID_PRINCIPAL",
            Self::Fact { .. } => "INVALID_PRINCIPAL_FACT",
            Self::Action(_) => "INVALID_REQUEST_ACTION",
            Self::Resource(_) => "INVALID_REQUEST_RESOURCE",
            Self::Account(_) => "INVALID_RESOURCE_ACCOUNT",
            Self::EmptyKey => "INVALID_CONTEXT_KEY",
            Self::AmbiguousKey(..) | Self::RepeatedKey(_) => "AMBIGUOUS_CONTEXT_KEY",
            Self::SealedKey(_) => "SEALED_CONTEXT_KEY",
            Self::Underivable { .. } => "UNDERIVABLE_CONTEXT_KEY",
            Self::Limit { .. } => "REQUEST_LIMIT_EXCEEDED",
            Self::Json(_) => "INVALID_REQUEST_JSON",
        }
    }
}
