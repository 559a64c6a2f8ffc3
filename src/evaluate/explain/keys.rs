//! The context keys of an explanation: which were asked for, which are absent, which nobody read.

use std::collections::BTreeMap;

use crate::request::Request;
use crate::request::keys::find;
use crate::text::fold::fold_text;

use super::super::decision::StatementId;
use super::{ClauseExplanation, Given, KeyExplanation, LayerExplanation, StatementExplanation};

/// The keys given and those that statements about the request's action and principal ask for, by folded name.
pub(super) fn explain(layers: &[LayerExplanation], request: &Request<'_>) -> Vec<KeyExplanation> {
    let mut keys: BTreeMap<String, KeyExplanation> = BTreeMap::new();
    let context = request.context();
    for (name, value) in context.entries() {
        keys.insert(folded(name), key(name, Given::of(Some(value))));
    }
    let statements = layers.iter().flat_map(LayerExplanation::statements);
    for statement in statements.filter(|statement| statement.concerns()) {
        for name in names(statement) {
            let entry = keys.entry(folded(name)).or_insert_with(|| key(name, Given::of(context.get(name))));
            add(&mut entry.asked_by, statement.id);
        }
    }
    // A key given as an empty list that nobody asks for is neither read nor missed.
    keys.retain(|_, key| key.given != Given::Absent || !key.asked_by.is_empty());
    keys.into_values().collect()
}

fn key(name: &str, given: Given) -> KeyExplanation {
    let control = find(name).map(|info| info.control);
    KeyExplanation { name: name.to_owned(), given, asked_by: Vec::new(), control }
}

/// The keys that a statement asks for, as conditions and as variables.
fn names(statement: &StatementExplanation) -> impl Iterator<Item = &str> {
    statement.clauses.iter().flat_map(|clause: &ClauseExplanation| {
        let own = clause.condition.as_ref().map(|terms| terms.key.as_str());
        let variables = clause.entries.iter().flat_map(|entry| &entry.variables);
        own.into_iter().chain(variables.map(|variable| variable.name.as_str()))
    })
}

/// A statement that asks for a key several times is told once.
fn add(asked_by: &mut Vec<StatementId>, id: StatementId) {
    if asked_by.last() != Some(&id) {
        asked_by.push(id);
    }
}

fn folded(name: &str) -> String {
    fold_text(name).into_owned()
}
