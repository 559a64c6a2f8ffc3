//! The routes of those who run the service: health, readiness, metrics.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::call::Call;
use super::metrics::Now;
use super::openapi::About;
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
    about: About { answer_type: "text/plain", ..About::plain("Whether the process answers.") },
};
const READY: Route = Route {
    path: "/readyz",
    about: About {
        answer_type: "text/plain",
        ..About::plain("Whether the service should be sent requests.")
    },
    ..HEALTH
};
const METRICS: Route = Route {
    path: "/metrics",
    scope: Some(Scope::Metrics),
    about: About { answer_type: METRICS_TYPE, ..About::plain("Metrics, as Prometheus reads them.") },
    ..HEALTH
};
const OPENAPI: Route = Route { path: "/openapi.json", about: About::plain("This document."), ..HEALTH };

const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.route(HEALTH, health).route(READY, ready).route(METRICS, metrics).described(OPENAPI)
}

async fn health(_call: Call) -> Result<Response, Refusal> {
    Ok(plain("ok\n"))
}

/// Whether it should be sent requests: not while it stops. A store that a reload refuses does not make it unready, for the
/// last good one decides; metrics tell.
async fn ready(call: Call) -> Result<Response, Refusal> {
    if call.app.is_stopping() {
        return Err(Refusal::unavailable("STOPPING", "the service is stopping: ask another"));
    }
    Ok(plain("ready\n"))
}

async fn metrics(call: Call) -> Result<Response, Refusal> {
    let now = Now {
        age: call.moment.in_force.store().age(call.now),
        sessions: call.app.sessions.count(),
        revision: call.moment.revision(),
        candidate: call.app.candidate().map(|candidate| candidate.revision().to_string()),
    };
    let mut response = Response::new(call.app.metrics.text(&now).into());
    let kind = HeaderValue::from_static(METRICS_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn plain(text: &'static str) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use axum::extract::Request;
    use axum::http::StatusCode;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::super::config::Config;
    use super::super::state::App;

    #[test]
    fn a_service_that_stops_is_not_ready_and_still_healthy() {
        let config = Config::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/photo-app"));
        let app = Arc::new(App::open(&config).unwrap());
        let (router, _) = super::super::router(Arc::clone(&app));
        let router = TowerToHyperService::new(router);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let status = |path: &str| {
            let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
            runtime.block_on(router.call(request)).unwrap().status()
        };
        assert_eq!((status("/readyz"), status("/healthz")), (StatusCode::OK, StatusCode::OK));
        app.begin_stop();
        assert_eq!(
            (status("/readyz"), status("/healthz")),
            (StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK)
        );
    }
}
