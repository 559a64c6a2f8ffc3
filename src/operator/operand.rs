//! Operands and values: reading both once, then comparing.

use crate::text::arn_pattern::{ArnPattern, ArnPatternError, FieldTokens};
use crate::text::pattern::Pattern;
use crate::text::pool::{Literal, Pool, Variables};
use crate::text::template::{Syntax, TemplateError, Token, mentions_variable, tokenize};
use crate::text::truth::Truth;

use super::date::{DateError, Instant};
use super::ip::{read_address, read_network};
use super::numeric::Decimal;
use super::table::{Comparison, Family, Operator};
use super::{binary, boolean, null};

/// A policy's value, read for its operator.
#[derive(Clone, Copy, Debug)]
pub enum Operand {
    /// A text or pattern.
    Text(Pattern),
    /// An ARN pattern.
    Arn(ArnPattern),
    /// A decimal.
    Decimal {
        /// Below zero.
        negative: bool,
        /// Digits without leading zeros.
        whole: Literal,
        /// Digits without trailing zeros.
        fraction: Literal,
    },
    /// An instant.
    Instant(Instant),
    /// A boolean.
    Bool(bool),
    /// A boolean to be had from variables.
    BoolTemplate(Pattern),
    /// Canonical base64.
    Bytes(Literal),
    /// An address range.
    Network(ipnet::IpNet),
    /// `Null`: whether absence is asked for.
    Absence(bool),
}

/// A request's value, read for an operator's family; texts and ARNs are compared as they are.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A decimal.
    Decimal(Decimal<'a>),
    /// An instant.
    Instant(Instant),
    /// A boolean.
    Bool(bool),
    /// Canonical base64.
    Bytes(&'a str),
    /// An address.
    Address(std::net::IpAddr),
}

/// Why a policy's value cannot be an operand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperandError {
    /// Not a decimal.
    #[error("not a decimal number")]
    Numeric,
    /// Not a date.
    #[error("not a date: {0}")]
    Date(#[from] DateError),
    /// Neither true nor false.
    #[error("neither `true` nor `false`")]
    Bool,
    /// Not canonical base64.
    #[error("not base64 with its padding")]
    Binary,
    /// Not an address or range.
    #[error("not an IP address or CIDR range")]
    Ip,
    /// Not an ARN pattern of six fields.
    #[error("{0}")]
    Arn(#[from] ArnPatternError),
    /// A variable where the operator takes none.
    #[error("a variable under an operator that takes none")]
    Variable,
    /// A malformed variable.
    #[error("{0}")]
    Template(#[from] TemplateError),
}

impl Operand {
    /// Reads a policy's value; `variables` says whether the document's Version has them.
    pub fn read(
        operator: &Operator,
        text: &str,
        variables: bool,
        pool: &mut Pool,
    ) -> Result<Self, OperandError> {
        let has_variable = variables && mentions_variable(text);
        if has_variable && !operator.variables {
            return Err(OperandError::Variable);
        }
        let syntax = Syntax { wildcards: operator.wildcards, variables };
        Ok(match operator.family {
            Family::String => Self::Text(pool.pattern(&tokenize(text, syntax)?)),
            Family::Arn => {
                let tokens = tokenize(text, syntax)?;
                FieldTokens::split(&tokens).check_six()?;
                Self::Arn(pool.arn_pattern(&tokens))
            }
            Family::Bool if has_variable => {
                let tokens = tokenize(text, syntax)?;
                // `${*}` and its like are constants, and in no boolean.
                if !tokens.iter().any(|token| matches!(token, Token::Variable(_))) {
                    return Err(OperandError::Bool);
                }
                Self::BoolTemplate(pool.pattern(&tokens))
            }
            Family::Bool => Self::Bool(boolean::read(text).ok_or(OperandError::Bool)?),
            Family::Null => Self::Absence(null::read(text).ok_or(OperandError::Bool)?),
            Family::Numeric => {
                let (negative, whole, fraction) = Decimal::read(text).ok_or(OperandError::Numeric)?.parts();
                Self::Decimal { negative, whole: pool.add(whole), fraction: pool.add(fraction) }
            }
            Family::Date => Self::Instant(Instant::read(text)?),
            Family::Binary if binary::is_canonical(text) => Self::Bytes(pool.add(text)),
            Family::Binary => return Err(OperandError::Binary),
            Family::Ip => Self::Network(read_network(text).ok_or(OperandError::Ip)?),
        })
    }

    /// The pattern of a text operand.
    pub fn text(&self) -> Option<Pattern> {
        if let Self::Text(pattern) = self { Some(*pattern) } else { None }
    }

    /// The pattern of an ARN operand.
    pub fn arn(&self) -> Option<ArnPattern> {
        if let Self::Arn(pattern) = self { Some(*pattern) } else { None }
    }

    /// The range of an address operand.
    pub fn network(&self) -> Option<ipnet::IpNet> {
        if let Self::Network(network) = self { Some(*network) } else { None }
    }

    /// The operand with its variables replaced, for explanations; `None` for one that has none, or has no value.
    pub fn substituted<V: Variables>(&self, pool: &Pool, variables: &V) -> Option<String> {
        match self {
            Self::Text(pattern) | Self::BoolTemplate(pattern) => pool.substituted(*pattern, variables),
            Self::Arn(pattern) => pool.substituted_arn(*pattern, variables),
            _ => None,
        }
    }

    /// Compares with a value of the same family; `comparison` is the operator's, before negation.
    #[allow(clippy::inline_always, reason = "where the type of the value is known, one arm is left")]
    #[inline(always)]
    pub fn compare<V: Variables>(
        &self,
        comparison: Comparison,
        value: &Value<'_>,
        pool: &Pool,
        variables: &V,
    ) -> Truth {
        match (self, value) {
            (Self::Decimal { negative, whole, fraction }, Value::Decimal(value)) => {
                let operand = Decimal::from_parts(*negative, pool.text(*whole), pool.text(*fraction));
                order(comparison, value, &operand).into()
            }
            (Self::Instant(operand), Value::Instant(value)) => order(comparison, value, operand).into(),
            (Self::Bool(operand), Value::Bool(value)) => (operand == value).into(),
            (Self::BoolTemplate(pattern), Value::Bool(value)) => {
                boolean::compare_variable(pool, *pattern, *value, variables)
            }
            (Self::Bytes(literal), Value::Bytes(value)) => (pool.text(*literal) == *value).into(),
            (Self::Network(network), Value::Address(address)) => network.contains(address).into(),
            _ => Truth::False,
        }
    }
}

impl<'a> Value<'a> {
    /// Reads a request's value for an operator's family; `None` if it is not of that type, or the family is one of those
    /// that compare the text itself.
    #[inline]
    pub fn read(family: Family, text: &'a str) -> Option<Self> {
        match family {
            Family::String | Family::Arn | Family::Null => None,
            Family::Numeric => Decimal::read(text).map(Self::Decimal),
            Family::Date => Instant::read(text).ok().map(Self::Instant),
            Family::Bool => boolean::read(text).map(Self::Bool),
            Family::Binary => binary::is_canonical(text).then_some(Self::Bytes(text)),
            Family::Ip => read_address(text).map(Self::Address),
        }
    }
}

fn order<T: Ord>(comparison: Comparison, value: &T, operand: &T) -> bool {
    let order = value.cmp(operand);
    match comparison {
        Comparison::LessThan => order.is_lt(),
        Comparison::LessThanEquals => order.is_le(),
        Comparison::GreaterThan => order.is_gt(),
        Comparison::GreaterThanEquals => order.is_ge(),
        Comparison::Equals | Comparison::EqualsIgnoreCase | Comparison::Like | Comparison::Presence => {
            order.is_eq()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is no value of a family is not read as one, nor is anything of those that compare the text itself.
    #[test]
    fn values_are_read_by_family() {
        let is_read = |family, text| Value::read(family, text).is_some();
        for (family, good, bad) in [
            (Family::Numeric, "1.50", "1e3"),
            (Family::Date, "2020-01-01T00:00:00Z", "soon"),
            (Family::Bool, "TRUE", "yes"),
            (Family::Binary, "QmluYXJ5", "QmluYXJ5="),
            (Family::Ip, "2001:db8::1", "203.0.113.300"),
        ] {
            assert!(is_read(family, good), "{family:?}: {good}");
            assert!(!is_read(family, bad), "{family:?}: {bad}");
        }
        for family in [Family::String, Family::Arn, Family::Null] {
            assert!(!is_read(family, "true"), "{family:?}");
        }
    }
}
