//! Batches: every line is answered by one line of JSON that names it, in order, whatever the lines before it; the answer
//! is that of the line alone, and of another answerer of the same batch. Lines are cases in some spelling, cases that
//! are nearly right, and anything else.

use serde_json::Value;
use verdikt::policy::Limits;
use verdikt::suite::{Cases, documents};

use crate::dice::Dice;
use crate::{case, spell};

/// The lines of a text that begins with a brace, else lines made of the bytes.
pub fn run(data: &[u8]) -> bool {
    if data.starts_with(b"{") {
        check(&data.split(|byte| *byte == b'\n').collect::<Vec<_>>(), data.len());
        return true;
    }
    let mut dice = Dice::new(data);
    let lines = lines(&mut dice);
    let turns = usize::try_from(dice.number() >> 1).unwrap_or_default();
    check(&lines.iter().map(Vec::as_slice).collect::<Vec<_>>(), turns);
    true
}

/// Answers the lines by two answerers of one batch, and each alone.
fn check(lines: &[&[u8]], turns: usize) {
    let mut batch = Cases::default();
    let mut other = batch.another();
    for (at, line) in lines.iter().enumerate() {
        let number = at + 1;
        let (mut out, mut alone) = (b"before\n".to_vec(), Vec::new());
        let answerer = if turns >> (at % 32) & 1 == 1 { &mut other } else { &mut batch };
        let answer = answerer.answer(line, number, &mut out);
        let single = Cases::default().answer(line, number, &mut alone);
        let place = || String::from_utf8_lossy(line).into_owned();
        let out = out.strip_prefix(b"before\n").expect("what stood there stays");
        let (told, expected) = (String::from_utf8_lossy(out), String::from_utf8_lossy(&alone));
        assert_eq!(told, expected, "line {number} among others and alone: {}", place());
        assert_eq!(answer, single, "line {number}: {}", place());
        check_answer(&told, number, answer.outcome.is_some(), answer.is_met() || answer.expect.is_none());
        let mut checked = Vec::new();
        documents::answer(line, number, &Limits::default(), &mut checked);
        one_line(&String::from_utf8_lossy(&checked));
    }
}

/// The answer as JSON, which is one line.
fn one_line(told: &str) -> Value {
    let text = told.strip_suffix('\n').expect("an answer ends its line");
    assert!(!text.contains('\n'), "an answer of several lines: {told}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {told}"))
}

fn check_answer(told: &str, number: usize, is_decided: bool, is_met: bool) {
    let answer = one_line(told);
    let has = |name: &str| answer.get(name).is_some();
    assert!(has("id") != has("line"), "an answer names its line: {told}");
    assert!(!has("line") || answer["line"] == number, "line {number}: {told}");
    assert!(has("decision") == is_decided && has("error") != is_decided, "{told}");
    assert!(
        is_decided || answer["error"]["message"].is_string() && answer["error"]["code"].is_string(),
        "{told}"
    );
    assert_eq!(has("unexpected"), !is_met, "{told}");
}

fn lines(dice: &mut Dice<'_>) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for _ in 0..=dice.upto(1) {
        let cases = case::cases(dice);
        let mut other = case::cases(dice);
        other.truncate(1);
        let notes = [cases[0]["policies"].clone(), other[0]["policies"].clone()];
        for case in cases.into_iter().chain(other) {
            lines.push(line(dice, case, &notes));
            if dice.chance(4) {
                lines.push(anything(dice, lines.last().cloned().unwrap_or_default()));
            }
        }
    }
    lines
}

/// A case with other members beside its own: an expectation, notes that hold the `policies` of this line or another.
fn line(dice: &mut Dice<'_>, mut case: Value, notes: &[Value; 2]) -> Vec<u8> {
    if dice.chance(3) {
        case["expect"] = dice.pick(&["allowed", "explicitDeny", "implicitDeny", "denied", "error"]).into();
    }
    if dice.chance(4) {
        let policies = &notes[dice.upto(1)];
        case[dice.pick(&["a", "z", "\"policies\":", "policy"])] = serde_json::json!({ "policies": policies });
    }
    match dice.upto(5) {
        0 => spell::write_badly(&case, dice).replace('\n', " ").into_bytes(),
        1 => case.to_string().replace("\"policies\":", "\"policies\":  ").into_bytes(),
        2 => format!(" {case}\t").into_bytes(),
        _ => case.to_string().into_bytes(),
    }
}

/// The line cut, a byte of it changed, or a line that is no case at all.
fn anything(dice: &mut Dice<'_>, mut line: Vec<u8>) -> Vec<u8> {
    let at = dice.below(line.len());
    match dice.upto(5) {
        0 => line.truncate(at),
        1 if !line.is_empty() => line[at] = 0xff,
        2 if !line.is_empty() => line[at] = dice.pick(b"\"{}[],:\\ 0nt"),
        3 => {
            line = b"{\"id\": \"x\", \"request\": 1, \"request\": 1, \"policies\": {}, \"expect\": \"error\"}"
                .to_vec()
        }
        4 => line = dice.pick(&[&b""[..], b"null", b"[]", b"\xff\xfe", b"{\"id\": 1}", b"{}"]).to_vec(),
        _ => line.reverse(),
    }
    line
}
