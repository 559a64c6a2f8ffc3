//! Calls of the data plane, typed: the members that the API reference lists, and no others. Their JSON is the body of
//! the request.

#![allow(missing_docs, reason = "the members are those of the Amazon DynamoDB API Reference, by its names")]

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::control::ControlCall;
use super::wire::{AttributeValue, Item, Map, Members, Object, Text};

macro_rules! calls {
    ($($(#[$about:meta])* $name:ident<$life:lifetime> { $($member:ident: $type:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields, remote = "Self", bound(deserialize = "'de: 'a"))]
        pub struct $name<$life> { $(pub $member: $type,)* }

        impl<'de: $life, $life> Members<'de> for $name<$life> {
            fn members<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
                Self::deserialize(object)
            }
        }

        impl<'de: $life, $life> Deserialize<'de> for $name<$life> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(Object(PhantomData))
            }
        }

        impl Serialize for $name<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    )*};
}

/// One call, of any operation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Call<'a> {
    GetItem(GetItem<'a>),
    PutItem(PutItem<'a>),
    UpdateItem(UpdateItem<'a>),
    DeleteItem(DeleteItem<'a>),
    Query(Query<'a>),
    Scan(Scan<'a>),
    BatchGetItem(BatchGetItem<'a>),
    BatchWriteItem(BatchWriteItem<'a>),
    TransactGetItems(TransactGetItems<'a>),
    TransactWriteItems(TransactWriteItems<'a>),
    ExecuteStatement(ExecuteStatement<'a>),
    BatchExecuteStatement(BatchExecuteStatement<'a>),
    ExecuteTransaction(ExecuteTransaction<'a>),
    SearchVectors(SearchVectors<'a>),
    /// Everything else: tables, backups, streams.
    Control(ControlCall<'a>),
}

/// What a write hands back of the item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReturnValues {
    #[default]
    None,
    AllOld,
    UpdatedOld,
    AllNew,
    UpdatedNew,
}

/// What a write hands back if its condition fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnConditionCheckFailure {
    #[default]
    None,
    AllOld,
}

/// What the answer tells of the capacity that was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReturnConsumedCapacity {
    #[default]
    None,
    Total,
    Indexes,
}

/// Which attributes a read returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Select {
    AllAttributes,
    AllProjectedAttributes,
    SpecificAttributes,
    Count,
}

impl ReturnValues {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AllOld => "ALL_OLD",
            Self::UpdatedOld => "UPDATED_OLD",
            Self::AllNew => "ALL_NEW",
            Self::UpdatedNew => "UPDATED_NEW",
        }
    }
}

impl ReturnConsumedCapacity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Total => "TOTAL",
            Self::Indexes => "INDEXES",
        }
    }
}

impl Select {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllAttributes => "ALL_ATTRIBUTES",
            Self::AllProjectedAttributes => "ALL_PROJECTED_ATTRIBUTES",
            Self::SpecificAttributes => "SPECIFIC_ATTRIBUTES",
            Self::Count => "COUNT",
        }
    }
}

type Names<'a> = Option<Map<'a, Text<'a>>>;
type Values<'a> = Option<Item<'a>>;

calls! {
    /// `GetItem`
    GetItem<'a> {
        table_name: Text<'a>,
        key: Item<'a>,
        attributes_to_get: Option<Vec<Text<'a>>>,
        consistent_read: Option<bool>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        projection_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
    }
    /// `PutItem`
    PutItem<'a> {
        table_name: Text<'a>,
        item: Item<'a>,
        expected: Option<Map<'a, Expected<'a>>>,
        return_values: Option<ReturnValues>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        return_item_collection_metrics: Option<Text<'a>>,
        conditional_operator: Option<Text<'a>>,
        condition_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// `UpdateItem`
    UpdateItem<'a> {
        table_name: Text<'a>,
        key: Item<'a>,
        attribute_updates: Option<Map<'a, AttributeUpdate<'a>>>,
        expected: Option<Map<'a, Expected<'a>>>,
        conditional_operator: Option<Text<'a>>,
        return_values: Option<ReturnValues>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        return_item_collection_metrics: Option<Text<'a>>,
        update_expression: Option<Text<'a>>,
        condition_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// `DeleteItem`
    DeleteItem<'a> {
        table_name: Text<'a>,
        key: Item<'a>,
        expected: Option<Map<'a, Expected<'a>>>,
        conditional_operator: Option<Text<'a>>,
        return_values: Option<ReturnValues>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        return_item_collection_metrics: Option<Text<'a>>,
        condition_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// `Query`
    Query<'a> {
        table_name: Text<'a>,
        index_name: Option<Text<'a>>,
        select: Option<Select>,
        attributes_to_get: Option<Vec<Text<'a>>>,
        limit: Option<i64>,
        consistent_read: Option<bool>,
        key_conditions: Option<Map<'a, LegacyCondition<'a>>>,
        query_filter: Option<Map<'a, LegacyCondition<'a>>>,
        conditional_operator: Option<Text<'a>>,
        scan_index_forward: Option<bool>,
        exclusive_start_key: Option<Item<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        projection_expression: Option<Text<'a>>,
        filter_expression: Option<Text<'a>>,
        key_condition_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
    }
    /// `Scan`
    Scan<'a> {
        table_name: Text<'a>,
        index_name: Option<Text<'a>>,
        attributes_to_get: Option<Vec<Text<'a>>>,
        limit: Option<i64>,
        select: Option<Select>,
        scan_filter: Option<Map<'a, LegacyCondition<'a>>>,
        conditional_operator: Option<Text<'a>>,
        exclusive_start_key: Option<Item<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        total_segments: Option<i64>,
        segment: Option<i64>,
        projection_expression: Option<Text<'a>>,
        filter_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        consistent_read: Option<bool>,
    }
    /// `BatchGetItem`
    BatchGetItem<'a> {
        request_items: Map<'a, KeysAndAttributes<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
    }
    /// What `BatchGetItem` asks of one table.
    KeysAndAttributes<'a> {
        keys: Vec<Item<'a>>,
        attributes_to_get: Option<Vec<Text<'a>>>,
        consistent_read: Option<bool>,
        projection_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
    }
    /// `BatchWriteItem`
    BatchWriteItem<'a> {
        request_items: Map<'a, Vec<WriteRequest<'a>>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        return_item_collection_metrics: Option<Text<'a>>,
    }
    /// One write of `BatchWriteItem`: one of the two.
    WriteRequest<'a> {
        put_request: Option<PutRequest<'a>>,
        delete_request: Option<DeleteRequest<'a>>,
    }
    /// An item that `BatchWriteItem` puts.
    PutRequest<'a> {
        item: Item<'a>,
    }
    /// An item that `BatchWriteItem` deletes.
    DeleteRequest<'a> {
        key: Item<'a>,
    }
    /// `TransactGetItems`
    TransactGetItems<'a> {
        transact_items: Vec<TransactGetItem<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
    }
    /// A member of `TransactGetItems`.
    TransactGetItem<'a> {
        get: Get<'a>,
    }
    /// A read in a transaction.
    Get<'a> {
        table_name: Text<'a>,
        key: Item<'a>,
        projection_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
    }
    /// `TransactWriteItems`
    TransactWriteItems<'a> {
        transact_items: Vec<TransactWriteItem<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        return_item_collection_metrics: Option<Text<'a>>,
        client_request_token: Option<Text<'a>>,
    }
    /// A member of `TransactWriteItems`: one of the four.
    TransactWriteItem<'a> {
        condition_check: Option<ConditionCheck<'a>>,
        put: Option<Put<'a>>,
        delete: Option<Delete<'a>>,
        update: Option<Update<'a>>,
    }
    /// A put in a transaction.
    Put<'a> {
        table_name: Text<'a>,
        item: Item<'a>,
        condition_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// An update in a transaction.
    Update<'a> {
        table_name: Text<'a>,
        key: Item<'a>,
        update_expression: Text<'a>,
        condition_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// A delete in a transaction.
    Delete<'a> {
        table_name: Text<'a>,
        key: Item<'a>,
        condition_expression: Option<Text<'a>>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// A check of an item in a transaction.
    ConditionCheck<'a> {
        table_name: Text<'a>,
        key: Item<'a>,
        condition_expression: Text<'a>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// `ExecuteStatement`
    ExecuteStatement<'a> {
        statement: Text<'a>,
        parameters: Option<Vec<AttributeValue<'a>>>,
        consistent_read: Option<bool>,
        next_token: Option<Text<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        limit: Option<i64>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// `BatchExecuteStatement`
    BatchExecuteStatement<'a> {
        statements: Vec<BatchStatement<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
    }
    /// A statement of a batch.
    BatchStatement<'a> {
        statement: Text<'a>,
        parameters: Option<Vec<AttributeValue<'a>>>,
        consistent_read: Option<bool>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// `ExecuteTransaction`
    ExecuteTransaction<'a> {
        transact_statements: Vec<TransactStatement<'a>>,
        client_request_token: Option<Text<'a>>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
    }
    /// A statement of a transaction.
    TransactStatement<'a> {
        statement: Text<'a>,
        parameters: Option<Vec<AttributeValue<'a>>>,
        return_values_on_condition_check_failure: Option<OnConditionCheckFailure>,
    }
    /// `SearchVectors`
    SearchVectors<'a> {
        table_name: Text<'a>,
        index_name: Text<'a>,
        return_consumed_capacity: Option<ReturnConsumedCapacity>,
        expression_attribute_names: Names<'a>,
        expression_attribute_values: Values<'a>,
        projection_expression: Option<Text<'a>>,
        search_vector: Vec<serde_json::Number>,
        search_condition_expression: Option<Text<'a>>,
        top_k: Option<i64>,
    }
    /// The old form of a condition on a write.
    Expected<'a> {
        value: Option<AttributeValue<'a>>,
        exists: Option<bool>,
        comparison_operator: Option<Text<'a>>,
        attribute_value_list: Option<Vec<AttributeValue<'a>>>,
    }
    /// The old form of an update.
    AttributeUpdate<'a> {
        value: Option<AttributeValue<'a>>,
        action: Option<Text<'a>>,
    }
    /// The old form of a key condition or a filter.
    LegacyCondition<'a> {
        attribute_value_list: Option<Vec<AttributeValue<'a>>>,
        comparison_operator: Text<'a>,
    }
}
