//! Three-valued logic. A clause matches, does not match, or cannot be told; the last never disables a Deny and
//! never enables an Allow.

/// Why a clause is neither true nor false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Only a star that ends an ARN field and runs past the colon after it would match.
    StarCrossesColon,
    /// A `NotResource` entry holds a variable without a value.
    UnresolvedExclusion,
    /// A plain operator met a multivalued context key.
    MultivaluedKey,
    /// The request's value is not of the operator's type.
    UnreadableValue,
    /// The policy's value, after substitution, is not of the operator's type.
    UnreadableOperand,
    /// `Null` was asked of a key whose only value is the empty string.
    EmptyValue,
}

impl Reason {
    /// One clause in plain English, for explanations.
    pub fn text(self) -> &'static str {
        match self {
            Self::StarCrossesColon => "only a `*` running past a colon of the ARN would match",
            Self::UnresolvedExclusion => "a variable of this NotResource entry has no value",
            Self::MultivaluedKey => {
                "the key is multivalued and the operator has no ForAllValues or ForAnyValue"
            }
            Self::UnreadableValue => "the request's value is not of the operator's type",
            Self::UnreadableOperand => "the policy's value is not of the operator's type after substitution",
            Self::EmptyValue => {
                "the key's only value is the empty string, neither present nor absent for Null"
            }
        }
    }
}

/// The outcome of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It does not match.
    False,
    /// It cannot be told, and why (the first reason met).
    Indeterminate(Reason),
    /// It matches.
    True,
}

impl Truth {
    /// Kleene AND: False wins, then Indeterminate.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Indeterminate(reason), _) | (_, Self::Indeterminate(reason)) => {
                Self::Indeterminate(reason)
            }
            (Self::True, Self::True) => Self::True,
        }
    }

    /// Kleene OR: True wins, then Indeterminate.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Indeterminate(reason), _) | (_, Self::Indeterminate(reason)) => {
                Self::Indeterminate(reason)
            }
            (Self::False, Self::False) => Self::False,
        }
    }

    /// Kleene NOT: an Indeterminate stays one.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Indeterminate(reason) => Self::Indeterminate(reason),
        }
    }

    /// Kleene NOT where `negated`.
    #[must_use]
    pub fn negate_if(self, negated: bool) -> Self {
        if negated { self.negate() } else { self }
    }

    /// OR over items, stopping at the first True.
    pub fn any(items: impl IntoIterator<Item = Self>) -> Self {
        let mut met = Self::False;
        for item in items {
            match item {
                Self::True => return Self::True,
                Self::Indeterminate(_) if met == Self::False => met = item,
                Self::Indeterminate(_) | Self::False => {}
            }
        }
        met
    }

    /// AND over items, stopping at the first False.
    pub fn all(items: impl IntoIterator<Item = Self>) -> Self {
        let mut met = Self::True;
        for item in items {
            match item {
                Self::False => return Self::False,
                Self::Indeterminate(_) if met == Self::True => met = item,
                Self::Indeterminate(_) | Self::True => {}
            }
        }
        met
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [Truth; 3] = [Truth::False, Truth::Indeterminate(Reason::EmptyValue), Truth::True];

    #[test]
    fn kleene_tables() {
        for (i, a) in VALUES.into_iter().enumerate() {
            assert_eq!(a.negate(), VALUES[2 - i]);
            for (j, b) in VALUES.into_iter().enumerate() {
                assert_eq!(a.and(b), VALUES[i.min(j)]);
                assert_eq!(a.or(b), VALUES[i.max(j)]);
            }
        }
    }

    #[test]
    fn empty_any_is_false_and_empty_all_is_true() {
        assert_eq!(Truth::any([]), Truth::False);
        assert_eq!(Truth::all([]), Truth::True);
    }
}
