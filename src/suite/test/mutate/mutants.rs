//! Broken copies of a policy: one part of one statement changed, the rest as it is.

use crate::operator::table::{Comparison, Family, OPERATORS, Operation, Operator, Qualifier};
use crate::policy::{
    Condition, Document, Limits, PrincipalMapKey, PrincipalValue, Spanned, Statement, Text, TextElement,
};
use crate::text::source::Positions;
use crate::text::span::Span;
use crate::text::template::{Syntax, Token, tokenize};

use super::near::{self, Slip};

/// A broken copy.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What was broken, after the statement's name; the same for the same policy.
    pub name: String,
    /// The line of the policy that it is about, from 1.
    pub line: usize,
    /// The statement, by its number.
    pub(super) statement: usize,
    /// Its broken form; none if it is removed.
    pub(super) broken: Option<Statement>,
}

/// All broken copies, in the order of the text; none says what the policy or another copy says.
pub fn mutants(document: &Document) -> Vec<Mutant> {
    let positions = Positions::new(document.source().text());
    let mut found: Vec<Mutant> = Vec::new();
    for (number, statement) in document.statements().iter().enumerate() {
        let mut breaker = Breaker { statement, variables: document.has_variables(), found: Vec::new() };
        breaker.all();
        let sid = statement
            .sid
            .as_ref()
            .map_or_else(|| format!("statement {number}"), |sid| format!("`{}`", sid.value));
        for (what, span, broken) in breaker.found {
            let is_new = broken.as_ref() != Some(statement)
                && found.iter().all(|other| other.statement != number || other.broken != broken);
            if is_new {
                let line = positions.at(span.start).line;
                found.push(Mutant { name: format!("{sid}: {what}"), line, statement: number, broken });
            }
        }
    }
    found
}

impl Mutant {
    /// The number of the statement that is broken, from 0.
    pub fn statement(&self) -> usize {
        self.statement
    }

    /// The document with the broken statement; `None` if it cannot be a policy of its kind, or if nothing is left of it.
    pub fn document(&self, of: &Document) -> Option<Document> {
        let mut statements = of.statements().to_vec();
        match &self.broken {
            Some(broken) => *statements.get_mut(self.statement)? = grouped(broken.clone()),
            None => {
                statements.remove(self.statement);
            }
        }
        let mut json = serde_json::json!({"Statement": statements});
        let members = json.as_object_mut()?;
        if let Some(version) = of.version() {
            members.insert("Version".to_owned(), version.as_str().into());
        }
        if let Some(id) = of.id() {
            members.insert("Id".to_owned(), id.into());
        }
        Document::parse(of.kind(), of.name(), &json.to_string(), &Limits::default())
            .ok()
            .map(|parsed| parsed.document)
    }

    /// Whether the statement was the document's only one and is gone.
    pub(super) fn leaves_nothing(&self, of: &Document) -> bool {
        self.broken.is_none() && of.statements().len() == 1
    }
}

/// The conditions of one operator stand together, as they must be written.
fn grouped(mut statement: Statement) -> Statement {
    let order: Vec<String> = statement.conditions.iter().map(|one| one.operation.to_string()).collect();
    let place = |one: &Condition| order.iter().position(|name| *name == one.operation.to_string());
    statement.conditions.sort_by_key(place);
    statement
}

/// A list of texts of a statement, and how its values slip.
struct Element {
    name: &'static str,
    slips: fn(&str) -> Vec<Slip>,
    /// What makes another name of a name.
    suffix: &'static str,
}

const ACTION: Element = Element { name: "Action", slips: near::of_action, suffix: "Else" };
const RESOURCE: Element = Element { name: "Resource", slips: near::of_pattern, suffix: "-else" };

type Broken = (String, Span, Option<Statement>);

struct Breaker<'s> {
    statement: &'s Statement,
    variables: bool,
    found: Vec<Broken>,
}

impl Breaker<'_> {
    fn all(&mut self) {
        let what = format!("remove the {}", self.statement.effect.as_str());
        self.found.push((what, self.statement.span, None));
        self.list(&ACTION, &self.statement.action, |statement, list| statement.action = list);
        if let Some(resource) = &self.statement.resource {
            self.list(&RESOURCE, resource, |statement, list| statement.resource = Some(list));
        }
        self.principals();
        for (place, condition) in self.statement.conditions.iter().enumerate() {
            self.condition(place, condition);
        }
    }

    fn add(&mut self, what: String, span: Span, change: impl FnOnce(&mut Statement)) {
        let mut broken = self.statement.clone();
        change(&mut broken);
        self.found.push((what, span, Some(broken)));
    }

    /// Values removed (or, of one alone, changed), their wildcards moved, their variables opened.
    fn list(&mut self, element: &Element, list: &TextElement, set: fn(&mut Statement, TextElement)) {
        let not = if list.negated { "Not" } else { "" };
        let is_alone = list.values.len() == 1;
        for (place, value) in list.values.iter().enumerate() {
            let (text, name) = (value.value.as_str(), format!("{not}{}", element.name));
            if !is_alone {
                let mut less = list.clone();
                less.values.remove(place);
                self.add(format!("remove `{text}` of {name}"), value.span, |one| set(one, less));
            }
            let mut slips = (element.slips)(text);
            let opened = if self.variables { opened(text, true) } else { None };
            slips.extend(opened.map(|text| ("open the variable of", text)));
            slips.extend(another(text, element.suffix, is_alone));
            for (verb, changed) in slips {
                let mut other = list.clone();
                if let Some(slot) = other.values.get_mut(place) {
                    *slot = Spanned { value: Text::from(changed.as_str()), span: value.span };
                }
                self.add(format!("{verb} `{text}` of {name} to `{changed}`"), value.span, |one| {
                    set(one, other);
                });
            }
        }
    }

    fn principals(&mut self) {
        let Some(element) = &self.statement.principal else { return };
        let PrincipalValue::Map(entries) = &element.value else { return };
        if !element.negated && !names_everyone(entries) {
            self.add("widen Principal to everyone".to_owned(), self.statement.span, |one| {
                if let Some(element) = &mut one.principal {
                    element.value = PrincipalValue::Everyone;
                }
            });
        }
        if entries.iter().map(|(_, values)| values.len()).sum::<usize>() < 2 {
            return;
        }
        for (outer, (_, values)) in entries.iter().enumerate() {
            for (inner, value) in values.iter().enumerate() {
                let mut less = entries.clone();
                if let Some((_, values)) = less.get_mut(outer) {
                    values.remove(inner);
                }
                less.retain(|(_, values)| !values.is_empty());
                self.add(format!("remove `{}` of Principal", value.value), value.span, |one| {
                    if let Some(element) = &mut one.principal {
                        element.value = PrincipalValue::Map(less);
                    }
                });
            }
        }
    }

    fn condition(&mut self, place: usize, condition: &Condition) {
        let name = format!("{} {}", condition.operation, condition.key.value);
        let span = condition.key.span;
        self.add(format!("drop the condition {name}"), span, |one| {
            one.conditions.remove(place);
        });
        let negated = negated(condition);
        let operation = condition.operation;
        let toggled = Operation { if_exists: !operation.if_exists, ..operation };
        let switched =
            operation.qualifier.map(|qualifier| Operation { qualifier: Some(other(qualifier)), ..operation });
        // Of these an absent key is true with and without IfExists.
        let is_same = operation.qualifier == Some(Qualifier::ForAllValues)
            || (operation.qualifier.is_none() && operation.operator.negated);
        let toggled = (operation.operator.family != Family::Null && !is_same)
            .then(|| Condition { operation: toggled, ..condition.clone() });
        let verb = if operation.if_exists { "take IfExists from" } else { "give IfExists to" };
        let switched = switched.map(|operation| Condition { operation, ..condition.clone() });
        let changes = [("negate", negated), (verb, toggled), ("switch the qualifier of", switched)];
        for (verb, change) in changes.into_iter().filter_map(|(verb, change)| Some((verb, change?))) {
            self.replace(format!("{verb} {name}"), span, place, change);
        }
        for other in near::of_operator(condition, self.variables && condition.operation.operator.variables) {
            self.replace(format!("write {} for {name}", other.operation), span, place, other);
        }
        self.values(place, condition, &name);
    }

    fn values(&mut self, place: usize, condition: &Condition, name: &str) {
        for (index, value) in condition.values.iter().enumerate() {
            if condition.values.len() > 1 {
                let mut less = condition.clone();
                less.values.remove(index);
                self.replace(format!("remove `{}` of {name}", value.value), value.span, place, less);
            }
            let (text, operator) = (value.value.as_str(), condition.operation.operator);
            let family = operator.family;
            let mut slips =
                if operator.wildcards { near::of_pattern(text) } else { near::of_operand(family, text) };
            let is_alone = condition.values.len() == 1 && matches!(family, Family::String | Family::Arn);
            slips.extend(another(text, "-else", is_alone));
            for (verb, changed) in slips {
                let what = format!("{verb} `{text}` of {name} to `{changed}`");
                self.replace(what, value.span, place, with_value(condition, index, changed));
            }
            let like = like(condition.operation);
            if let (true, Some(operation), Some(text)) =
                (self.variables, like, opened(&value.value, condition.operation.operator.wildcards))
            {
                let what = format!("open the variable of `{}` of {name}", value.value);
                let other = Condition { operation, ..with_value(condition, index, text) };
                self.replace(what, value.span, place, other);
            }
        }
    }

    fn replace(&mut self, what: String, span: Span, place: usize, condition: Condition) {
        self.add(what, span, |one| {
            if let Some(slot) = one.conditions.get_mut(place) {
                *slot = condition;
            }
        });
    }
}

/// Another value in the place of the only one. Of one that ends with a star the star is taken instead.
fn another(text: &str, suffix: &str, is_alone: bool) -> Option<Slip> {
    (is_alone && !text.ends_with('*')).then(|| ("change", format!("{text}{suffix}")))
}

fn names_everyone(entries: &[(PrincipalMapKey, Vec<Spanned<String>>)]) -> bool {
    entries.iter().any(|(_, values)| values.iter().any(|value| value.value == "*"))
}

fn with_value(condition: &Condition, index: usize, text: String) -> Condition {
    let mut other = condition.clone();
    if let Some(slot) = other.values.get_mut(index) {
        slot.value = text;
    }
    other
}

fn other(qualifier: Qualifier) -> Qualifier {
    match qualifier {
        Qualifier::ForAllValues => Qualifier::ForAnyValue,
        Qualifier::ForAnyValue => Qualifier::ForAllValues,
    }
}

/// The opposite operator, or the opposite operand where the operator has none.
fn negated(condition: &Condition) -> Option<Condition> {
    let Operation { operator, .. } = condition.operation;
    if matches!(operator.family, Family::Bool | Family::Null) {
        let [value] = condition.values.as_slice() else { return None };
        let opposite = match value.value.as_str() {
            "true" => "false",
            "false" => "true",
            _ => return None,
        };
        return Some(with_value(condition, 0, opposite.to_owned()));
    }
    let (comparison, flips) = match operator.comparison {
        Comparison::LessThan => (Comparison::GreaterThanEquals, false),
        Comparison::GreaterThanEquals => (Comparison::LessThan, false),
        Comparison::GreaterThan => (Comparison::LessThanEquals, false),
        Comparison::LessThanEquals => (Comparison::GreaterThan, false),
        same => (same, true),
    };
    let is_it = |one: &&Operator| {
        one.family == operator.family
            && one.comparison == comparison
            && one.negated == (operator.negated ^ flips)
    };
    let operator = OPERATORS.iter().find(is_it)?;
    Some(Condition { operation: Operation { operator, ..condition.operation }, ..condition.clone() })
}

/// The operation under which a `*` is a wildcard.
fn like(operation: Operation) -> Option<Operation> {
    let Operator { family, negated, .. } = *operation.operator;
    if operation.operator.wildcards {
        return Some(operation);
    }
    let is_it = |one: &&Operator| {
        one.family == family && one.comparison == Comparison::Like && one.negated == negated
    };
    let operator = OPERATORS.iter().find(is_it).filter(|_| family == Family::String)?;
    Some(Operation { operator, ..operation })
}

/// The text with each variable replaced by `*`, for a place where that is a wildcard; none if it has no variable. Where the
/// text had no wildcards, its own stars stay plain.
fn opened(text: &str, wildcards: bool) -> Option<String> {
    let tokens = tokenize(text, Syntax { wildcards, variables: true }).ok()?;
    if !tokens.iter().any(|token| matches!(token, Token::Variable(_))) {
        return None;
    }
    let written = tokens.iter().map(|token| match token {
        Token::Literal(text) if wildcards => (*text).to_owned(),
        Token::Literal(text) => text.replace('*', "${*}").replace('?', "${?}"),
        Token::Special(text) => format!("${{{text}}}"),
        Token::Star | Token::Variable(_) => "*".to_owned(),
        Token::Question => "?".to_owned(),
    });
    Some(written.collect())
}

/// The text matching more: a wildcard at its end, or the wildcard at its end one segment further up.
pub(super) fn widened(text: &str) -> Option<String> {
    let Some(before) = text.strip_suffix('*') else { return Some(format!("{text}*")) };
    let head = before.trim_end_matches(['/', ':', '*']);
    let cut = head.rfind(['/', ':']).map_or(0, |at| at.saturating_add(1));
    // A colon in a variable's name is none of the text.
    let cut = head
        .rfind("${")
        .filter(|open| *open < cut && !head.get(*open..cut).unwrap_or_default().contains('}'))
        .unwrap_or(cut);
    let wider = format!("{}*", head.get(..cut)?);
    (wider != text && !head.is_empty()).then_some(wider)
}

/// The same for an action.
pub(super) fn action_widened(text: &str) -> Option<String> {
    match text.split_once(':') {
        None => None,
        Some((_, "*")) => Some("*".to_owned()),
        Some((service, name)) if name.ends_with('*') => Some(format!("{service}:*")),
        Some(_) => Some(format!("{text}*")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_widened() {
        for (text, wider) in [
            ("arn:aws:s3:::b/users/${aws:username}/*", Some("arn:aws:s3:::b/users/*")),
            ("arn:aws:s3:::b/*", Some("arn:aws:s3:::*")),
            ("arn:aws:s3:::b", Some("arn:aws:s3:::b*")),
            ("public/*", Some("*")),
            ("*", None),
        ] {
            assert_eq!(widened(text).as_deref(), wider, "{text}");
        }
        assert_eq!(action_widened("s3:GetObject").as_deref(), Some("s3:GetObject*"));
        assert_eq!(action_widened("s3:Get*").as_deref(), Some("s3:*"));
        assert_eq!(action_widened("*"), None);
    }

    #[test]
    fn variables_are_opened_and_specials_are_not() {
        assert_eq!(opened("a/${aws:username}/${*}", true).as_deref(), Some("a/*/${*}"));
        assert_eq!(opened("a*${aws:username}", false).as_deref(), Some("a${*}*"));
        assert_eq!(opened("a/${*}", true), None);
    }
}
