//! PartiQL statements: what they name, and whether they fix the partition key.
//!
//! The grammar covers DynamoDB's dialect (Amazon DynamoDB Developer Guide, "PartiQL - a SQL-compatible query language for
//! Amazon DynamoDB") and nothing more: aliases, subqueries, comments, `LIMIT` are refused. Names are compared as they
//! are written, in quotes or not.

mod bind;
mod check;
mod lex;
mod parse;
mod print;

use std::borrow::Cow;

pub(super) use check::{batch, execute, transaction};

use super::expression::SyntaxError;

/// The longest statement, in bytes.
pub const MOST_BYTES: usize = 8192;
/// How deep expressions may stand in each other.
pub const MOST_DEPTH: usize = 48;

/// A statement. `Display` writes one that reads back as the same; what decides nothing is not kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement<'a> {
    /// `SELECT a FROM "table"."index" WHERE …`
    Select(Select<'a>),
    /// `EXISTS(SELECT …)`, in a transaction.
    Exists(Select<'a>),
    /// `INSERT INTO "table" VALUE {…}`
    Insert(Target<'a>, Vec<(Cow<'a, str>, Expression<'a>)>),
    /// `UPDATE "table" SET … WHERE …`
    Update(Target<'a>, Vec<Change<'a>>, Expression<'a>, Returning),
    /// `DELETE FROM "table" WHERE …`
    Delete(Target<'a>, Expression<'a>, Returning),
}

/// A `SELECT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select<'a> {
    /// What is selected; `None` is `*`.
    pub list: Option<Vec<Expression<'a>>>,
    /// Where from.
    pub from: Target<'a>,
    /// `WHERE`
    pub filter: Option<Expression<'a>>,
    /// `ORDER BY`
    pub order: Vec<Path<'a>>,
}

/// A table (name or ARN) and perhaps an index of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The table.
    pub table: Cow<'a, str>,
    /// The index.
    pub index: Option<Cow<'a, str>>,
}

/// A clause of an update: the path, and for `SET` the value.
pub type Change<'a> = (Path<'a>, Option<Expression<'a>>);

/// What `RETURNING` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Returning {
    /// No such clause.
    #[default]
    None,
    /// `ALL OLD *`
    AllOld,
    /// `ALL NEW *`
    AllNew,
    /// `MODIFIED OLD *`
    ModifiedOld,
    /// `MODIFIED NEW *`
    ModifiedNew,
}

/// A document path, its names without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<'a> {
    /// The first name.
    pub head: Cow<'a, str>,
    /// What follows it.
    pub rest: Rest<'a>,
}

/// What follows the first name of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest<'a> {
    /// Nothing.
    Nothing,
    /// `.name` and no more: an attribute, if the first name is the table's.
    Member(Cow<'a, str>),
    /// `.name` and more.
    Members(Cow<'a, str>),
    /// `[0]`
    Element,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression<'a> {
    /// `'text'`
    String(Cow<'a, str>),
    /// A number, sign included.
    Number(&'a str),
    /// `TRUE`, `FALSE`, `NULL`, `MISSING`
    Constant,
    /// `?` by its number, from 0.
    Parameter(usize),
    /// A path.
    Path(Path<'a>),
    /// A list, a set, the values of a tuple, the arguments of a function, the operands of an operator of no concern.
    All(Vec<Expression<'a>>),
    /// `a = b`
    Equal(Box<Expression<'a>>, Box<Expression<'a>>),
    /// `a IN [b, c]`
    In(Box<Expression<'a>>, Vec<Expression<'a>>),
    /// `a AND b`
    And(Vec<Expression<'a>>),
    /// `a OR b`
    Or(Vec<Expression<'a>>),
}

impl<'a> Statement<'a> {
    /// Reads a statement; and how many parameters it has.
    ///
    /// ```
    /// use verdikt::service::dynamodb::partiql::Statement;
    /// let (statement, parameters) = Statement::parse(r#"SELECT a FROM "notes"."by-day" WHERE pk = ? OR pk IN ['x', 'y']"#)?;
    /// assert!(matches!(statement, Statement::Select(select) if select.from.index.as_deref() == Some("by-day")));
    /// assert_eq!(parameters, 1);
    /// # Ok::<(), verdikt::service::dynamodb::expression::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    /// The place where reading stopped, or the limit that the text is over.
    pub fn parse(text: &'a str) -> Result<(Self, usize), SyntaxError> {
        parse::statement(text)
    }

    /// Calls for each path, wherever it stands.
    pub fn paths<'e>(&'e self, found: &mut dyn FnMut(&'e Path<'a>)) {
        match self {
            Self::Select(select) | Self::Exists(select) => {
                for one in select.list.iter().flatten().chain(&select.filter) {
                    one.paths(found);
                }
                select.order.iter().for_each(found);
            }
            Self::Insert(_, members) => {
                for (_, one) in members {
                    one.paths(found);
                }
            }
            Self::Update(_, changes, filter, _) => {
                for (path, value) in changes {
                    found(path);
                    if let Some(value) = value {
                        value.paths(found);
                    }
                }
                filter.paths(found);
            }
            Self::Delete(_, filter, _) => filter.paths(found),
        }
    }

    /// What the statement is about.
    pub fn target(&self) -> &Target<'a> {
        match self {
            Self::Select(select) | Self::Exists(select) => &select.from,
            Self::Insert(target, _) | Self::Update(target, ..) | Self::Delete(target, ..) => target,
        }
    }
}

impl<'a> Expression<'a> {
    fn paths<'e>(&'e self, found: &mut dyn FnMut(&'e Path<'a>)) {
        match self {
            Self::Path(path) => found(path),
            Self::All(all) | Self::And(all) | Self::Or(all) => {
                for one in all {
                    one.paths(found);
                }
            }
            Self::Equal(left, right) => {
                left.paths(found);
                right.paths(found);
            }
            Self::In(one, all) => {
                one.paths(found);
                for one in all {
                    one.paths(found);
                }
            }
            Self::String(_) | Self::Number(_) | Self::Constant | Self::Parameter(_) => {}
        }
    }
}
