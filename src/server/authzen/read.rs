//! Bodies as the specification has them: I-JSON, unknown members passed over, members of another type refused.

use std::borrow::Cow;

use crate::text::diagnostic::bounded;
use crate::text::json::{self, JsonLimits, Member, Node, Value};

use super::super::refusal::Refusal;

/// The deepest JSON that is read.
const DEPTH: usize = 32;
/// The most evaluations at once.
const MOST: usize = 10_000;

/// A body.
pub(super) struct Body<'a>(Vec<Member<'a>>);

/// One evaluation.
pub(super) struct Evaluation<'a> {
    pub(super) subject: Entity<'a>,
    pub(super) action: Action<'a>,
    pub(super) resource: Entity<'a>,
    pub(super) context: Members<'a>,
}

/// A subject or a resource.
pub(super) struct Entity<'a> {
    pub(super) kind: &'a str,
    pub(super) id: &'a str,
    pub(super) properties: Members<'a>,
}

/// An action.
pub(super) struct Action<'a> {
    pub(super) name: &'a str,
    pub(super) properties: Members<'a>,
}

pub(super) type Members<'a> = &'a [Member<'a>];

/// Several evaluations.
pub(super) struct Batch<'a> {
    defaults: Members<'a>,
    items: &'a [Node<'a>],
    pub(super) semantic: Semantic,
}

/// Which decision ends the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Semantic {
    /// None.
    ExecuteAll,
    /// The first that is not an allow.
    DenyOnFirstDeny,
    /// The first that is.
    PermitOnFirstPermit,
}

impl<'a> Body<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(bytes).map_err(|_| bad("the body is not UTF-8"))?;
        let limits = JsonLimits { bytes: text.len(), depth: DEPTH, string: text.len() };
        let (node, problems) = json::parse(text, &limits);
        if let Some(problem) = problems.first() {
            return Err(bad(bounded(&problem.message)));
        }
        match node.map(|node| node.value) {
            Some(Value::Object(members)) => Ok(Self(members)),
            _ => Err(bad("the body is a JSON object")),
        }
    }

    /// The evaluation of the body itself.
    pub(super) fn evaluation(&self) -> Result<Evaluation<'_>, Refusal> {
        Evaluation::of(&self.0, &[])
    }

    /// Its evaluations; none if it is one by itself.
    pub(super) fn batch(&self) -> Result<Option<Batch<'_>>, Refusal> {
        let semantic = self.semantic()?;
        let items = match find(&self.0, "evaluations") {
            None => return Ok(None),
            Some(Value::Array(items)) if items.is_empty() => return Ok(None),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(bad("`evaluations` is an array")),
        };
        if items.len() > MOST {
            return Err(bad(format!("there are more than {MOST} evaluations: ask in several requests")));
        }
        // Defaults that are wrong are wrong for all.
        for part in ["subject", "resource"] {
            find(&self.0, part).map(|value| Entity::of(part, value)).transpose()?;
        }
        find(&self.0, "action").map(Action::of).transpose()?;
        members(&self.0, "context")?;
        Ok(Some(Batch { defaults: &self.0, items, semantic }))
    }

    fn semantic(&self) -> Result<Semantic, Refusal> {
        let options = members(&self.0, "options")?;
        match find(options, "evaluations_semantic") {
            None => Ok(Semantic::ExecuteAll),
            Some(Value::String(text)) => match &**text {
                "execute_all" => Ok(Semantic::ExecuteAll),
                "deny_on_first_deny" => Ok(Semantic::DenyOnFirstDeny),
                "permit_on_first_permit" => Ok(Semantic::PermitOnFirstPermit),
                _ => Err(bad(
                    "`evaluations_semantic` is `execute_all`, `deny_on_first_deny` or `permit_on_first_permit`",
                )),
            },
            Some(_) => Err(bad("`evaluations_semantic` is a string")),
        }
    }
}

impl<'a> Batch<'a> {
    /// The evaluations in their order, each with the defaults that it does not replace.
    pub(super) fn items(&self) -> impl Iterator<Item = Result<Evaluation<'a>, Refusal>> {
        let defaults = self.defaults;
        self.items.iter().map(move |item| match &item.value {
            Value::Object(own) => Evaluation::of(own, defaults),
            _ => Err(bad("an evaluation is an object")),
        })
    }
}

impl<'a> Evaluation<'a> {
    fn of(own: Members<'a>, defaults: Members<'a>) -> Result<Self, Refusal> {
        let part = |name: &str| {
            let found = find(own, name).or_else(|| find(defaults, name));
            found.ok_or_else(|| bad(format!("`{name}` is missing")))
        };
        let from = if find(own, "context").is_some() { own } else { defaults };
        Ok(Self {
            subject: Entity::of("subject", part("subject")?)?,
            action: Action::of(part("action")?)?,
            resource: Entity::of("resource", part("resource")?)?,
            context: members(from, "context")?,
        })
    }
}

impl<'a> Entity<'a> {
    fn of(what: &str, value: &'a Value<'a>) -> Result<Self, Refusal> {
        let Value::Object(own) = value else { return Err(bad(format!("`{what}` is an object"))) };
        Ok(Self {
            kind: text(own, what, "type")?,
            id: text(own, what, "id")?,
            properties: members(own, "properties")?,
        })
    }
}

impl<'a> Action<'a> {
    fn of(value: &'a Value<'a>) -> Result<Self, Refusal> {
        let Value::Object(own) = value else { return Err(bad("`action` is an object")) };
        Ok(Self { name: text(own, "action", "name")?, properties: members(own, "properties")? })
    }
}

/// A member.
pub(super) fn find<'a>(members: Members<'a>, name: &str) -> Option<&'a Value<'a>> {
    members.iter().find(|member| member.key == name).map(|member| &member.value.value)
}

/// The members of a member that is an object, if it stands.
fn members<'a>(own: Members<'a>, name: &str) -> Result<Members<'a>, Refusal> {
    match find(own, name) {
        None => Ok(&[]),
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(bad(format!("`{name}` is an object"))),
    }
}

fn text<'a>(own: Members<'a>, what: &str, name: &str) -> Result<&'a str, Refusal> {
    match find(own, name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(bad(format!("`{what}.{name}` is a string"))),
        None => Err(bad(format!("`{what}.{name}` is missing"))),
    }
}

fn bad<'a>(message: impl Into<Cow<'a, str>>) -> Refusal {
    Refusal::bad_request("INVALID_REQUEST", message.into().into_owned())
}
