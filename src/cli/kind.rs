//! `--kind`: one kind of policy, or any.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::policy::{Kind, Limits};
use crate::suite::documents::{Checked, check, check_any};

/// Which kind of policy a document is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KindArg {
    /// The first kind that accepts it.
    Any,
    /// This one.
    One(Kind),
}

impl KindArg {
    /// Reads the option's value.
    pub(super) fn parser() -> impl TypedValueParser<Value = Self> {
        let kinds = Kind::ALL.map(|kind| PossibleValue::new(kind.as_str()).help(kind.title()));
        let any = PossibleValue::new("any").help("the first of these that accepts the policy");
        let values = PossibleValuesParser::new(kinds.into_iter().chain([any]));
        values.map(|text| text.parse().map_or(Self::Any, Self::One))
    }

    /// Checks a document; tells the kind that accepts it, or as which its problems are told.
    pub(super) fn check(self, name: &str, json: Vec<u8>) -> (Kind, Checked) {
        let limits = Limits::default();
        match self {
            Self::Any => check_any(name, &json, &limits),
            Self::One(kind) => (kind, check(kind, name, json, &limits)),
        }
    }
}
