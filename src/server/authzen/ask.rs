//! An evaluation as a question, by the store's table.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use crate::decision_point::{Caller, Question};
use crate::request::Principal;
use crate::service::Value;
use crate::store::{Authzen, ContextKeys, IdError};
use crate::text::diagnostic::{bounded, excerpt};
use crate::text::json;

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::read::{Evaluation, Members, find};

/// A question that an evaluation stands for.
struct Mapped<'a> {
    principal: Principal,
    action: &'a str,
    resource: String,
    context: Vec<(Cow<'a, str>, Value)>,
}

/// What cannot be asked: it is denied, and told.
struct NotAsked(StatusCode, String);

/// The decision as the specification writes it. What cannot be asked is denied, with an error in its context.
///
/// # Errors
/// The service failed.
pub(super) fn decide(call: &Call, evaluation: &Evaluation<'_>) -> Result<Json, Refusal> {
    let mapped = match mapped(call, evaluation) {
        Ok(mapped) => mapped,
        Err(NotAsked(status, message)) => {
            call.app.metrics.refused(call.route.contract);
            return Ok(not_asked(status, &message));
        }
    };
    let question = Question::new(mapped.action, &mapped.resource).with_context(&mapped.context);
    match call.decide(&Caller::principal(&mapped.principal), &question) {
        Ok(decision) => Ok(json!({"decision": decision.is_allowed()})),
        Err(refusal) if refusal.status.is_server_error() => Err(refusal),
        Err(refusal) if refusal.code == "UNKNOWN_PRINCIPAL" => {
            Ok(not_asked(StatusCode::NOT_FOUND, &refusal.message))
        }
        Err(refusal) => Ok(not_asked(StatusCode::BAD_REQUEST, &refusal.message)),
    }
}

/// A deny of what cannot be asked.
pub(super) fn not_asked(status: StatusCode, message: &str) -> Json {
    json!({"decision": false, "context": {"error": {"status": status.as_u16(), "message": message}}})
}

fn mapped<'a>(call: &'a Call, evaluation: &Evaluation<'a>) -> Result<Mapped<'a>, NotAsked> {
    let table = call.moment.in_force.store().authzen();
    let table: &Authzen = table.ok_or_else(|| unknown("the store has no table `[authzen]`".to_owned()))?;
    let Evaluation { subject, action, resource, context } = evaluation;
    let no_type =
        |what, kind| unknown(format!("the {what} type {} is not in the store's table", excerpt(kind)));
    let of_subject = table.subject(subject.kind).ok_or_else(|| no_type("subject", subject.kind))?;
    let of_resource = table.resource(resource.kind).ok_or_else(|| no_type("resource", resource.kind))?;
    let of_action = of_resource.action(action.name).ok_or_else(|| {
        let (name, kind) = (excerpt(action.name), excerpt(resource.kind));
        unknown(format!("the action {name} on {kind} is not in the store's table"))
    })?;
    let mut keys = Vec::new();
    let ids = [(&of_subject.id_key, subject.id), (&of_resource.id_key, resource.id)];
    for (key, id) in ids {
        keys.extend(key.as_deref().map(|key| (Cow::Borrowed(key), Value::One(id.to_owned()))));
    }
    add(&mut keys, &of_subject.properties, subject.properties)?;
    add(&mut keys, &of_action.properties, action.properties)?;
    add(&mut keys, &of_resource.properties, resource.properties)?;
    add(&mut keys, &table.context, context)?;
    let principal = of_subject.principal(subject.id)?;
    let principal = Principal::parse(&principal);
    Ok(Mapped {
        principal: principal.map_err(|error| NotAsked(StatusCode::NOT_FOUND, error.to_string()))?,
        action: &of_action.action,
        resource: of_resource.arn(resource.id)?,
        context: keys,
    })
}

/// Adds the context keys that members stand for.
fn add<'a>(
    context: &mut Vec<(Cow<'a, str>, Value)>,
    keys: &'a ContextKeys,
    members: Members<'_>,
) -> Result<(), NotAsked> {
    for (name, key) in keys.iter() {
        let Some(given) = find(members, name) else { continue };
        let value = value(given).ok_or_else(|| {
            let message = format!(
                "{} is a string, a number that a double holds, a boolean, or an array of these",
                excerpt(name)
            );
            NotAsked(StatusCode::BAD_REQUEST, message)
        })?;
        context.push((Cow::Borrowed(key), value));
    }
    Ok(())
}

fn value(given: &json::Value<'_>) -> Option<Value> {
    match given {
        json::Value::Array(items) => {
            items.iter().map(|item| scalar(&item.value)).collect::<Option<_>>().map(Value::Many)
        }
        one => scalar(one).map(Value::One),
    }
}

fn scalar(given: &json::Value<'_>) -> Option<String> {
    match given {
        json::Value::String(text) => Some(text.clone().into_owned()),
        json::Value::Number(text) if is_double(text) => Some((*text).to_owned()),
        json::Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Whether I-JSON has a number: it is within the range of a double, and a whole one has no neighbour that reads the same.
fn is_double(text: &str) -> bool {
    const LARGE: f64 = 9_007_199_254_740_992.0;
    let is_whole = !text.contains(['.', 'e', 'E']);
    text.parse::<f64>().is_ok_and(|value| value.is_finite() && !(is_whole && value.abs() >= LARGE))
}

fn unknown(message: String) -> NotAsked {
    NotAsked(StatusCode::NOT_FOUND, message)
}

impl From<IdError> for NotAsked {
    fn from(error: IdError) -> Self {
        Self(StatusCode::BAD_REQUEST, bounded(&error.to_string()))
    }
}
