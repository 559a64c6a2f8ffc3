//! Long policies made to strain the index: what one place of it holds is here many, alike, cut oddly or nested deep.
//!
//! Statements are JSON, so that the oracle reads the same; a number says which policy it was.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
use verdikt::{Limits, Outcome, PolicySet, Request};

use crate::oracle;

/// The source of choices of one policy and its requests.
pub(crate) struct Dice(SmallRng);

impl Dice {
    /// The same for the same seed and number.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        Self(SmallRng::seed_from_u64(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// True in so many cases of a hundred.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// A number below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// An index, each as often as its weight says.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut at = self.0.random_range(0..weights.iter().sum());
        let is_it = |weight: &u32| match at.checked_sub(*weight) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        };
        weights.iter().position(is_it).unwrap_or_default()
    }
}

/// What the statements of one policy have in common.
pub(crate) struct Shape {
    pub(crate) layer: &'static str,
    /// Actions that statements name; the wildcards are about these.
    actions: Vec<&'static str>,
    /// Literals that many resources begin with.
    heads: Vec<String>,
    /// Of a hundred: statements with a wildcard of actions, that deny, whose resource says nothing, with a condition.
    wildcards: u32,
    denies: u32,
    residues: u32,
    conditions: u32,
}

/// What the index has to find a statement by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Filed {
    /// The literal that its resource begins with, up to a slash that it may share.
    Path,
    /// The same, and a star before may run past a colon.
    Crossing,
    /// A text that a key must have.
    Value,
    /// Nothing.
    Nowhere,
}

const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "dynamodb:GetItem"];

const PARTS: [&str; 9] = ["a", "ab", "abc", "b", "", "a b", "\u{e9}", "A", "x:y"];

const USERNAMES: [&str; 4] = ["a", "ab", "a/b", "*"];

pub(crate) const KEYS: [&str; 4] =
    ["aws:PrincipalTag/team", "s3:prefix", "aws:TagKeys", "aws:RequestTag/\u{212a}"];

/// Ways to write the same keys.
const SPELT: [&str; 6] = [
    "aws:PrincipalTag/team",
    "AWS:principaltag/TEAM",
    "s3:prefix",
    "aws:TagKeys",
    "aws:RequestTag/\u{212a}",
    "aws:RequestTag/k",
];

const OPERATORS: [&str; 9] = [
    "StringEquals",
    "ForAnyValue:StringEquals",
    "StringEqualsIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringEqualsIfExists",
    "StringNotEquals",
    "ForAnyValue:StringNotEquals",
    "StringLike",
    "StringEqualsIgnoreCase",
];

impl Shape {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        let count = 1 + dice.weighted(&[5, 3, 2]);
        let actions = (0..count).map(|_| dice.pick(&ACTIONS)).collect();
        let heads = (0..=dice.below(4)).map(|_| path(dice, 8)).collect();
        Self {
            layer: dice.pick(&["identity", "identity", "resource"]),
            actions,
            heads,
            wildcards: dice.pick(&[0, 3, 10, 60]),
            denies: dice.pick(&[0, 2, 10, 40]),
            residues: dice.pick(&[0, 10, 50, 95]),
            conditions: dice.pick(&[5, 40, 95]),
        }
    }

    pub(crate) fn statement(&self, dice: &mut Dice) -> Value {
        let effect = if dice.chance(self.denies) { "Deny" } else { "Allow" };
        let mut statement = json!({"Effect": effect});
        let (name, actions) = self.actions(dice);
        statement[name] = actions;
        let (name, resources) = self.resources(dice);
        statement[name] = resources;
        // One statement for everything would decide every request.
        if filed(&statement) == Filed::Nowhere || dice.chance(self.conditions) {
            statement["Condition"] = conditions(dice);
        }
        if self.layer == "resource" {
            statement["Principal"] = principal(dice);
        }
        statement
    }

    fn actions(&self, dice: &mut Dice) -> (&'static str, Value) {
        let action = dice.pick(&self.actions);
        if !dice.chance(self.wildcards) {
            let other = dice.pick(&self.actions);
            return ("Action", if dice.chance(15) { json!([action, other]) } else { json!(action) });
        }
        let (service, name) = action.split_once(':').unwrap();
        let cut = dice.below(name.len());
        match dice.below(9) {
            0 => ("Action", json!(format!("{service}:*"))),
            1 => ("Action", json!("*")),
            2 => ("Action", json!(format!("{service}:{}*", &name[..cut]))),
            3 => ("Action", json!(format!("*:{name}"))),
            4 => ("Action", json!([format!("?{}:{name}", &service[1..]), action])),
            5 => ("Action", json!([format!("{service}:{}?{}", &name[..cut], &name[cut + 1..]), "ec2:*"])),
            6 => ("Action", json!(format!("{}*:*{}", &service[..1], &name[cut..]))),
            7 => ("NotAction", json!([action, "s3:Delete*"])),
            _ => ("NotAction", json!("ec2:*")),
        }
    }

    fn resources(&self, dice: &mut Dice) -> (&'static str, Value) {
        if dice.chance(self.residues) {
            return match dice.weighted(&[4, 3, 2, 2]) {
                0 => ("Resource", json!("*")),
                1 => ("Resource", json!(format!("arn:aws:s3:::*/{}", path(dice, 3)))),
                2 => ("NotResource", json!([self.resource(dice), self.resource(dice)])),
                _ => ("Resource", json!([self.resource(dice), "arn:aws:s3:::?*"])),
            };
        }
        let count = [1, 1, 1, 2, 3, 12][dice.below(6)];
        let mut list: Vec<String> = (0..count).map(|_| self.resource(dice)).collect();
        let one = if list.len() == 1 { json!(list.remove(0)) } else { json!(list) };
        ("Resource", one)
    }

    /// A pattern whose sixth field begins with a literal, as a rule.
    fn resource(&self, dice: &mut Dice) -> String {
        let before = ["arn:aws:s3:::", "arn:aws:s3:*:*:", "arn:aws:s3:*:1:", "arn:*:*:*:*:", "arn:aws:s?:::"];
        let before = before[dice.weighted(&[76, 5, 5, 5, 4])];
        let head =
            if dice.chance(70) { self.heads[dice.below(self.heads.len())].clone() } else { path(dice, 9) };
        let tail = path(dice, 3);
        let cut = dice.below(head.len() + 1);
        let short = (0..=cut).rev().find_map(|at| head.get(..at)).unwrap_or_default().to_owned();
        let sixth = match dice.weighted(&[18, 18, 14, 12, 8, 8, 6, 4, 3]) {
            0 => head,
            1 => format!("{head}*"),
            2 => format!("{short}*"),
            3 => format!("{head}/{tail}*"),
            4 => format!("{head}?{tail}"),
            5 => format!("{short}*/{tail}"),
            6 => format!("{head}/${{aws:username}}/*"),
            7 => format!("{short}${{*}}{tail}*"),
            _ => format!("{short}${{aws:username, 'b'}}"),
        };
        format!("{before}{sixth}")
    }

    /// A request, mostly near one of the statements.
    pub(crate) fn request(&self, dice: &mut Dice, statements: &[Value]) -> Value {
        let username = dice.pick(&USERNAMES);
        let action = match dice.weighted(&[80, 10, 5, 5]) {
            0 => dice.pick(&self.actions).to_owned(),
            1 => dice.pick(&self.actions).to_ascii_uppercase(),
            2 => "s3:DeleteObject".to_owned(),
            _ => "ec2:RunInstances".to_owned(),
        };
        let near = &statements[dice.below(statements.len())];
        let resource = match dice.weighted(&[75, 20, 5]) {
            0 => {
                let pattern = a_resource(dice, near);
                instance(dice, &pattern, username)
            }
            1 => format!("arn:aws:s3:::{}", path(dice, 9)),
            _ => "*".to_owned(),
        };
        let mut context = json!({});
        if dice.chance(90) {
            context["aws:username"] = json!(username);
        }
        for key in KEYS {
            if let Some(held) = held(dice, near) {
                context[key] = held;
            }
        }
        json!({"principal": "arn:aws:iam::111122223333:user/a", "action": action, "resource": resource,
               "resource_account": dice.pick(&["111122223333", "111122223333", "999988887777"]), "context": context})
    }
}

/// Parts between slashes; perhaps empty ones.
fn path(dice: &mut Dice, deepest: usize) -> String {
    let count = 1 + dice.below(deepest);
    let parts: Vec<&str> =
        (0..count).map(|_| PARTS[dice.weighted(&[30, 15, 10, 15, 5, 2, 2, 3, 5])]).collect();
    parts.join("/")
}

fn principal(dice: &mut Dice) -> Value {
    let named = ["arn:aws:iam::111122223333:user/a", "111122223333", "arn:aws:iam::111122223333:user/b"];
    match dice.weighted(&[3, 3, 2, 1]) {
        3 => json!("*"),
        index => json!({"AWS": named[index]}),
    }
}

/// One or two conditions on the few keys.
fn conditions(dice: &mut Dice) -> Value {
    let mut element = json!({});
    for _ in 0..=dice.weighted(&[4, 1]) {
        let operator = OPERATORS[dice.weighted(&[70, 15, 3, 2, 1, 2, 2, 3, 3])];
        let count = [1, 1, 1, 2, 4, 11][dice.below(6)];
        let operands: Vec<String> = (0..count).map(|_| operand(dice)).collect();
        // The same key under the fold may not stand twice.
        let key = dice.pick(&SPELT);
        let taken = element[operator].as_object().is_some_and(|keys| !keys.is_empty());
        if !taken {
            element[operator] = json!({key: operands});
        }
    }
    element
}

fn operand(dice: &mut Dice) -> String {
    match dice.weighted(&[90, 4, 3, 3]) {
        0 => format!("v{}", dice.below(30)),
        1 => String::new(),
        2 => "${aws:username}".to_owned(),
        _ => "v${*}".to_owned(),
    }
}

/// What a request holds under a key: nothing, one value, several, an empty list; often one that the statement asks for.
fn held(dice: &mut Dice, near: &Value) -> Option<Value> {
    let wanted: Vec<String> = near["Condition"]
        .as_object()
        .into_iter()
        .flat_map(|element| element.values())
        .flat_map(|keys| keys.as_object().into_iter().flat_map(|keys| keys.values()))
        .flat_map(|operands| operands.as_array().into_iter().flatten())
        .filter_map(|operand| operand.as_str().map(str::to_owned))
        .collect();
    let one = |dice: &mut Dice| match dice.weighted(&[60, 30, 5, 5]) {
        0 if !wanted.is_empty() => wanted[dice.below(wanted.len())].clone(),
        3 => dice.pick(&["v*", "V1", "a"]).to_owned(),
        2 => String::new(),
        _ => format!("v{}", dice.below(30)),
    };
    match dice.weighted(&[30, 55, 10, 5]) {
        0 => None,
        1 => Some(json!(one(dice))),
        2 => Some(json!([one(dice), one(dice)])),
        _ => Some(dice.pick(&["[]", r#"[""]"#, r#"["v1"]"#]).parse().unwrap()),
    }
}

/// One of the resources of a statement.
fn a_resource(dice: &mut Dice, statement: &Value) -> String {
    let element =
        [&statement["Resource"], &statement["NotResource"]].into_iter().find(|value| !value.is_null());
    match element {
        Some(Value::Array(list)) => list[dice.below(list.len())].as_str().unwrap().to_owned(),
        Some(Value::String(text)) if text != "*" => text.clone(),
        _ => format!("arn:aws:s3:::{}", path(dice, 4)),
    }
}

/// A resource that a pattern matches, or nearly: wildcards replaced, colons too.
fn instance(dice: &mut Dice, pattern: &str, username: &str) -> String {
    let username = if dice.chance(80) { username } else { "b" };
    let pattern = pattern.replace("${aws:username}", username).replace("${aws:username, 'b'}", username);
    let pattern = pattern.replace("${*}", "\u{1}");
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    let mut written = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let runs: &[&str] = match index {
            2 => &["s3"],
            5 => &["", "a", "/b", "a/b", "x:y", "/a/a/a"],
            1 => &["aws"],
            _ => &["", "1", "", "", "r:1:x"],
        };
        let field = field.chars().map(|c| match c {
            '*' => dice.pick(runs).to_owned(),
            '?' => if index == 5 { dice.pick(&["a", "/", "b"]) } else { "3" }.to_owned(),
            c => c.to_string(),
        });
        written.push(field.collect::<String>());
    }
    written.join(":").replace('\u{1}', "*")
}

/// Where the index can find a statement.
pub(crate) fn filed(statement: &Value) -> Filed {
    let resources = strings(&statement["Resource"]);
    let has_head =
        |text: &&str| text.splitn(6, ':').nth(5).is_some_and(|sixth| !sixth.starts_with(['*', '?']));
    if !resources.is_empty() && resources.iter().all(has_head) {
        let crosses = |text: &&str| text.splitn(6, ':').take(5).any(|field| field.ends_with('*'));
        return if resources.iter().any(crosses) { Filed::Crossing } else { Filed::Path };
    }
    let keyed = ["StringEquals", "ForAnyValue:StringEquals"];
    if keyed.iter().any(|operator| statement["Condition"][operator].is_object()) {
        Filed::Value
    } else {
        Filed::Nowhere
    }
}

/// The places that a statement's resources share with others: the path up to their last slash, among the first six.
pub(crate) fn places(statement: &Value) -> Vec<String> {
    let place = |text: &str| {
        let sixth = text.splitn(6, ':').nth(5)?;
        let head = sixth.split(['*', '?']).next()?.split("${").next()?;
        let parts: Vec<&str> = head.split('/').collect();
        Some(parts[..parts.len().min(7) - 1].join("/"))
    };
    strings(&statement["Resource"]).into_iter().filter_map(place).collect()
}

/// A value that is a text or a list of them.
pub(crate) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The fewest of a list that still fail, dropped in ever smaller runs.
pub(crate) fn fewest<T: Clone>(list: &[T], mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut least = list.to_vec();
    let mut run = least.len();
    while run > 0 {
        let mut start = 0;
        while start < least.len() {
            let mut fewer = least.clone();
            fewer.drain(start..least.len().min(start + run));
            if !fewer.is_empty() && fails(&fewer) {
                least = fewer;
            } else {
                start += run;
            }
        }
        run /= 2;
    }
    least
}

/// Asks each request of the policies, compiled once.
pub(crate) fn ask_all(
    policies: &Value,
    requests: &[Value],
    mut ask: impl FnMut(usize, &PolicySet, &Request<'_>),
) {
    let line = json!({"id": "long", "request": requests[0], "policies": policies}).to_string();
    let limits = RequestLimits::default();
    let case = Case::parse(&line).unwrap();
    let first = case.request_document(&limits).unwrap();
    let set = policy_set(case.policies, &first.request(limits).unwrap(), &Limits::default()).unwrap();
    for (number, request) in requests.iter().enumerate() {
        let text = request.to_string();
        let document = RequestDocument::parse(&text, &limits).unwrap();
        ask(number, &set, &document.request(limits).unwrap());
    }
}

/// The oracle's outcome; none for a refusal.
pub(crate) fn oracle_says(policies: &Value, request: &Value) -> Option<Outcome> {
    match oracle::decide(&json!({"id": "long", "request": request, "policies": policies})).outcome {
        oracle::Outcome::Allowed => Some(Outcome::Allowed),
        oracle::Outcome::ExplicitDeny => Some(Outcome::ExplicitDeny),
        oracle::Outcome::ImplicitDeny => Some(Outcome::ImplicitDeny),
        oracle::Outcome::Error(_) => None,
    }
}
