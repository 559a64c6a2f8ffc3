//! Writes of one item, in a transaction or not: `PutItem`, `UpdateItem`, `DeleteItem`, `ConditionCheckItem`.

use std::borrow::Cow;

use super::call::{
    DeleteItem, Expected, OnConditionCheckFailure, PutItem, ReturnConsumedCapacity, ReturnValues, UpdateItem,
};
use super::draft::{Draft, Returns};
use super::error::CallError;
use super::scope::Scope;
use super::translate::Translation;
use super::wire::{Item, Map, Text};
use crate::service::Check;

/// What all writes have in common.
#[derive(Default)]
pub(super) struct Write<'c> {
    pub(super) action: &'static str,
    pub(super) table: &'c str,
    pub(super) item: Option<&'c Item<'c>>,
    pub(super) key: Option<&'c Item<'c>>,
    pub(super) update: Option<&'c str>,
    pub(super) condition: Option<&'c str>,
    pub(super) names: Option<&'c Map<'c, Text<'c>>>,
    pub(super) values: Option<&'c Item<'c>>,
    /// The attributes that parameters of the old form name; `None` without such parameters.
    pub(super) legacy: Option<Vec<&'c str>>,
    pub(super) return_values: Option<ReturnValues>,
    pub(super) on_failure: Option<OnConditionCheckFailure>,
    pub(super) capacity: Option<ReturnConsumedCapacity>,
    pub(super) enclosing: Option<&'static str>,
    pub(super) part: Option<u32>,
}

impl<'c> Write<'c> {
    pub(super) fn of_put(call: &'c PutItem<'c>) -> Result<Self, CallError> {
        if !matches!(call.return_values, None | Some(ReturnValues::None | ReturnValues::AllOld)) {
            return Err(not_returned());
        }
        Ok(Self {
            action: "dynamodb:PutItem",
            table: &call.table_name,
            item: Some(&call.item),
            condition: call.condition_expression.as_deref(),
            names: call.expression_attribute_names.as_ref(),
            values: call.expression_attribute_values.as_ref(),
            legacy: expected(call.expected.as_ref()),
            return_values: call.return_values,
            on_failure: call.return_values_on_condition_check_failure,
            capacity: call.return_consumed_capacity,
            ..Self::default()
        })
    }

    pub(super) fn of_delete(call: &'c DeleteItem<'c>) -> Result<Self, CallError> {
        if !matches!(call.return_values, None | Some(ReturnValues::None | ReturnValues::AllOld)) {
            return Err(not_returned());
        }
        Ok(Self {
            action: "dynamodb:DeleteItem",
            table: &call.table_name,
            key: Some(&call.key),
            condition: call.condition_expression.as_deref(),
            names: call.expression_attribute_names.as_ref(),
            values: call.expression_attribute_values.as_ref(),
            legacy: expected(call.expected.as_ref()),
            return_values: call.return_values,
            on_failure: call.return_values_on_condition_check_failure,
            capacity: call.return_consumed_capacity,
            ..Self::default()
        })
    }

    pub(super) fn of_update(call: &'c UpdateItem<'c>) -> Self {
        let updates = call.attribute_updates.as_ref().map(|updates| updates.keys().map(|name| &**name));
        let legacy = match (updates, expected(call.expected.as_ref())) {
            (None, None) => None,
            (updates, expected) => {
                Some(updates.into_iter().flatten().chain(expected.into_iter().flatten()).collect())
            }
        };
        Self {
            action: "dynamodb:UpdateItem",
            table: &call.table_name,
            key: Some(&call.key),
            update: call.update_expression.as_deref(),
            condition: call.condition_expression.as_deref(),
            names: call.expression_attribute_names.as_ref(),
            values: call.expression_attribute_values.as_ref(),
            legacy,
            return_values: call.return_values,
            on_failure: call.return_values_on_condition_check_failure,
            capacity: call.return_consumed_capacity,
            ..Self::default()
        }
    }

    pub(super) fn checks(
        self,
        translation: &Translation<'_>,
        checks: &mut Vec<Check>,
    ) -> Result<(), CallError> {
        let table = translation.home.table("TableName", self.table)?;
        let schema = translation.schema(&table)?;
        let mut draft = Draft {
            returns: Some(Returns::new(self.return_values, self.on_failure)),
            capacity: Some(self.capacity.unwrap_or_default()),
            enclosing: self.enclosing,
            ..Draft::default()
        };
        if let Some(item) = self.item {
            draft.item("Item", schema.key(), item)?;
        }
        if let Some(key) = self.key {
            draft.key("Key", schema.key(), key)?;
        }
        let has_expression = self.update.is_some() || self.condition.is_some();
        let mut scope = Scope::new(self.names, self.values);
        if let Some(text) = self.update {
            scope.update(text)?;
        }
        if let Some(text) = self.condition {
            scope.condition("ConditionExpression", text)?;
        }
        draft.names(scope.finish()?);
        if let Some(legacy) = self.legacy {
            if has_expression {
                return Err(mixed());
            }
            draft.attributes.extend(legacy.into_iter().map(Cow::Borrowed));
        }
        draft.finish(self.action, &table.arn(), self.part, checks);
        Ok(())
    }
}

fn expected<'c>(expected: Option<&'c Map<'c, Expected<'c>>>) -> Option<Vec<&'c str>> {
    expected.map(|expected| expected.keys().map(|name| &**name).collect())
}

fn not_returned() -> CallError {
    CallError::member("ReturnValues", "this operation returns `NONE` or `ALL_OLD`")
}

/// Both forms at once: DynamoDB refuses it, and which one another service would follow is not known.
pub(super) fn mixed() -> CallError {
    CallError::member("ConditionalOperator", "expressions and parameters of the old form do not go together")
}
