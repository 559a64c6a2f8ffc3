//! Long lists of operands are searched, not walked: they decide as one statement for each operand does, and as the
//! oracle says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};
use verdikt::Decision;

use crate::long::{Dice, ask_all, oracle_says};
use crate::properties::{cases, seed};
use crate::strategies::document;

/// Requests of one list.
const REQUESTS: usize = 14;

const TEXT_OPERATORS: [&str; 4] = ["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"];

const NETWORK_OPERATORS: [&str; 2] = ["IpAddress", "NotIpAddress"];

const QUALIFIERS: [&str; 3] = ["", "ForAnyValue:", "ForAllValues:"];

const USERNAMES: [&str; 5] = ["a", "ab", "cab", "*", ""];

/// A condition with a long list, and values of requests for its key.
struct List {
    operator: String,
    operands: Vec<String>,
    requests: Vec<Value>,
}

fn list(number: u64) -> List {
    let mut dice = Dice::new(seed(), number);
    let is_text = dice.chance(60);
    let base = if is_text { dice.pick(&TEXT_OPERATORS) } else { dice.pick(&NETWORK_OPERATORS) };
    let qualifier = QUALIFIERS[dice.weighted(&[5, 2, 2])];
    let if_exists = if dice.chance(25) { "IfExists" } else { "" };
    let count = 9 + dice.below(52);
    let longest = [3, 5, 8][dice.below(3)];
    let mut operands: Vec<String> = (0..count)
        .map(|_| {
            if is_text {
                text_operand(&mut dice, longest, base.ends_with("Like"))
            } else {
                network(&mut dice)
            }
        })
        .collect();
    // Some stand twice.
    for _ in 0..dice.below(4) {
        operands.push(operands[dice.below(operands.len())].clone());
    }
    let requests = (0..REQUESTS).map(|_| request(&mut dice, &operands, is_text, longest)).collect();
    List { operator: format!("{qualifier}{base}{if_exists}"), operands, requests }
}

fn word(dice: &mut Dice, longest: usize) -> String {
    let letters = ["a", "b", "c", "/", "\u{e9}"];
    (0..=dice.below(longest)).map(|_| letters[dice.weighted(&[8, 8, 4, 4, 1])]).collect()
}

/// An exact text, a beginning, an end, both, a variable, a character that is a wildcard elsewhere, nothing.
fn text_operand(dice: &mut Dice, longest: usize, is_pattern: bool) -> String {
    let (one, other) = (word(dice, longest), word(dice, longest));
    match dice.weighted(&[40, 14, 8, 10, 6, 5, 4, 4, 4, 2]) {
        1 => format!("{one}*"),
        2 => format!("*{one}"),
        3 => format!("{one}*{other}"),
        // A lone question mark would meet every short value.
        4 => format!("{one}?{other}"),
        5 => format!("{one}${{aws:username}}"),
        6 => format!("${{aws:username, 'cc'}}{one}{}", if is_pattern { "*" } else { "" }),
        7 => format!("{one}${{*}}{other}"),
        8 => format!("{one}${{aws:TagKeys, 'a'}}"),
        9 => String::new(),
        _ => one,
    }
}

/// A text that an operand meets, or nearly.
fn text_near(dice: &mut Dice, operand: &str, longest: usize) -> String {
    let special = operand.replace("${*}", "\u{1}").replace("${aws:TagKeys, 'a'}", "a");
    let username = dice.pick(&USERNAMES);
    let resolved = special.replace("${aws:username}", username).replace("${aws:username, 'cc'}", username);
    let one = |c: char| match c {
        '*' if dice.chance(80) => word(dice, longest),
        '?' => dice.pick(&["a", "\u{e9}"]).to_owned(),
        '\u{1}' => "*".to_owned(),
        c => c.to_string(),
    };
    resolved.chars().map(one).collect()
}

/// An address or a range; host bits as they fall.
fn network(dice: &mut Dice) -> String {
    let four = |dice: &mut Dice| {
        let last = dice.pick(&[0, 1, 2, 127, 128, 254, 255]);
        Ipv4Addr::new(10, dice.pick(&[0, 1, 2, 255]), dice.pick(&[0, 1, 128, 255]), last)
    };
    match dice.weighted(&[40, 12, 14, 16, 3]) {
        0 => format!("{}/{}", four(dice), dice.pick(&[15, 16, 23, 24, 25, 30, 31, 31, 32, 32, 32])),
        1 => four(dice).to_string(),
        2 => format!("::ffff:{}/{}", four(dice), dice.pick(&[112, 120, 121, 127, 128])),
        3 => {
            let (group, last) = (dice.pick(&[0, 1, 0xffff]), dice.pick(&[0, 1, 0xffff]));
            format!("2001:db8:{group:x}::{last:x}/{}", dice.pick(&[40, 47, 48, 64, 120, 127, 128]))
        }
        _ => dice.pick(&WIDE).to_owned(),
    }
}

/// The ends of the numbers, and ranges that hold nearly everything.
const WIDE: [&str; 14] = [
    "0.0.0.0/0",
    "9.9.9.9/0",
    "::/0",
    "::1/0",
    "::ffff:0:0/96",
    "::ffff:0:0/95",
    "::/96",
    "0.0.0.0/32",
    "255.255.255.255",
    "255.255.255.254/31",
    "::",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
    "8000::/1",
    "0.0.0.0/5",
];

/// The first or last address of a range, or the one before or after; written in one of several ways.
fn address_near(dice: &mut Dice, operand: &str) -> String {
    let Some(network) = verdikt::operator::ip::read_network(operand) else { return "x".to_owned() };
    let edge = if dice.chance(50) { network.network() } else { network.broadcast() };
    let step = dice.below(3);
    match edge {
        IpAddr::V4(four) => {
            let number = four.to_bits();
            let four = Ipv4Addr::from_bits([number, number.wrapping_add(1), number.wrapping_sub(1)][step]);
            if dice.chance(25) { format!("::FFFF:{four}") } else { four.to_string() }
        }
        IpAddr::V6(six) => {
            let number = six.to_bits();
            Ipv6Addr::from_bits([number, number.wrapping_add(1), number.wrapping_sub(1)][step]).to_string()
        }
    }
}

fn request(dice: &mut Dice, operands: &[String], is_text: bool, longest: usize) -> Value {
    let value = |dice: &mut Dice| {
        let near = &operands[dice.below(operands.len())];
        match dice.weighted(&[75, 15, 5]) {
            0 if is_text => text_near(dice, near, longest),
            0 => address_near(dice, near),
            1 if is_text => word(dice, longest),
            1 => "10.7.7.7".to_owned(),
            _ => dice.pick(&["", "x"]).to_owned(),
        }
    };
    let mut context = json!({});
    match dice.weighted(&[70, 8, 18, 4]) {
        0 => context["x:key"] = json!(value(dice)),
        2 => context["x:key"] = json!([value(dice), value(dice)]),
        3 => context["x:key"] = json!([]),
        _ => {}
    }
    match dice.weighted(&[85, 5, 10]) {
        0 => context["aws:username"] = json!(dice.pick(&USERNAMES)),
        1 => context["aws:username"] = json!(["a"]),
        _ => {}
    }
    context["aws:TagKeys"] = json!(["a"]);
    json!({"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:ListAllMyBuckets", "resource": "*",
           "context": context})
}

/// Policies with a statement for each group of operands.
fn policies(operator: &str, effect: &str, groups: &[&[String]]) -> Value {
    let statement = |operands: &&[String]| json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": {operator: {"x:key": operands}}});
    let mut statements: Vec<Value> = groups.iter().map(statement).collect();
    if effect == "Deny" {
        statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    }
    json!({"identity": [{"name": "lists", "policy": document(&statements)}]})
}

fn decisions(policies: &Value, requests: &[Value]) -> Vec<Decision> {
    let mut decisions = Vec::new();
    ask_all(policies, requests, |_, set, request| decisions.push(set.decide(request)));
    decisions
}

fn has_several(request: &Value) -> bool {
    request["context"]["x:key"].as_array().is_some_and(|values| values.len() > 1)
}

impl List {
    /// Whether one of several statements with one operand each holds where the list does: for a negated operator all
    /// would have to; of several values each might meet another operand.
    fn splits(&self, request: &Value) -> bool {
        let positive = !self.operator.contains("Not");
        positive && !(self.operator.starts_with("ForAllValues") && has_several(request))
    }

    fn check(&self, effect: &str, outcomes: &mut [u32; 3], unsure: &mut u32) {
        let whole = policies(&self.operator, effect, &[&self.operands]);
        let single: Vec<&[String]> = self.operands.chunks(1).collect();
        let apart = decisions(&policies(&self.operator, effect, &single), &self.requests);
        for ((decision, apart), request) in
            decisions(&whole, &self.requests).into_iter().zip(apart).zip(&self.requests)
        {
            let said = || format!("{effect} {} {:?}\n{request}", self.operator, self.operands);
            assert_eq!(
                oracle_says(&whole, request),
                Some(decision.outcome),
                "the oracle, then decide: {}",
                said()
            );
            // Of several values one may be unclear to the first of the statements, and another meet the last.
            let clear = effect == "Allow" || !has_several(request);
            let what = |decision: Decision| (decision.outcome, decision.indeterminate && clear);
            assert!(
                !self.splits(request) || what(decision) == what(apart),
                "{decision:?}, {apart:?}: {}",
                said()
            );
            outcomes[decision.outcome as usize] += 1;
            *unsure += u32::from(decision.indeterminate);
        }
    }
}

#[test]
fn long_lists_decide_as_their_operands_one_by_one() {
    let (mut outcomes, mut unsure) = ([0; 3], 0);
    let lists = u64::from(cases(160));
    for number in 0..lists {
        let effect = if number % 3 == 0 { "Deny" } else { "Allow" };
        list(number).check(effect, &mut outcomes, &mut unsure);
    }
    println!("{outcomes:?}, {unsure} indeterminate");
    let asked = outcomes.iter().sum::<u32>();
    assert!(outcomes.iter().all(|count| count * 100 >= asked * 12), "{outcomes:?}");
    assert!(unsure * 100 >= asked * 4, "{unsure} of {asked}");
}

/// Literals, all in one list, and every value that could be taken for one of them.
#[test]
fn literals_that_begin_with_each_other() {
    let operands: Vec<String> =
        ["", "a", "a*", "aa", "aaa", "aab", "ab", "abc", "b", "b/", "b/a", "\u{e9}", "a"]
            .map(str::to_owned)
            .to_vec();
    let mut values: Vec<String> = operands.clone();
    values.extend(
        operands.iter().flat_map(|one| ["", "a", "*", "/", "\u{e9}"].map(|more| format!("{one}{more}"))),
    );
    let context = |value: &String| json!({"x:key": value, "aws:TagKeys": ["a"]});
    let request = |value: &String| {
        json!({"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:ListAllMyBuckets", "resource": "*",
               "context": context(value)})
    };
    let requests: Vec<Value> = values.iter().map(request).collect();
    for operator in TEXT_OPERATORS {
        List { operator: operator.to_owned(), operands: operands.clone(), requests: requests.clone() }.check(
            "Allow",
            &mut [0; 3],
            &mut 0,
        );
    }
}
