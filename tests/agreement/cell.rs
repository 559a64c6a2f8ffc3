//! The cells that a run must fill: operator × qualifier × `IfExists` × what the request holds under the key.

use verdikt::operator::table::{Family, OPERATORS, Operation, Qualifier};
use verdikt::request::context::{Context, ContextValue};

use crate::dice::Dice;

/// What a request holds under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    Absent,
    One,
    Many,
}

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub operation: Operation,
    pub arity: Arity,
}

pub const ARITIES: [Arity; 3] = [Arity::Absent, Arity::One, Arity::Many];

const QUALIFIERS: [Option<Qualifier>; 3] =
    [None, Some(Qualifier::ForAllValues), Some(Qualifier::ForAnyValue)];

/// Cells of one operator: three qualifiers, with and without `IfExists`, three arities.
pub const PER_OPERATOR: usize = 18;

/// Places of a table with a row an operator.
pub const PLACES: usize = OPERATORS.len() * PER_OPERATOR;

impl Cell {
    /// Every cell: `Null` takes neither qualifier nor `IfExists`, so it has three.
    pub fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for operator in &OPERATORS {
            for (qualifier, if_exists) in QUALIFIERS.into_iter().flat_map(|one| [(one, false), (one, true)]) {
                let is_plain = qualifier.is_none() && !if_exists;
                if operator.family == Family::Null && !is_plain {
                    continue;
                }
                let operation = Operation { operator, qualifier, if_exists };
                cells.extend(ARITIES.map(|arity| Self { operation, arity }));
            }
        }
        cells
    }

    /// Any cell; a key with one value is the most frequent.
    pub fn any(dice: &mut Dice) -> Self {
        let operator = &OPERATORS[dice.below(OPERATORS.len())];
        let is_null = operator.family == Family::Null;
        let qualifier = if is_null { None } else { QUALIFIERS[dice.weighted(&[3, 1, 1])] };
        let weights = if qualifier.is_none() { [2, 7, 1] } else { [1, 2, 5] };
        let operation = Operation { operator, qualifier, if_exists: !is_null && dice.chance(35) };
        Self { operation, arity: ARITIES[dice.weighted(&weights)] }
    }

    /// The place of the cell in a table.
    pub fn place(self) -> usize {
        let operator = OPERATORS.iter().position(|one| one == self.operation.operator).unwrap_or_default();
        let qualifier =
            QUALIFIERS.iter().position(|one| *one == self.operation.qualifier).unwrap_or_default();
        let arity = ARITIES.iter().position(|one| *one == self.arity).unwrap_or_default();
        operator * PER_OPERATOR + qualifier * 6 + usize::from(self.operation.if_exists) * 3 + arity
    }
}

impl Arity {
    /// What a context holds under a key; an empty list counts as absent.
    pub fn of(context: &Context<'_>, key: &str) -> Self {
        match context.get(key) {
            None => Self::Absent,
            Some(ContextValue::One(_)) => Self::One,
            Some(ContextValue::Many([])) => Self::Absent,
            Some(ContextValue::Many(_)) => Self::Many,
        }
    }
}
