//! The routes of those who run the service: health, readiness, metrics.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::call::Call;
use super::refusal::Refusal;
use super::route::{Contract, Methods, Route, Routes, Scope};

const OPERATIONS: Contract = Contract { name: "operations", refuse: Refusal::into_json };

const HEALTH: Route = Route {
    methods: Methods::Get,
    path: "/healthz",
    contract: &OPERATIONS,
    scope: None,
    body_limit: 0,
    time_limit: Duration::from_secs(5),
};
const METRICS: Route = Route { path: "/metrics", scope: Some(Scope::Metrics), ..HEALTH };

pub(super) fn routes(routes: Routes) -> Routes {
    routes.route(HEALTH, health).route(METRICS, metrics)
}

/// Whether the process answers.
async fn health(_call: Call) -> Result<Response, Refusal> {
    Ok(Response::new("ok\n".into()))
}

async fn metrics(call: Call) -> Result<Response, Refusal> {
    let mut response = Response::new(call.app.metrics.text().into());
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
