//! Tokens: any header over any claims, signed by the issuer's key, by another, or by nobody, or a text that begins like a
//! token. What is verified was signed by the issuer's key as it stands, and is what was expected, as a slow reading of its
//! text says; what was left as an issuer makes it is verified.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use verdikt::cognito::token::{Expected, TokenUse};
use verdikt::cognito::{Jwks, TokenError, UnverifiedToken, VerifiedClaims};

use crate::dice::Dice;

const NOW: i64 = 1_800_000_000;
const HEADER: &str = r#""alg": "ES256", "kid": "k""#;
const CLAIMS: &str =
    r#""iss": "https://i", "aud": "c", "token_use": "id", "sub": "s", "iat": 1799999990, "exp": 1800000100"#;

/// Members that may stand in a header, and parts of them.
const HEADERS: [&str; 22] = [
    HEADER,
    r#""alg": "ES256""#,
    r#""alg": "none""#,
    r#""alg": "HS256""#,
    r#""alg": "RS256""#,
    r#""\u0061lg": "ES256""#,
    r#""kid": "k""#,
    r#""kid": "other""#,
    r#""kid": """#,
    r#""kid": ["k"]"#,
    r#""typ": "JWT""#,
    r#""typ": "jws""#,
    r#""typ": "at+jwt""#,
    r#""jwk": {"kty": "EC"}"#,
    r#""jku": "https://x""#,
    r#""x5u": "https://x""#,
    r#""x5c": []"#,
    r#""crit": ["exp"]"#,
    r#""\u006aku": 1"#,
    r#""x": {"alg": "none", "alg": 1}"#,
    r#""x": [[[[[[[[[[1]]]]]]]]]]"#,
    r#""x": "\ud800""#,
];

/// What claims may say in place of one that is right; nothing leaves it out.
const INSTEAD: [&[&str]; 6] = [
    &[r#""iss": "https://i""#, r#""iss": "https://j""#, r#""iss": ["https://i"]"#, ""],
    &[
        r#""aud": "c""#,
        r#""aud": "d""#,
        r#""aud": ["c"]"#,
        r#""aud": ["c", "d"]"#,
        r#""aud": []"#,
        r#""client_id": "c""#,
        "",
    ],
    &[r#""token_use": "id""#, r#""token_use": "access""#, r#""token_use": "ID""#, ""],
    &[r#""sub": "s""#, r#""sub": "t""#, r#""sub": """#, ""],
    &[r#""iat": 1799999990"#, r#""iat": 1800000001"#, r#""iat": "1799999990""#, ""],
    &[
        r#""exp": 1800000100"#,
        r#""exp": 1800000000"#,
        r#""exp": 1799999000"#,
        r#""exp": "1800000100""#,
        r#""exp": 1.8e9"#,
        "",
    ],
];

/// The same of claims.
const PAYLOADS: [&str; 18] = [
    CLAIMS,
    r#""sub": "t""#,
    r#""\u0073ub": "t""#,
    r#""iss": "https://j""#,
    r#""aud": ["c"]"#,
    r#""aud": ["c", "d"]"#,
    r#""azp": "c""#,
    r#""token_use": "access""#,
    r#""client_id": "c""#,
    r#""exp": 1800000100"#,
    r#""exp": 1799999000"#,
    r#""exp": "1800000100""#,
    r#""exp": 1.8e9"#,
    r#""nbf": 1900000000"#,
    r#""nbf": 1700000000"#,
    r#""iat": 1799999990"#,
    r#""x": {"y": 1, "y": 2}"#,
    r#""x": null"#,
];

struct Keys {
    own: EcdsaKeyPair,
    other: EcdsaKeyPair,
    set: Jwks,
}

/// How a token is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signed {
    Own,
    Other,
    Changed,
    Nobody,
}

/// One token.
pub fn run(data: &[u8]) -> bool {
    if data.starts_with(b"ey") {
        let Ok(text) = std::str::from_utf8(data) else { return false };
        assert!(verify(text).is_err(), "nobody signed this: {text}");
        return true;
    }
    let mut dice = Dice::new(data);
    let (header, is_plain_header) = object(&mut dice, &HEADERS);
    let (payload, is_plain_payload) =
        if dice.flip() { claims(&mut dice) } else { object(&mut dice, &PAYLOADS) };
    let signed = dice.pick(&[Signed::Own, Signed::Own, Signed::Other, Signed::Changed, Signed::Nobody]);
    let token = token(&header, &payload, signed);
    let verified = verify(&token);
    let story = || format!("{header} {payload}: {verified:?}");
    if is_plain_header && is_plain_payload && signed == Signed::Own {
        assert!(verified.is_ok(), "an issuer's token is refused: {}", story());
    }
    if let Ok(claims) = &verified {
        assert!(signed == Signed::Own, "verified without the issuer's signature: {}", story());
        assert!(is_good_header(&header), "verified with this header: {}", story());
        assert!(is_good_payload(&payload, claims), "verified with these claims: {}", story());
    }
    true
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let key = || {
            let random = SystemRandom::new();
            let document =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("a key")
        };
        let (own, other) = (key(), key());
        let point = own.public_key().as_ref();
        let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..65]));
        let set =
            format!(r#"{{"keys": [{{"kty": "EC", "crv": "P-256", "kid": "k", "x": "{x}", "y": "{y}"}}]}}"#);
        let set = Jwks::parse(set.as_bytes()).expect("a key set");
        Keys { own, other, set }
    })
}

/// An object of members; whether it is one as an issuer makes it.
fn object(dice: &mut Dice<'_>, members: &[&str]) -> (String, bool) {
    if !dice.flip() {
        return (format!("{{{}}}", members[0]), true);
    }
    let count = dice.upto(6);
    let chosen: Vec<&str> = (0..count).map(|_| dice.pick(members)).collect();
    (format!("{{{}}}", chosen.join(", ")), false)
}

/// Claims of which few say something else than they should, and whether none does.
fn claims(dice: &mut Dice<'_>) -> (String, bool) {
    let mut is_plain = true;
    let mut chosen: Vec<&str> = Vec::new();
    for instead in INSTEAD {
        let one = if dice.chance(6) { dice.pick(instead) } else { instead[0] };
        is_plain &= one == instead[0];
        chosen.extend((!one.is_empty()).then_some(one));
    }
    if dice.chance(6) {
        is_plain = false;
        chosen.push(dice.pick(&PAYLOADS));
    }
    (format!("{{{}}}", chosen.join(", ")), is_plain)
}

fn token(header: &str, payload: &str, signed: Signed) -> String {
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let message = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    let sign = |key: &EcdsaKeyPair, message: &str| {
        key.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature").as_ref().to_vec()
    };
    let signature = match signed {
        Signed::Own => sign(&keys().own, &message),
        Signed::Other => sign(&keys().other, &message),
        Signed::Changed => sign(&keys().own, &format!("{message}x")),
        Signed::Nobody => Vec::new(),
    };
    format!("{message}.{}", encode(&signature))
}

fn verify(token: &str) -> Result<VerifiedClaims, TokenError> {
    let (issuers, clients) = (["https://i".to_owned()], ["c".to_owned()]);
    let expected =
        Expected { issuers: &issuers, clients: &clients, token_use: Some(TokenUse::Id), leeway: 0 };
    UnverifiedToken::parse(token)?.verify(&expected, &keys().set, NOW)
}

/// How often a member's name stands in an object of the vocabulary, escaped or not.
fn count(text: &str, name: &str) -> usize {
    let escaped = format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..]);
    text.matches(&format!("\"{name}\":")).count() + text.matches(&format!("\"{escaped}\":")).count()
}

fn is_good_header(text: &str) -> bool {
    let Ok(header) = serde_json::from_str::<Value>(text) else { return false };
    let is_free = ["jwk", "jku", "x5u", "x5c", "crit"].iter().all(|name| header.get(name).is_none());
    is_free
        && header["alg"] == "ES256"
        && header["kid"] == "k"
        && count(text, "alg") == 1
        && count(text, "kid") == 1
}

fn is_good_payload(text: &str, verified: &VerifiedClaims) -> bool {
    let Ok(claims) = serde_json::from_str::<Value>(text) else { return false };
    let names = ["iss", "aud", "sub", "exp", "iat", "token_use"];
    let audience = claims["aud"] == "c" || claims["aud"] == serde_json::json!(["c"]);
    let begun = |name: &str| claims[name].is_null() || claims[name].as_i64().is_some_and(|at| at <= NOW);
    names.iter().all(|name| count(text, name) == 1)
        && audience
        && claims["iss"] == "https://i"
        && claims["token_use"] == "id"
        && claims["sub"] == verified.subject()
        && claims["exp"].as_i64().is_some_and(|at| at > NOW && at == verified.expires_at())
        && begun("nbf")
        && begun("iat")
}
