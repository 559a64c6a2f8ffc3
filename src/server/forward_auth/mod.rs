//! Forward authentication: a proxy asks whether a request may pass, and passes it or not. The request, an API call of S3
//! or DynamoDB, is decided by all the checks that it makes; who asks is told by its login at an identity pool.
//!
//! A proxy tells of the request in its own way, so each has a path of its own, and what another would send is not read
//! there: a client could have sent it. A path answers only where the proxy in front was named (`--forward-auth`).

mod login;
mod original;

use std::path::PathBuf;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::call::Call;
use super::openapi::About;
use super::refusal::Refusal;
use super::route::{Contract, Methods, Route, Routes, Scope};

use original::Original;

/// How a proxy tells of the request that it asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// In `X-Original-Method`, `-URI`, `-Host` and `-Proto`, which the configuration of nginx sets.
    Nginx,
    /// In `X-Forwarded-Method`, `-Uri`, `-Host` and `-Proto`: Traefik and Caddy.
    Forwarded,
    /// As the request itself, behind a prefix of the path: Envoy's `ext_authz` over HTTP.
    Envoy,
}

/// What the service is told of the proxies in front of it.
#[derive(Clone, Debug, Default)]
pub struct ForwardAuth {
    /// Which there are; none: the contract is not served.
    pub proxies: Vec<Proxy>,
    /// The identity pool of the logins; the store's only one if none is named.
    pub pool: Option<String>,
    /// Whether requests without a login are a guest's. All of them are one guest's.
    pub guests: bool,
    /// The load balancers whose `x-amzn-oidc-data` is a login, by their ARNs; none: the header is not read.
    pub balancers: Vec<String>,
    /// The folder of their keys, each a file in PEM that is named by its id.
    pub balancer_keys: Option<PathBuf>,
    /// The header in which the proxy tells the client's address (`aws:SourceIp`).
    pub source_ip: Option<HeaderName>,
}

const FORWARD_AUTH: Contract = Contract { name: "forward_auth", refuse };

const NGINX: Route = Route {
    methods: Methods::Any,
    path: "/forward-auth/nginx",
    contract: &FORWARD_AUTH,
    scope: Some(Scope::ForwardAuth),
    body_limit: 1024 * 1024,
    time_limit: Duration::from_secs(15),
    about: About {
        answer_type: "text/plain",
        tells_errors: false,
        ..About::plain("Whether a request may pass that nginx tells of: 200, 401 or 403.")
    },
};

const FORWARDED: Route = Route {
    path: "/forward-auth/forwarded",
    about: About {
        summary: "Whether a request may pass that Traefik or Caddy tells of: 200, 401 or 403.",
        ..NGINX.about
    },
    ..NGINX
};

/// The prefix of Envoy's paths.
const PREFIX: &str = "/forward-auth/envoy";

const ENVOY: Route = Route {
    path: "/forward-auth/envoy/{*rest}",
    about: About {
        summary: "Whether a request may pass that Envoy asks about by ext_authz: 200, 401 or 403.",
        ..NGINX.about
    },
    ..NGINX
};

const ENVOY_ROOT: Route = Route {
    path: "/forward-auth/envoy/",
    about: About { summary: "The same of a request of the root.", ..NGINX.about },
    ..NGINX
};

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = routes.route(NGINX, |call| decide(Proxy::Nginx, call));
    let routes = routes.route(FORWARDED, |call| decide(Proxy::Forwarded, call));
    let routes = routes.route(ENVOY, |call| decide(Proxy::Envoy, call));
    routes.route(ENVOY_ROOT, |call| decide(Proxy::Envoy, call))
}

/// A refusal as proxies pass it on. What cannot be asked is forbidden: to nginx other statuses are failures of its own.
fn refuse(mut refusal: Refusal) -> Response {
    if refusal.status == StatusCode::BAD_REQUEST {
        refusal.status = StatusCode::FORBIDDEN;
    }
    let body = format!("{}: {}\n", refusal.code, refusal.message);
    refusal.with_body(HeaderValue::from_static("text/plain; charset=utf-8"), body.into_bytes())
}

async fn decide(proxy: Proxy, mut call: Call) -> Result<Response, Refusal> {
    if !call.app.config.forward_auth.proxies.contains(&proxy) {
        let message = "the service was not told of such a proxy: name it with `--forward-auth`";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "UNKNOWN_PROXY", message));
    }
    let body = call.bytes().await?;
    let session = login::session(&call).await?;
    let original = Original::of(proxy, &call)?;
    let account = session.session.live().facts().principal().account();
    let facts = call.call_facts(Some(original.host), None, None, account);
    let api = call.moment.in_force.translate(&original.http(&call, &body)?, &facts)?;
    let beside = original::source_ip(&call)?;
    let decision = call.decide_call(&session.caller(), &api, &beside)?;
    if decision.is_allowed() {
        return Ok(allowed(&session.session.session().parts().identity));
    }
    if session.is_guest {
        return Err(Refusal::unauthenticated("ACCESS_DENIED", "a guest may not do this: sign in"));
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, "ACCESS_DENIED", "the policies do not allow it"))
}

/// 200, with the identity for the service behind the proxy.
fn allowed(identity: &str) -> Response {
    let mut response = Response::default();
    if let Ok(value) = HeaderValue::from_str(identity) {
        response.headers_mut().insert(HeaderName::from_static("verdikt-identity"), value);
    }
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
