//! ARN operators: `ArnEquals` and `ArnLike` are the same; each of the six fields is a pattern, case-sensitive, and no
//! star leaves its field.

use crate::text::arn_pattern::{ArnPattern, ResourceText};
use crate::text::pool::{Pool, Variables};

/// Compares a value with an operand; a value that is not an ARN equals none.
pub fn compare<V: Variables>(
    pool: &Pool,
    operand: ArnPattern,
    value: &ResourceText<'_>,
    variables: &V,
) -> bool {
    value.is_arn() && pool.matches_arn(&operand, value, variables)
}
