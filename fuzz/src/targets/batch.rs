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
        let is_met = answer.is_met() || (answer.expect.is_none() && !answer.is_unmet);
        check_answer(&told, number, answer.outcome.is_some(), is_met);
        as_a_call(line, &told);
        let mut checked = Vec::new();
        documents::answer(line, number, &Limits::default(), &mut checked);
        one_line(&String::from_utf8_lossy(&checked));
    }
}

/// A request is decided alike where it is the only check of a call.
fn as_a_call(line: &[u8], told: &str) {
    let Ok(mut case) = serde_json::from_slice::<Value>(line) else { return };
    let Some(members) = case.as_object_mut() else { return };
    let (Some(Value::Object(mut check)), None) = (members.remove("request"), members.get("call")) else {
        return;
    };
    let Some(principal) = check.remove("principal") else { return };
    if check.keys().any(|name| name == "part" || name == "expect") {
        return;
    }
    members.insert(
        "call".to_owned(),
        serde_json::json!({"principal": principal, "combination": "allOf", "checks": [check]}),
    );
    let mut out = Vec::new();
    Cases::default().answer(case.to_string().as_bytes(), 1, &mut out);
    let (alone, call) = (one_line(told), one_line(&String::from_utf8_lossy(&out)));
    // A key that stands twice is one where the line is read for this; what is refused for it is not compared.
    if alone.get("decision").is_some() {
        assert_eq!(call["decision"], alone["decision"], "{told} {call} {case}");
        assert_eq!(call["checks"][0]["decision"], alone["decision"], "{told}");
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
    if dice.chance(5) {
        case = call(dice, case);
    }
    match dice.upto(5) {
        0 => spell::write_badly(&case, dice).replace('\n', " ").into_bytes(),
        1 => case.to_string().replace("\"policies\":", "\"policies\":  ").into_bytes(),
        2 => format!(" {case}\t").into_bytes(),
        _ => case.to_string().into_bytes(),
    }
}

/// The case's request as checks of a call: some of them twice, with keys that all share, perhaps none.
fn call(dice: &mut Dice<'_>, mut case: Value) -> Value {
    let mut check = case["request"].clone();
    let principal = check["principal"].clone();
    let Some(members) = check.as_object_mut() else { return case };
    members.remove("principal");
    let mut call = serde_json::json!({
        "principal": principal,
        "combination": dice.pick(&["allOf", "each", "noneNeeded"]),
    });
    if dice.flip()
        && let Some(context) = members.remove("context")
    {
        call["context"] = context;
    }
    let checks = (0..dice.upto(2)).map(|part| {
        let mut check = check.clone();
        if dice.flip() {
            check["part"] = part.into();
            check["expect"] = dice.pick(&["allowed", "denied"]).into();
        }
        check
    });
    call["checks"] = checks.collect::<Vec<_>>().into();
    if let Some(members) = case.as_object_mut() {
        members.remove("request");
        members.insert("call".to_owned(), call);
    }
    case
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
