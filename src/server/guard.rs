//! What every request passes before a contract sees it, and what every answer is given: room, a token, a time limit; the
//! revision and age of the store, the caller's request id.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::response::Response;
use http_body_util::{BodyExt, Limited};

use super::auth::Client;
use super::call::{Call, too_large};
use super::refusal::Refusal;
use super::route::Route;
use super::state::{App, Moment, Place, now};

/// The header with the caller's id of its request, echoed.
pub(super) const REQUEST_ID: &str = "x-request-id";
/// The header with the revision of the store that answered.
pub(super) const REVISION: HeaderName = HeaderName::from_static("verdikt-revision");
/// The header with the seconds since that was loaded.
pub(super) const AGE: HeaderName = HeaderName::from_static("verdikt-age");

/// Bytes of a body, and the time for it, that a request that was refused may still bring.
const SHORT: usize = 64 * 1024;
const SOON: Duration = Duration::from_millis(500);

/// A route's answer.
pub(super) async fn answer<H, F>(app: &Arc<App>, route: &Route, request: Request, handler: H) -> Response
where
    H: FnOnce(Call) -> F,
    F: Future<Output = Result<Response, Refusal>>,
{
    let begun = Instant::now();
    let moment = app.moment();
    let now = now();
    let id = request.headers().get(REQUEST_ID).cloned();
    let result = match admit(app, route, &request) {
        Ok((place, client)) => handled(app, route, request, &moment, now, (place, client), handler).await,
        Err(refusal) => Err(ending(request, refusal).await),
    };
    let mut response = result.unwrap_or_else(|refusal| refused(route, refusal));
    mark(&mut response, &moment, now, id);
    app.metrics.answered(route.contract, response.status(), begun.elapsed());
    response
}

/// Whether a request may be answered: a place for it, and who makes it.
fn admit(app: &Arc<App>, route: &Route, request: &Request) -> Result<(Option<Place>, Client), Refusal> {
    // A route that decides nothing answers under any load.
    let place = match route.scope {
        Some(_) => Some(app.enter().ok_or_else(overloaded)?),
        None => None,
    };
    let client = app.authenticate(route.scope, request.headers())?;
    if told_length(request.headers()).is_some_and(|length| length > route.body_limit as u64) {
        return Err(too_large(route.body_limit));
    }
    Ok((place, client))
}

/// A refusal of a request whose body nobody reads. What follows on the connection would be the body: a short one is let
/// pass by, else the connection ends with the answer, and says so.
async fn ending(request: Request, refusal: Refusal) -> Refusal {
    let is_asked_for = request.headers().contains_key(header::EXPECT);
    let ends = request.version() <= Version::HTTP_11
        && !request.body().is_end_stream()
        && (is_asked_for || !passes_by(request.into_body()).await);
    if ends { refusal.with(header::CONNECTION, HeaderValue::from_static("close")) } else { refusal }
}

/// Whether a body was short, and soon there.
async fn passes_by(body: Body) -> bool {
    let body = Limited::new(body, SHORT).collect();
    matches!(tokio::time::timeout(SOON, body).await, Ok(Ok(_)))
}

async fn handled<H, F>(
    app: &Arc<App>,
    route: &Route,
    request: Request,
    moment: &Arc<Moment>,
    now: i64,
    (place, client): (Option<Place>, Client),
    handler: H,
) -> Result<Response, Refusal>
where
    H: FnOnce(Call) -> F,
    F: Future<Output = Result<Response, Refusal>>,
{
    let (parts, body) = request.into_parts();
    let (app, moment, body) = (Arc::clone(app), Arc::clone(moment), Mutex::new(body));
    let call =
        Call { app, moment, route: *route, client, parts, now, body, lines: Mutex::default(), _place: place };
    match tokio::time::timeout(route.time_limit, handler(call)).await {
        Ok(result) => result,
        Err(_) => {
            Err(Refusal::unavailable("TIMEOUT", "the answer took too long: ask less at once, or again later"))
        }
    }
}

/// The answer where no route is.
pub(super) fn no_route(app: &Arc<App>, request: &Request) -> Response {
    let message = "no such path: /openapi.json lists what there is";
    unrouted(app, request, Refusal::new(StatusCode::NOT_FOUND, "UNKNOWN_PATH", message))
}

/// The answer where a route takes other methods. The router adds `Allow`.
pub(super) fn no_method(app: &Arc<App>, request: &Request) -> Response {
    let message = "the path takes another method: the header `Allow` names it";
    unrouted(app, request, Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "WRONG_METHOD", message))
}

fn unrouted(app: &Arc<App>, request: &Request, refusal: Refusal) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut response = refusal.into_json();
    mark(&mut response, &app.moment(), now(), id);
    response
}

fn refused(route: &Route, mut refusal: Refusal) -> Response {
    let headers = std::mem::take(&mut refusal.headers);
    let mut response = (route.contract.refuse)(refusal);
    for (name, value) in headers {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

fn overloaded() -> Refusal {
    Refusal::unavailable("OVERLOADED", "too many requests at a time: ask again in a second")
}

fn told_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Gives an answer what every answer has.
fn mark(response: &mut Response, moment: &Moment, now: i64, id: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.insert(REVISION, moment.header.clone());
    headers.insert(AGE, HeaderValue::from(moment.in_force.store().age(now)));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Some(id) = id {
        headers.insert(HeaderName::from_static(REQUEST_ID), id);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::path::Path;

    use super::super::config::Config;
    use super::super::openapi::About;
    use super::super::route::{Contract, Methods, Scope};
    use super::*;

    const CONTRACT: Contract = Contract { name: "test", refuse: Refusal::into_json };
    const ROUTE: Route = Route {
        methods: Methods::Get,
        path: "/",
        contract: &CONTRACT,
        scope: Some(Scope::Native),
        body_limit: 0,
        time_limit: Duration::from_millis(20),
        about: About::plain(""),
    };

    /// It is cut off at the route's limit, and gives its place back.
    #[test]
    fn an_answer_without_end_is_cut_off() {
        let mut config = Config::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/photo-app"));
        config.limits.in_flight = 1;
        let app = Arc::new(App::open(&config).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for _ in 0..2 {
            let answered = answer(&app, &ROUTE, Request::default(), |_call| pending());
            let response =
                runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), answered).await });
            let response = response.expect("an answer within the limit");
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            let body = runtime.block_on(axum::body::to_bytes(response.into_body(), 1_000)).unwrap();
            assert!(body.starts_with(br#"{"error":{"code":"TIMEOUT""#), "{body:?}");
        }
    }
}
