//! `Query` and `Scan`, on a table or an index.

use std::sync::Arc;

use super::call::{LegacyCondition, Query, ReturnConsumedCapacity, Scan, Select};
use super::draft::Draft;
use super::error::CallError;
use super::key_condition;
use super::read::projected;
use super::schema::{KeySchema, TableSchema};
use super::scope::Scope;
use super::table::TableRef;
use super::translate::Translation;
use super::wire::{Item, Map, Text};
use super::write::mixed;
use crate::service::Check;
use crate::text::diagnostic::excerpt;

/// A table or an index of it, with its key.
pub(super) struct Target<'c> {
    schema: Arc<TableSchema>,
    index: Option<&'c str>,
    pub(super) resource: String,
}

impl<'c> Target<'c> {
    pub(super) fn new(
        translation: &Translation<'_>,
        table: TableRef<'_>,
        index: Option<&'c str>,
    ) -> Result<Self, CallError> {
        let schema = translation.schema(&table)?;
        let resource = index.map_or_else(|| table.arn(), |index| table.index_arn(index));
        match index.filter(|index| schema.index(index).is_none()) {
            Some(index) => Err(CallError::UnknownIndex { table: table.arn(), index: index.to_owned() }),
            None => Ok(Self { schema, index, resource }),
        }
    }

    /// The key by which it is searched: an index has its own.
    pub(super) fn key(&self) -> &KeySchema {
        let index = self.index.and_then(|index| self.schema.index(index));
        index.map_or(self.schema.key(), |index| &index.key)
    }

    /// A key that a search goes on from is made of the attributes of both keys, each of its type.
    fn start_key<'i>(
        &self,
        draft: Option<&mut Draft<'i>>,
        start: Option<&'i Item<'i>>,
    ) -> Result<(), CallError> {
        let member = "ExclusiveStartKey";
        let Some(start) = start else { return Ok(()) };
        let known = |name: &str| self.key().attribute(name).or_else(|| self.schema.key().attribute(name));
        if let Some(other) = start.keys().find(|name| known(name).is_none()) {
            return Err(CallError::member(member, format!("{} is no attribute of a key", excerpt(other))));
        }
        match draft {
            Some(draft) => draft.partition_of(member, self.key(), start),
            None => Ok(()),
        }
    }
}

type Filter<'c> = Option<&'c Map<'c, LegacyCondition<'c>>>;

/// What the two have in common.
struct Search<'c> {
    index: Option<&'c str>,
    select: Option<Select>,
    projection: Option<&'c str>,
    attributes_to_get: Option<&'c [Text<'c>]>,
    legacy_filter: Filter<'c>,
    filter: Option<&'c str>,
    capacity: Option<ReturnConsumedCapacity>,
}

impl<'c> Search<'c> {
    fn draft(&self) -> Result<Draft<'c>, CallError> {
        let select = Some(self.select()?);
        let capacity = Some(self.capacity.unwrap_or_default());
        let mut draft = Draft { select, capacity, ..Draft::default() };
        draft.names(self.legacy_filter.into_iter().flat_map(|filter| filter.keys().map(|name| &**name)));
        Ok(draft)
    }

    /// The value given, as long as it says what the rest of the call does; else the default.
    fn select(&self) -> Result<Select, CallError> {
        let is_projected = self.projection.is_some() || self.attributes_to_get.is_some();
        if self.attributes_to_get.is_some_and(<[_]>::is_empty) {
            return Err(CallError::member("AttributesToGet", "no attribute is given"));
        }
        match self.select {
            Some(Select::SpecificAttributes) if !is_projected => {
                Err(CallError::member("Select", "`SPECIFIC_ATTRIBUTES` needs a projection"))
            }
            Some(Select::AllProjectedAttributes) if self.index.is_none() => {
                Err(CallError::member("Select", "`ALL_PROJECTED_ATTRIBUTES` needs an index"))
            }
            Some(other) if is_projected && other != Select::SpecificAttributes => {
                Err(CallError::member("Select", "a projection goes with `SPECIFIC_ATTRIBUTES` alone"))
            }
            Some(given) => Ok(given),
            None if is_projected => Ok(Select::SpecificAttributes),
            None if self.index.is_some() => Ok(Select::AllProjectedAttributes),
            None => Ok(Select::AllAttributes),
        }
    }

    /// Refuses expressions beside parameters of the old form.
    fn one_form(&self, key: Option<&str>, legacy_key: Filter<'_>) -> Result<(), CallError> {
        let expressions = [self.projection, self.filter, key].iter().any(Option::is_some);
        let old = self.attributes_to_get.is_some() || self.legacy_filter.is_some() || legacy_key.is_some();
        if expressions && old { Err(mixed()) } else { Ok(()) }
    }

    fn rest(&self, mut draft: Draft<'c>, mut scope: Scope<'c>) -> Result<Draft<'c>, CallError> {
        if let Some(text) = self.filter {
            scope.condition("FilterExpression", text)?;
        }
        draft.names(projected(self.projection, self.attributes_to_get, scope)?);
        Ok(draft)
    }
}

pub(super) fn query(
    translation: &Translation<'_>,
    call: &Query<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    let search = Search {
        index: call.index_name.as_deref(),
        select: call.select,
        projection: call.projection_expression.as_deref(),
        attributes_to_get: call.attributes_to_get.as_deref(),
        legacy_filter: call.query_filter.as_ref(),
        filter: call.filter_expression.as_deref(),
        capacity: call.return_consumed_capacity,
    };
    let expression = call.key_condition_expression.as_deref();
    search.one_form(expression, call.key_conditions.as_ref())?;
    let table = translation.home.table("TableName", &call.table_name)?;
    let target = Target::new(translation, table, search.index)?;
    let mut draft = search.draft()?;
    let values = call.expression_attribute_values.as_ref();
    let mut scope = Scope::new(call.expression_attribute_names.as_ref(), values);
    match (expression, call.key_conditions.as_ref()) {
        (Some(text), _) => key_condition::expression(&mut draft, &mut scope, target.key(), text)?,
        (None, Some(conditions)) => key_condition::legacy(&mut draft, target.key(), conditions)?,
        (None, None) => return Err(CallError::member("KeyConditionExpression", "no key condition is given")),
    }
    target.start_key(Some(&mut draft), call.exclusive_start_key.as_ref())?;
    let draft = search.rest(draft, scope)?;
    draft.finish("dynamodb:Query", &target.resource, None, checks);
    Ok(())
}

pub(super) fn scan(
    translation: &Translation<'_>,
    call: &Scan<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    let search = Search {
        index: call.index_name.as_deref(),
        select: call.select,
        projection: call.projection_expression.as_deref(),
        attributes_to_get: call.attributes_to_get.as_deref(),
        legacy_filter: call.scan_filter.as_ref(),
        filter: call.filter_expression.as_deref(),
        capacity: call.return_consumed_capacity,
    };
    search.one_form(None, None)?;
    let table = translation.home.table("TableName", &call.table_name)?;
    let target = Target::new(translation, table, search.index)?;
    target.start_key(None, call.exclusive_start_key.as_ref())?;
    let values = call.expression_attribute_values.as_ref();
    let scope = Scope::new(call.expression_attribute_names.as_ref(), values);
    let draft = search.rest(search.draft()?, scope)?;
    draft.finish("dynamodb:Scan", &target.resource, None, checks);
    Ok(())
}
