//! Expressions of one call with the names and values that stand for others in them.

use super::error::CallError;
use super::expression::{Condition, Leaf, Leaves, Name, Path, Projection, SyntaxError, Update};
use super::wire::{AttributeValue, Item, Map, Text};
use crate::text::diagnostic::excerpt;

/// `ExpressionAttributeNames` and `ExpressionAttributeValues`, and which of them were used.
#[derive(Debug)]
pub(super) struct Scope<'c> {
    names: Option<&'c Map<'c, Text<'c>>>,
    values: Option<&'c Item<'c>>,
    used: Vec<&'c str>,
    /// The top-level attributes that the expressions name, as often as they do.
    attributes: Vec<&'c str>,
}

impl<'c> Scope<'c> {
    pub(super) fn new(names: Option<&'c Map<'c, Text<'c>>>, values: Option<&'c Item<'c>>) -> Self {
        Self { names, values, used: Vec::new(), attributes: Vec::new() }
    }

    pub(super) fn condition(
        &mut self,
        member: &'static str,
        text: &'c str,
    ) -> Result<Condition<'c>, CallError> {
        let condition = Condition::parse(text).map_err(|error| refused(member, error))?;
        self.read(member, &condition).map(|()| condition)
    }

    pub(super) fn projection(&mut self, text: &'c str) -> Result<(), CallError> {
        let member = "ProjectionExpression";
        self.read(member, &Projection::parse(text).map_err(|error| refused(member, error))?)
    }

    pub(super) fn update(&mut self, text: &'c str) -> Result<(), CallError> {
        let member = "UpdateExpression";
        self.read(member, &Update::parse(text).map_err(|error| refused(member, error))?)
    }

    /// The name of the top-level attribute of a path that was read.
    pub(super) fn head(&self, path: &Path<'c>) -> Option<&'c str> {
        self.name(path.head)
    }

    /// A value by its placeholder.
    pub(super) fn value(&self, placeholder: &str) -> Option<&'c AttributeValue<'c>> {
        self.values?.get(placeholder)
    }

    /// A placeholder that no expression uses is a mistake of the caller's, or a trick: DynamoDB refuses it too.
    pub(super) fn finish(mut self) -> Result<Vec<&'c str>, CallError> {
        self.used.sort_unstable();
        let names = self
            .names
            .into_iter()
            .flat_map(|names| names.keys().map(|name| ("ExpressionAttributeNames", name)));
        let values = self
            .values
            .into_iter()
            .flat_map(|values| values.keys().map(|name| ("ExpressionAttributeValues", name)));
        match names.chain(values).find(|(_, name)| self.used.binary_search(&&***name).is_err()) {
            Some((member, name)) => {
                Err(CallError::member(member, format!("{} is used in no expression", excerpt(name))))
            }
            None => Ok(self.attributes),
        }
    }

    fn read(&mut self, member: &'static str, expression: &impl Leaves<'c>) -> Result<(), CallError> {
        let mut wrong = None;
        expression.leaves(&mut |leaf| {
            let missing = match leaf {
                Leaf::Path(path) => self.path(path),
                Leaf::Value(name) => self.note(name, self.value(name).is_some()),
                Leaf::Operator => None,
            };
            wrong = wrong.or(missing);
        });
        match wrong {
            None => Ok(()),
            Some(name) => {
                Err(CallError::member(member, format!("{} stands for nothing that is given", excerpt(name))))
            }
        }
    }

    /// Notes a path; the placeholder that is missing, if one is.
    fn path(&mut self, path: &Path<'c>) -> Option<&'c str> {
        use super::expression::Step;
        let members = path.steps.iter().filter_map(|step| match step {
            Step::Member(name) => Some(*name),
            Step::Element(_) => None,
        });
        let missing = std::iter::once(path.head).chain(members).find_map(|name| match name {
            Name::Placeholder(text) => self.note(text, self.name(name).is_some()),
            Name::Plain(_) => None,
        });
        if let Some(head) = self.name(path.head) {
            self.attributes.push(head);
        }
        missing
    }

    fn note(&mut self, placeholder: &'c str, known: bool) -> Option<&'c str> {
        self.used.push(placeholder);
        if known { None } else { Some(placeholder) }
    }

    fn name(&self, name: Name<'c>) -> Option<&'c str> {
        match name {
            Name::Plain(text) => Some(text),
            Name::Placeholder(text) => self.names?.get(text).map(|name| &**name),
        }
    }
}

fn refused(member: &'static str, error: SyntaxError) -> CallError {
    CallError::Syntax { member, at: error.at, message: error.message }
}
