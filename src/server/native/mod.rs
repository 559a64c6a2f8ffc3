//! The native contract: `/v1`.

use std::time::Duration;

use axum::http::header;
use axum::response::Response;

use crate::request::document::RequestDocument;
use crate::request::limits::RequestLimits;

use super::call::{Call, text};
use super::refusal::{Refusal, mime};
use super::route::{Contract, Methods, Route, Routes, Scope};

const NATIVE: Contract = Contract { name: "native", refuse: Refusal::into_json };

const DECIDE: Route = Route {
    methods: Methods::Post,
    path: "/v1/decide",
    contract: &NATIVE,
    scope: Some(Scope::Native),
    body_limit: 512 * 1024,
    time_limit: Duration::from_secs(15),
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.route(DECIDE, decide)
}

async fn decide(mut call: Call) -> Result<Response, Refusal> {
    let body = call.json().await?;
    let document = RequestDocument::parse(text(&body)?, &RequestLimits::default())?;
    let decision = call.decide(&document.request(RequestLimits::default())?)?;
    let answer = serde_json::to_vec(&decision).map_err(|error| Refusal::json(&error))?;
    let mut response = Response::new(answer.into());
    response.headers_mut().insert(header::CONTENT_TYPE, mime::JSON);
    Ok(response)
}
