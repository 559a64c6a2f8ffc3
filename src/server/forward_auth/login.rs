//! Who asks: the login of the request, at an identity pool.

use std::sync::{Arc, PoisonError};

use axum::http::header;

use crate::cognito::UnverifiedToken;
use crate::decision_point::{Caller, PoolSession, SignInError};

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::original::one;

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
    let Some(value) = one(call, header::AUTHORIZATION.as_str())? else { return guest(call, pool).await };
    let token = value.split_at_checked(7).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer "));
    let token = token.and_then(|(_, token)| UnverifiedToken::parse(token.trim()).ok()).ok_or_else(|| {
        Refusal::unauthenticated(
            "INVALID_LOGIN_TOKEN",
            "bring the token of a login: `Authorization: Bearer TOKEN`",
        )
    })?;
    let (in_force, now) = (Arc::clone(&call.moment.in_force), call.now);
    // Keys may have to be fetched, so another thread waits for them.
    let made = tokio::task::spawn_blocking(move || in_force.login(&pool, &token, now)).await;
    let made = made.map_err(|_| Refusal::unavailable("SIGN_IN_FAILED", "please report it"))?;
    let session = made.map_err(refused)?;
    Ok(Signed { session, is_guest: false })
}

/// The guest's session. Requests without a login are one guest's: nothing would tell several apart.
async fn guest(call: &Call, pool: String) -> Result<Signed, Refusal> {
    if !call.app.config.forward_auth.guests {
        let message = "bring the token of a login: `Authorization: Bearer TOKEN`";
        return Err(Refusal::unauthenticated("MISSING_LOGIN", message));
    }
    let (app, in_force, now) = (Arc::clone(&call.app), Arc::clone(&call.moment.in_force), call.now);
    let made = tokio::task::spawn_blocking(move || {
        let mut guests = app.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(identity) = guests.get(&pool) {
            let identity = identity.clone();
            drop(guests);
            return in_force.signed_in(&pool, &[], Some(&identity), None, now);
        }
        let made = in_force.guest(&pool, now)?;
        guests.insert(pool, made.session().parts().identity.clone());
        Ok(made)
    });
    let made = made.await.map_err(|_| Refusal::unavailable("SIGN_IN_FAILED", "please report it"))?;
    Ok(Signed { session: made.map_err(refused)?, is_guest: true })
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
