//! A pool with a provider of each kind, its roles, and logins of two users.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use verdikt::cognito::{
    Credential, IdentityPool, Login, MemoryIdentities, Pool, PoolError, Role, Session, UnverifiedToken,
};
use verdikt::{CompiledPolicy, Document, Kind, Limits};

use crate::signer::trusted;

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const POOL: &str = "us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8";
pub(crate) const USER_POOL: &str = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example";
pub(crate) const OIDC: &str = "login.example.com/app";
pub(crate) const GOOGLE: &str = "accounts.google.com";
pub(crate) const FACEBOOK: &str = "graph.facebook.com";
pub(crate) const DEVELOPER: &str = "login.example.app";
pub(crate) const AUTH: &str = "arn:aws:iam::111122223333:role/app/Auth";
pub(crate) const GUEST: &str = "arn:aws:iam::111122223333:role/Guest";
pub(crate) const ADMIN: &str = "arn:aws:iam::111122223333:role/Admin";

pub(crate) fn pool() -> Pool {
    let text = format!(
        r#"
        id = "{POOL}"
        account = "111122223333"
        allow_guests = true
        allow_classic_flow = true
        [roles]
        authenticated = "{AUTH}"
        unauthenticated = "{GUEST}"
        [[providers]]
        type = "user_pool"
        id = "us-east-1_Example"
        clients = ["client-1", "client-2"]
        [[providers]]
        type = "oidc"
        id = "arn:aws:iam::111122223333:oidc-provider/{OIDC}"
        clients = ["web"]
        jwks_url = "https://login.example.com/keys"
        [[providers]]
        type = "public"
        id = "{GOOGLE}"
        clients = ["google-app"]
        [[providers]]
        type = "public"
        id = "{FACEBOOK}"
        clients = ["4242"]
        [[providers]]
        type = "developer"
        id = "{DEVELOPER}"
        "#
    );
    toml::from_str(&text).unwrap()
}

/// The pool, all of whose issuers sign with the trusted key.
pub(crate) fn opened(pool: Pool) -> IdentityPool<MemoryIdentities> {
    let keys = || Arc::new(trusted().jwks());
    let opened = IdentityPool::new(pool, MemoryIdentities::default()).unwrap();
    opened.with_keys(USER_POOL, keys()).with_keys(OIDC, keys()).with_keys(GOOGLE, keys())
}

pub(crate) fn claims(sub: &str) -> Value {
    json!({"iss": format!("https://{USER_POOL}"), "sub": sub, "aud": "client-1", "token_use": "id",
        "iat": NOW - 10, "exp": NOW + 3_600})
}

/// Claims with some replaced, or removed by `null`.
pub(crate) fn changed(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let claims = claims.as_object_mut().unwrap();
        if value.is_null() {
            claims.remove(name)
        } else {
            claims.insert(name.clone(), value.clone())
        };
    }
    claims
}

pub(crate) fn credential(token: &str) -> Credential {
    Credential::Token(UnverifiedToken::parse(token).unwrap())
}

/// A login at the user pool, its claims changed.
pub(crate) fn login(pool: &IdentityPool<MemoryIdentities>, changes: &Value) -> Login {
    let token = trusted().token(&changed(claims("alice"), changes));
    pool.logins(&[(USER_POOL, credential(&token))], NOW).unwrap().remove(0)
}

pub(crate) fn google(pool: &IdentityPool<MemoryIdentities>, sub: &str) -> Login {
    let claims = json!({"iss": "https://accounts.google.com", "sub": sub, "aud": "google-app", "iat": NOW, "exp": NOW + 60});
    pool.logins(&[(GOOGLE, credential(&trusted().token(&claims)))], NOW).unwrap().remove(0)
}

pub(crate) fn compiled(kind: Kind, name: &str, json: &str) -> Arc<CompiledPolicy> {
    let document = Document::parse(kind, name, json, &Limits::default()).unwrap().document;
    CompiledPolicy::compile(&[document]).unwrap()
}

/// A trust policy for identities of the pool that have an entry in `amr`.
pub(crate) fn trust(amr: &str, actions: &[&str]) -> Arc<CompiledPolicy> {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "ThePool", "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": actions,
        "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": POOL},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr}}}]});
    compiled(Kind::Trust, "trust.json", &policy.to_string())
}

pub(crate) const ASSUME: &str = "sts:AssumeRoleWithWebIdentity";
pub(crate) const TAG: &str = "sts:TagSession";

pub(crate) fn role(arn: &str, trust: Arc<CompiledPolicy>) -> Role {
    Role::new(arn, "AROAEXAMPLE", trust).unwrap()
}

pub(crate) fn roles() -> BTreeMap<String, Role> {
    let each = [(AUTH, "authenticated"), (ADMIN, "authenticated"), (GUEST, "unauthenticated")];
    each.map(|(arn, amr)| (arn.to_owned(), role(arn, trust(amr, &[ASSUME, TAG])))).into()
}

/// The enhanced flow with these logins.
pub(crate) fn session(pool: &IdentityPool<MemoryIdentities>, logins: &[Login]) -> Result<Session, PoolError> {
    let identity = pool.get_id(logins)?;
    pool.credentials_for_identity(&identity, logins, None, &roles(), NOW)
}
