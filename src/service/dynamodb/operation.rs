//! The operations of DynamoDB and of its streams: one row each, the only list of them.

use serde::Deserialize;

use super::call::Call;
use super::control::{On, Tags};
use super::error::CallError;

/// An operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name in the API reference.
    pub name: &'static str,
    /// Whether it is one of DynamoDB Streams, which have a target of their own.
    pub streams: bool,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Reads or writes items. What is told of it in `docs/requests.md`: actions, resources, condition keys.
    Data(&'static str, &'static str, &'static str),
    /// All else: what its action is checked on, and where it takes tags from.
    Control(&'static [On], Tags),
    /// Has no action in the service authorization reference.
    NotModelled,
}

const fn data(name: &'static str, actions: &'static str, on: &'static str, keys: &'static str) -> Operation {
    Operation { name, streams: false, kind: Kind::Data(actions, on, keys) }
}

const fn control(name: &'static str, on: &'static [On]) -> Operation {
    Operation { name, streams: false, kind: Kind::Control(on, Tags::None) }
}

const fn tagging(name: &'static str, on: &'static [On], tags: Tags) -> Operation {
    Operation { name, streams: false, kind: Kind::Control(on, tags) }
}

const fn stream(name: &'static str, on: &'static [On]) -> Operation {
    Operation { name, streams: true, kind: Kind::Control(on, Tags::None) }
}

const fn not_modelled(name: &'static str) -> Operation {
    Operation { name, streams: false, kind: Kind::NotModelled }
}

/// Every operation of the API.
pub static OPERATIONS: &[Operation] = &[
    data("GetItem", "GetItem", "table", "LeadingKeys, Attributes, Select, ReturnConsumedCapacity"),
    data("PutItem", "PutItem", "table", "LeadingKeys, Attributes, ReturnValues, ReturnConsumedCapacity"),
    data(
        "UpdateItem",
        "UpdateItem",
        "table",
        "LeadingKeys, Attributes, ReturnValues, ReturnConsumedCapacity",
    ),
    data(
        "DeleteItem",
        "DeleteItem",
        "table",
        "LeadingKeys, Attributes, ReturnValues, ReturnConsumedCapacity",
    ),
    data("Query", "Query", "table or index", "LeadingKeys, Attributes, Select, ReturnConsumedCapacity"),
    data("Scan", "Scan", "table or index", "Attributes, Select, ReturnConsumedCapacity"),
    data(
        "BatchGetItem",
        "BatchGetItem",
        "each table",
        "LeadingKeys, Attributes, Select, ReturnConsumedCapacity",
    ),
    data("BatchWriteItem", "BatchWriteItem", "each table", "LeadingKeys, Attributes, ReturnConsumedCapacity"),
    data(
        "TransactGetItems",
        "GetItem",
        "the table of each member",
        "LeadingKeys, Attributes, Select, ReturnConsumedCapacity, EnclosingOperation",
    ),
    data(
        "TransactWriteItems",
        "PutItem, UpdateItem, DeleteItem, ConditionCheckItem",
        "the table of each member",
        "LeadingKeys, Attributes, ReturnValues, ReturnConsumedCapacity, EnclosingOperation",
    ),
    data(
        "ExecuteStatement",
        "PartiQLSelect, PartiQLInsert, PartiQLUpdate, PartiQLDelete",
        "table; index for PartiQLSelect",
        "LeadingKeys, Attributes; Select, FullTableScan for PartiQLSelect; ReturnValues for PartiQLUpdate, PartiQLDelete",
    ),
    data(
        "BatchExecuteStatement",
        "as ExecuteStatement",
        "the table or index of each statement, decided each",
        "as ExecuteStatement",
    ),
    data(
        "ExecuteTransaction",
        "as ExecuteStatement; PartiQLSelect for EXISTS",
        "the table or index of each statement",
        "as ExecuteStatement, EnclosingOperation",
    ),
    data("SearchVectors", "SearchVectors", "index and table", "none"),
    control("CreateBackup", &[On::Table]),
    control("CreateGlobalTable", &[On::GlobalTable, On::Replicas]),
    tagging("CreateTable", &[On::Table], Tags::Given),
    control("DeleteBackup", &[On::Backup]),
    control("DeleteResourcePolicy", &[On::TableOrStream]),
    control("DeleteTable", &[On::Table]),
    control("DescribeBackup", &[On::Backup]),
    control("DescribeContinuousBackups", &[On::Table]),
    control("DescribeContributorInsights", &[On::Table, On::Index]),
    control("DescribeEndpoints", &[]),
    control("DescribeExport", &[On::Export]),
    control("DescribeGlobalTable", &[On::GlobalTable]),
    control("DescribeGlobalTableSettings", &[On::GlobalTable]),
    control("DescribeImport", &[On::Import]),
    control("DescribeKinesisStreamingDestination", &[On::Table]),
    control("DescribeLimits", &[On::Anything]),
    control("DescribeReservedCapacity", &[On::Anything]),
    control("DescribeReservedCapacityOfferings", &[On::Anything]),
    control("DescribeTable", &[On::Table]),
    control("DescribeTableReplicaAutoScaling", &[On::Table]),
    control("DescribeTimeToLive", &[On::Table]),
    control("DisableKinesisStreamingDestination", &[On::Table]),
    control("EnableKinesisStreamingDestination", &[On::Table]),
    control("ExportTableToPointInTime", &[On::TableArn]),
    control("GetResourcePolicy", &[On::TableOrStream]),
    control("ImportTable", &[On::ImportedTable]),
    control("ListBackups", &[On::Anything]),
    control("ListContributorInsights", &[On::Anything]),
    control("ListExports", &[On::Anything]),
    control("ListGlobalTables", &[On::Anything]),
    control("ListImports", &[On::Anything]),
    control("ListTables", &[On::Anything]),
    control("ListTagsOfResource", &[On::TableOrStream]),
    control("PurchaseReservedCapacityOfferings", &[On::Anything]),
    control("PutResourcePolicy", &[On::TableOrStream]),
    control("RestoreTableFromBackup", &[On::Backup, On::TargetTable]),
    control("RestoreTableToPointInTime", &[On::SourceTable, On::TargetTable]),
    tagging("TagResource", &[On::TableOrStream], Tags::Given),
    tagging("UntagResource", &[On::TableOrStream], Tags::Removed),
    control("UpdateContinuousBackups", &[On::Table]),
    control("UpdateContributorInsights", &[On::Table, On::Index]),
    control("UpdateGlobalTable", &[On::GlobalTable, On::Replicas]),
    control("UpdateGlobalTableSettings", &[On::GlobalTable]),
    control("UpdateKinesisStreamingDestination", &[On::Table]),
    control("UpdateTable", &[On::Table]),
    control("UpdateTableReplicaAutoScaling", &[On::Table]),
    control("UpdateTimeToLive", &[On::Table]),
    stream("DescribeStream", &[On::Stream]),
    stream("GetRecords", &[On::ShardIterator]),
    stream("GetShardIterator", &[On::Stream]),
    stream("ListStreams", &[On::Anything]),
    not_modelled("CancelBulkOperation"),
    not_modelled("DescribeBulkOperation"),
    not_modelled("ListBulkOperations"),
    not_modelled("StartBulkPutItems"),
];

/// The operation that `X-Amz-Target` names.
pub(super) fn of_target(target: &str) -> Result<&'static Operation, CallError> {
    let (name, streams) = if let Some(name) = target.strip_prefix("DynamoDB_20120810.") {
        (name, false)
    } else if let Some(name) = target.strip_prefix("DynamoDBStreams_20120810.") {
        (name, true)
    } else {
        return Err(CallError::Target(target.to_owned()));
    };
    let found = OPERATIONS.iter().find(|operation| operation.name == name && operation.streams == streams);
    found.ok_or_else(|| CallError::UnknownOperation(name.to_owned()))
}

/// The operation of a typed call.
pub(super) fn of_call(call: &Call<'_>) -> Result<&'static Operation, CallError> {
    let name = match call {
        Call::GetItem(_) => "GetItem",
        Call::PutItem(_) => "PutItem",
        Call::UpdateItem(_) => "UpdateItem",
        Call::DeleteItem(_) => "DeleteItem",
        Call::Query(_) => "Query",
        Call::Scan(_) => "Scan",
        Call::BatchGetItem(_) => "BatchGetItem",
        Call::BatchWriteItem(_) => "BatchWriteItem",
        Call::TransactGetItems(_) => "TransactGetItems",
        Call::TransactWriteItems(_) => "TransactWriteItems",
        Call::ExecuteStatement(_) => "ExecuteStatement",
        Call::BatchExecuteStatement(_) => "BatchExecuteStatement",
        Call::ExecuteTransaction(_) => "ExecuteTransaction",
        Call::SearchVectors(_) => "SearchVectors",
        Call::Control(call) => &call.operation,
    };
    let found = OPERATIONS.iter().find(|operation| {
        operation.name == name && matches!(operation.kind, Kind::Data(..)) != matches!(call, Call::Control(_))
    });
    found.ok_or_else(|| CallError::UnknownOperation(name.to_owned()))
}

/// What an operation asks for, in words: a row of `docs/requests.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The actions that are checked, without `dynamodb:`.
    pub actions: &'static str,
    /// What they are checked on.
    pub resources: String,
    /// The condition keys, those of DynamoDB without their prefix.
    pub keys: &'static str,
}

impl Operation {
    /// What it asks for; `None` if it is not modelled.
    pub fn description(&self) -> Option<Description> {
        match self.kind {
            Kind::NotModelled => None,
            Kind::Data(actions, resources, keys) => {
                Some(Description { actions, resources: resources.to_owned(), keys })
            }
            Kind::Control([], _) => Some(Description { actions: "none", resources: String::new(), keys: "" }),
            Kind::Control(on, tags) => {
                let resources: Vec<_> = on.iter().map(|on| on.described()).collect();
                let keys = match tags {
                    Tags::None => "",
                    Tags::Given => "`aws:RequestTag/…`, `aws:TagKeys`",
                    Tags::Removed => "`aws:TagKeys`",
                };
                Some(Description { actions: self.name, resources: resources.join(", "), keys })
            }
        }
    }

    /// Reads the body of a request of this operation.
    pub(super) fn read<'a>(&'static self, body: &'a [u8]) -> Result<Call<'a>, CallError> {
        match self.kind {
            Kind::NotModelled => return Err(CallError::NotModelled(self.name)),
            Kind::Control(..) => {
                let mut call: super::control::ControlCall<'_> = self.json(body)?;
                call.operation = self.name.into();
                return Ok(Call::Control(call));
            }
            Kind::Data(..) => {}
        }
        Ok(match self.name {
            "GetItem" => Call::GetItem(self.json(body)?),
            "PutItem" => Call::PutItem(self.json(body)?),
            "UpdateItem" => Call::UpdateItem(self.json(body)?),
            "DeleteItem" => Call::DeleteItem(self.json(body)?),
            "Query" => Call::Query(self.json(body)?),
            "Scan" => Call::Scan(self.json(body)?),
            "BatchGetItem" => Call::BatchGetItem(self.json(body)?),
            "BatchWriteItem" => Call::BatchWriteItem(self.json(body)?),
            "TransactGetItems" => Call::TransactGetItems(self.json(body)?),
            "TransactWriteItems" => Call::TransactWriteItems(self.json(body)?),
            "ExecuteStatement" => Call::ExecuteStatement(self.json(body)?),
            "BatchExecuteStatement" => Call::BatchExecuteStatement(self.json(body)?),
            "ExecuteTransaction" => Call::ExecuteTransaction(self.json(body)?),
            "SearchVectors" => Call::SearchVectors(self.json(body)?),
            _ => return Err(CallError::UnknownOperation(self.name.to_owned())),
        })
    }

    fn json<'a, T: Deserialize<'a>>(&self, body: &'a [u8]) -> Result<T, CallError> {
        let refused = |message| CallError::Body { operation: self.name, message };
        // Of a member that is skipped serde_json would not look at the encoding.
        let text = std::str::from_utf8(body)
            .map_err(|error| refused(format!("it is not UTF-8 at byte {}", error.valid_up_to())))?;
        serde_json::from_str(text).map_err(|error| refused(shown(&error)))
    }
}

/// The message with its place; what it quotes of the body may be long and hold anything.
fn shown(error: &serde_json::Error) -> String {
    const MOST: usize = 160;
    let text: String = error.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= MOST {
        return text;
    }
    let head: String = text.chars().take(MOST).collect();
    format!("{head}… at line {} column {}", error.line(), error.column())
}
