//! Tokens that are not what they seem: each is refused, for the reason that it should be.

use std::sync::Arc;

use serde_json::{Value, json};
use verdikt::cognito::claims::Claim;
use verdikt::cognito::token::{Expected, MAX_BYTES, TokenUse};
use verdikt::cognito::{Jwks, KeySource, TokenError, UnverifiedToken, VerifiedClaims};

use crate::signer::{Signer, elliptic, encode, stranger, trusted};
use crate::world::{NOW, USER_POOL, changed, claims};

fn verify_by(keys: &dyn KeySource, token: &str, token_use: TokenUse) -> Result<VerifiedClaims, TokenError> {
    let issuers = [format!("https://{USER_POOL}")];
    let clients = ["client-1".to_owned(), "client-2".to_owned()];
    let expected = Expected { issuers: &issuers, clients: &clients, token_use: Some(token_use), leeway: 60 };
    UnverifiedToken::parse(token)?.verify(&expected, keys, NOW)
}

fn verify(token: &str) -> Result<VerifiedClaims, TokenError> {
    verify_by(&trusted().jwks(), token, TokenUse::Id)
}

#[track_caller]
fn refused(token: &str, code: &str) {
    let error = verify(token).expect_err("the token is accepted");
    assert_eq!(error.code(), code, "{error}");
}

fn with(changes: &Value) -> String {
    trusted().token(&changed(claims("alice"), changes))
}

fn header(changes: &Value) -> String {
    let header = changed(json!({"alg": "RS256", "kid": "key-1", "typ": "JWT"}), changes);
    trusted().signed(&header.to_string(), &claims("alice").to_string())
}

#[test]
fn a_token_of_the_issuer_is_accepted() {
    let verified = verify(&with(&json!({"custom:team": "blue", "cognito:groups": ["a", "b"]}))).unwrap();
    assert_eq!((verified.subject(), verified.client()), ("alice", "client-1"));
    assert_eq!(verified.get("custom:team").and_then(Claim::text), Some("blue"));
    assert_eq!(verified.get("cognito:groups").and_then(Claim::list), Some(vec!["a", "b"]));
    assert_eq!((verified.issued_at(), verified.expires_at()), (NOW - 10, NOW + 3_600));
}

#[test]
fn a_token_of_an_elliptic_curve_key_is_accepted() {
    let head = json!({"alg": "ES256", "kid": "ec-1"});
    let (jwks, token) = elliptic(&head, &claims("alice"));
    let keys = Jwks::parse(jwks.as_bytes()).unwrap();
    assert_eq!(verify_by(&keys, &token, TokenUse::Id).unwrap().subject(), "alice");
    let end = token.rfind('.').unwrap();
    let other = format!("{}.{}", &token[..end], encode(&[7; 64]));
    assert_eq!(verify_by(&keys, &other, TokenUse::Id).unwrap_err(), TokenError::Signature);
}

#[test]
fn alg_none_is_refused() {
    for name in ["none", "None", "NONE", ""] {
        let head = json!({"alg": name, "kid": "key-1"}).to_string();
        let unsigned =
            format!("{}.{}.", encode(head.as_bytes()), encode(claims("alice").to_string().as_bytes()));
        refused(&unsigned, "MALFORMED_TOKEN");
        refused(&header(&json!({"alg": name})), "WRONG_TOKEN_ALGORITHM");
    }
}

#[test]
fn hs256_with_the_public_key_as_secret_is_refused() {
    let head = json!({"alg": "HS256", "kid": "key-1"}).to_string();
    for secret in trusted().public_forms() {
        let token = Signer::hmac(&head, &claims("alice").to_string(), &secret);
        refused(&token, "WRONG_TOKEN_ALGORITHM");
        // The same with the algorithm that the key is for.
        let head = json!({"alg": "RS256", "kid": "key-1"}).to_string();
        let token = Signer::hmac(&head, &claims("alice").to_string(), &secret);
        refused(&token, "WRONG_TOKEN_SIGNATURE");
    }
}

#[test]
fn the_key_says_the_algorithm_not_the_token() {
    refused(&header(&json!({"alg": "RS512"})), "WRONG_TOKEN_ALGORITHM");
    let head = json!({"alg": "RS512", "kid": "key-1"}).to_string();
    refused(&trusted().signed_512(&head, &claims("alice").to_string()), "WRONG_TOKEN_ALGORITHM");
    refused(&header(&json!({"alg": "PS256"})), "WRONG_TOKEN_ALGORITHM");
    refused(&header(&json!({"alg": "rs256"})), "WRONG_TOKEN_ALGORITHM");
}

#[test]
fn wrong_issuer_is_refused() {
    for issuer in [
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other",
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example/",
        "http://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
        USER_POOL,
        "",
    ] {
        refused(&with(&json!({"iss": issuer})), "WRONG_TOKEN_ISSUER");
    }
    refused(&with(&json!({"iss": null})), "INVALID_TOKEN_CLAIM");
    refused(&with(&json!({"iss": [format!("https://{USER_POOL}")]})), "INVALID_TOKEN_CLAIM");
}

#[test]
fn wrong_audience_is_refused() {
    refused(&with(&json!({"aud": "client-3"})), "WRONG_TOKEN_AUDIENCE");
    refused(&with(&json!({"aud": ["client-1", "client-3"], "azp": "client-1"})), "WRONG_TOKEN_AUDIENCE");
    refused(&with(&json!({"aud": null, "client_id": "client-1"})), "INVALID_TOKEN_CLAIM");
    refused(&with(&json!({"aud": []})), "INVALID_TOKEN_CLAIM");
    refused(&with(&json!({"aud": ["client-1", "client-2"]})), "INVALID_TOKEN_CLAIM");
    let both = with(&json!({"aud": ["client-1", "client-2"], "azp": "client-2"}));
    assert_eq!(verify(&both).unwrap().client(), "client-2");
}

#[test]
fn wrong_token_use_is_refused() {
    let access = with(&json!({"token_use": "access", "aud": null, "client_id": "client-1"}));
    refused(&access, "WRONG_TOKEN_USE");
    refused(&with(&json!({"token_use": null})), "INVALID_TOKEN_CLAIM");
    let keys = trusted().jwks();
    assert_eq!(verify_by(&keys, &access, TokenUse::Access).unwrap().client(), "client-1");
    let id = with(&json!({}));
    assert_eq!(verify_by(&keys, &id, TokenUse::Access).unwrap_err().code(), "WRONG_TOKEN_USE");
    let other = with(&json!({"token_use": "access", "client_id": "client-3"}));
    assert_eq!(verify_by(&keys, &other, TokenUse::Access).unwrap_err().code(), "WRONG_TOKEN_AUDIENCE");
}

#[test]
fn an_expired_token_is_refused_after_the_leeway() {
    refused(&with(&json!({"exp": NOW - 60})), "TOKEN_EXPIRED");
    assert!(verify(&with(&json!({"exp": NOW - 59}))).is_ok());
    for bad in [json!(null), json!("1900000000"), json!(1.9e9), json!(-1), json!(true)] {
        refused(&with(&json!({"exp": bad})), "INVALID_TOKEN_CLAIM");
    }
}

#[test]
fn a_token_that_is_not_yet_valid_is_refused() {
    refused(&with(&json!({"nbf": NOW + 61})), "TOKEN_NOT_YET_VALID");
    refused(&with(&json!({"iat": NOW + 61})), "TOKEN_NOT_YET_VALID");
    refused(&with(&json!({"iat": null})), "INVALID_TOKEN_CLAIM");
    refused(&with(&json!({"nbf": "soon"})), "INVALID_TOKEN_CLAIM");
    assert!(verify(&with(&json!({"nbf": NOW + 60, "iat": NOW + 60}))).is_ok());
}

#[test]
fn an_unknown_kid_is_refused() {
    refused(&header(&json!({"kid": "key-2"})), "UNKNOWN_TOKEN_KEY");
    refused(&header(&json!({"kid": null})), "MALFORMED_TOKEN");
    refused(&header(&json!({"kid": ""})), "MALFORMED_TOKEN");
    refused(&header(&json!({"kid": "k".repeat(257)})), "MALFORMED_TOKEN");
    refused(&header(&json!({"kid": 1})), "MALFORMED_TOKEN");
}

#[test]
fn duplicate_claims_are_refused() {
    let text = claims("alice").to_string();
    let twice = text.replacen('{', r#"{"sub": "bob", "#, 1);
    refused(&trusted().signed(r#"{"alg": "RS256", "kid": "key-1"}"#, &twice), "AMBIGUOUS_TOKEN");
    let escaped = text.replacen('{', r#"{"\u0073ub": "bob", "#, 1);
    refused(&trusted().signed(r#"{"alg": "RS256", "kid": "key-1"}"#, &escaped), "AMBIGUOUS_TOKEN");
    let deep = text.replacen('{', r#"{"x": {"a": 1, "a": 2}, "#, 1);
    refused(&trusted().signed(r#"{"alg": "RS256", "kid": "key-1"}"#, &deep), "AMBIGUOUS_TOKEN");
    let head = r#"{"alg": "RS256", "kid": "key-1", "alg": "none"}"#;
    refused(&trusted().signed(head, &text), "AMBIGUOUS_TOKEN");
}

#[test]
fn a_header_that_brings_its_own_key_is_refused() {
    let own = stranger().jwk("key-1", "RS256");
    for (name, value) in [
        ("jwk", own),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let head = changed(json!({"alg": "RS256", "kid": "key-1"}), &json!({ name: value }));
        // Signed by the key that it brings, and by the right one.
        for signer in [stranger(), trusted()] {
            refused(&signer.signed(&head.to_string(), &claims("alice").to_string()), "REFUSED_TOKEN_HEADER");
        }
    }
}

#[test]
fn a_stripped_or_swapped_signature_is_refused() {
    let (alice, bob) = (with(&json!({})), with(&json!({"sub": "bob"})));
    let (message, signature) = alice.rsplit_once('.').unwrap();
    let (other_message, other_signature) = bob.rsplit_once('.').unwrap();
    refused(message, "MALFORMED_TOKEN");
    refused(&format!("{message}."), "MALFORMED_TOKEN");
    refused(&format!("{message}.{other_signature}"), "WRONG_TOKEN_SIGNATURE");
    refused(&format!("{other_message}.{signature}"), "WRONG_TOKEN_SIGNATURE");
    refused(&stranger().token(&claims("alice")), "WRONG_TOKEN_SIGNATURE");
    refused(&format!("{message}.{}", encode(&[0; 256])), "WRONG_TOKEN_SIGNATURE");
    refused(&format!("{alice}.{signature}"), "MALFORMED_TOKEN");
    refused(&format!("{alice}="), "MALFORMED_TOKEN");
    refused(&alice.replace('.', ".\n"), "MALFORMED_TOKEN");
}

#[test]
fn an_oversized_token_is_refused() {
    let long = with(&json!({"x": "x".repeat(MAX_BYTES)}));
    refused(&long, "TOKEN_TOO_LONG");
    let head = json!({"alg": "RS256", "kid": "key-1"}).to_string();
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(9), "]".repeat(9));
    refused(&trusted().signed(&head, &deep), "MALFORMED_TOKEN");
}

#[test]
fn what_is_no_object_or_another_type_is_refused() {
    let head = r#"{"alg": "RS256", "kid": "key-1"}"#;
    for payload in ["[]", "\"x\"", "{", "null", "{} {}"] {
        refused(&trusted().signed(head, payload), "MALFORMED_TOKEN");
    }
    for typ in [json!("at+jwt"), json!("JWE"), json!(1)] {
        refused(&header(&json!({"typ": typ})), "MALFORMED_TOKEN");
    }
    refused("", "MALFORMED_TOKEN");
    refused("a.b", "MALFORMED_TOKEN");
    assert!(verify(&header(&json!({"typ": null}))).is_ok());
}

#[test]
fn a_key_set_is_refused_where_it_is_ambiguous_or_no_key_set() {
    let one = trusted().jwk("key-1", "RS256");
    let set = |keys: Value| Jwks::parse(json!({ "keys": keys }).to_string().as_bytes());
    assert!(set(json!([one, one])).is_err(), "one name twice");
    assert!(Jwks::parse(b"{\"keys\": [], \"keys\": []}").is_err(), "a member twice");
    assert!(Jwks::parse(b"[]").is_err());
    assert!(Jwks::parse(&vec![b' '; 300_000]).is_err(), "too large");
    assert!(set(json!(vec![one.clone(); 101])).is_err(), "too many");
    let weak = changed(one.clone(), &json!({"n": encode(&[0xff; 128])}));
    assert!(set(json!([weak])).is_err(), "1,024 bits");
    assert!(set(json!([changed(one.clone(), &json!({"alg": "HS256"}))])).is_err(), "an RSA key for HS256");
    assert!(set(json!([changed(one, &json!({"n": null}))])).is_err(), "no modulus");
}

#[test]
fn keys_for_other_purposes_are_passed_over() {
    let one = trusted().jwk("key-1", "RS256");
    for changes in [
        json!({"use": "enc"}),
        json!({"key_ops": ["encrypt"]}),
        json!({"kty": "OKP"}),
        json!({"kid": null}),
        json!({"alg": "RSA-OAEP"}),
        json!({"alg": "PS256"}),
    ] {
        let set = json!({"keys": [changed(one.clone(), &changes)]}).to_string();
        assert!(Jwks::parse(set.as_bytes()).unwrap().is_empty(), "{changes}");
    }
    let secret = json!({"keys": [{"kty": "oct", "kid": "key-1", "k": encode(b"secret"), "alg": "HS256"}]});
    let keys: Arc<dyn KeySource> = match Jwks::parse(secret.to_string().as_bytes()) {
        Ok(keys) => Arc::new(keys),
        Err(_) => return,
    };
    let head = r#"{"alg": "HS256", "kid": "key-1"}"#;
    let token = Signer::hmac(head, &claims("alice").to_string(), b"secret");
    assert_eq!(verify_by(&*keys, &token, TokenUse::Id).unwrap_err().code(), "UNKNOWN_TOKEN_KEY");
}

#[test]
fn an_unverified_token_is_not_printed() {
    let token = UnverifiedToken::parse(&with(&json!({}))).unwrap();
    assert_eq!(format!("{token:?}"), "UnverifiedToken { .. }");
}
