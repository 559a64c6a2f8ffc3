//! Tables, backups, global tables, streams: the action has the operation's name, and the row says what it is checked on.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::CallError;
use super::operation::{Kind, Operation};
use super::table::{Home, TableRef, below_table, is_name};
use super::wire::Text;
use crate::service::{Check, Value};
use crate::text::diagnostic::excerpt;

/// What an action is checked on, and which member names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// `TableName`
    Table,
    /// `TableArn`
    TableArn,
    /// `TableName` with `IndexName`, where there is one
    Index,
    /// `ResourceArn`, of a table or a stream
    TableOrStream,
    /// `StreamArn`
    Stream,
    /// `ShardIterator`, which begins with the stream's ARN
    ShardIterator,
    /// `BackupArn`
    Backup,
    /// `ExportArn`
    Export,
    /// `ImportArn`
    Import,
    /// `TableCreationParameters`
    ImportedTable,
    /// `SourceTableArn`, `SourceTableName`
    SourceTable,
    /// `TargetTableName`
    TargetTable,
    /// `GlobalTableName`
    GlobalTable,
    /// The table in each Region of `ReplicationGroup` or `ReplicaUpdates`
    Replicas,
    /// `*`
    Anything,
}

/// Where tags come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    None,
    /// `Tags`: `aws:RequestTag/…` and `aws:TagKeys`
    Given,
    /// `TagKeys`: `aws:TagKeys`
    Removed,
}

/// A call of the control plane: the members that say what it is about. Others are not read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
#[allow(missing_docs, reason = "the members are those of the Amazon DynamoDB API Reference, by its names")]
pub struct ControlCall<'a> {
    /// The operation's name; it stands in the target, not in the body.
    #[serde(skip)]
    pub operation: Text<'a>,
    pub table_name: Option<Text<'a>>,
    pub table_arn: Option<Text<'a>>,
    pub index_name: Option<Text<'a>>,
    pub resource_arn: Option<Text<'a>>,
    pub stream_arn: Option<Text<'a>>,
    pub shard_iterator: Option<Text<'a>>,
    pub backup_arn: Option<Text<'a>>,
    pub export_arn: Option<Text<'a>>,
    pub import_arn: Option<Text<'a>>,
    pub table_creation_parameters: Option<TableCreationParameters<'a>>,
    pub source_table_arn: Option<Text<'a>>,
    pub source_table_name: Option<Text<'a>>,
    pub target_table_name: Option<Text<'a>>,
    pub global_table_name: Option<Text<'a>>,
    pub replication_group: Option<Vec<Replica<'a>>>,
    pub replica_updates: Option<Vec<ReplicaUpdate<'a>>>,
    pub resource_policy: Option<Text<'a>>,
    pub tags: Option<Vec<Tag<'a>>>,
    pub tag_keys: Option<Vec<Text<'a>>>,
}

/// The table that an import makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
#[allow(missing_docs, reason = "as the API reference")]
pub struct TableCreationParameters<'a> {
    pub table_name: Text<'a>,
}

/// A replica of a global table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
#[allow(missing_docs, reason = "as the API reference")]
pub struct Replica<'a> {
    pub region_name: Option<Text<'a>>,
}

/// A replica that comes or goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
#[allow(missing_docs, reason = "as the API reference")]
pub struct ReplicaUpdate<'a> {
    pub create: Option<Replica<'a>>,
    pub delete: Option<Replica<'a>>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, bound(deserialize = "'de: 'a"))]
#[allow(missing_docs, reason = "as the API reference")]
pub struct Tag<'a> {
    pub key: Text<'a>,
    pub value: Text<'a>,
}

pub(super) fn checks(
    home: &Home,
    operation: &'static Operation,
    call: &ControlCall<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    let Kind::Control(on, tags) = operation.kind else {
        return Err(CallError::NotModelled(operation.name));
    };
    let action = format!("dynamodb:{}", operation.name);
    let context = tag_context(tags, call)?;
    let mut resources = Vec::new();
    for on in on {
        on.resources(home, call, &mut resources)?;
    }
    for resource in resources {
        checks.push(Check {
            action: Cow::Owned(action.clone()),
            resource,
            context: context.clone(),
            part: None,
        });
    }
    // Else whoever may create a table could share it with anyone.
    if operation.name == "CreateTable" && call.resource_policy.is_some() {
        checks.push(check(
            "dynamodb:PutResourcePolicy",
            table(home, "TableName", call.table_name.as_ref())?.arn(),
        ));
    }
    Ok(())
}

pub(super) fn check(action: &'static str, resource: String) -> Check {
    Check { action: Cow::Borrowed(action), resource, context: Vec::new(), part: None }
}

pub(super) fn index_name(text: &str) -> Result<&str, CallError> {
    let refused = || CallError::member("IndexName", format!("{} is no name of an index", excerpt(text)));
    if is_name(text) { Ok(text) } else { Err(refused()) }
}

impl On {
    fn resources(
        self,
        home: &Home,
        call: &ControlCall<'_>,
        found: &mut Vec<String>,
    ) -> Result<(), CallError> {
        let resource = match self {
            Self::Anything => "*".to_owned(),
            Self::Table => table(home, "TableName", call.table_name.as_ref())?.arn(),
            Self::TableArn => table(home, "TableArn", call.table_arn.as_ref())?.arn(),
            Self::TargetTable => table(home, "TargetTableName", call.target_table_name.as_ref())?.arn(),
            Self::ImportedTable => {
                let made = call.table_creation_parameters.as_ref().map(|made| &made.table_name);
                table(home, "TableCreationParameters", made)?.arn()
            }
            Self::Index => {
                let Some(index) = call.index_name.as_deref() else { return Ok(()) };
                table(home, "TableName", call.table_name.as_ref())?.index_arn(index_name(index)?)
            }
            Self::SourceTable => return sources(home, call, found),
            Self::Replicas => return replicas(home, call, found),
            Self::TableOrStream => table_or_stream(home, call)?,
            Self::Stream => below("StreamArn", call.stream_arn.as_deref(), "stream")?,
            Self::Backup => below("BackupArn", call.backup_arn.as_deref(), "backup")?,
            Self::Export => below("ExportArn", call.export_arn.as_deref(), "export")?,
            Self::Import => below("ImportArn", call.import_arn.as_deref(), "import")?,
            Self::ShardIterator => {
                let stream = call.shard_iterator.as_deref().and_then(|text| text.split('|').next());
                below("ShardIterator", stream, "stream")?
            }
            Self::GlobalTable => {
                let TableRef { partition, account, name, .. } =
                    home.elsewhere(&home.region, named("GlobalTableName", call.global_table_name.as_ref())?)?;
                format!("arn:{partition}:dynamodb::{account}:global-table/{name}")
            }
        };
        found.push(resource);
        Ok(())
    }

    /// How the table of `docs/requests.md` tells it.
    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Table | Self::TableArn => "table",
            Self::Index => "index, if one is named",
            Self::TableOrStream => "table or stream",
            Self::Stream => "stream",
            Self::ShardIterator => "the stream of the iterator",
            Self::Backup => "backup",
            Self::Export => "export",
            Self::Import => "import",
            Self::ImportedTable => "the table it makes",
            Self::SourceTable => "source table",
            Self::TargetTable => "target table",
            Self::GlobalTable => "global table",
            Self::Replicas => "the table in each Region named",
            Self::Anything => "`*`",
        }
    }
}

fn named<'c>(member: &'static str, text: Option<&'c Text<'c>>) -> Result<&'c str, CallError> {
    text.map(|text| &**text).ok_or_else(|| CallError::member(member, "is missing"))
}

fn table<'c>(
    home: &'c Home,
    member: &'static str,
    text: Option<&'c Text<'c>>,
) -> Result<TableRef<'c>, CallError> {
    home.table(member, named(member, text)?)
}

fn below(member: &'static str, text: Option<&str>, kind: &str) -> Result<String, CallError> {
    let text = text.ok_or_else(|| CallError::member(member, "is missing"))?;
    if below_table(text, kind) {
        return Ok(text.to_owned());
    }
    Err(CallError::member(member, format!("{} holds no ARN of {kind}", excerpt(text))))
}

fn table_or_stream(home: &Home, call: &ControlCall<'_>) -> Result<String, CallError> {
    let member = "ResourceArn";
    let text = named(member, call.resource_arn.as_ref())?;
    if below_table(text, "stream") {
        return Ok(text.to_owned());
    }
    if !text.starts_with("arn:") {
        return Err(CallError::member(member, format!("{} is no ARN", excerpt(text))));
    }
    Ok(home.table(member, text)?.arn())
}

/// Both forms of naming the source count: a call that has both names what it is about twice.
fn sources(home: &Home, call: &ControlCall<'_>, found: &mut Vec<String>) -> Result<(), CallError> {
    let given = [("SourceTableArn", &call.source_table_arn), ("SourceTableName", &call.source_table_name)];
    let before = found.len();
    for (member, text) in given {
        if text.is_some() {
            let source = table(home, member, text.as_ref())?.arn();
            if !found.contains(&source) {
                found.push(source);
            }
        }
    }
    if found.len() == before { Err(CallError::member("SourceTableName", "is missing")) } else { Ok(()) }
}

fn replicas(home: &Home, call: &ControlCall<'_>, found: &mut Vec<String>) -> Result<(), CallError> {
    let name = named("GlobalTableName", call.global_table_name.as_ref())?;
    let group = call.replication_group.iter().flatten();
    let updates = call.replica_updates.iter().flatten();
    let changed = updates.flat_map(|update| [update.create.as_ref(), update.delete.as_ref()]).flatten();
    let before = found.len();
    for replica in group.chain(changed) {
        let table = home.elsewhere(named("RegionName", replica.region_name.as_ref())?, name)?;
        let arn = table.arn();
        if !found.contains(&arn) {
            found.push(arn);
        }
    }
    if found.len() == before {
        Err(CallError::member("ReplicationGroup", "no Region is given"))
    } else {
        Ok(())
    }
}

fn tag_context(tags: Tags, call: &ControlCall<'_>) -> Result<Vec<(Cow<'static, str>, Value)>, CallError> {
    let mut context = Vec::new();
    let keys: Vec<String> = match tags {
        Tags::None => return Ok(context),
        Tags::Removed => call.tag_keys.iter().flatten().map(|key| (**key).to_owned()).collect(),
        Tags::Given => {
            for tag in call.tags.iter().flatten() {
                let name = format!("aws:RequestTag/{}", &*tag.key);
                context.push((Cow::Owned(name), Value::One((*tag.value).to_owned())));
            }
            call.tags.iter().flatten().map(|tag| (*tag.key).to_owned()).collect()
        }
    };
    let twice =
        keys.iter().enumerate().find(|(index, key)| keys.iter().take(*index).any(|other| other == *key));
    if let Some((_, key)) = twice {
        return Err(CallError::member("Tags", format!("the tag {} stands twice", excerpt(key))));
    }
    if !keys.is_empty() {
        context.push((Cow::Borrowed("aws:TagKeys"), Value::Many(keys)));
    }
    Ok(context)
}
