//! Key conditions of `Query`: the partition key they name, and nothing that would widen it.
//!
//! DynamoDB takes conditions joined by `AND` alone: one equality for each partition attribute, at most one condition
//! for each sort attribute. Anything else is refused here too, so that no other reading of it can slip through.

use super::draft::{Draft, key_text};
use super::error::CallError;
use super::expression::{Comparator, Condition, Function, Operand};
use super::schema::KeySchema;
use super::scope::Scope;
use super::wire::{AttributeValue, Map};
use crate::text::diagnostic::excerpt;

const MEMBER: &str = "KeyConditionExpression";
const LEGACY: &str = "KeyConditions";

/// Adds the partition key and the names of an expression.
pub(super) fn expression<'c>(
    draft: &mut Draft<'c>,
    scope: &mut Scope<'c>,
    key: &KeySchema,
    text: &'c str,
) -> Result<(), CallError> {
    let condition = scope.condition(MEMBER, text)?;
    let mut parts = Vec::new();
    conjuncts(&condition, &mut parts)?;
    let mut bound = Bound::default();
    for part in parts {
        let (operand, equal, others) = parts_of(part)?;
        let name = match operand {
            Operand::Path(path) if path.steps.is_empty() => scope.head(path),
            _ => None,
        };
        let name = name
            .ok_or_else(|| CallError::member(MEMBER, "a condition on something else than a key attribute"))?;
        let mut values = others.into_iter().map(|other| match other {
            Operand::Value(placeholder) => scope.value(placeholder),
            _ => None,
        });
        let first = values.next().flatten();
        let (true, Some(first)) = (values.all(|value| value.is_some()), first) else {
            return Err(CallError::member(MEMBER, "a key attribute is compared with values alone"));
        };
        bound.add(MEMBER, draft, key, name, equal, first)?;
    }
    bound.finish(MEMBER, key)
}

/// Adds the partition key and the names of the old form.
pub(super) fn legacy<'c>(
    draft: &mut Draft<'c>,
    key: &KeySchema,
    conditions: &'c Map<'c, super::call::LegacyCondition<'c>>,
) -> Result<(), CallError> {
    let mut bound = Bound::default();
    for (name, condition) in conditions.iter() {
        let values = condition.attribute_value_list.as_deref().unwrap_or_default();
        let equal = &*condition.comparison_operator == "EQ";
        let first = match values {
            [first] => first,
            [first, ..] if !equal => first,
            _ => return Err(CallError::member(LEGACY, "a key attribute is compared with one value")),
        };
        bound.add(LEGACY, draft, key, name, equal, first)?;
        draft.names([&**name]);
    }
    bound.finish(LEGACY, key)
}

/// How many conditions there are on each partition attribute and on each sort attribute.
#[derive(Default)]
struct Bound {
    names: Vec<String>,
}

impl Bound {
    fn add<'c>(
        &mut self,
        member: &'static str,
        draft: &mut Draft<'c>,
        key: &KeySchema,
        name: &str,
        equal: bool,
        value: &'c AttributeValue<'c>,
    ) -> Result<(), CallError> {
        let refused = |message: String| CallError::member(member, message);
        let attribute = key.attribute(name).ok_or_else(|| {
            refused(format!("{} is no attribute of the key that is searched", excerpt(name)))
        })?;
        if self.names.iter().any(|known| known == name) {
            return Err(refused(format!("more than one condition on {}", excerpt(name))));
        }
        self.names.push(name.to_owned());
        let text = key_text(attribute, value).map_err(refused)?;
        let Some(index) = key.partition().iter().position(|one| one.name == name) else { return Ok(()) };
        if !equal {
            return Err(refused(format!("the partition key {} needs an equality", excerpt(name))));
        }
        draft.partition_value(index, text);
        Ok(())
    }

    fn finish(self, member: &'static str, key: &KeySchema) -> Result<(), CallError> {
        match key.partition().iter().find(|one| !self.names.contains(&one.name)) {
            Some(missing) => {
                let name = excerpt(&missing.name);
                Err(CallError::member(member, format!("no condition on the partition key {name}")))
            }
            None => Ok(()),
        }
    }
}

/// The parts of nested conjunctions.
fn conjuncts<'e, 'c>(
    condition: &'e Condition<'c>,
    parts: &mut Vec<&'e Condition<'c>>,
) -> Result<(), CallError> {
    match condition {
        Condition::And(all) => all.iter().try_for_each(|one| conjuncts(one, parts)),
        Condition::Or(_) | Condition::Not(_) | Condition::In(..) => {
            Err(CallError::member(MEMBER, "key conditions are joined by `AND` alone"))
        }
        Condition::Compare(..) | Condition::Between(..) | Condition::Call(..) => {
            parts.push(condition);
            Ok(())
        }
    }
}

type Parts<'e, 'c> = (&'e Operand<'c>, bool, Vec<&'e Operand<'c>>);

/// The attribute, whether it is an equality, and what it is compared with.
fn parts_of<'e, 'c>(condition: &'e Condition<'c>) -> Result<Parts<'e, 'c>, CallError> {
    match condition {
        Condition::Compare(_, Comparator::NotEqual, _) => {
            Err(CallError::member(MEMBER, "`<>` is no condition on a key"))
        }
        // `:v = a` says what `a = :v` says.
        Condition::Compare(value @ Operand::Value(_), comparator, path)
        | Condition::Compare(path, comparator, value) => {
            Ok((path, *comparator == Comparator::Equal, vec![value]))
        }
        Condition::Between(path, low, high) => Ok((path, false, vec![low, high])),
        Condition::Call(Function::BeginsWith, all) => match all.as_slice() {
            [path, value] => Ok((path, false, vec![value])),
            _ => Err(CallError::member(MEMBER, "`begins_with` takes two arguments")),
        },
        _ => Err(CallError::member(MEMBER, "no condition on a key")),
    }
}
