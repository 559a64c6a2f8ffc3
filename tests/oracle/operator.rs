//! Condition operators: their names, their families, and one comparison each.

use super::context::Context;
use super::dates::instant;
use super::glob;
use super::ip;
use super::template::{self, Piece};
use super::truth::Truth;
use super::values::{boolean, bytes, fold, number};

/// What a set operator asks of the request's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// No set operator.
    Plain,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// How numbers and dates are compared: the request's value stands on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    String,
    StringIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// A condition operator as written in a policy.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    pub set: Set,
    pub family: Family,
    pub negated: bool,
    pub if_exists: bool,
}

impl Operator {
    /// Reads a name, case-sensitively.
    pub fn parse(name: &str) -> Result<Self, String> {
        let unknown = || format!("`{name}` is not a condition operator");
        let (set, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Set::All, rest),
            Some(("ForAnyValue", rest)) => (Set::Any, rest),
            Some(_) => return Err(unknown()),
            None => (Set::Plain, name),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (family, negated) = base_operator(base).ok_or_else(unknown)?;
        if family == Family::Null && (if_exists || set != Set::Plain) {
            return Err(unknown());
        }
        Ok(Self { set, family, negated, if_exists })
    }

    /// Whether a policy value can be read by this operator. The text is a template only where the language version has
    /// variables and the operator takes them.
    pub fn check_operand(self, text: &str, variables: bool) -> Result<(), String> {
        let readable = match self.family {
            Family::String | Family::StringIgnoreCase | Family::StringLike => {
                template::parse(text, variables)?;
                true
            }
            Family::Arn => template::fields(&template::parse(text, variables)?).len() == 6,
            Family::Bool => {
                let pieces = template::parse(text, variables)?;
                template::has_variable(&pieces)
                    || boolean(&template::plain(&template::open(&pieces))).is_some()
            }
            Family::Numeric(_) => number(text).is_some(),
            Family::Date(_) => instant(text).is_some(),
            Family::Binary => bytes(text).is_some(),
            Family::Ip => ip::range(text).is_some(),
            Family::Null => boolean(text).is_some(),
        };
        if readable { Ok(()) } else { Err(format!("`{text}` is not a value for this operator")) }
    }
}

fn base_operator(base: &str) -> Option<(Family, bool)> {
    Some(match base {
        "StringEquals" => (Family::String, false),
        "StringNotEquals" => (Family::String, true),
        "StringEqualsIgnoreCase" => (Family::StringIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Family::StringIgnoreCase, true),
        "StringLike" => (Family::StringLike, false),
        "StringNotLike" => (Family::StringLike, true),
        "NumericNotEquals" => (Family::Numeric(Order::Equal), true),
        "DateNotEquals" => (Family::Date(Order::Equal), true),
        "Bool" => (Family::Bool, false),
        "BinaryEquals" => (Family::Binary, false),
        "IpAddress" => (Family::Ip, false),
        "NotIpAddress" => (Family::Ip, true),
        "ArnEquals" | "ArnLike" => (Family::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Family::Arn, true),
        "Null" => (Family::Null, false),
        ordered => return ordering(ordered),
    })
}

fn ordering(base: &str) -> Option<(Family, bool)> {
    if let Some(order) = base.strip_prefix("Numeric") {
        return Some((Family::Numeric(order_named(order)?), false));
    }
    Some((Family::Date(order_named(base.strip_prefix("Date")?)?), false))
}

fn order_named(name: &str) -> Option<Order> {
    match name {
        "Equals" => Some(Order::Equal),
        "LessThan" => Some(Order::Less),
        "LessThanEquals" => Some(Order::LessOrEqual),
        "GreaterThan" => Some(Order::Greater),
        "GreaterThanEquals" => Some(Order::GreaterOrEqual),
        _ => None,
    }
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// Whether one value of the request matches one value of the policy, before any negation.
pub fn compare(family: Family, operand: &str, value: &str, variables: bool, context: &Context) -> Truth {
    match family {
        Family::Numeric(order) => {
            both(number(value), number(operand), |left, right| order.holds(&left, &right))
        }
        Family::Date(order) => {
            both(instant(value), instant(operand), |left, right| order.holds(&left, &right))
        }
        Family::Binary => both(bytes(value), bytes(operand), |left, right| left == right),
        Family::Ip => both(ip::address(value), ip::range(operand), |address, range| range.contains(address)),
        // Presence is not a comparison of values: the condition answers it.
        Family::Null => Truth::Indeterminate,
        Family::String | Family::StringIgnoreCase | Family::StringLike | Family::Bool | Family::Arn => {
            match template::parse(operand, variables) {
                Ok(pieces) => compare_template(family, &pieces, value, context),
                Err(_) => Truth::Indeterminate,
            }
        }
    }
}

fn both<L, R>(left: Option<L>, right: Option<R>, test: impl FnOnce(L, R) -> bool) -> Truth {
    match (left, right) {
        (Some(left), Some(right)) => Truth::of(test(left, right)),
        _ => Truth::Indeterminate,
    }
}

/// As `compare`, for the families whose operands take variables. One without a value makes the operand match nothing.
fn compare_template(family: Family, pieces: &[Piece], value: &str, context: &Context) -> Truth {
    if family == Family::Bool && boolean(value).is_none() {
        return Truth::Indeterminate;
    }
    if family == Family::Arn {
        return compare_arn(pieces, value, context);
    }
    let Some(tokens) = template::resolve(pieces, context) else {
        return Truth::False;
    };
    let text = template::plain(&tokens);
    match family {
        Family::StringLike => Truth::of(glob::matches(&tokens, value)),
        Family::StringIgnoreCase => Truth::of(fold(&text) == fold(value)),
        Family::Bool => both(boolean(value), boolean(&text), |left, right| left == right),
        _ => Truth::of(text == value),
    }
}

/// Component by component: no wildcard and no value crosses one of the first five colons.
fn compare_arn(pieces: &[Piece], value: &str, context: &Context) -> Truth {
    let patterns = template::fields(pieces);
    if patterns.len() < 6 {
        return Truth::Indeterminate;
    }
    let components: Vec<&str> = value.splitn(6, ':').collect();
    if components.len() < 6 || components[0] != "arn" {
        return Truth::False;
    }
    Truth::all(patterns.iter().zip(components).map(|(pattern, component)| {
        let tokens = template::resolve(pattern, context);
        Truth::of(tokens.is_some_and(|tokens| glob::matches(&tokens, component)))
    }))
}
