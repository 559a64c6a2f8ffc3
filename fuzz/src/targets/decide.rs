//! Deciding: a case, as bytes or as text that begins with a brace, is answered alike by the indexed walk, by the walk of
//! all statements, by the explanation, by policies bound to a session, by the batch form and by the oracle, whatever the
//! order of its statements; so are more requests to the same policies, for which the batch form compiles nothing anew.

use serde_json::Value;
use verdikt::evaluate::Outcome;
use verdikt::suite::Cases;
use verdikt::suite::case::Case;

use crate::dice::Dice;
use crate::{ask, case, json, oracle};

/// A case as it stands, or cases made of the bytes.
pub fn run(data: &[u8]) -> bool {
    match std::str::from_utf8(data) {
        Ok(text) if text.starts_with('{') => raw(text),
        _ => structured(data),
    }
}

fn structured(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let cases = case::cases(&mut dice);
    let mut batch = Cases::default();
    for (number, case) in cases.iter().enumerate() {
        let line = case.to_string();
        let told = oracle::decide(case);
        answer(&mut batch, &line, ask::expected(&told));
        if number == 0 {
            ask::everyone(&line, &told, dice.number());
            let reversed = ask::outcome(&case::reversed(case));
            assert_eq!(reversed, ask::expected(&told), "the order of statements decides: {line}");
        }
    }
    true
}

/// A text that is a case to the engine and JSON without duplicate keys to the oracle; any other must be refused.
fn raw(line: &str) -> bool {
    let mut batch = Cases::default();
    let is_case = Case::parse(line).is_ok();
    match oracle::text::read(line) {
        Ok(case) if is_case && !json::is_private(line) => {
            let told = oracle::decide(&case);
            ask::everyone(line, &told, line.len() as u64);
            answer(&mut batch, line, ask::expected(&told));
            answer(&mut batch, line, ask::expected(&told));
            true
        }
        Ok(_) => false,
        Err(_) => {
            answer(&mut batch, line, None);
            false
        }
    }
}

/// The batch form's answer to a line is the expected one, and is JSON.
fn answer(batch: &mut Cases, line: &str, expected: Option<Outcome>) {
    let mut out = Vec::new();
    assert_eq!(batch.answer(line.as_bytes(), 1, &mut out).outcome, expected, "batch: {line}");
    serde_json::from_slice::<Value>(&out).expect("an answer is JSON");
}
