//! IAM's own API: the policy simulator's actions in the AWS Query protocol, as IAM's API reference has them. `boto3` and
//! the `aws` command line ask it with another endpoint and nothing else.
//!
//! ```text
//! form ─ query::Parameters ─ input (simulation, entries, documents) ─ simulate::Simulation ─ answer (XML)
//! ```
//!
//! What a parameter asks for and cannot be honoured is an error by its name.

mod answer;
mod documents;
mod entries;
mod input;
mod keys;
mod page;
mod query;
mod resources;
mod simulate;
mod source;

use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::call::Call;
use super::openapi::About;
use super::refusal::Refusal;
use super::route::{Contract, Methods, Route, Routes, Scope};

use query::Parameters;

const IAM: Contract = Contract { name: "iam", refuse: answer::refusal };

const FORM: &str = "application/x-www-form-urlencoded";
const ACTIONS: [&str; 4] = [
    "SimulateCustomPolicy",
    "SimulatePrincipalPolicy",
    "GetContextKeysForCustomPolicy",
    "GetContextKeysForPrincipalPolicy",
];
/// The version of the API.
const VERSION: &str = "2010-05-08";
/// The header that asks for what IAM leaves out: statements and keys of SCPs.
const EXTENDED: &str = "verdikt-extended";

const POST: Route = Route {
    methods: Methods::Post,
    path: "/",
    contract: &IAM,
    scope: Some(Scope::Iam),
    body_limit: 4 * 1024 * 1024,
    time_limit: Duration::from_mins(1),
    about: About {
        summary: "IAM's SimulateCustomPolicy, SimulatePrincipalPolicy and GetContextKeysFor… (AWS Query).",
        request: Some(parameters),
        request_types: &[FORM],
        answer_type: "text/xml",
        tells_errors: false,
        ..About::JSON
    },
};

const GET: Route = Route {
    methods: Methods::Get,
    body_limit: 64 * 1024,
    about: About {
        summary: "The same, its parameters in the query.",
        request: None,
        query: Some(parameters),
        ..POST.about
    },
    ..POST
};

/// What all actions have in common; IAM's API reference has the rest.
fn parameters(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "required": ["Action", "Version"], "properties": {
        "Action": {"enum": ACTIONS}, "Version": {"const": VERSION}}, "additionalProperties": {"type": "string"}})
}

pub(super) fn routes(routes: Routes) -> Routes {
    routes.route(POST, post).route(GET, get)
}

async fn post(mut call: Call) -> Result<Response, Refusal> {
    let form = call.bytes().await?;
    if !form.is_empty() && !call.has_type(FORM) {
        let message = "send the parameters with `Content-Type: application/x-www-form-urlencoded`";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_CONTENT_TYPE", message));
    }
    answered(call, form).await
}

async fn get(mut call: Call) -> Result<Response, Refusal> {
    if !call.bytes().await?.is_empty() {
        return Err(query::invalid("a GET has its parameters in the query: send no body"));
    }
    answered(call, Bytes::new()).await
}

async fn answered(call: Call, form: Bytes) -> Result<Response, Refusal> {
    let parameters = Parameters::parse(call.parts.uri.query().unwrap_or_default(), &form)?;
    // Many pairs of action and resource may take a while.
    let answer = tokio::task::spawn_blocking(move || operate(&call, parameters)).await;
    answer.map_err(|_| failed())?
}

fn operate(call: &Call, mut parameters: Parameters) -> Result<Response, Refusal> {
    let Some(action) = parameters.take("Action") else {
        return Err(Refusal::bad_request("MissingAction", "say what is asked by the parameter `Action`"));
    };
    let version = parameters.take("Version");
    if version.as_deref() != Some(VERSION) {
        let message = format!("the version of the API is `Version={VERSION}`");
        return Err(Refusal::bad_request("InvalidAction", message));
    }
    match action.as_str() {
        "SimulateCustomPolicy" => simulate(call, parameters, &action, input::custom),
        "SimulatePrincipalPolicy" => simulate(call, parameters, &action, input::principal),
        "GetContextKeysForCustomPolicy" => answer::keys(&action, &keys::custom(parameters)?),
        "GetContextKeysForPrincipalPolicy" => answer::keys(&action, &keys::principal(call, parameters)?),
        _ => {
            let message = format!("this service has the actions {}", ACTIONS.join(", "));
            Err(Refusal::bad_request("InvalidAction", message))
        }
    }
}

fn simulate(
    call: &Call,
    mut parameters: Parameters,
    action: &str,
    read: fn(&Call, &mut Parameters) -> Result<simulate::Simulation, Refusal>,
) -> Result<Response, Refusal> {
    let page = page::Page::take(&mut parameters, action, call.moment.revision())?;
    let simulation = read(call, &mut parameters)?;
    parameters.finish()?;
    answer::results(action, &page.evaluate(&simulation, call)?)
}

/// 500: a defect of the service. It is never an allow.
fn failed() -> Refusal {
    let message = "the service failed to answer: please report it";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "ServiceFailure", message)
}
