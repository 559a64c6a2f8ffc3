//! Reads by key: `GetItem`, in a transaction or not, and what `BatchGetItem` asks of one table.

use super::call::{ReturnConsumedCapacity, Select};
use super::draft::Draft;
use super::error::CallError;
use super::scope::Scope;
use super::translate::Translation;
use super::wire::{Item, Map, Text};
use super::write::mixed;
use crate::service::Check;

/// What reads by key have in common.
#[derive(Default)]
pub(super) struct Read<'c> {
    pub(super) action: &'static str,
    /// The member that holds the table's name.
    pub(super) member: &'static str,
    pub(super) table: &'c str,
    pub(super) keys: &'c [Item<'c>],
    pub(super) projection: Option<&'c str>,
    pub(super) names: Option<&'c Map<'c, Text<'c>>>,
    pub(super) attributes_to_get: Option<&'c [Text<'c>]>,
    pub(super) capacity: Option<ReturnConsumedCapacity>,
    pub(super) enclosing: Option<&'static str>,
    pub(super) part: Option<u32>,
}

impl Read<'_> {
    pub(super) fn checks(
        self,
        translation: &Translation<'_>,
        checks: &mut Vec<Check>,
    ) -> Result<(), CallError> {
        let table = translation.home.table(self.member, self.table)?;
        let schema = translation.schema(&table)?;
        // Without a key there would be no leading keys, and a `ForAllValues` on them would hold.
        if self.keys.is_empty() {
            return Err(CallError::member("Keys", "no key is given"));
        }
        let mut draft = Draft {
            select: Some(selected(self.projection, self.attributes_to_get)?),
            capacity: Some(self.capacity.unwrap_or_default()),
            enclosing: self.enclosing,
            ..Draft::default()
        };
        for key in self.keys {
            draft.key("Key", schema.key(), key)?;
        }
        draft.names(projected(self.projection, self.attributes_to_get, Scope::new(self.names, None))?);
        draft.finish(self.action, &table.arn(), self.part, checks);
        Ok(())
    }
}

fn selected(projection: Option<&str>, attributes: Option<&[Text<'_>]>) -> Result<Select, CallError> {
    match (projection, attributes) {
        (Some(_), Some(_)) => Err(mixed()),
        (None, Some([])) => Err(CallError::member("AttributesToGet", "no attribute is given")),
        (None, None) => Ok(Select::AllAttributes),
        _ => Ok(Select::SpecificAttributes),
    }
}

/// The attributes of a projection in either form, and of the expressions that the scope has read before.
pub(super) fn projected<'c>(
    projection: Option<&'c str>,
    attributes: Option<&'c [Text<'c>]>,
    mut scope: Scope<'c>,
) -> Result<impl Iterator<Item = &'c str>, CallError> {
    if let Some(text) = projection {
        scope.projection(text)?;
    }
    let listed = attributes.into_iter().flatten().map(|name| &**name);
    Ok(scope.finish()?.into_iter().chain(listed))
}
