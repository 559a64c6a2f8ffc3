//! Batches and transactions of reads and writes by key: a check for each table of a batch, for each member of a
//! transaction. All must be allowed.

use super::call::{
    BatchGetItem, BatchWriteItem, TransactGetItems, TransactWriteItem, TransactWriteItems, WriteRequest,
};
use super::draft::Draft;
use super::error::CallError;
use super::read::Read;
use super::translate::Translation;
use super::write::Write;
use crate::service::Check;

/// The most keys of a `BatchGetItem`, members of a transaction.
const MOST: usize = 100;
/// The most writes of a `BatchWriteItem`.
const MOST_WRITES: usize = 25;

pub(super) fn get(
    translation: &Translation<'_>,
    call: &BatchGetItem<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    let keys = call.request_items.values().map(|asked| asked.keys.len()).sum();
    counted("RequestItems", keys, MOST)?;
    for (table, asked) in call.request_items.iter() {
        let read = Read {
            action: "dynamodb:BatchGetItem",
            member: "RequestItems",
            table,
            keys: &asked.keys,
            projection: asked.projection_expression.as_deref(),
            names: asked.expression_attribute_names.as_ref(),
            attributes_to_get: asked.attributes_to_get.as_deref(),
            capacity: call.return_consumed_capacity,
            ..Read::default()
        };
        read.checks(translation, checks)?;
    }
    Ok(())
}

pub(super) fn write(
    translation: &Translation<'_>,
    call: &BatchWriteItem<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    counted("RequestItems", call.request_items.values().map(Vec::len).sum(), MOST_WRITES)?;
    for (table, writes) in call.request_items.iter() {
        let table = translation.home.table("RequestItems", table)?;
        let schema = translation.schema(&table)?;
        counted("RequestItems", writes.len(), MOST_WRITES)?;
        let mut draft =
            Draft { capacity: Some(call.return_consumed_capacity.unwrap_or_default()), ..Draft::default() };
        for write in writes {
            match write {
                WriteRequest { put_request: Some(put), delete_request: None } => {
                    draft.item("Item", schema.key(), &put.item)?;
                }
                WriteRequest { put_request: None, delete_request: Some(delete) } => {
                    draft.key("Key", schema.key(), &delete.key)?;
                }
                _ => {
                    return Err(CallError::member(
                        "RequestItems",
                        "a write is one of `PutRequest` and `DeleteRequest`",
                    ));
                }
            }
        }
        draft.finish("dynamodb:BatchWriteItem", &table.arn(), None, checks);
    }
    Ok(())
}

pub(super) fn transact_get(
    translation: &Translation<'_>,
    call: &TransactGetItems<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    counted("TransactItems", call.transact_items.len(), MOST)?;
    for (part, member) in (0..).zip(&call.transact_items) {
        let get = &member.get;
        let read = Read {
            action: "dynamodb:GetItem",
            member: "TableName",
            table: &get.table_name,
            keys: std::slice::from_ref(&get.key),
            projection: get.projection_expression.as_deref(),
            names: get.expression_attribute_names.as_ref(),
            capacity: call.return_consumed_capacity,
            enclosing: Some("TransactGetItems"),
            part: Some(part),
            ..Read::default()
        };
        read.checks(translation, checks)?;
    }
    Ok(())
}

pub(super) fn transact_write(
    translation: &Translation<'_>,
    call: &TransactWriteItems<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    counted("TransactItems", call.transact_items.len(), MOST)?;
    for (part, member) in (0..).zip(&call.transact_items) {
        let write = Write {
            capacity: call.return_consumed_capacity,
            enclosing: Some("TransactWriteItems"),
            part: Some(part),
            ..member_of(member)?
        };
        write.checks(translation, checks)?;
    }
    Ok(())
}

fn member_of<'c>(member: &'c TransactWriteItem<'c>) -> Result<Write<'c>, CallError> {
    match member {
        TransactWriteItem { put: Some(put), update: None, delete: None, condition_check: None } => {
            Ok(Write {
                action: "dynamodb:PutItem",
                table: &put.table_name,
                item: Some(&put.item),
                condition: put.condition_expression.as_deref(),
                names: put.expression_attribute_names.as_ref(),
                values: put.expression_attribute_values.as_ref(),
                on_failure: put.return_values_on_condition_check_failure,
                ..Write::default()
            })
        }
        TransactWriteItem { put: None, update: Some(update), delete: None, condition_check: None } => {
            Ok(Write {
                action: "dynamodb:UpdateItem",
                table: &update.table_name,
                key: Some(&update.key),
                update: Some(&update.update_expression),
                condition: update.condition_expression.as_deref(),
                names: update.expression_attribute_names.as_ref(),
                values: update.expression_attribute_values.as_ref(),
                on_failure: update.return_values_on_condition_check_failure,
                ..Write::default()
            })
        }
        TransactWriteItem { put: None, update: None, delete: Some(delete), condition_check: None } => {
            Ok(Write {
                action: "dynamodb:DeleteItem",
                table: &delete.table_name,
                key: Some(&delete.key),
                condition: delete.condition_expression.as_deref(),
                names: delete.expression_attribute_names.as_ref(),
                values: delete.expression_attribute_values.as_ref(),
                on_failure: delete.return_values_on_condition_check_failure,
                ..Write::default()
            })
        }
        TransactWriteItem { put: None, update: None, delete: None, condition_check: Some(check) } => {
            Ok(Write {
                action: "dynamodb:ConditionCheckItem",
                table: &check.table_name,
                key: Some(&check.key),
                condition: Some(&check.condition_expression),
                names: check.expression_attribute_names.as_ref(),
                values: check.expression_attribute_values.as_ref(),
                on_failure: check.return_values_on_condition_check_failure,
                ..Write::default()
            })
        }
        _ => Err(CallError::member(
            "TransactItems",
            "a member is one of `Put`, `Update`, `Delete` and `ConditionCheck`",
        )),
    }
}

/// None at all would be no check at all.
pub(super) fn counted(member: &'static str, count: usize, most: usize) -> Result<(), CallError> {
    match count {
        0 => Err(CallError::member(member, "there is nothing in it")),
        _ if count > most => Err(CallError::member(member, format!("over the limit of {most}"))),
        _ => Ok(()),
    }
}
