//! `Null`: `"true"` asks for the key's absence, `"false"` for its presence.

use super::boolean;

/// Reads the operand: whether absence is asked for.
pub fn read(text: &str) -> Option<bool> {
    boolean::read(text)
}
