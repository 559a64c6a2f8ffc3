//! The native contract: `/v1`. A question is a request as JSON; or a session's or login's API call or action; one by one
//! or in batches.

mod answer;
mod ask;
mod batch;
mod object;
mod session;

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header;
use axum::response::Response;
use serde::Serialize;

use super::call::Call;
use super::openapi::{About, schema};
use super::refusal::{Refusal, mime};
use super::route::{Contract, Methods, Route, Routes, Scope};

use answer::Answer;
use ask::Ask;

const NATIVE: Contract = Contract { name: "native", refuse: Refusal::into_json };

const DECIDE: Route = Route {
    methods: Methods::Post,
    path: "/v1/decide",
    contract: &NATIVE,
    scope: Some(Scope::Native),
    body_limit: 512 * 1024,
    time_limit: Duration::from_secs(15),
    about: About {
        summary: "Decides one question.",
        request: Some(schema::<Ask<'_>>),
        answer: Some(schema::<Answer>),
        ..About::JSON
    },
};

const EXPLAIN: Route = Route {
    path: "/v1/explain",
    scope: Some(Scope::Explain),
    time_limit: Duration::from_secs(30),
    about: About {
        summary: "Decides one question and tells why, as docs/explain.schema.json has it.",
        request: Some(schema::<Ask<'_>>),
        ..About::JSON
    },
    ..DECIDE
};

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = routes.route(DECIDE, decide).route(EXPLAIN, explain);
    session::routes(batch::routes(routes))
}

async fn decide(mut call: Call) -> Result<Response, Refusal> {
    let body = call.json().await?;
    let ask = Ask::parse(&body)?;
    let who = ask.who(&call).await?;
    json(&ask.decide(&call, &who)?)
}

async fn explain(mut call: Call) -> Result<Response, Refusal> {
    let body = call.json().await?;
    let who = Ask::parse(&body)?.who(&call).await?;
    // The search for the nearest allow may take a while.
    let explained = tokio::task::spawn_blocking(move || Ask::parse(&body)?.explain(&call, &who)).await;
    explained.map_err(|_| failed())?
}

/// An answer as JSON.
fn json(answer: &impl Serialize) -> Result<Response, Refusal> {
    let body = serde_json::to_vec(answer).map_err(|_| failed())?;
    Ok(json_bytes(body.into()))
}

fn json_bytes(body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, mime::JSON);
    response
}

/// 500: a defect of the service. It is never an allow.
fn failed() -> Refusal {
    let status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
    Refusal::new(status, "INTERNAL_ERROR", "the service failed to answer: please report it")
}
