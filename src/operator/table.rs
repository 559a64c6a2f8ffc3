//! The list of condition operators, and their written names: `[ForAllValues:|ForAnyValue:]Name[IfExists]`.

/// The type of value that an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Text.
    String,
    /// Exact decimals.
    Numeric,
    /// Instants.
    Date,
    /// `true`, `false`.
    Bool,
    /// Bytes, written in base64.
    Binary,
    /// Addresses and ranges.
    Ip,
    /// ARNs, field by field.
    Arn,
    /// Presence.
    Null,
}

/// How a value and an operand are compared, before negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// The same value (of an address: within the range).
    Equals,
    /// The same text under the case fold.
    EqualsIgnoreCase,
    /// Matches the pattern.
    Like,
    /// Smaller or earlier.
    LessThan,
    /// Not greater or later.
    LessThanEquals,
    /// Greater or later.
    GreaterThan,
    /// Not smaller or earlier.
    GreaterThanEquals,
    /// The key is absent (`true`) or present (`false`).
    Presence,
}

/// A condition operator.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// Its name, case-sensitive.
    pub name: &'static str,
    /// The type that it compares.
    pub family: Family,
    /// How it compares.
    pub comparison: Comparison,
    /// Whether several operand values are a NOR instead of an OR, and an absent key is a match.
    pub negated: bool,
    /// Whether its operands may hold variables.
    pub variables: bool,
    /// Whether `*` and `?` in its operands are wildcards.
    pub wildcards: bool,
}

/// A set qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// Every value of the request; true where there is none.
    ForAllValues,
    /// Some value of the request; false where there is none.
    ForAnyValue,
}

/// An operator as a policy writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The operator.
    pub operator: &'static Operator,
    /// The set qualifier.
    pub qualifier: Option<Qualifier>,
    /// Whether an absent key is a match.
    pub if_exists: bool,
}

/// Why a name is not an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// No such name.
    #[error("no condition operator has this name")]
    Unknown,
    /// A word before the colon that is no qualifier.
    #[error("a set qualifier is `ForAllValues` or `ForAnyValue`")]
    UnknownQualifier,
    /// `NullIfExists`.
    #[error("`Null` takes no `IfExists`")]
    NullIfExists,
    /// `ForAllValues:Null`, `ForAnyValue:Null`.
    #[error("`Null` takes no set qualifier: its result would be constant")]
    QualifiedNull,
}

const fn text(name: &'static str, comparison: Comparison, negated: bool) -> Operator {
    let wildcards = matches!(comparison, Comparison::Like);
    Operator { name, family: Family::String, comparison, negated, variables: true, wildcards }
}

const fn arn(name: &'static str, negated: bool) -> Operator {
    Operator {
        name,
        family: Family::Arn,
        comparison: Comparison::Like,
        negated,
        variables: true,
        wildcards: true,
    }
}

const fn plain(name: &'static str, family: Family, comparison: Comparison, negated: bool) -> Operator {
    Operator { name, family, comparison, negated, variables: false, wildcards: false }
}

/// Every condition operator.
pub static OPERATORS: [Operator; 27] = {
    use Comparison::{
        Equals, EqualsIgnoreCase, GreaterThan, GreaterThanEquals, LessThan, LessThanEquals, Like, Presence,
    };
    [
        text("StringEquals", Equals, false),
        text("StringNotEquals", Equals, true),
        text("StringEqualsIgnoreCase", EqualsIgnoreCase, false),
        text("StringNotEqualsIgnoreCase", EqualsIgnoreCase, true),
        text("StringLike", Like, false),
        text("StringNotLike", Like, true),
        plain("NumericEquals", Family::Numeric, Equals, false),
        plain("NumericNotEquals", Family::Numeric, Equals, true),
        plain("NumericLessThan", Family::Numeric, LessThan, false),
        plain("NumericLessThanEquals", Family::Numeric, LessThanEquals, false),
        plain("NumericGreaterThan", Family::Numeric, GreaterThan, false),
        plain("NumericGreaterThanEquals", Family::Numeric, GreaterThanEquals, false),
        plain("DateEquals", Family::Date, Equals, false),
        plain("DateNotEquals", Family::Date, Equals, true),
        plain("DateLessThan", Family::Date, LessThan, false),
        plain("DateLessThanEquals", Family::Date, LessThanEquals, false),
        plain("DateGreaterThan", Family::Date, GreaterThan, false),
        plain("DateGreaterThanEquals", Family::Date, GreaterThanEquals, false),
        // AWS's pages disagree on variables under Bool; they are taken, and must yield true or false.
        Operator {
            name: "Bool",
            family: Family::Bool,
            comparison: Equals,
            negated: false,
            variables: true,
            wildcards: false,
        },
        plain("BinaryEquals", Family::Binary, Equals, false),
        plain("IpAddress", Family::Ip, Equals, false),
        plain("NotIpAddress", Family::Ip, Equals, true),
        // AWS documents ArnEquals and ArnLike as the same operator.
        arn("ArnEquals", false),
        arn("ArnNotEquals", true),
        arn("ArnLike", false),
        arn("ArnNotLike", true),
        plain("Null", Family::Null, Presence, false),
    ]
};

impl Operation {
    /// Reads an operator's written name.
    ///
    /// ```
    /// use verdikt::operator::table::{Operation, Qualifier};
    /// let operation = Operation::parse("ForAnyValue:StringNotLikeIfExists").unwrap();
    /// assert_eq!(operation.operator.name, "StringNotLike");
    /// assert_eq!(operation.qualifier, Some(Qualifier::ForAnyValue));
    /// assert!(operation.if_exists && operation.operator.negated);
    /// assert!(Operation::parse("stringequals").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, OperationError> {
        let (qualifier, name) = match text.split_once(':') {
            None => (None, text),
            Some(("ForAllValues", name)) => (Some(Qualifier::ForAllValues), name),
            Some(("ForAnyValue", name)) => (Some(Qualifier::ForAnyValue), name),
            Some(_) => return Err(OperationError::UnknownQualifier),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let operator =
            OPERATORS.iter().find(|operator| operator.name == name).ok_or(OperationError::Unknown)?;
        if operator.family == Family::Null && if_exists {
            return Err(OperationError::NullIfExists);
        }
        if operator.family == Family::Null && qualifier.is_some() {
            return Err(OperationError::QualifiedNull);
        }
        Ok(Self { operator, qualifier, if_exists })
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.qualifier {
            Some(Qualifier::ForAllValues) => formatter.write_str("ForAllValues:")?,
            Some(Qualifier::ForAnyValue) => formatter.write_str("ForAnyValue:")?,
            None => {}
        }
        formatter.write_str(self.operator.name)?;
        formatter.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

/// The operator whose name is nearest to a misspelt one, for help texts.
pub fn nearest(text: &str) -> Option<&'static str> {
    let name = text.rsplit(':').next().unwrap_or(text);
    let name = name.strip_suffix("IfExists").unwrap_or(name);
    OPERATORS
        .iter()
        .map(|operator| (distance(operator.name, name), operator.name))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, name)| name)
}

/// Edits that lead from one short ASCII word to another, case ignored.
fn distance(a: &str, b: &str) -> usize {
    if b.len() > 40 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        #[cfg(test)]
        crate::text::count::add(b.len());
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let replace = diagonal.saturating_add(usize::from(!x.eq_ignore_ascii_case(&y)));
            diagonal = *cell;
            left = replace.min(left.saturating_add(1)).min(diagonal.saturating_add(1));
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_round_trip() {
        for operator in &OPERATORS {
            assert_eq!(OPERATORS.iter().filter(|other| other.name == operator.name).count(), 1);
            assert_eq!(Operation::parse(operator.name).unwrap().to_string(), operator.name);
        }
        let text = "ForAllValues:StringEqualsIfExists";
        assert_eq!(Operation::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn malformed_names_are_refused() {
        for (text, error) in [
            ("stringEquals", OperationError::Unknown),
            ("BoolNot", OperationError::Unknown),
            ("NotNull", OperationError::Unknown),
            ("BinaryNotEquals", OperationError::Unknown),
            ("StringEqualsIfExistsIfExists", OperationError::Unknown),
            ("forallvalues:StringEquals", OperationError::UnknownQualifier),
            ("ForAllValues:ForAnyValue:StringEquals", OperationError::Unknown),
            ("NullIfExists", OperationError::NullIfExists),
            ("ForAnyValue:Null", OperationError::QualifiedNull),
            ("", OperationError::Unknown),
        ] {
            assert_eq!(Operation::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_nearest_name_is_offered() {
        assert_eq!(nearest("StringEqualz"), Some("StringEquals"));
        assert_eq!(nearest("ForAllValues:stringlike"), Some("StringLike"));
        assert_eq!(nearest("Frobnicate"), None);
    }

    /// A name of a megabyte is not compared with any.
    #[test]
    fn a_long_name_is_nearest_to_none() {
        let work = |len| crate::text::count::during(|| nearest(&"x".repeat(len))).1;
        assert!(work(40) > 0);
        assert_eq!((work(41), work(42), work(1_000_000)), (0, 0, 0));
    }
}
