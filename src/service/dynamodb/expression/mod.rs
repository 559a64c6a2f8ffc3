//! Expressions of DynamoDB: conditions (condition, filter and key condition), projections, updates.
//!
//! The grammar is that of the Amazon DynamoDB Developer Guide, "Using expressions in DynamoDB". Keywords are read in any
//! case, function names as they are written there. Reserved words are left alone: DynamoDB refuses them as attribute
//! names, here they are names. At most 4 KB and 300 operators, as there.

mod parse;
mod print;
mod syntax;
mod update;
mod walk;

pub use syntax::{Comparator, Function, Name, Operand, Path, Step, SyntaxError};
pub(super) use syntax::{SPACES, Stop, whole};
pub use walk::{Leaf, Leaves};

/// The longest expression, in bytes.
pub const MOST_BYTES: usize = 4096;
/// The most operators and functions of one expression.
pub const MOST_OPERATORS: usize = 300;
/// How deep parentheses, `NOT` and functions may stand in each other.
pub const MOST_DEPTH: usize = 64;

/// A condition, as `ConditionExpression`, `FilterExpression` and `KeyConditionExpression` hold it.
///
/// ```
/// use verdikt::service::dynamodb::expression::Condition;
/// let condition = Condition::parse("#p = :p and (attribute_exists(a.b[0]) OR size(c) between :x AND :y)")?;
/// assert_eq!(condition.to_string(), "(#p = :p) AND ((attribute_exists(a.b[0])) OR (size(c) BETWEEN :x AND :y))");
/// # Ok::<(), verdikt::service::dynamodb::expression::SyntaxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<'a> {
    /// At least two, one of which must hold.
    Or(Vec<Condition<'a>>),
    /// At least two, all of which must hold.
    And(Vec<Condition<'a>>),
    /// The opposite.
    Not(Box<Condition<'a>>),
    /// `a = :v`
    Compare(Operand<'a>, Comparator, Operand<'a>),
    /// `a BETWEEN :v AND :w`
    Between(Operand<'a>, Operand<'a>, Operand<'a>),
    /// `a IN (:v, :w)`
    In(Operand<'a>, Vec<Operand<'a>>),
    /// `begins_with(a, :v)`
    Call(Function, Vec<Operand<'a>>),
}

/// A `ProjectionExpression`: the paths that a read returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection<'a>(pub Vec<Path<'a>>);

/// An `UpdateExpression`: each clause at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update<'a> {
    /// `SET path = value`
    pub set: Vec<(Path<'a>, Operand<'a>)>,
    /// `REMOVE path`
    pub remove: Vec<Path<'a>>,
    /// `ADD path :v`
    pub add: Vec<(Path<'a>, Operand<'a>)>,
    /// `DELETE path :v`
    pub delete: Vec<(Path<'a>, Operand<'a>)>,
}
