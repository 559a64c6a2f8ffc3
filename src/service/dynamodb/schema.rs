//! Key schemas of tables and indexes: which attributes are the partition key, without which the leading keys of a call
//! cannot be known.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::describe;
use super::table::TableRef;
use crate::text::diagnostic::excerpt;

/// The most attributes of a partition key, and of a sort key.
const MOST: usize = 4;

/// Where the schemas of tables come from.
///
/// A closure is one, and so is a map by ARN.
pub trait Schemas {
    /// The schema of a table; `None` if it is not known, and then the call is refused.
    fn schema(&self, table: &TableRef<'_>) -> Option<Arc<TableSchema>>;
}

impl<F: Fn(&TableRef<'_>) -> Option<Arc<TableSchema>>> Schemas for F {
    fn schema(&self, table: &TableRef<'_>) -> Option<Arc<TableSchema>> {
        self(table)
    }
}

impl Schemas for BTreeMap<String, Arc<TableSchema>> {
    fn schema(&self, table: &TableRef<'_>) -> Option<Arc<TableSchema>> {
        self.get(&table.arn()).cloned()
    }
}

/// The keys of a table and of its indexes.
///
/// ```
/// use verdikt::service::dynamodb::TableSchema;
/// let schema: TableSchema = serde_json::from_str(r#"{
///     "partition": [{"name": "UserId", "type": "S"}],
///     "sort": [{"name": "Game", "type": "S"}],
///     "indexes": {"by-game": {"partition": [{"name": "Game", "type": "S"}], "projection": "KEYS_ONLY"}}
/// }"#)?;
/// assert_eq!(schema.key().partition()[0].name, "UserId");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TableForm", into = "TableForm")]
pub struct TableSchema {
    key: KeySchema,
    indexes: BTreeMap<String, IndexSchema>,
}

/// The key of a table or an index: one to four partition attributes, up to four sort attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySchema {
    partition: Vec<KeyAttribute>,
    sort: Vec<KeyAttribute>,
}

/// An attribute of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub kind: KeyType,
}

/// The types that a key can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyType {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
}

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSchema {
    /// Its own key, by which it is queried.
    pub key: KeySchema,
    /// What it holds beside keys. No check reads it: `dynamodb:Select` tells what was asked for, not what there is.
    pub projection: Projection,
}

/// What an index holds beside the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Projection {
    /// Every attribute.
    #[default]
    All,
    /// None.
    KeysOnly,
    /// Some.
    Include(Vec<String>),
}

/// What is wrong with a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(pub(super) String);

impl TableSchema {
    /// A table without indexes.
    pub fn new(key: KeySchema) -> Self {
        Self { key, indexes: BTreeMap::new() }
    }

    /// The table with one index more.
    #[must_use]
    pub fn with_index(mut self, name: impl Into<String>, index: IndexSchema) -> Self {
        self.indexes.insert(name.into(), index);
        self
    }

    /// Reads the answer of `DescribeTable` (or the table inside it). Members that say nothing about keys are ignored.
    ///
    /// # Errors
    /// It is not JSON, lacks a key, or a key attribute has no definition.
    pub fn from_describe_table(json: &str) -> Result<Self, SchemaError> {
        describe::read(json)
    }

    /// The table's own key.
    pub fn key(&self) -> &KeySchema {
        &self.key
    }

    /// An index by its name.
    pub fn index(&self, name: &str) -> Option<&IndexSchema> {
        self.indexes.get(name)
    }
}

impl KeySchema {
    /// A key.
    ///
    /// # Errors
    /// No partition attribute, more than four of either kind, or an attribute twice.
    pub fn new(partition: Vec<KeyAttribute>, sort: Vec<KeyAttribute>) -> Result<Self, SchemaError> {
        if partition.is_empty() {
            return Err(SchemaError("a key without partition attribute".to_owned()));
        }
        if partition.len() > MOST || sort.len() > MOST {
            return Err(SchemaError(format!("a key with more than {MOST} partition or sort attributes")));
        }
        let key = Self { partition, sort };
        let count = |name: &str| key.attributes().filter(|attribute| attribute.name == name).count();
        let twice =
            key.attributes().map(|attribute| &*attribute.name).find(|name| count(name) > 1).map(excerpt);
        match twice {
            Some(name) => Err(SchemaError(format!("the attribute {name} stands twice in a key"))),
            None => Ok(key),
        }
    }

    /// The partition attributes, in order.
    pub fn partition(&self) -> &[KeyAttribute] {
        &self.partition
    }

    /// The sort attributes, in order.
    pub fn sort(&self) -> &[KeyAttribute] {
        &self.sort
    }

    /// All of them.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        self.partition.iter().chain(&self.sort)
    }

    /// One by its name.
    pub fn attribute(&self, name: &str) -> Option<&KeyAttribute> {
        self.attributes().find(|attribute| attribute.name == name)
    }
}

impl KeyAttribute {
    /// An attribute of a key.
    pub fn new(name: impl Into<String>, kind: KeyType) -> Self {
        Self { name: name.into(), kind }
    }
}

/// How a schema is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableForm {
    partition: Vec<KeyAttribute>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sort: Vec<KeyAttribute>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    indexes: BTreeMap<String, IndexForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexForm {
    partition: Vec<KeyAttribute>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sort: Vec<KeyAttribute>,
    #[serde(default)]
    projection: Projection,
}

impl TryFrom<TableForm> for TableSchema {
    type Error = SchemaError;

    fn try_from(form: TableForm) -> Result<Self, SchemaError> {
        let mut table = Self::new(KeySchema::new(form.partition, form.sort)?);
        for (name, index) in form.indexes {
            let key = KeySchema::new(index.partition, index.sort)?;
            table = table.with_index(name, IndexSchema { key, projection: index.projection });
        }
        Ok(table)
    }
}

impl From<TableSchema> for TableForm {
    fn from(table: TableSchema) -> Self {
        let index = |index: IndexSchema| IndexForm {
            partition: index.key.partition,
            sort: index.key.sort,
            projection: index.projection,
        };
        Self {
            partition: table.key.partition,
            sort: table.key.sort,
            indexes: table.indexes.into_iter().map(|(name, one)| (name, index(one))).collect(),
        }
    }
}
