//! What a session makes constant in one compiled policy: an overlay beside the form, which is shared.

use crate::request::session::SessionFacts;
use crate::text::pool::Resolved;
use crate::text::pool::held;
use crate::text::truth::Truth;

/// How many variables and conditions a binding looks at, the first of a policy: so its time and memory are bounded
/// however large the policy is. The others are asked at each request, as without a binding.
pub(crate) const BOUND: usize = 32;

/// The session, and what follows from it.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) session: SessionFacts,
    pub(crate) variables: Vec<BoundVariable>,
    /// Of conditions that the session alone decides, how; empty if there are none.
    pub(crate) conditions: Vec<Option<Truth>>,
}

/// What a session says of a variable's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundVariable {
    /// Each request may state it.
    Open,
    Absent,
    Multivalued,
    /// The session's text with this number.
    Text(u32),
}

impl Binding {
    /// What a variable stands for; `None` if it is open.
    #[inline]
    pub(crate) fn variable(&self, variable: u32) -> Option<Resolved<'_>> {
        match self.variables.get(variable as usize)? {
            BoundVariable::Open => None,
            BoundVariable::Absent => Some(Resolved::Absent),
            BoundVariable::Multivalued => Some(Resolved::Multivalued),
            BoundVariable::Text(number) => Some(Resolved::Text(self.session.text(*number))),
        }
    }

    /// Whether it decides some conditions.
    #[inline]
    pub(crate) fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Whether a condition holds; `None` if requests decide it.
    #[inline]
    pub(crate) fn condition(&self, number: u32) -> Option<Truth> {
        self.conditions.get(number as usize).copied().flatten()
    }

    /// Bytes held beside the session's own.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>().saturating_add(held(&self.variables)).saturating_add(held(&self.conditions))
    }
}
