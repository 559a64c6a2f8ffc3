//! One thing wrong with a case: a request or a document that must be refused.

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::refused;

/// Spoils a case.
pub fn spoil(dice: &mut Dice, case: &mut Value) {
    match dice.weighted(&[25, 8, 10, 30, 27]) {
        0 => spoil_request(dice, &mut case["request"]),
        1 => insert(dice, &mut case["policies"], refused::policy_members()),
        place => {
            let mut found = Vec::new();
            documents(&mut case["policies"], &mut found);
            if found.is_empty() {
                return spoil_request(dice, &mut case["request"]);
            }
            let at = dice.below(found.len());
            let document = &mut *found[at];
            match place {
                2 => insert(dice, document, refused::document_members()),
                _ => spoil_statement(dice, document, place == 4),
            }
        }
    }
}

fn spoil_request(dice: &mut Dice, request: &mut Value) {
    if let Value::Object(members) = request
        && dice.chance(10)
    {
        members.remove(dice.pick(&["principal", "action", "resource"]));
        return;
    }
    insert(dice, request, refused::request_members());
}

fn spoil_statement(dice: &mut Dice, document: &mut Value, in_condition: bool) {
    let statement = match &mut document["Statement"] {
        Value::Array(statements) if statements.is_empty() => return,
        Value::Array(statements) => {
            let at = dice.below(statements.len());
            &mut statements[at]
        }
        single => single,
    };
    let Value::Object(members) = statement else { return };
    if in_condition {
        let mut conditions = refused::conditions();
        conditions.retain(|(_, _, operand)| !refused::is_excluded(operand));
        let (operator, key, operand) = conditions[dice.below(conditions.len())].clone();
        members.insert("Condition".to_owned(), json!({operator: {key: operand}}));
    } else if dice.chance(10) {
        members.remove(dice.pick(&["Effect", "Action", "NotAction", "Resource", "Principal"]));
    } else {
        insert(dice, statement, refused::elements());
    }
}

fn insert(dice: &mut Dice, object: &mut Value, mut members: Vec<(&'static str, Value)>) {
    members.retain(|(_, value)| !refused::is_excluded(value));
    if let Value::Object(map) = object {
        let (name, value) = members[dice.below(members.len())].clone();
        map.insert(name.to_owned(), value);
    }
}

/// Every document below a value.
fn documents<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    if value.get("Statement").is_some() {
        found.push(value);
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| documents(item, found)),
        Value::Object(members) => members_of(members).for_each(|member| documents(member, found)),
        _ => {}
    }
}

fn members_of(members: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    members.iter_mut().map(|(_, member)| member)
}
