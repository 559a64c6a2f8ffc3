//! The three values of a match, with Kleene's connectives.

/// Whether something matches. The order is Kleene's: AND is the least, OR the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not match.
    False,
    /// It cannot be told: an operand cannot be read.
    Indeterminate,
    /// It matches.
    True,
}

impl Truth {
    /// The truth of a two-valued match.
    pub fn of(matches: bool) -> Self {
        if matches { Self::True } else { Self::False }
    }

    /// Kleene NOT.
    pub fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Indeterminate => Self::Indeterminate,
            Self::True => Self::False,
        }
    }

    /// Kleene AND of all; `True` for none.
    pub fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().min().unwrap_or(Self::True)
    }

    /// Kleene OR of all; `False` for none.
    pub fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().max().unwrap_or(Self::False)
    }
}
