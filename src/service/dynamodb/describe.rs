//! Key schemas out of the answer of `DescribeTable`.

use serde::Deserialize;

use super::schema::{IndexSchema, KeyAttribute, KeySchema, KeyType, Projection, SchemaError, TableSchema};
use crate::text::diagnostic::excerpt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    table: Description,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Description {
    key_schema: Vec<Element>,
    attribute_definitions: Vec<Definition>,
    global_secondary_indexes: Option<Vec<Index>>,
    local_secondary_indexes: Option<Vec<Index>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    #[serde(rename = "IndexName")]
    name: String,
    key_schema: Vec<Element>,
    projection: Option<Projected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Projected {
    projection_type: String,
    non_key_attributes: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Element {
    attribute_name: String,
    key_type: Role,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum Role {
    Hash,
    Range,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    attribute_name: String,
    attribute_type: KeyType,
}

pub(super) fn read(json: &str) -> Result<TableSchema, SchemaError> {
    let description = match serde_json::from_str::<Answer>(json) {
        Ok(answer) => answer.table,
        // The table alone, as `--query Table` writes it. The first error speaks of the usual form.
        Err(error) => serde_json::from_str(json).map_err(|_| SchemaError(error.to_string()))?,
    };
    let types = &description.attribute_definitions;
    let mut table = TableSchema::new(key(description.key_schema, types)?);
    let indexes = [description.global_secondary_indexes, description.local_secondary_indexes];
    for index in indexes.into_iter().flatten().flatten() {
        let projection = projection(index.projection)?;
        table = table.with_index(index.name, IndexSchema { key: key(index.key_schema, types)?, projection });
    }
    Ok(table)
}

fn key(elements: Vec<Element>, types: &[Definition]) -> Result<KeySchema, SchemaError> {
    let (mut partition, mut sort) = (Vec::new(), Vec::new());
    for element in elements {
        let defined = types.iter().find(|definition| definition.attribute_name == element.attribute_name);
        let Some(defined) = defined else {
            let name = excerpt(&element.attribute_name);
            return Err(SchemaError(format!("the key attribute {name} has no definition")));
        };
        let attribute = KeyAttribute::new(element.attribute_name, defined.attribute_type);
        if element.key_type == Role::Hash { partition.push(attribute) } else { sort.push(attribute) }
    }
    KeySchema::new(partition, sort)
}

fn projection(written: Option<Projected>) -> Result<Projection, SchemaError> {
    let Some(written) = written else { return Ok(Projection::All) };
    match written.projection_type.as_str() {
        "ALL" => Ok(Projection::All),
        "KEYS_ONLY" => Ok(Projection::KeysOnly),
        "INCLUDE" => Ok(Projection::Include(written.non_key_attributes.unwrap_or_default())),
        other => Err(SchemaError(format!("the projection {} is not known", excerpt(other)))),
    }
}
