//! A check in the making: the facts that its condition keys tell.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::call::{OnConditionCheckFailure, ReturnConsumedCapacity, ReturnValues, Select};
use super::error::CallError;
use super::number;
use super::schema::{KeyAttribute, KeySchema, KeyType};
use super::wire::{AttributeValue, Item};
use crate::operator::binary;
use crate::service::{Check, Value};
use crate::text::diagnostic::excerpt;

/// The keys of the first to the fourth partition attribute. The first has a second name, `dynamodb:LeadingKeys`.
const PARTITION_KEYS: [&str; 4] = [
    "dynamodb:FirstPartitionKeyValues",
    "dynamodb:SecondPartitionKeyValues",
    "dynamodb:ThirdPartitionKeyValues",
    "dynamodb:FourthPartitionKeyValues",
];

/// What the condition keys of one check are made of. What is `None` is a key that is absent.
#[derive(Debug, Default)]
pub(super) struct Draft<'c> {
    /// The values of each partition attribute.
    pub(super) partition: Vec<BTreeSet<Cow<'c, str>>>,
    pub(super) attributes: BTreeSet<Cow<'c, str>>,
    pub(super) select: Option<Select>,
    pub(super) returns: Option<Returns>,
    pub(super) capacity: Option<ReturnConsumedCapacity>,
    pub(super) enclosing: Option<&'static str>,
    pub(super) full_scan: Option<bool>,
}

/// What a write hands back: in the end, and if its condition fails.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Returns {
    pub(super) values: ReturnValues,
    pub(super) on_failure: OnConditionCheckFailure,
}

impl Returns {
    pub(super) fn new(values: Option<ReturnValues>, on_failure: Option<OnConditionCheckFailure>) -> Self {
        Self { values: values.unwrap_or_default(), on_failure: on_failure.unwrap_or_default() }
    }

    /// The old item of a failed condition is an old item. Where the call asks for something else besides, there is a
    /// check for each: the key holds one value.
    fn values(self) -> impl Iterator<Item = ReturnValues> {
        let old = (self.on_failure == OnConditionCheckFailure::AllOld).then_some(ReturnValues::AllOld);
        let own = (old.is_none() || !matches!(self.values, ReturnValues::None | ReturnValues::AllOld))
            .then_some(self.values);
        own.into_iter().chain(old)
    }
}

impl<'c> Draft<'c> {
    /// Adds the key of an item: all attributes of the table's key and no others.
    pub(super) fn key(
        &mut self,
        member: &'static str,
        schema: &KeySchema,
        key: &'c Item<'c>,
    ) -> Result<(), CallError> {
        if let Some(other) = key.keys().find(|name| schema.attribute(name).is_none()) {
            return Err(CallError::member(member, format!("{} is no attribute of the key", excerpt(other))));
        }
        self.item(member, schema, key)
    }

    /// Adds an item.
    pub(super) fn item(
        &mut self,
        member: &'static str,
        schema: &KeySchema,
        item: &'c Item<'c>,
    ) -> Result<(), CallError> {
        for attribute in schema.attributes() {
            let value = item.get(attribute.name.as_str());
            let value = value.ok_or_else(|| {
                CallError::member(
                    member,
                    format!("the key attribute {} is missing", excerpt(&attribute.name)),
                )
            })?;
            key_text(attribute, value).map_err(|message| CallError::member(member, message))?;
        }
        self.partition_of(member, schema, item)?;
        self.attributes.extend(item.keys().map(|name| Cow::Borrowed(&**name)));
        Ok(())
    }

    /// Adds the partition of an item, and none of its other attributes.
    pub(super) fn partition_of(
        &mut self,
        member: &'static str,
        schema: &KeySchema,
        item: &'c Item<'c>,
    ) -> Result<(), CallError> {
        for (index, attribute) in schema.partition().iter().enumerate() {
            let Some(value) = item.get(attribute.name.as_str()) else {
                return Err(CallError::member(
                    member,
                    format!("the key attribute {} is missing", excerpt(&attribute.name)),
                ));
            };
            let text = key_text(attribute, value).map_err(|message| CallError::member(member, message))?;
            self.partition_value(index, text);
        }
        Ok(())
    }

    /// Adds a value of a partition attribute by its number, from 0.
    pub(super) fn partition_value(&mut self, index: usize, text: Cow<'c, str>) {
        if self.partition.len() <= index {
            self.partition.resize_with(index.saturating_add(1), BTreeSet::new);
        }
        if let Some(values) = self.partition.get_mut(index) {
            values.insert(text);
        }
    }

    pub(super) fn names(&mut self, names: impl IntoIterator<Item = &'c str>) {
        self.attributes.extend(names.into_iter().map(Cow::Borrowed));
    }

    /// The check, or one for each thing that a write hands back.
    pub(super) fn finish(
        mut self,
        action: &'static str,
        resource: &str,
        part: Option<u32>,
        checks: &mut Vec<Check>,
    ) {
        let mut returned = self.returns.take().into_iter().flat_map(Returns::values).peekable();
        let mut before = self.before();
        loop {
            let returns = returned.next();
            let is_last = returned.peek().is_none();
            let mut context = if is_last { std::mem::take(&mut before) } else { before.clone() };
            context.extend(returns.map(|value| one("dynamodb:ReturnValues", value.as_str())));
            context.extend(self.after());
            let (action, resource) = (Cow::Borrowed(action), resource.to_owned());
            checks.push(Check { action, resource, context, part });
            if is_last {
                return;
            }
        }
    }

    fn before(&mut self) -> Vec<(Cow<'static, str>, Value)> {
        let mut context = Vec::with_capacity(8);
        let mut partition = std::mem::take(&mut self.partition).into_iter().map(many).zip(PARTITION_KEYS);
        if let Some((first, name)) = partition.next() {
            context.push((Cow::Borrowed("dynamodb:LeadingKeys"), first.clone()));
            context.push((Cow::Borrowed(name), first));
        }
        context.extend(partition.map(|(values, name)| (Cow::Borrowed(name), values)));
        if !self.attributes.is_empty() {
            context.push((Cow::Borrowed("dynamodb:Attributes"), many(std::mem::take(&mut self.attributes))));
        }
        context.extend(self.select.map(|select| one("dynamodb:Select", select.as_str())));
        context
    }

    fn after(&self) -> impl Iterator<Item = (Cow<'static, str>, Value)> {
        let full_scan = self.full_scan.map(|full| if full { "true" } else { "false" });
        [
            self.capacity.map(|capacity| one("dynamodb:ReturnConsumedCapacity", capacity.as_str())),
            self.enclosing.map(|operation| one("dynamodb:EnclosingOperation", operation)),
            full_scan.map(|full| one("dynamodb:FullTableScan", full)),
        ]
        .into_iter()
        .flatten()
    }
}

fn one(name: &'static str, value: &'static str) -> (Cow<'static, str>, Value) {
    (Cow::Borrowed(name), Value::One(value.to_owned()))
}

fn many(values: BTreeSet<Cow<'_, str>>) -> Value {
    Value::Many(values.into_iter().map(Cow::into_owned).collect())
}

/// A value of a key attribute as condition keys hold it: a string as it is, a number in its one shortest form, bytes in
/// canonical base64.
pub(super) fn key_text<'c>(
    attribute: &KeyAttribute,
    value: &'c AttributeValue<'c>,
) -> Result<Cow<'c, str>, String> {
    // PERF: most keys are as they should be, and their names are not put into words.
    let named = |problem: &str| format!("the key attribute {} {problem}", excerpt(&attribute.name));
    let told = |text: &str, problem: &str| {
        format!("{} of the key attribute {} is {problem}", excerpt(text), excerpt(&attribute.name))
    };
    match (attribute.kind, value) {
        // DynamoDB takes neither: an empty key is nobody's.
        (KeyType::S, AttributeValue::S(text)) | (KeyType::B, AttributeValue::B(text)) if text.is_empty() => {
            Err(named("is empty"))
        }
        (KeyType::S, AttributeValue::S(text)) => Ok(Cow::Borrowed(text)),
        (KeyType::N, AttributeValue::N(text)) => {
            number::canonical(text).map(Cow::Owned).ok_or_else(|| told(text, "no number of DynamoDB"))
        }
        (KeyType::B, AttributeValue::B(text)) if binary::is_canonical(text) => Ok(Cow::Borrowed(text)),
        (KeyType::B, AttributeValue::B(text)) => Err(told(text, "not canonical base64")),
        (kind, _) => Err(named(&format!("is not of its type `{kind:?}`"))),
    }
}
