//! The JSON forms that calls are made of: texts borrowed from the body, attribute values, maps whose keys stand once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize as Read, Serialize as Write};

/// A text, borrowed from the body where it was written without escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Write)]
#[serde(transparent)]
pub struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Characters).map(Text)
    }
}

struct Characters;

impl<'de> Visitor<'de> for Characters {
    type Value = Cow<'de, str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// Members by name. A name that stands twice is refused: readers differ on which of the two counts.
#[derive(Clone, Debug, PartialEq, Eq, Write)]
#[serde(transparent)]
pub struct Map<'a, V>(BTreeMap<Text<'a>, V>);

/// An item, or the key of one.
pub type Item<'a> = Map<'a, AttributeValue<'a>>;

impl<V> Default for Map<'_, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'a, V> Deref for Map<'a, V> {
    type Target = BTreeMap<Text<'a>, V>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, K: Into<Text<'a>>, V> FromIterator<(K, V)> for Map<'a, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        Self(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl<'a, K: Into<Text<'a>>, V, const N: usize> From<[(K, V); N]> for Map<'a, V> {
    fn from(members: [(K, V); N]) -> Self {
        members.into_iter().collect()
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Map<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}

struct MapVisitor<'a, V>(PhantomData<(&'a str, V)>);

impl<'de: 'a, 'a, V: Deserialize<'de>> Visitor<'de> for MapVisitor<'a, V> {
    type Value = Map<'a, V>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = access.next_key::<Text<'a>>()? {
            match members.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(access.next_value()?);
                }
                Entry::Occupied(entry) => {
                    let name = crate::text::diagnostic::excerpt(entry.key());
                    return Err(A::Error::custom(format_args!("the member {name} stands twice")));
                }
            }
        }
        Ok(Map(members))
    }
}

/// What is read from the members of an object.
pub(super) trait Members<'de>: Sized {
    fn members<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error>;
}

/// Visits objects only: serde also takes an array of the members in order, which DynamoDB does not.
pub(super) struct Object<T>(pub(super) PhantomData<T>);

impl<'de, T: Members<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::members(MapAccessDeserializer::new(map))
    }
}

/// A value of an attribute, as the API writes it: one member that names the type.
///
/// See `AttributeValue` in the Amazon DynamoDB API Reference.
#[derive(Clone, Debug, PartialEq, Read, Write)]
pub enum AttributeValue<'a> {
    /// A string.
    S(#[serde(borrow)] Text<'a>),
    /// A number, as text.
    N(Text<'a>),
    /// Bytes, in base64.
    B(Text<'a>),
    /// A set of strings.
    #[serde(rename = "SS")]
    StringSet(Vec<Text<'a>>),
    /// A set of numbers.
    #[serde(rename = "NS")]
    NumberSet(Vec<Text<'a>>),
    /// A set of bytes.
    #[serde(rename = "BS")]
    BinarySet(Vec<Text<'a>>),
    /// A map.
    M(Map<'a, AttributeValue<'a>>),
    /// A list.
    L(Vec<AttributeValue<'a>>),
    /// Nothing.
    #[serde(rename = "NULL")]
    Null(bool),
    /// True or false.
    #[serde(rename = "BOOL")]
    Bool(bool),
}
