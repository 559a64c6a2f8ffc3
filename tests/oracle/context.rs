//! The context of a request: keys, single-valued or multivalued.

use serde_json::{Map, Value};

use super::values::{fold, scalar_text};

/// What the context holds under a key.
#[derive(Debug)]
pub enum Entry {
    /// A single-valued key.
    One(String),
    /// A multivalued key.
    Many(Vec<String>),
}

/// The keys of a request by their folded names.
#[derive(Debug)]
pub struct Context {
    entries: Vec<(String, Entry)>,
}

impl Context {
    /// Reads the context object; a key without a name is refused, two keys equal but for case are, and whatever is no
    /// value.
    pub fn read(object: &Map<String, Value>) -> Result<Self, String> {
        let mut entries: Vec<(String, Entry)> = Vec::new();
        for (key, value) in object {
            let name = fold(key);
            if name.is_empty() {
                return Err("a key has a name".to_owned());
            }
            if entries.iter().any(|(other, _)| *other == name) {
                return Err(format!("the context gives `{key}` twice"));
            }
            let entry = entry(value).ok_or_else(|| format!("`{key}` has no usable value"))?;
            entries.push((name, entry));
        }
        Ok(Self { entries })
    }

    /// The entry of a key; an empty list is absent.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        let name = fold(key);
        let (_, entry) = self.entries.iter().find(|(other, _)| *other == name)?;
        match entry {
            Entry::Many(values) if values.is_empty() => None,
            present => Some(present),
        }
    }
}

fn entry(value: &Value) -> Option<Entry> {
    match value {
        Value::Array(values) => values.iter().map(scalar_text).collect::<Option<Vec<_>>>().map(Entry::Many),
        scalar => scalar_text(scalar).map(Entry::One),
    }
}
