//! The table of routes. A route is put into the router by its row alone, so the table and what is served cannot differ.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, on};

use super::call::Call;
use super::guard;
use super::openapi::{About, document};
use super::refusal::Refusal;
use super::state::App;

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Decisions of the native contract.
    Native,
    /// Explanations, which tell what policies say.
    Explain,
    /// Making and ending sessions.
    Session,
    /// `AuthZEN`.
    Authzen,
    /// Forward authentication of proxies.
    ForwardAuth,
    /// IAM's own API.
    Iam,
    /// Metrics.
    Metrics,
}

/// A contract: what its routes have in common.
#[derive(Debug)]
pub struct Contract {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// How it tells a refusal.
    pub(super) refuse: fn(Refusal) -> Response,
}

/// Which methods a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// `GET`, and `HEAD`.
    Get,
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
    /// Any: proxies send the method of the request that they ask about.
    Any,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The methods.
    pub methods: Methods,
    /// The path; `{*rest}` stands for the rest of a path.
    pub path: &'static str,
    /// The contract that it belongs to.
    pub contract: &'static Contract,
    /// What a token must be good for, where the listener demands tokens. `None`: it tells nothing that is secret, and
    /// decides nothing.
    pub scope: Option<Scope>,
    /// The most bytes of a body.
    pub body_limit: usize,
    /// The longest time for an answer, the body's included.
    pub time_limit: Duration,
    /// What the `OpenAPI` document says of it.
    pub(super) about: About,
}

/// Collects routes.
#[derive(Debug)]
pub(super) struct Routes {
    app: Arc<App>,
    router: Router,
    table: Vec<Route>,
}

impl Methods {
    /// One that the route takes.
    pub fn example(self) -> Method {
        match self {
            Self::Get | Self::Any => Method::GET,
            Self::Post => Method::POST,
            Self::Delete => Method::DELETE,
        }
    }

    fn filter(self) -> Option<MethodFilter> {
        match self {
            Self::Get => Some(MethodFilter::GET),
            Self::Post => Some(MethodFilter::POST),
            Self::Delete => Some(MethodFilter::DELETE),
            Self::Any => None,
        }
    }
}

impl Routes {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app, router: Router::new(), table: Vec::new() }
    }

    /// Adds a route, its handler behind the guard that its row asks for.
    pub(super) fn route<H, F>(mut self, route: Route, handler: H) -> Self
    where
        H: Fn(Call) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Refusal>> + Send,
    {
        let app = Arc::clone(&self.app);
        let guarded = move |request: Request| {
            let (app, handler) = (Arc::clone(&app), handler.clone());
            async move { guard::answer(&app, &route, request, handler).await }
        };
        let methods: MethodRouter = match route.methods.filter() {
            Some(filter) => on(filter, guarded),
            None => any(guarded),
        };
        self.router = self.router.route(route.path, methods);
        self.table.push(route);
        self
    }

    /// Adds the route that tells of all of them.
    pub(super) fn described(mut self, route: Route) -> Self {
        self.table.push(route);
        let text = document(&self.table, self.app.config.tokens.is_some());
        self.table.pop();
        self.route(route, move |_call: Call| ready(Ok(text.answer())))
    }

    /// The router, and the table of what it serves.
    pub(super) fn finish(self) -> (Router, Vec<Route>) {
        let (lost, other) = (Arc::clone(&self.app), self.app);
        let router = self
            .router
            .fallback(move |request: Request| ready(guard::no_route(&lost, &request)))
            .method_not_allowed_fallback(move |request: Request| ready(guard::no_method(&other, &request)));
        (router, self.table)
    }
}
