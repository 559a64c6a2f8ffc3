//! The request that tells a policy from a broken copy of it: looked for around the requests of the cases, confirmed by
//! deciding both.
//!
//! From a request of a case the search moves towards the statement that was broken: a value here and there is changed to
//! what the statement, or its broken form, asks for, or just misses. One change at a time, then two. It is no proof: a
//! copy without a witness is one that the search cannot tell from the policy.

use crate::evaluate::trace::StatementTrace;
use crate::evaluate::{Decision, Layer, PolicySet};
use crate::operator::ip::read_network;
use crate::operator::table::Family;
use crate::policy::{Condition, Kind, Statement};
use crate::text::template::{Syntax, Token, Variable, tokenize};
use crate::text::truth::Truth;

use super::super::super::case::resource_kind;
use super::super::points::principals;
use super::super::request::{Given, RequestParts};
use super::super::run::ask;

/// A request on which the two differ.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The request.
    pub request: RequestParts,
    /// What the policy says.
    pub policy: Decision,
    /// What the broken copy says.
    pub broken: Decision,
}

/// Most requests that are tried for one broken copy.
const TRIES: usize = 6_000;
/// Cases from whose requests the search goes into detail.
const SEEDS: usize = 10;

/// Where the search goes on.
pub(super) struct Search<'s> {
    pub(super) policy: &'s PolicySet,
    pub(super) broken: &'s PolicySet,
    /// The statement and its broken form.
    pub(super) forms: Vec<&'s Statement>,
    /// Where it is: layer, document's name, number.
    pub(super) place: (Layer, &'s str, usize),
    /// As which kind the resource-based policy was read, if there is one.
    pub(super) resource_kind: Option<Kind>,
    pub(super) tries: usize,
    pub(super) weak: Option<Witness>,
}

/// A change of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Edit {
    Principal(String),
    Action(String),
    Resource(String),
    Key(String, Option<Given>),
}

impl Search<'_> {
    pub(super) fn run(mut self, seeds: &[&RequestParts]) -> Option<Witness> {
        for seed in seeds {
            if let Some(found) = self.confirm(seed) {
                return Some(found);
            }
        }
        let mut near: Vec<_> = seeds.iter().map(|seed| (self.distance(seed), *seed)).collect();
        near.sort_by_key(|(distance, _)| *distance);
        let mut starts: Vec<RequestParts> = Vec::new();
        for (_, seed) in near.into_iter().take(SEEDS) {
            for start in [self.fitted(seed), seed.clone()] {
                if !starts.contains(&start) {
                    starts.push(start);
                }
            }
        }
        for depth in 1..=2 {
            for start in &starts {
                if let Some(found) = self.around(start, depth) {
                    return Some(found);
                }
            }
        }
        self.weak
    }

    /// Tries what one or two changes make of a request.
    fn around(&mut self, start: &RequestParts, depth: usize) -> Option<Witness> {
        let edits = self.edits(start);
        for (index, edit) in edits.iter().enumerate() {
            if self.tries > TRIES {
                return None;
            }
            let once = edit.made(start);
            if depth == 1 {
                if let Some(found) = self.confirm(&once) {
                    return Some(found);
                }
                continue;
            }
            for second in
                edits.iter().skip(index.saturating_add(1)).filter(|second| !second.is_about_same(edit))
            {
                if let Some(found) = self.confirm(&second.made(&once)) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// Decides both. A difference between the two denies alone is kept for the end.
    fn confirm(&mut self, request: &RequestParts) -> Option<Witness> {
        if self.tries > TRIES {
            return None;
        }
        self.tries = self.tries.saturating_add(1);
        let both = ask(request, |asked| {
            // A trust policy meets role assumptions only: of another request the same file would be another policy.
            if self.resource_kind.is_some_and(|kind| kind != resource_kind(asked)) {
                return Err("a request of another kind".to_owned());
            }
            Ok((self.policy.decide(asked), self.broken.decide(asked)))
        });
        let (policy, broken) = both.ok()?;
        if policy.outcome == broken.outcome {
            return None;
        }
        let witness = Witness { request: request.clone(), policy, broken };
        if policy.is_allowed() != broken.is_allowed() {
            return Some(witness);
        }
        self.weak.get_or_insert(witness);
        None
    }

    /// How many clauses of the statement a request does not meet.
    fn distance(&self, request: &RequestParts) -> usize {
        self.traced(request, |trace| {
            let conditions = trace.conditions.iter().filter(|one| one.truth != Truth::True).count();
            let clauses = [trace.action, trace.resource == Truth::True, trace.principal];
            clauses.iter().filter(|holds| !**holds).count().saturating_mul(2).saturating_add(conditions)
        })
        .unwrap_or(usize::MAX)
    }

    fn traced<T>(&self, request: &RequestParts, about: impl FnOnce(&StatementTrace<'_>) -> T) -> Option<T> {
        let (layer, name, number) = self.place;
        let asked = ask(request, |asked| {
            let traces = self.policy.trace(asked);
            let is_it = |trace: &&StatementTrace<'_>| {
                trace.id.layer == layer
                    && trace.document.name() == name
                    && trace.id.statement as usize == number
            };
            Ok(traces.iter().find(is_it).map(about))
        });
        asked.ok().flatten()
    }

    /// The request moved, change by change, to where the statement applies.
    fn fitted(&self, seed: &RequestParts) -> RequestParts {
        let mut best = (self.distance(seed), seed.clone());
        // A resource is fitted before and after the keys that its variables read.
        for _ in 0..2 {
            for edit in self.edits(&best.1) {
                let next = edit.made(&best.1);
                let distance = self.distance(&next);
                if distance < best.0 {
                    best = (distance, next);
                }
                if best.0 == 0 {
                    return best.1;
                }
            }
        }
        best.1
    }

    /// The changes that the statement and its broken form suggest.
    fn edits(&self, request: &RequestParts) -> Vec<Edit> {
        let mut edits = Vec::new();
        for form in &self.forms {
            for value in &form.action.values {
                actions(&value.value, &mut edits);
            }
            for value in form.resource.iter().flat_map(|list| &list.values) {
                let near = instances(&value.value, request);
                edits.extend(near.into_iter().map(Edit::Resource));
            }
            for (text, _) in principals(form).into_iter().filter(|(text, _)| text.starts_with("arn:")) {
                edits.push(Edit::Principal(serde_json::Value::from(text).to_string()));
            }
            for condition in &form.conditions {
                keys(condition, request, &mut edits);
            }
        }
        let others = ["arn:aws:iam::999988887777:user/other", "arn:aws:iam::999988887777:root", "anonymous"];
        edits.extend(others.map(|text| Edit::Principal(serde_json::Value::from(text).to_string())));
        let mut unique: Vec<Edit> = Vec::with_capacity(edits.len());
        for edit in edits {
            if !unique.contains(&edit) {
                unique.push(edit);
            }
        }
        unique
    }
}

impl Edit {
    fn made(&self, request: &RequestParts) -> RequestParts {
        let mut request = request.clone();
        match self {
            Self::Principal(json) => request.principal = Some(json.clone()),
            Self::Action(text) => request.action = Some(text.clone()),
            Self::Resource(text) => request.resource = Some(text.clone()),
            Self::Key(key, value) => request.add(key, value.clone()),
        }
        request
    }

    fn is_about_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(one, _), Self::Key(other, _)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

fn actions(pattern: &str, edits: &mut Vec<Edit>) {
    let (service, name) = pattern.split_once(':').unwrap_or(("s3", "*"));
    let service = service.replace(['*', '?'], "x");
    let texts = [
        name.replace('*', "").replace('?', "x"),
        name.replace('*', "Else").replace('?', "y"),
        format!("{}Else", name.replace(['*', '?'], "")),
    ];
    let found = texts.into_iter().filter(|name| !name.is_empty()).map(|name| format!("{service}:{name}"));
    edits.extend(found.chain([format!("{service}:Else"), "other:Else".to_owned()]).map(Edit::Action));
}

/// Texts that match a pattern, and texts that just do not.
fn instances(pattern: &str, request: &RequestParts) -> Vec<String> {
    let fill = |variable: Option<&str>, star: &str| filled(pattern, request, variable, star);
    let plain = [fill(None, ""), fill(None, "x"), fill(None, "x/y")];
    let others = [fill(Some("other"), "x"), fill(Some(""), "x"), fill(Some("x/other"), "x")];
    let mut found: Vec<String> = plain.into_iter().chain(others).collect();
    // Just beside: longer, and with another last segment above the wildcard.
    let whole = fill(None, "");
    found.push(format!("{whole}-else"));
    let trimmed = whole.trim_end_matches('/');
    found.push(format!("{trimmed}-else/x"));
    if let Some((head, _)) = trimmed.rsplit_once('/') {
        found.push(format!("{head}/else/x"));
        found.push(format!("{head}/else"));
    }
    if let Some((head, _)) = trimmed.rsplit_once(':') {
        found.push(format!("{head}:else"));
        found.push(format!("{head}:else/x"));
    }
    found
}

/// A pattern with its variables and wildcards filled in; a variable by the request's value, or by the text given.
fn filled(pattern: &str, request: &RequestParts, variable: Option<&str>, star: &str) -> String {
    let tokens = tokenize(pattern, Syntax { wildcards: true, variables: true });
    let value = |asked: &Variable<'_>| match (variable, request.get(asked.key)) {
        (Some(text), _) => text.to_owned(),
        (None, Some(Given::One(text))) => text.clone(),
        (None, _) => asked.default.unwrap_or("else").to_owned(),
    };
    let written = tokens.unwrap_or_default().into_iter().map(|token| match token {
        Token::Literal(text) | Token::Special(text) => text.to_owned(),
        Token::Star => star.to_owned(),
        Token::Question => "x".to_owned(),
        Token::Variable(asked) => value(&asked),
    });
    written.collect()
}

/// Values of a condition's key that meet it, and values that do not; in a list too where it has a qualifier.
fn keys(condition: &Condition, request: &RequestParts, edits: &mut Vec<Edit>) {
    let key = condition.key.value.to_string();
    let mut texts: Vec<String> = Vec::new();
    for value in &condition.values {
        texts.extend(values(condition.operation.operator.family, &value.value, request));
    }
    texts.sort();
    texts.dedup();
    let many = condition.operation.qualifier.is_some() || matches!(request.get(&key), Some(Given::Many(_)));
    edits.push(Edit::Key(key.clone(), None));
    if many {
        edits.push(Edit::Key(key.clone(), Some(Given::Many(Vec::new()))));
        for text in &texts {
            edits.push(Edit::Key(key.clone(), Some(Given::Many(vec![text.clone()]))));
        }
        for text in &texts {
            let both = vec![text.clone(), "else".to_owned()];
            edits.push(Edit::Key(key.clone(), Some(Given::Many(both))));
        }
    } else {
        edits.extend(texts.into_iter().map(|text| Edit::Key(key.clone(), Some(Given::One(text)))));
    }
}

fn values(family: Family, operand: &str, request: &RequestParts) -> Vec<String> {
    let fixed = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match family {
        Family::String | Family::Arn => {
            let mut found = instances(operand, request);
            found.extend(fixed(&["else", ""]));
            let whole = filled(operand, request, None, "x");
            found.extend([whole.to_uppercase(), whole.to_lowercase()]);
            found
        }
        Family::Bool => fixed(&["true", "false"]),
        Family::Null => fixed(&["else", "true", "false", "0"]),
        Family::Numeric => {
            let mut found = fixed(&["0", "999999999"]);
            found.push(operand.to_owned());
            found
        }
        Family::Date => {
            let mut found = fixed(&["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"]);
            found.push(operand.to_owned());
            found
        }
        Family::Ip => {
            let mut found = fixed(&["192.0.2.1", "198.51.100.1", "2001:db8:ffff::1"]);
            let bounds = read_network(operand).map(|range| [range.network(), range.broadcast()]);
            found.extend(bounds.into_iter().flatten().map(|address| address.to_string()));
            found
        }
        Family::Binary => fixed(&[operand, "AAAA"]),
    }
}
