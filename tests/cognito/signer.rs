//! Signing keys, made when the tests run, and tokens put together by hand.

use std::sync::OnceLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use verdikt::cognito::Jwks;

/// An RSA key of an issuer.
pub(crate) struct Signer {
    pub(crate) kid: &'static str,
    key: RsaKeyPair,
}

/// The key of the issuer that the tests trust.
pub(crate) fn trusted() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::new("key-1"))
}

/// A key of somebody else's, under the same name.
pub(crate) fn stranger() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::new("key-1"))
}

impl Signer {
    fn new(kid: &'static str) -> Self {
        Self { kid, key: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// The public key, for an algorithm.
    pub(crate) fn jwk(&self, kid: &str, algorithm: &str) -> Value {
        let public = self.key.public_key();
        let n = encode(public.modulus().big_endian_without_leading_zero());
        let e = encode(public.exponent().big_endian_without_leading_zero());
        json!({"kty": "RSA", "use": "sig", "kid": kid, "alg": algorithm, "n": n, "e": e})
    }

    /// The key set of the issuer.
    pub(crate) fn jwks(&self) -> Jwks {
        Jwks::parse(self.jwks_text().as_bytes()).unwrap()
    }

    pub(crate) fn jwks_text(&self) -> String {
        json!({"keys": [self.jwk(self.kid, "RS256")]}).to_string()
    }

    /// A token of these claims, as the issuer signs it.
    pub(crate) fn token(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"});
        self.signed(&header.to_string(), &claims.to_string())
    }

    /// A token of this header and payload, signed with RS256 whatever they say.
    pub(crate) fn signed(&self, header: &str, payload: &str) -> String {
        self.signed_with(&RSA_PKCS1_SHA256, header, payload)
    }

    /// The same with RS512.
    pub(crate) fn signed_512(&self, header: &str, payload: &str) -> String {
        self.signed_with(&RSA_PKCS1_SHA512, header, payload)
    }

    fn signed_with(&self, encoding: &'static dyn RsaEncoding, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", encode(&signature))
    }

    /// A token of this header and payload, whose HMAC has this secret.
    pub(crate) fn hmac(header: &str, payload: &str, secret: &[u8]) -> String {
        let message = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", encode(tag.as_ref()))
    }

    /// The forms in which the public key may be taken for a secret.
    pub(crate) fn public_forms(&self) -> Vec<Vec<u8>> {
        let public = self.key.public_key();
        let n = public.modulus().big_endian_without_leading_zero().to_vec();
        vec![public.as_ref().to_vec(), encode(&n).into_bytes(), n, self.jwks_text().into_bytes()]
    }
}

/// An elliptic-curve key with its key set, and a token that it signs.
pub(crate) fn elliptic(header: &Value, claims: &Value) -> (String, String) {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
    let point = key.public_key().as_ref();
    let (x, y) = (encode(&point[1..33]), encode(&point[33..65]));
    let jwks = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "ec-1", "x": x, "y": y}]});
    let message =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    (jwks.to_string(), format!("{message}.{}", encode(signature.as_ref())))
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
