//! Bool: `true` and `false`, ASCII case ignored; nothing else.

use crate::text::pattern::Pattern;
use crate::text::pool::{Pool, Variables};
use crate::text::truth::{Reason, Truth};

/// Reads a boolean.
#[inline]
pub fn read(text: &str) -> Option<bool> {
    match text {
        // PERF: as nearly everyone writes them.
        "true" => Some(true),
        "false" => Some(false),
        _ => read_any_case(text),
    }
}

#[inline(never)]
fn read_any_case(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Compares with an operand that holds variables: without a value it matches nothing, and what is neither true nor
/// false cannot be read.
pub fn compare_variable<V: Variables>(pool: &Pool, operand: Pattern, value: bool, variables: &V) -> Truth {
    if pool.has_unresolved(operand, variables) {
        return Truth::False;
    }
    let is = |text| pool.equals_ignore_ascii_case(operand, text, variables);
    match (is("true"), is("false")) {
        (true, _) => value.into(),
        (_, true) => (!value).into(),
        _ => Truth::Indeterminate(Reason::UnreadableOperand),
    }
}
