//! Why a store cannot say what governs.

use crate::evaluate::PolicySetError;
use crate::request::RequestError;
use crate::text::diagnostic::excerpt;

/// A question that a store cannot answer: whoever asks is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A principal that is not in the store.
    #[error("the principal {} is not in the store: state it in a manifest, with its account", excerpt(.0))]
    UnknownPrincipal(String),
    /// A fact stated of a principal that is otherwise in the store.
    #[error("the {fact} stated of {} is not what the store has: leave it out", excerpt(.principal))]
    Fact {
        /// The principal.
        principal: String,
        /// Which fact.
        fact: &'static str,
    },
    /// A VPC endpoint that is not in the store.
    #[error("the VPC endpoint {} is not in the store: state it in a manifest", excerpt(.0))]
    UnknownEndpoint(String),
    /// A context key that the store knows otherwise.
    #[error("the context key {} is not as the store has it: leave it out, the store supplies it", excerpt(.0))]
    Contradiction(String),
    /// A session past its end.
    #[error("the session has expired: ask for a new one")]
    Expired,
    /// A session before its beginning.
    #[error("the session has not begun yet: compare the clocks")]
    NotBegun,
    /// A principal that cannot be built.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Policies that cannot govern together.
    #[error(transparent)]
    Set(#[from] PolicySetError),
}

impl StoreError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownPrincipal(_) => "UNKNOWN_PRINCIPAL",
            Self::Fact { .. } => "CONTRADICTED_PRINCIPAL_FACT",
            Self::UnknownEndpoint(_) => "UNKNOWN_VPC_ENDPOINT",
            Self::Contradiction(_) => "CONTRADICTED_CONTEXT_KEY",
            Self::Expired => "SESSION_EXPIRED",
            Self::NotBegun => "SESSION_NOT_BEGUN",
            Self::Request(error) => error.code(),
            Self::Set(_) => "INVALID_POLICY_SET",
        }
    }
}
