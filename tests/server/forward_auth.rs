//! Forward authentication: what each proxy tells of a request, and the statuses that it expects.

use std::path::PathBuf;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use verdikt::server::{Config, ForwardAuth, Proxy};

use super::client::{Answer, Client};
use super::session::{claims, store};
use super::signer::{stranger, trusted};
use super::world::{Folder, TOKEN, World, tokens};

const HOST: &str = "photos.test";

fn configured(proxies: &[Proxy], store: PathBuf) -> impl FnOnce(&mut Config) {
    let forward_auth = ForwardAuth { proxies: proxies.to_vec(), guests: true, ..ForwardAuth::default() };
    move |config| {
        config.store = store;
        config.s3_hosts = vec![HOST.to_owned()];
        config.region = Some("us-east-1".to_owned());
        config.forward_auth = forward_auth;
    }
}

fn world(folder: &Folder, proxies: &[Proxy]) -> World {
    World::with(configured(proxies, store(folder)))
}

fn bearer(sub: &str) -> String {
    format!("Bearer {}", trusted().token(&claims(sub)))
}

/// A request as nginx tells of it, with further headers of the client.
fn nginx(client: &mut Client, method: &str, uri: &str, more: &[(&str, &str)]) -> Answer {
    let own = [
        ("X-Original-Method", method),
        ("X-Original-URI", uri),
        ("X-Original-Host", HOST),
        ("X-Original-Proto", "https"),
    ];
    client.ask("GET", "/forward-auth/nginx", &[&own, more].concat(), b"")
}

/// The identity of a user, as an allow tells it.
fn identity(client: &mut Client, login: &str) -> String {
    let answer = nginx(client, "GET", "/photo-app/public/sea.jpg", &[("Authorization", login)]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("verdikt-identity").unwrap().to_owned()
}

#[test]
fn users_reach_their_own_prefix_and_guests_what_guests_may() {
    let folder = Folder::new("forward");
    let world = world(&folder, &[Proxy::Nginx]);
    let mut client = world.client();
    let (alice, bob) = (bearer("alice"), bearer("bob"));
    let (of_alice, of_bob) = (identity(&mut client, &alice), identity(&mut client, &bob));
    assert_ne!(of_alice, of_bob);
    let own = format!("/photo-app/private/{}/cat.jpg", of_alice.replace(':', "%3A"));
    let others = format!("/photo-app/private/{of_bob}/cat.jpg");
    let sly = format!("/photo-app/private/{of_alice}/../{of_bob}/cat.jpg");
    let encoded = format!("/photo-app/private/{of_alice}/%2e./{of_bob}/cat.jpg");
    let login = [("Authorization", &*alice)];
    let mut status = |method, uri: &str, login: &[_]| nginx(&mut client, method, uri, login).status;
    for method in ["GET", "PUT", "HEAD", "DELETE"] {
        assert_eq!(status(method, &own, &login), 200, "{method}");
        assert_eq!(status(method, &others, &login), 403, "{method}");
        assert_eq!(status(method, &own, &[]), 401, "{method}");
    }
    assert_eq!(status("GET", "/photo-app/public/sea.jpg", &[]), 200);
    assert_eq!(status("PUT", "/photo-app/public/sea.jpg", &[]), 401);
    assert_eq!(status("PUT", "/photo-app/public/sea.jpg", &login), 403);
    // A server behind the proxy could take these for the other's.
    for uri in [&*sly, &encoded] {
        assert_eq!(status("GET", uri, &login), 403, "{uri}");
    }
    assert_eq!(status("GET", "/photo-app?list-type=2", &login), 403);
    assert_eq!(status("GET", "/", &login), 403);
}

#[test]
fn a_login_that_is_not_good_is_unauthenticated() {
    let folder = Folder::new("forward-login");
    let world = world(&folder, &[Proxy::Nginx]);
    let mut client = world.client();
    let mut expired = claims("alice");
    expired["exp"] = json!(1_700_000_000);
    expired["iat"] = json!(1_600_000_000);
    let stolen = format!("Bearer {}", stranger().token(&claims("alice")));
    let expired = format!("Bearer {}", trusted().token(&expired));
    for login in
        [&*stolen, &expired, "Bearer x", "Bearer ", "Basic YTpi", "", "AWS4-HMAC-SHA256 Credential=x"]
    {
        // Not even what a guest may: who brings a login is no guest.
        let answer = nginx(&mut client, "GET", "/photo-app/public/sea.jpg", &[("Authorization", login)]);
        assert_eq!(answer.status, 401, "{login}: {}", answer.text());
        assert!(
            answer.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")),
            "{login}"
        );
    }
    let twice = [("Authorization", &*bearer("alice")), ("Authorization", &*stolen)];
    assert_eq!(nginx(&mut client, "GET", "/photo-app/public/sea.jpg", &twice).status, 403);
}

#[test]
fn guests_are_admitted_where_the_configuration_says_so() {
    let folder = Folder::new("forward-guests");
    let store = store(&folder);
    let with = |guests| {
        World::with(|config| {
            configured(&[Proxy::Nginx], store.clone())(config);
            config.forward_auth.guests = guests;
        })
    };
    let ask = |world: &World| nginx(&mut world.client(), "GET", "/photo-app/public/sea.jpg", &[]);
    let strict = ask(&with(false));
    assert_eq!((strict.status, strict.header("verdikt-identity")), (401, None));
    let open = with(true);
    let (first, second) = (ask(&open), ask(&open));
    assert_eq!((first.status, second.status), (200, 200));
    // One guest: another identity a request would fill the memory.
    assert_eq!(first.header("verdikt-identity"), second.header("verdikt-identity"));
}

/// nginx takes any status but 2xx, 401 and 403 for a failure of its own.
#[test]
fn what_cannot_be_asked_is_forbidden() {
    let folder = Folder::new("forward-statuses");
    let world = world(&folder, &[Proxy::Nginx]);
    let mut client = world.client();
    let alice = bearer("alice");
    for (method, uri) in [
        ("GET", "photo-app/x"),
        ("GET", ""),
        ("GET", "/photo-app/%zz"),
        ("GET", "/photo-app/a?versionId=1&versionId=2"),
        ("BREW", "/photo-app/public/sea.jpg"),
        ("GET", "/photo-app/public/sea.jpg?unknown-subresource"),
        ("POST", "/photo-app?delete"),
    ] {
        let answer = nginx(&mut client, method, uri, &[("Authorization", &alice)]);
        assert_eq!(answer.status, 403, "{method} {uri}: {}", answer.text());
    }
    let login = ("Authorization", &*alice);
    let headers = [("X-Original-Method", "GET"), ("X-Original-URI", "/photo-app/public/sea.jpg"), login];
    assert_eq!(client.ask("GET", "/forward-auth/nginx", &headers, b"").status, 403, "no host");
    let forged = [("X-Original-URI", "/photo-app/public/sea.jpg"), login];
    assert_eq!(nginx(&mut client, "GET", "/photo-app/private/x/y", &forged).status, 403, "two URIs");
    let elsewhere = [&headers[..], &[("X-Original-Host", "elsewhere.test")]].concat();
    assert_eq!(client.ask("GET", "/forward-auth/nginx", &elsewhere, b"").status, 403, "another host");
}

/// Headers that another kind of proxy would set could be a client's.
#[test]
fn only_what_the_named_proxy_sets_is_read() {
    let folder = Folder::new("forward-forged");
    let world = world(&folder, &[Proxy::Envoy]);
    let mut client = world.client();
    // The other proxies' paths answer nothing.
    let good = nginx(&mut client, "GET", "/photo-app/public/sea.jpg", &[]);
    assert_eq!((good.status, good.text().starts_with("UNKNOWN_PROXY")), (403, true));
    let forwarded = [
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Uri", "/photo-app/public/sea.jpg"),
        ("X-Forwarded-Host", HOST),
    ];
    assert_eq!(client.ask("GET", "/forward-auth/forwarded", &forwarded, b"").status, 403);
    // Envoy's request is itself, whatever it has in headers.
    let forged =
        [&forwarded[..], &[("X-Original-Method", "GET"), ("X-Original-URI", "/photo-app/public/sea.jpg")]];
    let path = "/forward-auth/envoy/photo-app/private/us-east-1:bob/cat.jpg";
    let answer = envoy(&mut client, "GET", path, &forged.concat(), b"");
    assert_eq!(answer.status, 401, "{}", answer.text());
    // By default nothing is: without a proxy named the contract is not served.
    let world = World::start();
    for path in
        ["/forward-auth/nginx", "/forward-auth/forwarded", "/forward-auth/envoy/photo-app/public/sea.jpg"]
    {
        assert_eq!(world.client().get(path).status, 403, "{path}");
    }
}

/// A request as Envoy sends it: the method and host of the original, its path behind the prefix.
fn envoy(client: &mut Client, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    client.send(&[text.as_bytes(), b"\r\n", body].concat()).unwrap();
    client.answer()
}

/// Envoy: 200 lets through, any other status below 500 denies.
#[test]
fn envoy_asks_with_the_request_itself() {
    let folder = Folder::new("forward-envoy");
    let world = world(&folder, &[Proxy::Nginx, Proxy::Envoy]);
    let mut client = world.client();
    let alice = bearer("alice");
    let identity = identity(&mut client, &alice);
    let login = ("authorization", &*alice);
    let https = ("x-forwarded-proto", "https");
    let own = format!("/forward-auth/envoy/photo-app/private/{identity}/cat.jpg");
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(envoy(&mut client, method, &own, &[login, https], b"").status, 200, "{method}");
    }
    let clear = ("x-forwarded-proto", "http");
    assert_eq!(envoy(&mut client, "GET", &own, &[login, clear], b"").status, 403, "in the clear");
    assert_eq!(envoy(&mut client, "GET", &own, &[login, ("x-forwarded-proto", "ftp")], b"").status, 403);
    let others = "/forward-auth/envoy/photo-app/private/us-east-1:bob/cat.jpg";
    assert_eq!(envoy(&mut client, "GET", others, &[login, https], b"").status, 403);
    assert_eq!(envoy(&mut client, "GET", others, &[https], b"").status, 401);
    assert_eq!(envoy(&mut client, "GET", "/forward-auth/envoy/", &[login, https], b"").status, 403);

    // A call of DynamoDB, its body sent along (`with_request_body`).
    let note = |owner: &str| {
        json!({"TableName": "photo-notes", "Key": {"owner": {"S": owner}, "taken_at": {"S": "2026"}}})
            .to_string()
    };
    let headers = [
        login,
        https,
        ("x-amz-target", "DynamoDB_20120810.GetItem"),
        ("content-type", "application/x-amz-json-1.0"),
    ];
    let mut ask = |body: &str| envoy(&mut client, "POST", "/forward-auth/envoy/", &headers, body.as_bytes());
    let allowed = ask(&note(&identity));
    assert_eq!(allowed.status, 200, "{}", allowed.text());
    assert_eq!(ask(&note("us-east-1:bob")).status, 403);
    assert_eq!(ask("").status, 403, "a body that was not sent along");
}

/// What Envoy sends of a client's request when it is configured as docs/deploy.md has it: the method, the host and the path
/// behind the prefix, those headers that are allowed, and a body up to so many bytes.
struct DocumentedEnvoy {
    prefix: String,
    exact: Vec<String>,
    starts: Vec<String>,
    most: usize,
}

impl DocumentedEnvoy {
    fn read() -> Self {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/deploy.md")).unwrap();
        let sample =
            text.split("- name: envoy.filters.http.ext_authz").nth(1).unwrap().split("```").next().unwrap();
        let each = |member: &str| -> Vec<String> {
            let member = format!("{member}: ");
            let values = sample.split(&*member).skip(1);
            values.map(|value| value.split([' ', '}', ',', '\n']).next().unwrap().to_owned()).collect()
        };
        assert_eq!(each("failure_mode_allow"), ["false"]);
        Self {
            prefix: each("path_prefix").remove(0),
            exact: each("exact"),
            starts: each("{ prefix"),
            most: each("max_request_bytes")[0].parse().unwrap(),
        }
    }

    fn passes(
        &self,
        client: &mut Client,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> bool {
        let is_let = |name: &str| {
            self.exact.iter().any(|exact| exact == name)
                || self.starts.iter().any(|start| name.starts_with(&**start))
        };
        let headers: Vec<_> = headers.iter().copied().filter(|(name, _)| is_let(name)).collect();
        let path = [&*self.prefix, path].concat();
        let status = envoy(client, method, &path, &headers, body).status;
        assert!(matches!(status, 200 | 401 | 403), "{status}: no answer that Envoy takes for a failure");
        status == 200
    }
}

#[test]
fn envoy_needs_no_more_than_the_documented_configuration() {
    let folder = Folder::new("forward-documented");
    let world = world(&folder, &[Proxy::Nginx, Proxy::Envoy]);
    let mut client = world.client();
    let alice = bearer("alice");
    let identity = identity(&mut client, &alice);
    let proxy = DocumentedEnvoy::read();
    let own = &*format!("/photo-app/private/{identity}/cat.jpg");
    let browser = [
        ("authorization", &*alice),
        ("x-forwarded-proto", "https"),
        ("cookie", "a=b"),
        ("user-agent", "a browser"),
        ("x-original-uri", "/photo-app/public/sea.jpg"),
        ("x-forwarded-uri", "/photo-app/public/sea.jpg"),
    ];
    let mut passes = |method, path: &str, more: &[(&str, &str)], body: &[u8]| {
        proxy.passes(&mut client, method, path, &[&browser, more].concat(), body)
    };
    assert!(passes("GET", own, &[], b""));
    assert!(passes("PUT", own, &[("content-type", "image/jpeg")], &vec![b'x'; proxy.most]));
    assert!(!passes("GET", "/photo-app/private/us-east-1:bob/cat.jpg", &[], b""));
    // What is read beside, and what is asked for beside, is let through and decided.
    let copied = [("x-amz-copy-source", "/photo-app/private/us-east-1%3Abob/cat.jpg")];
    assert!(!passes("PUT", own, &copied, b""));
    assert!(!passes("PUT", own, &[("x-amz-acl", "public-read")], b""));
    let note = |owner: &str| {
        json!({"TableName": "photo-notes", "Key": {"owner": {"S": owner}, "taken_at": {"S": "1"}}})
            .to_string()
    };
    let call =
        [("x-amz-target", "DynamoDB_20120810.GetItem"), ("content-type", "application/x-amz-json-1.0")];
    assert!(passes("POST", "/", &call, note(&identity).as_bytes()));
    assert!(!passes("POST", "/", &call, note("us-east-1:bob").as_bytes()));
}

/// Traefik and Caddy: 2xx lets through, any other answer goes to the client as it is.
#[test]
fn traefik_and_caddy_tell_by_forwarded_headers() {
    let folder = Folder::new("forward-forwarded");
    let world = world(&folder, &[Proxy::Forwarded]);
    let mut client = world.client();
    let mut ask = |method, uri, more: &[(&str, &str)]| {
        let own = [
            ("X-Forwarded-Method", method),
            ("X-Forwarded-Uri", uri),
            ("X-Forwarded-Host", HOST),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-For", "192.0.2.7"),
        ];
        client.ask("GET", "/forward-auth/forwarded", &[&own, more].concat(), b"").status
    };
    let alice = bearer("alice");
    assert_eq!(ask("GET", "/photo-app/public/sea.jpg", &[]), 200);
    assert_eq!(ask("DELETE", "/photo-app/public/sea.jpg", &[("Authorization", &alice)]), 403);
    assert_eq!(ask("GET", "/photo-app/private/us-east-1:bob/x", &[]), 401);
}

#[test]
fn the_clients_address_is_read_from_the_header_that_was_named_alone() {
    let folder = Folder::new("forward-address");
    let store = store(&folder);
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::photo-app/*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}}"#;
    super::world::replace(&store.join("roles/guest.json"), policy);
    let with = |header: Option<&str>| {
        World::with(|config| {
            configured(&[Proxy::Nginx], store.clone())(config);
            config.forward_auth.source_ip = header.map(|name| name.parse().unwrap());
        })
    };
    let (real, own) = (with(Some("X-Real-IP")), with(None));
    let ask = |world: &World, headers: &[(&str, &str)]| {
        nginx(&mut world.client(), "GET", "/photo-app/public/sea.jpg", headers).status
    };
    assert_eq!(ask(&real, &[("X-Real-IP", "192.0.2.7")]), 200);
    assert_eq!(ask(&real, &[("X-Real-IP", "198.51.100.7"), ("X-Forwarded-For", "192.0.2.7")]), 401);
    for bad in [
        &[][..],
        &[("X-Real-IP", "192.0.2.7, 198.51.100.7")],
        &[("X-Real-IP", "192.0.2.7"), ("X-Real-IP", "192.0.2.8")],
    ] {
        assert_eq!(ask(&real, bad), 403, "{bad:?}");
    }
    assert_eq!(ask(&own, &[("X-Real-IP", "192.0.2.7"), ("X-Forwarded-For", "192.0.2.7")]), 401);
}

/// The user's `Authorization` is no token of the service, and the service's token none of the user's.
#[test]
fn the_proxy_has_a_token_of_its_own() {
    let folder = Folder::new("forward-token");
    let store = store(&folder);
    let file = tokens(&folder);
    let world = World::with(|config| {
        configured(&[Proxy::Nginx], store)(config);
        config.tokens = Some(file);
    });
    let mut client = world.client();
    let alice = bearer("alice");
    let service = format!("Bearer {TOKEN}");
    let mut status =
        |headers: &[(&str, &str)]| nginx(&mut client, "GET", "/photo-app/public/sea.jpg", headers).status;
    assert_eq!(status(&[("Authorization", &alice)]), 401);
    assert_eq!(status(&[("Authorization", &service)]), 401);
    assert_eq!(status(&[("Authorization", &alice), ("Verdikt-Token", TOKEN)]), 200);
    assert_eq!(status(&[("Authorization", &service), ("Verdikt-Token", TOKEN)]), 401);
    assert_eq!(status(&[("Authorization", &alice), ("Verdikt-Token", "another-token-of-nobody")]), 401);
}

const ALB: &str =
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/photos/0123456789abcdef";
const KID: &str = "0a1b2c3d-0000-4000-8000-0123456789ab";

/// A load balancer: its key in a folder, and what it signs.
struct Balancer(EcdsaKeyPair);

impl Balancer {
    fn new() -> Self {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap())
    }

    /// The public key as AWS serves it.
    fn pem(&self) -> String {
        let key: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        let der: &[u8] = key.as_ref();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    /// A token as it signs them: each part padded.
    fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |bytes: &[u8]| URL_SAFE.encode(bytes);
        let message =
            format!("{}.{}", part(header.to_string().as_bytes()), part(claims.to_string().as_bytes()));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", part(signature.as_ref()))
    }
}

fn balancer_header() -> Value {
    json!({"typ": "JWT", "kid": KID, "alg": "ES256", "iss": claims("alice")["iss"], "client": claims("alice")["aud"],
        "signer": ALB, "exp": claims("alice")["exp"]})
}

#[test]
fn a_login_that_a_named_load_balancer_signed_is_one() {
    let folder = Folder::new("forward-balancer");
    let store = store(&folder);
    let (own, other) = (Balancer::new(), Balancer::new());
    let keys = folder.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    std::fs::write(keys.join(KID), own.pem()).unwrap();
    let world = |balancers: &[&str]| {
        World::with(|config| {
            configured(&[Proxy::Nginx], store.clone())(config);
            config.forward_auth.balancers = balancers.iter().map(|arn| (*arn).to_owned()).collect();
            config.forward_auth.balancer_keys = Some(keys.clone());
            config.forward_auth.guests = false;
        })
    };
    let trusting = world(&[ALB]);
    let mut client = trusting.client();
    let mut ask =
        |token: &str| nginx(&mut client, "GET", "/photo-app/public/sea.jpg", &[("X-Amzn-Oidc-Data", token)]);
    let user = json!({"sub": "alice", "email": "alice@example.com", "exp": claims("alice")["exp"], "iss": claims("alice")["iss"]});
    let good = own.token(&balancer_header(), &user);
    assert!(good.contains('='), "some part is padded: {good}");
    let answer = ask(&good);
    assert_eq!(answer.status, 200, "{}", answer.text());
    // The same user as by a token of their own.
    let by_token = nginx(
        &mut trusting.client(),
        "GET",
        "/photo-app/public/sea.jpg",
        &[("Authorization", &bearer("alice"))],
    );
    assert_eq!(answer.header("verdikt-identity"), by_token.header("verdikt-identity"));

    let changed = |member: &str, value: Value| {
        let mut header = balancer_header();
        header[member] = value;
        own.token(&header, &user)
    };
    let (head, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let mallory = URL_SAFE.encode(user.to_string().replace("alice", "mallory"));
    let without_sub = json!({"exp": claims("alice")["exp"]});
    let over = json!({"sub": "alice", "exp": 1_700_000_000});
    let elsewhere = json!({"sub": "alice", "iss": "https://issuer.example.com"});
    for (what, token, code) in [
        ("another balancer", changed("signer", json!(format!("{ALB}0"))), "WRONG_TOKEN_SIGNER"),
        ("no signer", changed("signer", json!(null)), "MALFORMED_TOKEN"),
        ("another key", other.token(&balancer_header(), &user), "WRONG_TOKEN_SIGNATURE"),
        ("another payload", format!("{head}.{mallory}.{signature}"), "WRONG_TOKEN_SIGNATURE"),
        ("no signature", format!("{head}.{payload}."), "MALFORMED_TOKEN"),
        ("another algorithm", changed("alg", json!("RS256")), "WRONG_TOKEN_ALGORITHM"),
        ("no algorithm", changed("alg", json!("none")), "WRONG_TOKEN_ALGORITHM"),
        ("an unknown key", changed("kid", json!("0a1b2c3d")), "UNKNOWN_TOKEN_KEY"),
        ("a way out of the folder", changed("kid", json!("../keys/0a1b2c3d")), "UNKNOWN_TOKEN_KEY"),
        ("a key of its own", changed("jwk", json!({})), "REFUSED_TOKEN_HEADER"),
        ("over", changed("exp", json!(1_700_000_000)), "TOKEN_EXPIRED"),
        ("no end", changed("exp", json!(null)), "INVALID_TOKEN_CLAIM"),
        ("a payload that is over", own.token(&balancer_header(), &over), "TOKEN_EXPIRED"),
        ("another issuer", own.token(&balancer_header(), &elsewhere), "WRONG_TOKEN_ISSUER"),
        (
            "an issuer that the pool does not know",
            changed("iss", json!("https://issuer.example.com")),
            "WRONG_TOKEN_ISSUER",
        ),
        ("another client", changed("client", json!("another")), "SIGN_IN_REFUSED"),
        ("nobody", own.token(&balancer_header(), &without_sub), "INVALID_TOKEN_CLAIM"),
    ] {
        let answer = ask(&token);
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        assert!(answer.text().starts_with(code), "{what}: {}", answer.text());
    }
    let both = [("X-Amzn-Oidc-Data", &*good), ("Authorization", &*bearer("alice"))];
    assert_eq!(nginx(&mut trusting.client(), "GET", "/photo-app/public/sea.jpg", &both).status, 403);
    let twice = [("X-Amzn-Oidc-Data", &*good), ("X-Amzn-Oidc-Data", &*good)];
    assert_eq!(nginx(&mut trusting.client(), "GET", "/photo-app/public/sea.jpg", &twice).status, 403);
    // Where none was named the header is nothing.
    let deaf = world(&[]);
    let unread =
        nginx(&mut deaf.client(), "GET", "/photo-app/public/sea.jpg", &[("X-Amzn-Oidc-Data", &good)]);
    assert!(unread.status == 401 && unread.text().starts_with("MISSING_LOGIN"), "{}", unread.text());
}

/// Whoever is denied is told so, and nothing of what policies say; operators have `/v1/explain`, by a scope of its own.
#[test]
fn a_deny_tells_its_user_nothing_of_policies() {
    let folder = Folder::new("forward-silent");
    let world = world(&folder, &[Proxy::Nginx]);
    let mut client = world.client();
    let alice = bearer("alice");
    let guest = nginx(&mut client, "PUT", "/photo-app/public/sea.jpg", &[]);
    let others =
        nginx(&mut client, "GET", "/photo-app/private/us-east-1:bob/x", &[("Authorization", &alice)]);
    let plain = [
        ("X-Original-Method", "GET"),
        ("X-Original-URI", "/photo-app/public/sea.jpg"),
        ("X-Original-Host", HOST),
        ("X-Original-Proto", "http"),
        ("Authorization", &alice),
    ];
    let denied = client.ask("GET", "/forward-auth/nginx", &plain, b"");
    for (answer, told) in [
        (guest, "ACCESS_DENIED: a guest may not do this: sign in\n"),
        (others, "ACCESS_DENIED: the policies do not allow it\n"),
        (denied, "ACCESS_DENIED: the policies do not allow it\n"),
    ] {
        assert_eq!(answer.text(), told);
        let own = answer.headers.iter().filter(|(name, _)| name.to_ascii_lowercase().starts_with("verdikt-"));
        let names: Vec<_> = own.map(|(name, _)| name.to_ascii_lowercase()).collect();
        assert!(names.iter().all(|name| ["verdikt-revision", "verdikt-age"].contains(&&**name)), "{names:?}");
    }
}
