//! `/v1/session`: from a login to a handle, and its end.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as document};

use crate::cognito::{Credential, UnverifiedToken};
use crate::decision_point::{InForce, PoolSession, SignInError};

use super::super::call::Call;
use super::super::openapi::{About, absent, given, schema};
use super::super::refusal::Refusal;
use super::super::route::{Route, Routes, Scope};
use super::super::state::App;
use super::ask::Text;
use super::object::{Object, read};
use super::{DECIDE, failed, json};

const SESSION: Route = Route {
    path: "/v1/session",
    scope: Some(Scope::Session),
    body_limit: 128 * 1024,
    time_limit: Duration::from_secs(30),
    about: About {
        summary: "Makes a session of an identity pool from a login, and gives a handle of it.",
        request: Some(schema::<SignIn<'_>>),
        answer: Some(schema::<SessionAnswer>),
        ..About::JSON
    },
    ..DECIDE
};

const REVOKE: Route = Route {
    path: "/v1/session/revoke",
    body_limit: 4 * 1024,
    about: About {
        summary: "Ends a session.",
        request: Some(schema::<Revoke<'_>>),
        answer: Some(schema::<Revoked>),
        ..About::JSON
    },
    ..SESSION
};

/// A login of an identity pool: a token, tokens by their providers, or none for a guest.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = shape)]
pub(super) struct SignIn<'a> {
    /// The identity pool; it need not be said where the store has one alone.
    #[serde(borrow)]
    pool: Option<Text<'a>>,
    /// A token of one of the pool's providers.
    #[serde(borrow)]
    token: Option<Text<'a>>,
    /// Tokens by the names of their providers in logins.
    #[serde(borrow, default)]
    logins: BTreeMap<Cow<'a, str>, Text<'a>>,
    /// A guest, who has no login: a new one for a session, and one for all questions that bring this login.
    #[serde(default)]
    guest: bool,
    /// The role that is asked for among those of the token.
    #[serde(borrow)]
    custom_role: Option<Text<'a>>,
}

/// What is brought, as `brought` wants it.
fn shape(schema: &mut Schema) {
    let all = |parts: Vec<Value>| document!({"allOf": parts});
    let guest = |is| document!({"properties": {"guest": {"const": is}}});
    let no_logins = document!({"properties": {"logins": {"maxProperties": 0}}});
    let logins = document!({"required": ["logins"], "properties": {"logins": {"minProperties": 1}}});
    schema.insert(
        "oneOf".to_owned(),
        document!([
            all(vec![given("token"), no_logins.clone(), guest(false), absent("custom_role")]),
            all(vec![logins, absent("token"), guest(false)]),
            all(vec![given("guest"), guest(true), no_logins, absent("token"), absent("custom_role")]),
        ]),
    );
}

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
struct SessionAnswer {
    /// The handle. Whoever has it asks as the session.
    session: String,
    /// When it ends, in seconds since 1970.
    expires_at: i64,
    /// The identity.
    identity: String,
    /// The role.
    role_arn: String,
    /// Who asks in its requests.
    principal: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Revoke<'a> {
    /// The handle.
    #[serde(borrow)]
    session: Text<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Revoked {
    /// Whether there was such a session.
    revoked: bool,
}

/// A login by itself, for another thread.
enum Brought {
    Token(UnverifiedToken),
    Logins(Vec<(String, Credential)>, Option<String>),
    Guest,
}

pub(super) fn routes(routes: Routes) -> Routes {
    routes.route(SESSION, make).route(REVOKE, revoke)
}

async fn make(mut call: Call) -> Result<Response, Refusal> {
    let body = call.json().await?;
    let Object(sign_in): Object<SignIn<'_>> = read(&body)?;
    call.app.sessions.expect_room(call.now)?;
    let made = sign_in.sign_in(&call).await?;
    let parts = made.session().parts();
    let (expires_at, identity, role_arn) = (parts.expires_at, parts.identity.clone(), parts.role_arn.clone());
    let principal = made.session().principal().text().to_owned();
    let session = call.app.sessions.hold(made, call.now)?;
    json(&SessionAnswer { session, expires_at, identity, role_arn, principal })
}

async fn revoke(mut call: Call) -> Result<Response, Refusal> {
    let body = call.json().await?;
    let Object(revoke): Object<Revoke<'_>> = read(&body)?;
    json(&Revoked { revoked: call.app.sessions.end(&revoke.session.0) })
}

impl SignIn<'_> {
    /// The session of the login. Keys may have to be fetched, so another thread waits for them.
    pub(super) async fn sign_in(&self, call: &Call) -> Result<PoolSession, Refusal> {
        let brought = self.brought()?;
        self.on_another_thread(call, |_, in_force, pool, now| brought.sign_in(in_force, pool, now)).await
    }

    /// The session of the login for one question: a guest is then the one of all such questions.
    pub(super) async fn sign_in_once(&self, call: &Call) -> Result<PoolSession, Refusal> {
        let brought = self.brought()?;
        let sign_in = |app: &App, in_force: &InForce, pool: &str, now| match brought {
            Brought::Guest => app.common_guest(in_force, pool, now),
            brought => brought.sign_in(in_force, pool, now),
        };
        self.on_another_thread(call, sign_in).await
    }

    async fn on_another_thread(
        &self,
        call: &Call,
        sign_in: impl FnOnce(&App, &InForce, &str, i64) -> Result<PoolSession, SignInError> + Send + 'static,
    ) -> Result<PoolSession, Refusal> {
        let (app, in_force, now) = (Arc::clone(&call.app), Arc::clone(&call.moment.in_force), call.now);
        let pool = call.pool(self.pool.as_ref().map(|pool| &*pool.0))?;
        let made = tokio::task::spawn_blocking(move || sign_in(&app, &in_force, &pool, now)).await;
        Ok(made.map_err(|_| failed())??)
    }

    fn brought(&self) -> Result<Brought, Refusal> {
        let token = |text: &Text<'_>| {
            let read = UnverifiedToken::parse(&text.0);
            read.map_err(|error| Refusal::bad_request("INVALID_LOGIN_TOKEN", error.to_string()))
        };
        match (&self.token, self.logins.is_empty(), self.guest, &self.custom_role) {
            (Some(text), true, false, None) => Ok(Brought::Token(token(text)?)),
            (None, false, false, custom) => {
                let logins = self.logins.iter().map(|(provider, text)| {
                    Ok((provider.clone().into_owned(), Credential::Token(token(text)?)))
                });
                let custom = custom.as_ref().map(|role| role.0.clone().into_owned());
                Ok(Brought::Logins(logins.collect::<Result<_, Refusal>>()?, custom))
            }
            (None, true, true, None) => Ok(Brought::Guest),
            _ => {
                let message = "bring one of `token`, `logins` and `guest`; `custom_role` goes with `logins`";
                Err(Refusal::bad_request("INVALID_LOGIN", message))
            }
        }
    }
}

impl Brought {
    fn sign_in(self, in_force: &InForce, pool: &str, now: i64) -> Result<PoolSession, SignInError> {
        match self {
            Self::Token(token) => in_force.login(pool, &token, now),
            Self::Logins(logins, custom) => {
                let given: Vec<_> = logins
                    .iter()
                    .map(|(provider, credential)| (provider.as_str(), credential.clone()))
                    .collect();
                in_force.login_with(pool, &given, custom.as_deref(), now)
            }
            Self::Guest => in_force.guest(pool, now),
        }
    }
}
