//! Which values of the partition key a `WHERE` fixes.
//!
//! A term fixes an attribute by `=` or `IN`. `AND` fixes what one of its sides fixes, `OR` what every side fixes;
//! `NOT`, other comparisons and functions fix nothing. Where both sides of an `AND` fix an attribute the values of both
//! count: too many values is the safe side.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Expression, Rest};
use crate::service::dynamodb::draft::key_text;
use crate::service::dynamodb::schema::{KeyAttribute, KeySchema};
use crate::service::dynamodb::wire::AttributeValue;

/// The values of attributes that are fixed, by the attribute's number.
pub(super) type Fixed = BTreeMap<usize, BTreeSet<String>>;

/// What a `WHERE` is read with.
pub(super) struct Binding<'c> {
    pub(super) key: &'c KeySchema,
    pub(super) parameters: &'c [AttributeValue<'c>],
}

impl Binding<'_> {
    /// The values of every partition attribute, if all are fixed.
    pub(super) fn partition(&self, filter: Option<&Expression<'_>>) -> Option<Fixed> {
        let fixed = self.fixed(filter?);
        (fixed.len() == self.key.partition().len()).then_some(fixed)
    }

    /// A value as text of a key attribute, if it is of its type.
    pub(super) fn text(&self, attribute: &KeyAttribute, value: &Expression<'_>) -> Option<String> {
        let text = |value: &AttributeValue<'_>| key_text(attribute, value).ok().map(Cow::into_owned);
        match value {
            Expression::String(string) => text(&AttributeValue::S((&**string).into())),
            Expression::Number(number) => text(&AttributeValue::N((*number).into())),
            Expression::Parameter(number) => text(self.parameters.get(*number)?),
            _ => None,
        }
    }

    fn fixed(&self, filter: &Expression<'_>) -> Fixed {
        match filter {
            Expression::Equal(left, right) => {
                let one = self.term(left, std::slice::from_ref(&**right));
                one.or_else(|| self.term(right, std::slice::from_ref(&**left))).unwrap_or_default()
            }
            Expression::In(left, all) => self.term(left, all).unwrap_or_default(),
            Expression::And(all) => {
                let mut fixed = Fixed::new();
                for (index, values) in all.iter().flat_map(|one| self.fixed(one)) {
                    fixed.entry(index).or_default().extend(values);
                }
                fixed
            }
            Expression::Or(all) => self.everywhere(all),
            _ => Fixed::new(),
        }
    }

    fn everywhere(&self, all: &[Expression<'_>]) -> Fixed {
        let mut branches = all.iter().map(|one| self.fixed(one));
        let mut fixed = branches.next().unwrap_or_default();
        for branch in branches {
            fixed.retain(|index, _| branch.contains_key(index));
            for (index, values) in branch {
                fixed.entry(index).and_modify(|known| known.extend(values));
            }
        }
        fixed
    }

    /// An attribute of the partition key and the values that it is among.
    fn term(&self, path: &Expression<'_>, values: &[Expression<'_>]) -> Option<Fixed> {
        let Expression::Path(path) = path else { return None };
        let Rest::Nothing = path.rest else { return None };
        let index = self.key.partition().iter().position(|one| one.name == *path.head)?;
        let attribute = self.key.partition().get(index)?;
        let texts =
            values.iter().map(|value| self.text(attribute, value)).collect::<Option<BTreeSet<_>>>()?;
        Some(Fixed::from([(index, texts)]))
    }
}
