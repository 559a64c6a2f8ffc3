//! `ContextEntries`: context keys with their values, each of the type that it is said to be.

use crate::operator::date::Instant;
use crate::operator::numeric::Decimal;
use crate::operator::{binary, boolean, ip};
use crate::request::keys::{Arity, find};
use crate::service::Value;
use crate::text::diagnostic::excerpt;

use super::super::refusal::Refusal;
use super::query::{Length, Parameters, invalid};

/// The most entries, and the most values of one.
const MOST: usize = 1000;
const VALUE: Length = Length(0, 8192);

/// A context key and its value.
pub(super) type Entry = (String, Value);

/// Takes `ContextEntries`.
pub(super) fn take(parameters: &mut Parameters) -> Result<Vec<Entry>, Refusal> {
    let structures = parameters.structures("ContextEntries", MOST)?.unwrap_or_default();
    structures.into_iter().map(entry).collect()
}

fn entry(mut structure: Parameters) -> Result<Entry, Refusal> {
    let name = structure.needed("ContextKeyName", Length(5, 256))?;
    let kind = structure.take("ContextKeyType");
    let values = structure.texts("ContextKeyValues", MOST, VALUE)?.unwrap_or_default();
    structure.finish()?;
    let what = structure.named("ContextKeyType");
    let is_list = match kind.as_deref() {
        // Values always come as a list: the key itself says whether it is one.
        None => match find(&name) {
            Some(key) => key.arity == Arity::Multi,
            None => values.len() != 1,
        },
        Some(kind) => {
            let (single, is_list) = kind.strip_suffix("List").map_or((kind, false), |single| (single, true));
            check(single, &values, &what, &name)?;
            is_list
        }
    };
    if is_list {
        return Ok((name, Value::Many(values)));
    }
    match <[String; 1]>::try_from(values) {
        Ok([value]) => Ok((name, Value::One(value))),
        Err(values) => Err(invalid(format!(
            "the context key {} has {} values and takes one: for a key of several, give a type that ends in \
             `List` as `{what}`",
            excerpt(&name),
            values.len(),
        ))),
    }
}

/// Refuses values that are not of a type, and types that there are not.
fn check(kind: &str, values: &[String], what: &str, name: &str) -> Result<(), Refusal> {
    let reads: fn(&str) -> bool = match kind {
        "string" => |_| true,
        "numeric" => |text| Decimal::read(text).is_some(),
        "boolean" => |text| boolean::read(text).is_some(),
        "ip" => |text| ip::read_address(text).is_some(),
        "binary" => binary::is_canonical,
        "date" => |text| Instant::read(text).is_ok(),
        _ => {
            let message = "is one of string, numeric, boolean, ip, binary, date, or one of them with `List`";
            return Err(invalid(format!("`{what}` {message}")));
        }
    };
    match values.iter().find(|value| !reads(value)) {
        None => Ok(()),
        Some(value) => {
            Err(invalid(format!("the value {} of {} is no {kind}", excerpt(value), excerpt(name))))
        }
    }
}
