//! What was decided: small, `Copy`, ids only. It depends neither on the index nor on the order of evaluation.

use super::layer::Layer;

/// The outcome, in the words of the IAM policy simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Some layer allows and none that must is silent.
    Allowed,
    /// A Deny applies.
    ExplicitDeny,
    /// A needed Allow is missing.
    ImplicitDeny,
}

/// Which statement of a policy set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementId {
    /// The layer.
    pub layer: Layer,
    /// The level of an SCP or RCP, from 0 at the root; 0 elsewhere.
    pub level: u32,
    /// The policy in its attachment, from 0.
    pub policy: u32,
    /// The statement in its policy, from 0.
    pub statement: u32,
}

/// A layer without a needed Allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Missing {
    /// The layer.
    pub layer: Layer,
    /// The level of an SCP or RCP, from 0 at the root; 0 elsewhere.
    pub level: u32,
}

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Allowed, or which deny.
    pub outcome: Outcome,
    /// Of an explicit deny the first Deny that applies, of an allow the first Allow that grants; none for a root user
    /// allowed by being root, and for `sts:GetCallerIdentity`.
    pub statement: Option<StatementId>,
    /// Of an implicit deny, the first layer without a needed Allow.
    pub missing: Option<Missing>,
    /// Whether clauses that could not be told decided: the Deny applies for one, or the request would be allowed had
    /// all of them held.
    pub indeterminate: bool,
}

impl Outcome {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ExplicitDeny => "explicitDeny",
            Self::ImplicitDeny => "implicitDeny",
        }
    }
}

impl Decision {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    pub(super) fn allowed(statement: Option<StatementId>) -> Self {
        Self { outcome: Outcome::Allowed, statement, missing: None, indeterminate: false }
    }

    pub(super) fn explicit_deny(statement: StatementId, indeterminate: bool) -> Self {
        Self { outcome: Outcome::ExplicitDeny, statement: Some(statement), missing: None, indeterminate }
    }

    pub(super) fn implicit_deny(missing: Missing, indeterminate: bool) -> Self {
        Self { outcome: Outcome::ImplicitDeny, statement: None, missing: Some(missing), indeterminate }
    }
}
