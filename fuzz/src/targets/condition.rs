//! Conditions whole: qualifiers, `IfExists`, absent, single and multivalued keys, short and long lists of operands, both
//! language versions. Each clause is what the oracle says, and so is the decision of an Allow and of a Deny made of it.

use serde_json::{Map, Value, json};
use verdikt::operator::table::OPERATORS;
use verdikt::text::truth::Truth;

use crate::dice::Dice;
use crate::{ask, oracle};

use super::operator::{place, text};

const KEYS: [&str; 4] = ["k:a", "k:b", "k:c", "K:A"];

/// A context and a condition.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let family = dice.below(8);
    let context = context(&mut dice, family);
    let condition = condition(&mut dice, family);
    let version = if dice.chance(6) { "2008-10-17" } else { "2012-10-17" };
    let told = oracle::condition(&condition, version == "2012-10-17", &context);
    let guarded = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    check(&case(version, &context, json!([guarded])), told.as_deref(), dice.number());
    if told.is_ok() {
        let mut denied = guarded;
        denied["Effect"] = "Deny".into();
        let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        check(&case(version, &context, json!([denied, allow])), told.as_deref(), dice.number());
    }
    told.is_ok()
}

/// The clauses of the first statement are as told; everyone decides as the oracle does.
fn check(case: &Value, told: Result<&[oracle::Truth], &String>, half: u64) {
    let line = case.to_string();
    let clauses = ask::with(&line, |set, request| {
        let explanation = set.explain(request);
        let first = explanation.statements().next().expect("a statement is explained");
        let conditions = first.clauses.iter().filter(|clause| clause.element == "Condition");
        conditions.map(|clause| truth(clause.truth)).collect::<Vec<_>>()
    });
    assert_eq!(clauses.ok().as_deref(), told.ok(), "{line}");
    ask::everyone(&line, &oracle::decide(case), half);
}

fn truth(truth: Truth) -> oracle::Truth {
    match truth {
        Truth::True => oracle::Truth::True,
        Truth::False => oracle::Truth::False,
        Truth::Indeterminate(_) => oracle::Truth::Indeterminate,
    }
}

fn case(version: &str, context: &Map<String, Value>, statements: Value) -> Value {
    let request = json!({"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333", "context": context});
    let policy = json!({"Version": version, "Statement": statements});
    json!({"id": "fuzz", "request": request, "policies": {"identity": [{"name": "p", "policy": policy}]}})
}

fn context(dice: &mut Dice<'_>, family: usize) -> Map<String, Value> {
    let mut context = Map::new();
    for key in &KEYS[..3] {
        let value = match dice.upto(7) {
            0 | 1 => continue,
            2 => (0..dice.upto(4)).map(|_| Value::from(text(dice, family))).collect(),
            3 => json!(["", ""]),
            4 => json!(""),
            _ => text(dice, family).into(),
        };
        context.insert((*key).to_owned(), value);
    }
    context
}

fn condition(dice: &mut Dice<'_>, family: usize) -> Value {
    let mut condition = Map::new();
    for _ in 0..=dice.upto(1) {
        let family = if dice.chance(5) { dice.below(8) } else { family };
        let of_family: Vec<&str> =
            OPERATORS.iter().filter(|one| place(one.family) == family).map(|one| one.name).collect();
        let mut name = dice.pick(&of_family).to_owned();
        if name != "Null" {
            name.insert_str(0, dice.pick(&["", "", "ForAllValues:", "ForAnyValue:"]));
            name.push_str(dice.pick(&["", "", "IfExists"]));
        }
        let keys: Map<String, Value> =
            (0..=dice.upto(1)).map(|_| (dice.pick(&KEYS).to_owned(), operands(dice, family))).collect();
        condition.insert(name, keys.into());
    }
    condition.into()
}

/// One operand, some, or so many that they are searched.
fn operands(dice: &mut Dice<'_>, family: usize) -> Value {
    match dice.upto(5) {
        0..=2 => text(dice, family).into(),
        3 => (0..9 + dice.upto(15)).map(|_| Value::from(plain(dice, family))).collect(),
        _ => (0..=dice.upto(2)).map(|_| Value::from(text(dice, family))).collect(),
    }
}

/// An operand that most operators of the family can read: one fault would refuse a long list.
fn plain(dice: &mut Dice<'_>, family: usize) -> String {
    let known = dice.pick(crate::vocabulary::OPERANDS[family]);
    match family {
        0 if dice.flip() => dice.words(&["a", "b", "*", "?", "é", "c", "/"], 4),
        4 if dice.flip() => {
            format!("10.{}.0.0/{}", dice.pick(&["0", "1", "255"]), dice.pick(&["8", "16", "31", "32", "15"]))
        }
        _ => known.to_owned(),
    }
}
