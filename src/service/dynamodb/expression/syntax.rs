//! What expressions are made of, and what is wrong with a text that is none.

use crate::text::diagnostic::excerpt;

/// The name of an attribute or of a member of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name<'a> {
    /// Written out.
    Plain(&'a str),
    /// `#name`, number sign included: stands for a name in `ExpressionAttributeNames`.
    Placeholder(&'a str),
}

/// A document path: `a.b[0].#c`. The first name is that of a top-level attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<'a> {
    /// The top-level attribute.
    pub head: Name<'a>,
    /// What follows.
    pub steps: Vec<Step<'a>>,
}

/// A step into a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step<'a> {
    /// `.name`
    Member(Name<'a>),
    /// `[0]`, the digits.
    Element(&'a str),
}

/// An operand of a condition or of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand<'a> {
    /// A document path.
    Path(Path<'a>),
    /// `:value`, colon included.
    Value(&'a str),
    /// `size(a)`, `if_not_exists(a, :v)`, `list_append(a, :v)`
    Call(Function, Vec<Operand<'a>>),
    /// `a + :v`
    Plus(Box<Operand<'a>>, Box<Operand<'a>>),
    /// `a - :v`
    Minus(Box<Operand<'a>>, Box<Operand<'a>>),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparator {
    /// The longer ones first, so that none is read as the beginning of another.
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("<>", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, one)| *one == self).map_or("=", |(text, _)| text)
    }
}

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `attribute_exists(path)`
    AttributeExists,
    /// `attribute_not_exists(path)`
    AttributeNotExists,
    /// `attribute_type(path, :type)`
    AttributeType,
    /// `begins_with(path, operand)`
    BeginsWith,
    /// `contains(path, operand)`
    Contains,
    /// `size(path)`, an operand
    Size,
    /// `if_not_exists(path, value)`, an operand of an update
    IfNotExists,
    /// `list_append(list, list)`, an operand of an update
    ListAppend,
}

/// Where a function may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Condition,
    ConditionOperand,
    UpdateOperand,
}

impl Function {
    /// Name, place, arguments, and whether the first must be a path.
    const ALL: [(&'static str, Self, Place, usize, bool); 8] = [
        ("attribute_exists", Self::AttributeExists, Place::Condition, 1, true),
        ("attribute_not_exists", Self::AttributeNotExists, Place::Condition, 1, true),
        ("attribute_type", Self::AttributeType, Place::Condition, 2, true),
        ("begins_with", Self::BeginsWith, Place::Condition, 2, false),
        ("contains", Self::Contains, Place::Condition, 2, false),
        ("size", Self::Size, Place::ConditionOperand, 1, false),
        ("if_not_exists", Self::IfNotExists, Place::UpdateOperand, 2, true),
        ("list_append", Self::ListAppend, Place::UpdateOperand, 2, false),
    ];

    pub(super) fn read(name: &str) -> Option<(Self, Place, usize, bool)> {
        let row = Self::ALL.iter().find(|(written, ..)| *written == name);
        row.map(|&(_, function, place, arguments, path)| (function, place, arguments, path))
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, one, ..)| *one == self).map_or("", |(name, ..)| name)
    }
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {message}")]
pub struct SyntaxError {
    /// Where reading stopped, in bytes.
    pub at: usize,
    /// What was expected and what stands there.
    pub message: String,
}

/// How far a rule came, and what it would have gone on with.
#[derive(Debug)]
pub(crate) struct Stop<'a> {
    pub(crate) rest: &'a str,
    pub(crate) expected: &'static str,
}

impl<'a> Stop<'a> {
    pub(crate) fn at(rest: &'a str, expected: &'static str) -> nom::Err<Self> {
        nom::Err::Error(Self { rest, expected })
    }
}

impl<'a> nom::error::ParseError<&'a str> for Stop<'a> {
    fn from_error_kind(rest: &'a str, _: nom::error::ErrorKind) -> Self {
        Self { rest, expected: "something else" }
    }

    fn append(_: &'a str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }

    /// The one that came farther says more.
    fn or(self, other: Self) -> Self {
        if other.rest.len() <= self.rest.len() { other } else { self }
    }
}

/// Reads the whole of a text, or says where that failed.
pub(crate) fn whole<'a, T>(
    text: &'a str,
    most: usize,
    rule: impl FnOnce(&'a str) -> nom::IResult<&'a str, T, Stop<'a>>,
) -> Result<T, SyntaxError> {
    if text.len() > most {
        return Err(SyntaxError { at: most, message: format!("over the limit of {most} bytes") });
    }
    let stop = match rule(text) {
        Ok((rest, read)) if rest.trim_start_matches(SPACES).is_empty() => return Ok(read),
        Ok((rest, _)) => Stop { rest: rest.trim_start_matches(SPACES), expected: "the end or an operator" },
        Err(nom::Err::Error(stop) | nom::Err::Failure(stop)) => stop,
        Err(nom::Err::Incomplete(_)) => Stop { rest: "", expected: "more" },
    };
    let found = if stop.rest.is_empty() { "the end".to_owned() } else { excerpt(stop.rest) };
    let at = text.len().saturating_sub(stop.rest.len());
    Err(SyntaxError { at, message: format!("expected {}, found {found}", stop.expected) })
}

/// White space between tokens.
pub(crate) const SPACES: [char; 4] = [' ', '\t', '\n', '\r'];
