//! Who asks: the login of the request, at an identity pool.

use std::sync::Arc;

use axum::http::header;

use tokio::task::JoinError;

use crate::cognito::{BalancerKeys, BalancerLogin, TokenError, UnverifiedToken};
use crate::decision_point::{Caller, PoolSession, SignInError};

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::original::one;

/// The header of an Application Load Balancer.
const OIDC_DATA: &str = "x-amzn-oidc-data";

/// A session, for one request or of the guest.
pub(super) struct Signed {
    pub(super) session: PoolSession,
    pub(super) is_guest: bool,
}

impl Signed {
    pub(super) fn caller(&self) -> Caller<'_> {
        Caller::Session(self.session.live())
    }
}

/// The session of the login that the request has.
pub(super) async fn session(call: &Call) -> Result<Signed, Refusal> {
    let pool = call.pool(call.app.config.forward_auth.pool.as_deref())?;
    let bearer = one(call, header::AUTHORIZATION.as_str())?;
    let value = match (bearer, balancer(call)?) {
        (Some(_), Some(_)) => {
            let message = "the request has two logins: send `Authorization` or `x-amzn-oidc-data`";
            return Err(Refusal::bad_request("AMBIGUOUS_LOGIN", message));
        }
        (None, Some(login)) => return by_balancer(call, pool, login).await,
        (None, None) => return guest(call, pool).await,
        (Some(value), None) => value,
    };
    let token = value.split_at_checked(7).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer "));
    let token = token.and_then(|(_, token)| UnverifiedToken::parse(token.trim()).ok()).ok_or_else(|| {
        Refusal::unauthenticated(
            "INVALID_LOGIN_TOKEN",
            "bring the token of a login: `Authorization: Bearer TOKEN`",
        )
    })?;
    let (in_force, now) = (Arc::clone(&call.moment.in_force), call.now);
    // Keys may have to be fetched, so another thread waits for them.
    signed(tokio::task::spawn_blocking(move || in_force.login(&pool, &token, now)).await, false)
}

/// The login that a load balancer tells of, where one was named.
fn balancer(call: &Call) -> Result<Option<&str>, Refusal> {
    if call.app.config.forward_auth.balancers.is_empty() { Ok(None) } else { one(call, OIDC_DATA) }
}

async fn by_balancer(call: &Call, pool: String, value: &str) -> Result<Signed, Refusal> {
    let (app, in_force, now) = (Arc::clone(&call.app), Arc::clone(&call.moment.in_force), call.now);
    let value = value.to_owned();
    let made = tokio::task::spawn_blocking(move || {
        let config = &app.config.forward_auth;
        let keys = BalancerKeys::new(config.balancer_keys.clone().unwrap_or_default());
        let login = BalancerLogin::verify(&value, &config.balancers, &keys, now)?;
        Ok::<_, TokenError>(in_force.login_by_balancer(&pool, &login, now))
    });
    let made = made
        .await
        .map(|login| login.map_err(|error| Refusal::unauthenticated(error.code(), error.to_string())));
    match made {
        Ok(made) => signed(Ok(made?), false),
        Err(error) => signed(Err(error), false),
    }
}

/// What came of a login on another thread.
fn signed(
    made: Result<Result<PoolSession, SignInError>, JoinError>,
    is_guest: bool,
) -> Result<Signed, Refusal> {
    let made = made.map_err(|_| Refusal::unavailable("SIGN_IN_FAILED", "please report it"))?;
    Ok(Signed { session: made.map_err(refused)?, is_guest })
}

/// The guest's session. Requests without a login are one guest's: nothing would tell several apart.
async fn guest(call: &Call, pool: String) -> Result<Signed, Refusal> {
    if !call.app.config.forward_auth.guests {
        let message = "bring the token of a login: `Authorization: Bearer TOKEN`";
        return Err(Refusal::unauthenticated("MISSING_LOGIN", message));
    }
    let (app, in_force, now) = (Arc::clone(&call.app), Arc::clone(&call.moment.in_force), call.now);
    let made = tokio::task::spawn_blocking(move || app.common_guest(&in_force, &pool, now));
    signed(made.await, true)
}

/// A login that is refused: whoever brings another may go on.
fn refused(error: SignInError) -> Refusal {
    match Refusal::from(error) {
        refusal if refusal.status == axum::http::StatusCode::FORBIDDEN => {
            Refusal::unauthenticated(refusal.code, refusal.message)
        }
        refusal => refusal,
    }
}
