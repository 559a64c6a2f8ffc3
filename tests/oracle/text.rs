//! JSON text to a value, a key that stands twice refused: `serde_json::Value` alone keeps the last one silently.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Reads a text; an error says what is wrong.
pub fn read(text: &str) -> Result<Value, String> {
    serde_json::from_str::<Unique>(text).map_err(|error| error.to_string())?;
    let mut value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    contexts_as_written(&mut value, text);
    Ok(value)
}

/// A number in the context of a request, or of the request of a case, is the text that was given: `serde_json` would
/// write `1E3` as `1e+3`.
fn contexts_as_written(value: &mut Value, text: &str) {
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else { return };
    if let (Some(request), Some(raw)) = (value.get_mut("request"), members.get("request")) {
        contexts_as_written(request, raw.get());
    }
    if let (Some(Value::Object(context)), Some(raw)) = (value.get_mut("context"), members.get("context")) {
        let keys: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        for (name, value) in context {
            keys.get(name).into_iter().for_each(|raw| number_as_written(value, raw.get()));
        }
    }
}

fn number_as_written(value: &mut Value, text: &str) {
    match value {
        Value::Number(_) => *value = text.into(),
        Value::Array(items) => {
            let texts: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            items.iter_mut().zip(texts).for_each(|(item, raw)| number_as_written(item, raw.get()));
        }
        _ => {}
    }
}

/// Any JSON without duplicate keys.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value::<Unique>()?;
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format_args!("`{key}` stands twice")));
            }
        }
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }
}
