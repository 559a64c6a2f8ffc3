//! The paths and values of an expression, wherever they stand in it.

use super::syntax::SyntaxError;
use super::{Condition, MOST_OPERATORS, Operand, Path, Projection, Update};

/// A path, a value, or an operator.
#[derive(Clone, Copy, Debug)]
pub enum Leaf<'e, 'a> {
    /// A document path, also one below a function or on the right of an assignment.
    Path(&'e Path<'a>),
    /// `:value`, colon included.
    Value(&'a str),
    /// An operator or a function.
    Operator,
}

/// What has leaves.
pub trait Leaves<'a> {
    /// Calls for each leaf, in the order of the text.
    fn leaves<'e>(&'e self, found: &mut dyn FnMut(Leaf<'e, 'a>));
}

impl<'a, T: Leaves<'a>> Leaves<'a> for [T] {
    fn leaves<'e>(&'e self, found: &mut dyn FnMut(Leaf<'e, 'a>)) {
        for one in self {
            one.leaves(found);
        }
    }
}

impl<'a> Leaves<'a> for Condition<'a> {
    fn leaves<'e>(&'e self, found: &mut dyn FnMut(Leaf<'e, 'a>)) {
        match self {
            Self::Or(all) | Self::And(all) => {
                for (index, one) in all.iter().enumerate() {
                    if index > 0 {
                        found(Leaf::Operator);
                    }
                    one.leaves(found);
                }
            }
            Self::Not(one) => {
                found(Leaf::Operator);
                one.leaves(found);
            }
            Self::Compare(left, _, right) => {
                left.leaves(found);
                found(Leaf::Operator);
                right.leaves(found);
            }
            Self::Between(value, low, high) => {
                value.leaves(found);
                found(Leaf::Operator);
                low.leaves(found);
                high.leaves(found);
            }
            Self::In(value, all) => {
                value.leaves(found);
                found(Leaf::Operator);
                all.leaves(found);
            }
            Self::Call(_, all) => {
                found(Leaf::Operator);
                all.leaves(found);
            }
        }
    }
}

impl<'a> Leaves<'a> for Operand<'a> {
    fn leaves<'e>(&'e self, found: &mut dyn FnMut(Leaf<'e, 'a>)) {
        match self {
            Self::Path(path) => found(Leaf::Path(path)),
            Self::Value(name) => found(Leaf::Value(name)),
            Self::Call(_, all) => {
                found(Leaf::Operator);
                all.leaves(found);
            }
            Self::Plus(left, right) | Self::Minus(left, right) => {
                left.leaves(found);
                found(Leaf::Operator);
                right.leaves(found);
            }
        }
    }
}

impl<'a> Leaves<'a> for Projection<'a> {
    fn leaves<'e>(&'e self, found: &mut dyn FnMut(Leaf<'e, 'a>)) {
        for path in &self.0 {
            found(Leaf::Path(path));
        }
    }
}

impl<'a> Leaves<'a> for Update<'a> {
    fn leaves<'e>(&'e self, found: &mut dyn FnMut(Leaf<'e, 'a>)) {
        for (path, value) in self.set.iter().chain(&self.add).chain(&self.delete) {
            found(Leaf::Path(path));
            found(Leaf::Operator);
            value.leaves(found);
        }
        for path in &self.remove {
            found(Leaf::Path(path));
            found(Leaf::Operator);
        }
    }
}

/// Refuses more operators than DynamoDB takes.
pub(super) fn limited<'a>(expression: &impl Leaves<'a>) -> Result<(), SyntaxError> {
    let mut operators = 0_usize;
    expression.leaves(&mut |leaf| {
        operators = operators.saturating_add(usize::from(matches!(leaf, Leaf::Operator)));
    });
    if operators > MOST_OPERATORS {
        return Err(SyntaxError { at: 0, message: format!("over the limit of {MOST_OPERATORS} operators") });
    }
    Ok(())
}
