//! `AuthZEN`'s Authorization API 1.0: evaluation, evaluations and metadata. What subjects, actions and resources are is
//! the store's table `[authzen]`; without it, and for what it does not name, nothing is allowed.

mod ask;
mod read;
mod schema;

use std::time::Duration;

use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::call::Call;
use super::config::is_loopback;
use super::openapi::About;
use super::refusal::{Refusal, mime};
use super::route::{Contract, Methods, Route, Routes, Scope};

use read::{Batch, Body, Semantic};

const EVALUATION_PATH: &str = "/access/v1/evaluation";
const EVALUATIONS_PATH: &str = "/access/v1/evaluations";
/// How many items are decided before other requests have their turn.
const TURN: usize = 256;

const AUTHZEN: Contract = Contract { name: "authzen", refuse };

const EVALUATION: Route = Route {
    methods: Methods::Post,
    path: EVALUATION_PATH,
    contract: &AUTHZEN,
    scope: Some(Scope::Authzen),
    body_limit: 512 * 1024,
    time_limit: Duration::from_secs(15),
    about: About {
        summary: "AuthZEN: whether a subject may do an action on a resource.",
        request: Some(schema::evaluation),
        answer: Some(schema::decision),
        tells_errors: false,
        ..About::JSON
    },
};

const EVALUATIONS: Route = Route {
    path: EVALUATIONS_PATH,
    body_limit: 4 * 1024 * 1024,
    time_limit: Duration::from_mins(1),
    about: About {
        summary: "AuthZEN: several evaluations, with defaults that each may replace.",
        request: Some(schema::evaluations),
        answer: Some(schema::decisions),
        ..EVALUATION.about
    },
    ..EVALUATION
};

const METADATA: Route = Route {
    methods: Methods::Get,
    path: "/.well-known/authzen-configuration",
    scope: None,
    body_limit: 0,
    time_limit: Duration::from_secs(5),
    about: About {
        summary: "AuthZEN: where what is served.",
        request: None,
        answer: Some(schema::metadata),
        ..EVALUATION.about
    },
    ..EVALUATION
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.route(EVALUATION, evaluation).route(EVALUATIONS, evaluations).route(METADATA, metadata)
}

/// A refusal as the specification has it: a message.
fn refuse(refusal: Refusal) -> Response {
    let body = Value::from(refusal.message.as_str()).to_string();
    refusal.with_body(mime::JSON, body.into_bytes())
}

async fn evaluation(mut call: Call) -> Result<Response, Refusal> {
    let bytes = body(&mut call).await?;
    let body = Body::parse(&bytes)?;
    let decision = ask::decide(&call, &body.evaluation()?)?;
    Ok(answer(&decision))
}

async fn evaluations(mut call: Call) -> Result<Response, Refusal> {
    let bytes = body(&mut call).await?;
    let body = Body::parse(&bytes)?;
    let Some(batch) = body.batch()? else {
        return Ok(answer(&ask::decide(&call, &body.evaluation()?)?));
    };
    Ok(answer(&json!({"evaluations": each(&call, &batch).await})))
}

/// The decisions in their order, up to the one that ends them.
async fn each(call: &Call, batch: &Batch<'_>) -> Vec<Value> {
    let mut decisions = Vec::new();
    for (place, item) in batch.items().enumerate() {
        let decided = item.and_then(|evaluation| ask::decide(call, &evaluation));
        let decided = decided.unwrap_or_else(|refusal| ask::not_asked(refusal.status, &refusal.message));
        let is_allowed = decided.get("decision") == Some(&Value::Bool(true));
        decisions.push(decided);
        match batch.semantic {
            Semantic::DenyOnFirstDeny if !is_allowed => break,
            Semantic::PermitOnFirstPermit if is_allowed => break,
            _ => {}
        }
        if place % TURN == TURN - 1 {
            tokio::task::yield_now().await;
        }
    }
    decisions
}

/// The body; one of another type is a bad request here.
async fn body(call: &mut Call) -> Result<axum::body::Bytes, Refusal> {
    call.json().await.map_err(|mut refusal| {
        if refusal.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            refusal.status = StatusCode::BAD_REQUEST;
        }
        refusal
    })
}

async fn metadata(call: Call) -> Result<Response, Refusal> {
    let base = base(&call)?;
    let at = |path: &str| format!("{base}{path}");
    Ok(answer(&json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": at(EVALUATION_PATH),
        "access_evaluations_endpoint": at(EVALUATIONS_PATH),
    })))
}

/// The URL that the service is known by; if none was configured, the one on this machine that the request was sent to.
/// What any other host says of itself is nothing to send requests to.
fn base(call: &Call) -> Result<String, Refusal> {
    let config = &call.app.config;
    if let Some(url) = &config.public_url {
        return Ok(url.clone());
    }
    let sent =
        call.parts.uri.authority().map(Authority::as_str).or_else(|| call.header(header::HOST.as_str()));
    let sent =
        sent.and_then(|host| host.parse::<Authority>().ok()).filter(|host| !host.as_str().contains('@'));
    let host = sent.ok_or_else(|| Refusal::bad_request("MISSING_HOST", "send the header `Host`"))?;
    if !is_loopback(host.host()) {
        let message = "the service does not know its own URL: start it with `--public-url`";
        return Err(Refusal::new(StatusCode::NOT_FOUND, "UNKNOWN_URL", message));
    }
    Ok(format!("{}://{host}", if config.tls.is_some() { "https" } else { "http" }))
}

fn answer(value: &Value) -> Response {
    let mut response = Response::new(value.to_string().into());
    response.headers_mut().insert(header::CONTENT_TYPE, mime::JSON);
    response
}
