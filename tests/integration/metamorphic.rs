//! Two ways to say one thing decide alike: lists cut into statements, a clause and its negation side by side, names in
//! other case, a variable written out.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use verdikt::evaluate::explain::StatementExplanation;
use verdikt::text::truth::Truth;
use verdikt::{Decision, PolicySet};

use crate::bound::{self, Part};
use crate::corners::{Focus, KEY, around, focused};
use crate::oracle;
use crate::properties::{ask, cases, config, decide, oracle_outcome, outcome};
use crate::strategies::{Scenario, scenario};

/// Any case: whole ones, and those at the corners of conditions.
fn any_case() -> impl Strategy<Value = Scenario> {
    prop_oneof![scenario(), focused().prop_map(|(_, scenario)| scenario)]
}

/// The statement for each entry of its list under a name; itself, if it has none.
fn cut(statement: &Value, name: &str) -> Vec<Value> {
    let Some(entries) = statement.get(name).and_then(Value::as_array) else { return vec![statement.clone()] };
    let with = |entry: &Value| {
        let mut one = statement.clone();
        one[name] = entry.clone();
        one
    };
    entries.iter().map(with).collect()
}

/// The statement for each operand of one of its positive conditions, whose operands are an OR: a plain operator's, and
/// those of `ForAnyValue`.
fn cut_operands(statement: &Value) -> Vec<Value> {
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    for (operator, keys) in conditions {
        let is_or = !operator.contains("Not") && !operator.starts_with("ForAllValues:");
        let Some((key, operands)) = keys.as_object().and_then(|keys| keys.iter().next()).filter(|_| is_or)
        else {
            continue;
        };
        let Some(operands) = operands.as_array() else { continue };
        let with = |operand: &Value| {
            let mut one = statement.clone();
            one["Condition"][operator][key] = operand.clone();
            one
        };
        return operands.iter().map(with).collect();
    }
    vec![statement.clone()]
}

/// The scenario with each statement replaced by some.
fn replaced(scenario: &Scenario, mut change: impl FnMut(&str, &Value) -> Vec<Value>) -> Scenario {
    scenario.with_statements(|layer| {
        let documents = layer.documents.iter();
        documents
            .map(|statements| statements.iter().flat_map(|statement| change(layer.name, statement)).collect())
            .collect()
    })
}

/// The text with every other letter in other case, and the letters that some alphabets fold to ASCII.
fn respelled(text: &str, bits: u32) -> String {
    let spell = |(place, c): (usize, char)| match (bits >> (place % 32)) & 3 {
        0 => c.to_ascii_uppercase(),
        1 => c.to_ascii_lowercase(),
        _ => c,
    };
    text.chars().enumerate().map(spell).collect()
}

/// Names of keys fold as `StringEqualsIgnoreCase` does: the Kelvin sign is a k, the long s an s.
fn respelled_key(text: &str, bits: u32) -> String {
    let odd =
        if bits & 4 == 0 { text.replace('k', "\u{212a}").replace('s', "\u{17f}") } else { text.to_owned() };
    respelled(&odd, bits)
}

/// Every variable's name in other case; specials and defaults stay.
fn respelled_variables(text: &str, bits: u32) -> String {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['}', ',']).unwrap_or(0);
        out.extend(["${", &respelled_key(&part[..end], bits), &part[end..]]);
    }
    out
}

fn each_text(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => json!(change(text)),
        Value::Array(items) => items.iter().map(|item| each_text(item, change)).collect(),
        other => other.clone(),
    }
}

/// The statement with actions and the names of keys in other case.
fn respelled_statement(statement: &Value, bits: u32) -> Value {
    let mut changed = statement.clone();
    for name in ["Action", "NotAction"] {
        if let Some(element) = statement.get(name) {
            changed[name] = each_text(element, &|text| respelled(text, bits));
        }
    }
    for name in ["Resource", "NotResource"] {
        if let Some(element) = statement.get(name) {
            changed[name] = each_text(element, &|text| respelled_variables(text, bits));
        }
    }
    let Some(condition) = statement.get("Condition").and_then(Value::as_object) else { return changed };
    for (operator, keys) in condition {
        let keys: Map<String, Value> = keys
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, operands)| {
                (respelled_key(key, bits), each_text(operands, &|text| respelled_variables(text, bits)))
            })
            .collect();
        changed["Condition"][operator] = Value::Object(keys);
    }
    changed
}

/// A value as text of a policy.
fn escaped(value: &str) -> String {
    let escape = |c| if matches!(c, '*' | '?' | '$') { format!("${{{c}}}") } else { String::from(c) };
    value.chars().map(escape).collect()
}

/// The text with the variables written out that have one value; in a resource none whose value holds a colon, which
/// would move the fields.
fn written_out(text: &str, context: &BTreeMap<&str, &str>) -> String {
    context
        .iter()
        .fold(text.to_owned(), |text, (key, value)| text.replace(&format!("${{{key}}}"), &escaped(value)))
}

fn with_variables_written_out(scenario: &Scenario) -> Scenario {
    let one = |(name, value): &'_ (String, Value)| {
        let value = value.as_str().filter(|value| !value.is_empty() && !value.contains([':', '$']))?;
        Some((name.clone(), value.to_owned()))
    };
    let held: Vec<(String, String)> = scenario.context.iter().filter_map(one).collect();
    let context = held.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let change = |text: &str| written_out(text, &context);
    replaced(scenario, |_, statement| {
        let mut changed = statement.clone();
        for name in ["Resource", "NotResource"] {
            if let Some(element) = statement.get(name) {
                changed[name] = each_text(element, &change);
            }
        }
        for (operator, keys) in statement.get("Condition").and_then(Value::as_object).into_iter().flatten() {
            for (key, operands) in keys.as_object().into_iter().flatten() {
                changed["Condition"][operator][key] = each_text(operands, &change);
            }
        }
        vec![changed]
    })
}

/// Lists in another order, an entry of each said twice.
fn shuffled(value: &mut Value, at: Index) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let place = at.index(items.len());
            items.push(items[place].clone());
            items.rotate_left(place);
        }
        Value::Object(members) => members.values_mut().for_each(|member| shuffled(member, at)),
        _ => {}
    }
}

/// Everyone who must say the same of a case, by name.
fn everyone(case: &Value) -> Vec<(&'static str, Decision)> {
    ask(case, |set, request| {
        let bound = |part| bound::ask(set, request, part, PolicySet::decide).unwrap();
        vec![
            ("decide", set.decide(request)),
            ("explain", set.explain(request).decision),
            ("unindexed", set.decide_exhaustively(request)),
            ("bound, all sealed", bound(Part::Whole)),
            ("bound, half sealed", bound(Part::Half(7))),
        ]
    })
}

/// Both sides of a clause, each in a statement of its own.
fn both_sides(focus: &Focus, positive: &str, negative: &str) -> Vec<Value> {
    let (yes, no) = (focus.named(positive, false), focus.named(negative, true));
    vec![focus.statement(&[yes]), focus.statement(&[no])]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), ..config() })]

    #[test]
    fn everyone_decides_the_corners_alike((_, scenario) in focused()) {
        let case = scenario.case();
        let answers = everyone(&case);
        for (who, decision) in &answers {
            prop_assert_eq!(*decision, answers[0].1, "{}", who);
        }
        prop_assert_eq!(Some(answers[0].1.outcome), oracle_outcome(&oracle::decide(&case).outcome));
    }

    /// A list is an OR: of `Action` and `Resource`, and of the operands of a positive condition.
    #[test]
    fn a_list_cut_into_statements_changes_no_outcome(scenario in any_case()) {
        for name in ["Action", "Resource"] {
            let apart = replaced(&scenario, |_, statement| cut(statement, name));
            prop_assert_eq!(outcome(&scenario), outcome(&apart), "{}: {:?}", name, apart);
        }
        let apart = replaced(&scenario, |_, statement| cut_operands(statement));
        prop_assert_eq!(outcome(&scenario), outcome(&apart), "operands: {:?}", apart);
    }

    /// A statement on every action is one on some and one on all others.
    #[test]
    fn action_and_not_action_are_the_two_halves(scenario in any_case()) {
        let whole = replaced(&scenario, |layer, statement| {
            let mut whole = statement.clone();
            if let Some(members) = whole.as_object_mut() {
                members.remove("NotAction");
            }
            whole["Action"] = json!(if layer == "rcps" { "*:*" } else { "*" });
            vec![whole]
        });
        let halves = replaced(&scenario, |layer, statement| {
            let listed = statement.get("Action").or(statement.get("NotAction")).cloned().unwrap_or_default();
            // Resource control policies have no NotAction.
            let names: &[&str] = if layer == "rcps" { &["Action"] } else { &["Action", "NotAction"] };
            let half = |name: &&str| {
                let mut half = statement.clone();
                let Value::Object(members) = &mut half else { return half };
                members.retain(|name, _| !name.ends_with("Action"));
                let all = if layer == "rcps" { json!("*:*") } else { listed.clone() };
                members.insert((*name).to_owned(), all);
                half
            };
            names.iter().map(half).collect()
        });
        prop_assert_eq!(outcome(&whole), outcome(&halves), "{:?}", halves);
    }

    /// What can be told of a resource is told by Resource or by NotResource; what cannot is denied by both.
    #[test]
    fn resource_and_not_resource_are_the_two_halves_of_a_deny(scenario in any_case()) {
        let halved = |halve: bool| replaced(&scenario, |_, statement| {
            if statement["Effect"] != "Deny" {
                return vec![statement.clone()];
            }
            let listed = statement.get("Resource").or(statement.get("NotResource")).cloned().unwrap_or_default();
            let with = |name: &str, element: Value| {
                let mut half = statement.clone();
                let Value::Object(members) = &mut half else { return half };
                members.retain(|name, _| !name.ends_with("Resource"));
                members.insert(name.to_owned(), element);
                half
            };
            if halve {
                vec![with("Resource", listed.clone()), with("NotResource", listed)]
            } else {
                vec![with("Resource", json!("*"))]
            }
        });
        let (whole, halves) = (halved(false), halved(true));
        prop_assert_eq!(outcome(&whole), outcome(&halves), "{:?}", halves);
    }

    /// De Morgan over the values of a request: some value matches, or none does; all do, or some does not.
    #[test]
    fn some_and_none_are_the_two_halves((focus, scenario) in focused()) {
        let whole = around(&focus, vec![focus.statement(&[])], &scenario.context);
        for (positive, negative) in [("ForAnyValue:", "ForAllValues:"), ("ForAllValues:", "ForAnyValue:")] {
            let halves = around(&focus, both_sides(&focus, positive, negative), &scenario.context);
            prop_assert_eq!(outcome(&whole), outcome(&halves), "{:?}", halves);
            // Both at once hold of nothing, unless the key is absent and that is allowed for.
            let both = [focus.named(positive, false), focus.named(negative, true)];
            let never = around(&focus, vec![focus.statement(&both)], &scenario.context);
            let empty = around(&focus, Vec::new(), &scenario.context);
            if !focus.if_exists && focus.deny {
                prop_assert_eq!(outcome(&never), outcome(&empty), "{:?}", never);
            }
        }
    }

    /// A plain operator and its negation: of a key with one value or none, one of the two holds.
    #[test]
    fn an_operator_and_its_negation_are_the_two_halves((focus, scenario) in focused()) {
        let is_many = scenario.context.iter().any(|(name, value)| name == KEY && value.is_array());
        // Of a multivalued key neither can be told, which denies twice and allows nothing.
        if is_many && !focus.deny {
            return Ok(());
        }
        let whole = around(&focus, vec![focus.statement(&[])], &scenario.context);
        let halves = around(&focus, both_sides(&focus, "", ""), &scenario.context);
        prop_assert_eq!(outcome(&whole), outcome(&halves), "{:?}", halves);
    }

    /// The whole decision stays, statement and all.
    #[test]
    fn the_case_of_actions_and_keys_changes_nothing(scenario in any_case(), bits in any::<u32>(), other in any::<u32>()) {
        let changed = replaced(&scenario, |_, statement| vec![respelled_statement(statement, bits)]);
        let mut case = changed.case();
        let action = respelled(scenario.action, other);
        case["request"]["action"] = json!(action);
        let context: Map<String, Value> =
            scenario.context.iter().map(|(name, value)| (respelled_key(name, other), value.clone())).collect();
        case["request"]["context"] = Value::Object(context);
        prop_assert_eq!(decide(&scenario.case()), decide(&case), "{:#}", case);
    }

    #[test]
    fn a_variable_written_out_changes_nothing(scenario in any_case()) {
        let written = with_variables_written_out(&scenario);
        prop_assert_eq!(decide(&scenario.case()), decide(&written.case()), "{:?}", written);
    }

    #[test]
    fn lists_have_no_order_and_say_nothing_twice(scenario in any_case(), at in any::<Index>()) {
        let changed = replaced(&scenario, |_, statement| {
            let mut changed = statement.clone();
            shuffled(&mut changed, at);
            vec![changed]
        });
        prop_assert_eq!(decide(&scenario.case()), decide(&changed.case()), "{:?}", changed);
    }
}

/// What the condition in focus says.
fn truth(scenario: &Scenario) -> Truth {
    ask(&scenario.case(), |set, request| {
        let explanation = set.explain(request);
        let clause = |statement: &StatementExplanation| {
            statement.clauses.iter().find(|clause| clause.element == "Condition").map(|clause| clause.truth)
        };
        explanation.statements().find_map(clause).unwrap_or(Truth::True)
    })
}

/// How the request holds the key.
fn holds(scenario: &Scenario) -> &'static str {
    let held = scenario.context.iter().find(|(name, _)| name == KEY).map(|(_, value)| value);
    match held {
        None => "absent",
        Some(Value::Array(values)) if values.is_empty() => "absent",
        Some(Value::Array(_)) => "many",
        Some(_) => "one",
    }
}

/// The corners are no monoculture: every cell of qualifier × IfExists × negation × what is held is met, with more than
/// one truth where there is more than one; and of each outcome and truth there are enough.
#[test]
fn every_corner_is_met() {
    let mut runner = TestRunner::deterministic();
    let strategy = focused();
    let (mut outcomes, mut truths) = ([0_u32; 3], [0_u32; 3]);
    let mut cells: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    let count = 3_000;
    for _ in 0..count {
        let (focus, scenario) = strategy.new_tree(&mut runner).unwrap().current();
        outcomes[outcome(&scenario) as usize] += 1;
        let column = match truth(&scenario) {
            Truth::False => 0,
            Truth::Indeterminate(_) => 1,
            Truth::True => 2,
        };
        truths[column] += 1;
        let (sign, suffix) =
            (if focus.negated { "not" } else { "" }, if focus.if_exists { "IfExists" } else { "" });
        let cell = format!("{:<14}{sign:<4}{suffix:<9}{}", focus.qualifier, holds(&scenario));
        cells.entry(cell).or_default()[column] += 1;
    }
    println!("{count} cases: allowed, explicit denies, implicit denies {outcomes:?}");
    println!("False, Indeterminate, True {truths:?}, by cell:");
    for (cell, [no, unclear, yes]) in &cells {
        println!("{cell:<36}{no:>5}{unclear:>5}{yes:>5}");
    }
    assert!(outcomes.iter().all(|met| met * 100 >= count * 12), "{outcomes:?}");
    assert!(truths[0] * 100 >= count * 20 && truths[2] * 100 >= count * 20, "{truths:?}");
    assert!(truths[1] * 100 >= count * 8, "{truths:?}");
    assert_eq!(cells.len(), 3 * 2 * 2 * 3, "{cells:?}");
    for (cell, [no, unclear, yes]) in &cells {
        assert!(no + unclear + yes >= 15, "{cell} is met {} times", no + unclear + yes);
        // With values, a set operator and a plain one on a single value can say both.
        let decides = cell.ends_with("one") || (cell.ends_with("many") && cell.starts_with("For"));
        assert!(!decides || (*no >= 5 && *yes >= 5), "{cell}: False {no}, True {yes}");
    }
}
