//! The JSON reader against `serde_json`: it accepts the same texts, reads the same values, each standing where its span
//! says; lines and columns are those of a slow count; limits are met exactly.

use crate::dice::Dice;
use crate::{json, spell};

/// A text as it is, if it begins with a bracket or white space, else one made of the bytes.
pub fn run(data: &[u8]) -> bool {
    match std::str::from_utf8(data) {
        Ok(text) if text.starts_with(['{', '[', '"', ' ', '\n']) => json::check(text),
        _ => {
            let mut dice = Dice::new(data);
            let limits = json::small_limits(&mut dice);
            let value = spell::any_value(&mut dice, 4);
            let text = spell::write_badly(&value, &mut dice);
            json::check_limits(&text, &limits);
            json::check(&text)
        }
    }
}
