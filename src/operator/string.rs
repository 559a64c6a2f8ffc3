//! String operators: exact code points, the case fold, or a pattern over the whole text.

use crate::text::pattern::Pattern;
use crate::text::pool::{Pool, Variables};

use super::table::Comparison;

/// Compares a text with an operand.
#[inline]
pub fn compare<V: Variables>(
    comparison: Comparison,
    pool: &Pool,
    operand: Pattern,
    text: &str,
    variables: &V,
) -> bool {
    match comparison {
        Comparison::EqualsIgnoreCase => pool.equals_folded(operand, text, variables),
        _ => pool.matches(operand, text, variables),
    }
}
