//! A request that passed the guard, as a contract sees it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::decision_point::CallFacts;

use super::auth::Client;
use super::log::Lines;
use super::refusal::Refusal;
use super::route::Route;
use super::state::{App, Moment, Place};

/// A request, who makes it, and the store at its moment.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) app: Arc<App>,
    /// The store that decides all of it.
    pub(super) moment: Arc<Moment>,
    pub(super) route: Route,
    pub(super) client: Client,
    pub(super) parts: Parts,
    /// Seconds since 1970 when it came.
    pub(super) now: i64,
    /// Taken once; the lock, which nobody waits for, lets references to the call go to other threads.
    pub(super) body: Mutex<Body>,
    /// What the decision log is told when the call ends.
    pub(super) lines: Mutex<Lines>,
    /// Given back when the call is dropped.
    pub(super) _place: Option<Place>,
}

impl Call {
    /// The whole body, within the limits of the route.
    pub(super) async fn bytes(&mut self) -> Result<Bytes, Refusal> {
        let body = Limited::new(self.take_body(), self.route.body_limit);
        let time = self.app.config.limits.body_time.min(self.route.time_limit);
        match tokio::time::timeout(time, body.collect()).await {
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(self.route.body_limit)),
            Ok(Err(_)) => {
                Err(Refusal::bad_request("INCOMPLETE_BODY", "the body ended early: send all of it"))
            }
            Err(_) => Err(too_slow(time)),
        }
    }

    /// The body as it comes; what is read twice is empty.
    pub(super) fn take_body(&mut self) -> Body {
        std::mem::take(self.body.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// The whole body, said to be JSON and UTF-8.
    pub(super) async fn json(&mut self) -> Result<Bytes, Refusal> {
        if !self.has_type("application/json") {
            let message = "send the body as JSON, with the header `Content-Type: application/json`";
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_CONTENT_TYPE",
                message,
            ));
        }
        self.bytes().await
    }

    /// Whether the body is said to be of a type, whatever its parameters.
    pub(super) fn has_type(&self, kind: &str) -> bool {
        let told = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        told.split(';').next().is_some_and(|told| told.trim().eq_ignore_ascii_case(kind))
    }

    /// The value of a header that stands once and is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.parts.headers.get_all(name).iter();
        let first = values.next()?;
        if values.next().is_some() { None } else { first.to_str().ok() }
    }

    /// The identity pool that is named, else the store's only one.
    pub(super) fn pool(&self, named: Option<&str>) -> Result<String, Refusal> {
        let mut pools = self.moment.in_force.pool_ids();
        match (named, pools.next(), pools.next()) {
            (Some(named), ..) => Ok(named.to_owned()),
            (None, Some(only), None) => Ok(only.to_owned()),
            _ => Err(Refusal::bad_request("UNKNOWN_IDENTITY_POOL", "say which identity pool by `pool`")),
        }
    }

    /// What neither an API call nor the store tells: what the question says, what the host of an endpoint of `DynamoDB`
    /// says, what was configured, and of tables of no other account the caller's own.
    pub(super) fn call_facts<'a>(
        &'a self,
        host: Option<&'a str>,
        region: Option<&'a str>,
        account: Option<&'a str>,
        own: Option<&'a str>,
    ) -> CallFacts<'a> {
        let config = &self.app.config;
        let mut facts = CallFacts::new(&self.app.addressing);
        facts.s3.now = Some(self.now.saturating_mul(1_000));
        facts.region = region.or_else(|| host_region(host?)).or(config.region.as_deref());
        facts.account = account.or(config.account.as_deref()).or(own);
        facts
    }

    /// The id that the caller gave its request.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.header(super::guard::REQUEST_ID)
    }
}

/// The Region in the host of an endpoint of `DynamoDB`.
fn host_region(host: &str) -> Option<&str> {
    let host = host.strip_prefix("dynamodb.")?;
    host.split_once(".amazonaws.com").map(|(region, _)| region).filter(|region| !region.contains('.'))
}

impl Drop for Call {
    /// Hands the lines of its decisions to the log.
    fn drop(&mut self) {
        if let Some(log) = &self.app.log {
            let lines = self.lines.get_mut().unwrap_or_else(PoisonError::into_inner);
            log.send(&self.app.metrics, std::mem::take(lines));
        }
    }
}

pub(super) fn too_large(limit: usize) -> Refusal {
    let message = format!("the body has more than {limit} bytes: split it");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
}

fn too_slow(time: Duration) -> Refusal {
    let message = format!("the body did not come within {} seconds", time.as_secs_f64());
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "BODY_TOO_SLOW", message)
}
