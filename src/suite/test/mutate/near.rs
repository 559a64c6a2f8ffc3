//! What a value or an operator of a policy becomes by a small slip: a separator less before the star, a star less, one bit of
//! a prefix, one unit of a number, one second, the bound itself in or out, case that counts or does not.

use ipnet::IpNet;

use crate::operator::date::Instant;
use crate::operator::ip::read_network;
use crate::operator::table::{Comparison, Family, OPERATORS, Operation, Operator};
use crate::policy::Condition;
use crate::text::template::{Syntax, Token, tokenize};

/// What was done, and the text that it made.
pub(super) type Slip = (&'static str, String);

/// A pattern with its wildcards moved by little.
pub(super) fn of_pattern(text: &str) -> Vec<Slip> {
    let wider = [super::mutants::widened(text), without_separator(text)];
    let wider = wider.into_iter().flatten().map(|text| ("widen", text));
    wider.chain(without_star(text).map(|text| ("narrow", text))).collect()
}

/// The same for an action.
pub(super) fn of_action(text: &str) -> Vec<Slip> {
    let wider = super::mutants::action_widened(text).map(|text| ("widen", text));
    let less = without_star(text).filter(|less| !less.ends_with(':'));
    wider.into_iter().chain(less.map(|text| ("narrow", text))).collect()
}

/// `x/*` as `x*`, `x-*` as `x*`: now the neighbours whose names begin alike match too. A colon parts the fields of an ARN,
/// which stay.
fn without_separator(text: &str) -> Option<String> {
    let before = text.strip_suffix('*')?;
    let colon = before.strip_suffix(':').filter(|_| !text.starts_with("arn:"));
    let head = before.strip_suffix(['/', '-', '_', '.', '#']).or(colon)?;
    Some(format!("{head}*"))
}

fn without_star(text: &str) -> Option<String> {
    text.strip_suffix('*').filter(|less| !less.is_empty()).map(str::to_owned)
}

/// An operand of a family without patterns, a little beside what it is.
pub(super) fn of_operand(family: Family, text: &str) -> Vec<Slip> {
    match family {
        Family::Ip => networks(text),
        Family::Numeric => numbers(text).into_iter().flatten().map(|text| ("move", text)).collect(),
        Family::Date => instants(text).into_iter().flatten().map(|text| ("move", text)).collect(),
        Family::String | Family::Arn | Family::Bool | Family::Binary | Family::Null => Vec::new(),
    }
}

/// The range with a bit more, and with one less.
fn networks(text: &str) -> Vec<Slip> {
    let Some(network) = read_network(text) else { return Vec::new() };
    let length = network.prefix_len();
    let with = |length: Option<u8>| {
        let other = IpNet::new(network.addr(), length?).ok()?.trunc();
        Some(other.to_string())
    };
    let wider = with(length.checked_sub(1)).map(|text| ("widen", text));
    let narrower = with(length.checked_add(1)).map(|text| ("narrow", text));
    wider.into_iter().chain(narrower).collect()
}

/// The numbers beside: of a whole number the next ones, of a fraction one more digit behind the point.
fn numbers(text: &str) -> [Option<String>; 2] {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let places = if fraction.is_empty() { 0 } else { fraction.len().saturating_add(1) };
    let digits = format!("{whole}{fraction}{}", if places == 0 { "" } else { "0" });
    let value: Option<i128> = digits.parse().ok();
    [-1, 1].map(|step| Some(written(value?.checked_add(step)?, places)))
}

fn written(value: i128, places: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places.saturating_add(1));
    let (whole, fraction) = digits.split_at_checked(digits.len().saturating_sub(places)).unwrap_or_default();
    let point = if places == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// The seconds before and after.
fn instants(text: &str) -> [Option<String>; 2] {
    let parts = Instant::read(text).ok().map(Instant::parts);
    [-1, 1].map(|step| {
        let (seconds, rest) = parts?;
        Some(Instant::from_parts((seconds.checked_add(step)?, rest)).written())
    })
}

/// The operators that are easily written instead, where that makes a difference: with the bound or without it, with case
/// or without it, with wildcards or without them.
pub(super) fn of_operator(condition: &Condition, variables: bool) -> Vec<Condition> {
    let operation = condition.operation;
    let as_written = |wanted: fn(&Token<'_>) -> bool| {
        let syntax = Syntax { wildcards: operation.operator.wildcards, variables };
        let has = |text: &str| tokenize(text, syntax).unwrap_or_default().iter().any(wanted);
        condition.values.iter().any(|value| has(&value.value))
    };
    let others: &[Comparison] = match operation.operator.comparison {
        Comparison::LessThan => &[Comparison::LessThanEquals],
        Comparison::LessThanEquals => &[Comparison::LessThan],
        Comparison::GreaterThan => &[Comparison::GreaterThanEquals],
        Comparison::GreaterThanEquals => &[Comparison::GreaterThan],
        Comparison::EqualsIgnoreCase if as_written(has_case) => &[Comparison::Equals],
        Comparison::Equals if operation.operator.family == Family::String => {
            match (as_written(has_case), as_written(looks_wild)) {
                (true, true) => &[Comparison::EqualsIgnoreCase, Comparison::Like],
                (true, false) => &[Comparison::EqualsIgnoreCase],
                (false, true) => &[Comparison::Like],
                (false, false) => &[],
            }
        }
        Comparison::Like if as_written(|token| matches!(token, Token::Star | Token::Question)) => {
            &[Comparison::Equals]
        }
        Comparison::Equals | Comparison::EqualsIgnoreCase | Comparison::Like | Comparison::Presence => &[],
    };
    let found = others.iter().filter_map(|comparison| operator(operation.operator, *comparison));
    found
        .map(|operator| Condition { operation: Operation { operator, ..operation }, ..condition.clone() })
        .collect()
}

/// Whether case could matter: a letter that has it, or a variable, whose value may.
fn has_case(token: &Token<'_>) -> bool {
    match token {
        Token::Literal(text) => text.chars().any(|c| c.is_lowercase() || c.is_uppercase()),
        Token::Variable(_) => true,
        Token::Special(_) | Token::Star | Token::Question => false,
    }
}

fn looks_wild(token: &Token<'_>) -> bool {
    matches!(token, Token::Literal(text) if text.contains(['*', '?']))
}

fn operator(like: &Operator, comparison: Comparison) -> Option<&'static Operator> {
    OPERATORS
        .iter()
        .find(|one| one.family == like.family && one.negated == like.negated && one.comparison == comparison)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(slips: Vec<Slip>) -> Vec<String> {
        slips.into_iter().map(|(verb, text)| format!("{verb} {text}")).collect()
    }

    #[test]
    fn patterns_slip_by_a_character() {
        assert_eq!(
            texts(of_pattern("arn:aws:s3:::b/u/*")),
            ["widen arn:aws:s3:::b/*", "widen arn:aws:s3:::b/u*", "narrow arn:aws:s3:::b/u/"]
        );
        assert_eq!(texts(of_pattern("us-east-1:*")), ["widen *", "widen us-east-1*", "narrow us-east-1:"]);
        assert_eq!(
            texts(of_pattern("arn:aws:s3:::*")).iter().filter(|text| text.contains("s3::*")).count(),
            0
        );
        assert!(texts(of_pattern("t#*")).contains(&"widen t*".to_owned()));
        assert_eq!(texts(of_pattern("*")), [""; 0]);
        assert_eq!(texts(of_action("s3:Get*")), ["widen s3:*", "narrow s3:Get"]);
        assert_eq!(texts(of_action("s3:*")), ["widen *"]);
    }

    #[test]
    fn operands_slip_by_a_unit() {
        for (family, text, slips) in [
            (Family::Ip, "203.0.113.0/24", vec!["widen 203.0.112.0/23", "narrow 203.0.113.0/25"]),
            (Family::Ip, "203.0.113.7", vec!["widen 203.0.113.6/31"]),
            (Family::Ip, "::/0", vec!["narrow ::/1"]),
            (Family::Numeric, "10", vec!["move 9", "move 11"]),
            (Family::Numeric, "1.3", vec!["move 1.29", "move 1.31"]),
            (Family::Numeric, "-0.5", vec!["move -0.51", "move -0.49"]),
            (Family::Numeric, "0", vec!["move -1", "move 1"]),
            (
                Family::Date,
                "2027-01-01T00:00:00Z",
                vec!["move 2026-12-31T23:59:59Z", "move 2027-01-01T00:00:01Z"],
            ),
            (Family::Bool, "true", vec![]),
        ] {
            assert_eq!(texts(of_operand(family, text)), slips, "{text}");
        }
    }
}
