//! Requests as Cedar's: the session in its role, the action in the groups of wildcards that policies name, the resource
//! with its ARN and the segments of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression,
};
use serde_json::{Map, Value, json};

use crate::engines::statement::Statement;
use crate::workload::{Asked, ContextKey, Form};

use super::translate::segments_of;

/// The first segments of a text are split off; no workload's variable stands deeper.
const SEGMENTS: usize = 7;

/// What the policies ask of the conversion.
#[derive(Default)]
pub(super) struct Conversion {
    /// Action patterns, all of which end in their star.
    groups: BTreeSet<String>,
    /// Keys that are compared without regard to case.
    folded: BTreeSet<String>,
}

impl Conversion {
    pub(super) fn learn(&mut self, statements: &[Statement]) {
        for statement in statements {
            self.groups.extend(statement.actions().iter().filter(|action| action.contains('*')).cloned());
            let folded = statement.conditions().filter(|condition| condition.operator.contains("IgnoreCase"));
            self.folded.extend(folded.map(|condition| condition.key.to_owned()));
        }
    }

    pub(super) fn request(&self, asked: &Asked) -> Result<(Request, Entities), String> {
        let session = uid("Session", asked.principal.text());
        let action = uid("Action", &asked.action);
        let resource = uid("Resource", &asked.resource);
        let entities = [
            Entity::new_no_attrs(session.clone(), HashSet::from([uid("Role", asked.role())])),
            Entity::new_no_attrs(action.clone(), self.groups_of(&asked.action)),
            Entity::new(resource.clone(), attributes(&asked.resource)?, HashSet::new()).map_err(text)?,
        ];
        let entities = Entities::from_entities(entities, None).map_err(text)?;
        let request = Request::new(session, action, resource, self.context(asked)?, None).map_err(text)?;
        Ok((request, entities))
    }

    fn groups_of(&self, action: &str) -> HashSet<EntityUid> {
        let matching = self.groups.iter().filter(|group| action.starts_with(group.trim_end_matches('*')));
        matching.map(|group| uid("Action", group)).collect()
    }

    fn context(&self, asked: &Asked) -> Result<Context, String> {
        let mut context = Map::new();
        for key in &asked.context {
            if key.name == "s3:prefix" {
                let segments = segments(key.text()).map(|(name, segment)| (name, segment.into()));
                context.insert(segments_of(&key.name), Value::Object(segments.collect()));
            }
            context.insert(key.name.clone(), self.value(key)?);
        }
        Context::from_json_value(Value::Object(context), None).map_err(text)
    }

    fn value(&self, key: &ContextKey) -> Result<Value, String> {
        let text = key.text();
        Ok(match key.form {
            Form::Many => json!(key.texts),
            Form::Bool => json!(text == "true"),
            Form::Number => json!(text.parse::<i64>().map_err(|_| "not an integer")?),
            Form::Address => json!({"__extn": {"fn": "ip", "arg": text}}),
            Form::Date => json!({"__extn": {"fn": "datetime", "arg": text}}),
            Form::Text if self.folded.contains(&key.name) => json!(text.to_lowercase()),
            Form::Text => json!(text),
        })
    }
}

fn uid(kind: &str, name: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().expect("the kinds of entities are names");
    EntityUid::from_type_name_and_id(kind, EntityId::new(name))
}

fn attributes(resource: &str) -> Result<HashMap<String, RestrictedExpression>, String> {
    let segments =
        segments(resource).map(|(name, segment)| (name, RestrictedExpression::new_string(segment)));
    let segments = RestrictedExpression::new_record(segments).map_err(text)?;
    let arn = RestrictedExpression::new_string(resource.to_owned());
    Ok(HashMap::from([("arn".to_owned(), arn), ("segments".to_owned(), segments)]))
}

fn segments(text: &str) -> impl Iterator<Item = (String, String)> {
    let segments = text.split('/').take(SEGMENTS).enumerate();
    segments.map(|(number, segment)| (format!("s{number}"), segment.to_owned()))
}

fn text(error: impl std::error::Error) -> String {
    error.to_string()
}
