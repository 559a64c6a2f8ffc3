//! Floor 6: the decide service over HTTP. One file a contract; everything that contracts have in common is beside them.
//!
//! ```text
//! connection (listen) ─ route (route) ─ guard: room, token and scope, time limit ─ a contract's handler ─ Call::decide
//!                                          └ every answer: revision and age of the store, the caller's request id
//! ```
//!
//! **To add a contract** `x`:
//!
//! 1. `x.rs` (or `x/mod.rs`) with a `const X: Contract` (its name in logs and metrics, and how it writes a `Refusal`), a
//!    `const` [`Route`] a route, and `pub(super) fn routes(routes: Routes) -> Routes` that adds each with its handler.
//! 2. A handler is `async fn(call: Call) -> Result<Response, Refusal>`: it reads the body with `Call::bytes` or
//!    `Call::json`, asks with `Call::decide`, `decide_call`, `explain` or `explain_call` alone, and writes the answer
//!    (`Call::simulated` tells of what is decided by policies that a caller brings). It never sees a request that the
//!    guard refused. What may block or take long runs in `tokio::task::spawn_blocking`.
//! 3. A variant of [`Scope`] if tokens are to be good for it alone, and its line in `router` below.
//!
//! The table of routes is what was added: a test walks it, so that no route decides without what its listener demands,
//! and each has a limit on bodies and time. A refusal is never an allow, and no error becomes one.

mod auth;
mod authzen;
mod call;
mod check;
mod config;
mod decide;
mod forward_auth;
mod guard;
mod iam;
mod listen;
mod log;
mod metrics;
mod native;
mod openapi;
mod ops;
mod refusal;
mod route;
mod run;
mod sessions;
mod state;
mod tls;
mod watch;

use std::sync::Arc;

pub use auth::TokensError;
pub use config::{Config, ConfigError, Listen, ServerLimits, TlsFiles};
pub use forward_auth::{ForwardAuth, Proxy};
pub use log::{LogMode, LogSettings, LogTarget};
pub use route::{Contract, Methods, Route, Scope};
pub use run::Running;
pub use state::StartError;
pub use tls::TlsError;
pub use watch::{Notice, Notices};

/// The router of all contracts, and the table of what it serves.
fn router(app: Arc<state::App>) -> (axum::Router, Vec<Route>) {
    let routes = route::Routes::new(app);
    let routes = native::routes(routes);
    let routes = authzen::routes(routes);
    let routes = forward_auth::routes(routes);
    let routes = iam::routes(routes);
    ops::routes(routes).finish()
}
