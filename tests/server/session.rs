//! `/v1/session`: a login, its handle, and what may be asked with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use verdikt::server::Config;

use super::signer::{stranger, trusted};
use super::world::{Folder, World, copied};

const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";

/// A store whose user pool's keys are a file.
pub(super) fn store(folder: &Folder) -> PathBuf {
    let store = copied(folder);
    let pool = fs::read_to_string(store.join("pool.toml")).unwrap();
    fs::write(store.join("pool.toml"), format!("{pool}jwks_file = \"keys.json\"\n")).unwrap();
    fs::write(store.join("keys.json"), trusted().jwks_text()).unwrap();
    store
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The claims of an id token of the user pool.
pub(super) fn claims(sub: &str) -> serde_json::Value {
    json!({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_a1B2c3D4e", "sub": sub, "aud": CLIENT,
        "token_use": "id", "iat": now() - 10, "exp": now() + 3_600})
}

fn with_store(store: &Path) -> impl FnOnce(&mut Config) {
    move |config| store.clone_into(&mut config.store)
}

#[test]
fn a_login_gets_a_handle_that_decides_for_its_identity_alone() {
    let folder = Folder::new("login");
    let store = store(&folder);
    let world = World::with(with_store(&store));
    let mut client = world.client();
    let token = trusted().token(&claims("alice"));
    let made = client.post("/v1/session", &json!({"token": token}).to_string());
    assert_eq!(made.status, 200, "{}", made.text());
    let (handle, identity) = (made.json()["session"].clone(), made.json()["identity"].clone());
    let identity = identity.as_str().unwrap().to_owned();
    assert!(made.json()["expires_at"].as_u64().unwrap() > now());
    let mut ask = |identity: &str| {
        let resource = format!("arn:aws:s3:::photo-app/private/{identity}/cat.jpg");
        let question = json!({"session": handle, "action": "s3:GetObject", "resource": resource,
            "context": {"aws:SecureTransport": "true"}});
        client.post("/v1/decide", &question.to_string())
    };
    assert_eq!(ask(&identity).json()["allowed"], true);
    assert_eq!(ask("us-east-1:bob").json()["allowed"], false);

    let target = format!("/photo-app/private/{}/cat.jpg", identity.replace(':', "%3A"));
    let call =
        json!({"method": "GET", "host": "s3.us-east-1.amazonaws.com", "target": target, "secure": true});
    let by_call = client.post("/v1/decide", &json!({"session": handle, "call": call}).to_string());
    assert_eq!(by_call.json()["allowed"], true, "{}", by_call.text());
    let by_login = client.post("/v1/decide", &json!({"login": {"token": token}, "call": call}).to_string());
    assert_eq!(by_login.json()["allowed"], true, "{}", by_login.text());

    // What the session fixes cannot be stated otherwise.
    let forged = json!({"session": handle, "action": "s3:GetObject",
        "resource": "arn:aws:s3:::photo-app/private/us-east-1:bob/cat.jpg",
        "context": {"cognito-identity.amazonaws.com:sub": "us-east-1:bob", "aws:SecureTransport": "true"}});
    let forged = client.post("/v1/decide", &forged.to_string());
    assert_eq!((forged.status, forged.json()["error"]["code"].as_str()), (400, Some("SEALED_CONTEXT_KEY")));

    let ended = client.post("/v1/session/revoke", &json!({"session": handle}).to_string());
    assert_eq!(ended.json(), json!({"revoked": true}));
    let after = client.post("/v1/decide", &json!({"session": handle, "call": call}).to_string());
    assert_eq!((after.status, after.json()["error"]["code"].as_str()), (401, Some("UNKNOWN_SESSION")));
    let again = client.post("/v1/session/revoke", &json!({"session": handle}).to_string());
    assert_eq!(again.json(), json!({"revoked": false}));
}

/// Several sessions in one batch: each question is its own session's, and the metrics count them.
#[test]
fn sessions_of_a_batch_are_told_apart() {
    let folder = Folder::new("sessions-batch");
    let store = store(&folder);
    let world = World::with(with_store(&store));
    let mut client = world.client();
    let token = trusted().token(&claims("alice"));
    let user = client.post("/v1/session", &json!({"token": token}).to_string()).json();
    let guest = client.post("/v1/session", r#"{"guest": true}"#).json();
    assert!((world.metric("verdikt_sessions") - 2.0).abs() < f64::EPSILON);
    let resource = format!("arn:aws:s3:::photo-app/private/{}/cat.jpg", user["identity"].as_str().unwrap());
    let question = |handle: &serde_json::Value| json!({"session": handle, "action": "s3:GetObject", "resource": resource, "context": {"aws:SecureTransport": true}});
    let made_up = json!("made-up");
    let handles = [&user["session"], &guest["session"], &user["session"], &made_up, &user["session"]];
    let questions = json!(handles.map(question)).to_string();
    let answers = client.post("/v1/decide/batch", &questions).json();
    let told: Vec<_> = (0..5).map(|place| answers[place]["allowed"].as_bool()).collect();
    assert_eq!(told, [Some(true), Some(false), Some(true), None, Some(true)]);
    assert_eq!(answers[3]["error"]["code"], "UNKNOWN_SESSION");
    client.post("/v1/session/revoke", &json!({"session": user["session"]}).to_string());
    assert!((world.metric("verdikt_sessions") - 1.0).abs() < f64::EPSILON);
}

#[test]
fn logins_that_are_not_good_get_nothing() {
    let folder = Folder::new("refused");
    let store = store(&folder);
    let world = World::with(with_store(&store));
    let mut client = world.client();
    let mut status = |body: serde_json::Value| client.post("/v1/session", &body.to_string()).status;
    let mut expired = claims("alice");
    expired["exp"] = json!(now() - 3_600);
    expired["iat"] = json!(now() - 7_200);
    let mut of_other_client = claims("alice");
    of_other_client["aud"] = json!("another");
    assert_eq!(status(json!({"token": stranger().token(&claims("alice"))})), 403);
    assert_eq!(status(json!({"token": trusted().token(&expired)})), 403);
    assert_eq!(status(json!({"token": trusted().token(&of_other_client)})), 403);
    assert_eq!(status(json!({"token": "nonsense"})), 400);
    assert_eq!(status(json!({})), 400);
    assert_eq!(status(json!({"pool": "us-east-1:00000000-0000-4000-8000-000000000000", "guest": true})), 400);
    assert_eq!(status(json!({"guest": true, "token": "x"})), 400);
    assert_eq!(status(json!({"guest": true})), 200);
}

#[test]
fn handles_that_were_made_up_are_none() {
    let folder = Folder::new("handles");
    let store = store(&folder);
    let (world, other) = (World::with(with_store(&store)), World::with(with_store(&store)));
    let made = world.client().post("/v1/session", r#"{"guest": true}"#).json();
    let handle = made["session"].as_str().unwrap().to_owned();
    let ask = |world: &World, handle: &str| {
        let question = json!({"session": handle, "action": "s3:GetObject",
            "resource": "arn:aws:s3:::photo-app/public/sea.jpg", "context": {"aws:SecureTransport": "true"}});
        world.client().post("/v1/decide", &question.to_string()).status
    };
    assert_eq!(ask(&world, &handle), 200);
    // Of another process, which another start is.
    assert_eq!(ask(&other, &handle), 401);
    for place in 0..handle.len() {
        let mut bytes = handle.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        assert_eq!(ask(&world, std::str::from_utf8(&bytes).unwrap()), 401, "{place}");
    }
    for other in ["", "x", &format!("{handle}A"), &handle[1..]] {
        assert_eq!(ask(&world, other), 401);
    }
}

/// Where the store has several pools, a login says which: none is chosen for it.
#[test]
fn one_of_several_pools_is_named() {
    let folder = Folder::new("pools");
    let store = store(&folder);
    let manifest = fs::read_to_string(store.join("verdikt.toml")).unwrap();
    let (own, other) =
        ("us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8", "us-east-1:00000000-0000-4000-8000-000000000000");
    let table = format!(
        "\n[[identity_pool]]\nid = \"{other}\"\naccount = \"111122223333\"\nconfig = \"other.toml\"\n"
    );
    fs::write(store.join("verdikt.toml"), manifest + &table).unwrap();
    let pool = fs::read_to_string(store.join("pool.toml")).unwrap().replace(own, other);
    fs::write(store.join("other.toml"), pool.replace("allow_guests = true", "allow_guests = false")).unwrap();
    let world = World::with(with_store(&store));
    let mut client = world.client();
    let unclear = client.post("/v1/session", r#"{"guest": true}"#);
    assert_eq!(
        (unclear.status, unclear.json()["error"]["code"].as_str()),
        (400, Some("UNKNOWN_IDENTITY_POOL")),
        "{}",
        unclear.text()
    );
    let mut named =
        |pool: &str| client.post("/v1/session", &json!({"guest": true, "pool": pool}).to_string()).status;
    assert_eq!((named(own), named(other)), (200, 403));
}

/// The role that is asked for, of those that the token has; another is refused, and none is chosen in its place.
#[test]
fn a_login_asks_for_one_of_the_roles_of_its_token() {
    let folder = Folder::new("custom-role");
    let store = store(&folder);
    let role = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
    let append = |file: &str, more: &str| {
        let text = fs::read_to_string(store.join(file)).unwrap();
        fs::write(store.join(file), text + more).unwrap();
    };
    let other = role("photo-other");
    let row = format!(
        "\n[[role]]\narn = \"{other}\"\nunique_id = \"AROAPHOTOOTHR0EXAMPL\"\ntrust = \"trust/authenticated.json\"\n"
    );
    append("verdikt.toml", &row);
    let key = format!("cognito-idp.us-east-1.amazonaws.com/us-east-1_a1B2c3D4e:{CLIENT}");
    append(
        "pool.toml",
        &format!("\n[role_mappings.\"{key}\"]\ntype = \"Token\"\nambiguous_role_resolution = \"Deny\"\n"),
    );
    let world = World::with(with_store(&store));
    let mut client = world.client();
    let mut claims = claims("alice");
    claims["cognito:roles"] = json!([role("photo-user"), other]);
    claims["cognito:preferred_role"] = json!(role("photo-user"));
    let provider = "cognito-idp.us-east-1.amazonaws.com/us-east-1_a1B2c3D4e";
    let logins = json!({provider: trusted().token(&claims)});
    let preferred = client.post("/v1/session", &json!({"logins": logins}).to_string());
    assert_eq!(preferred.json()["role_arn"], role("photo-user"), "{}", preferred.text());
    let mut asks =
        |role: &str| client.post("/v1/session", &json!({"logins": logins, "custom_role": role}).to_string());
    let asked = asks(&other);
    assert_eq!(asked.json()["role_arn"], other, "{}", asked.text());
    let strange = asks(&role("photo-guest"));
    assert_eq!((strange.status, strange.json()["error"]["code"].as_str()), (403, Some("SIGN_IN_REFUSED")));
}

#[test]
fn sessions_are_bounded() {
    let world = World::with(|config| config.limits.sessions = 2);
    let mut client = world.client();
    let mut guest = || client.post("/v1/session", r#"{"guest": true}"#);
    let held = [guest(), guest()].map(|made| made.json()["session"].clone());
    let full = guest();
    assert_eq!((full.status, full.json()["error"]["code"].as_str()), (503, Some("TOO_MANY_SESSIONS")));
    assert_eq!(full.header("retry-after"), Some("1"));
    // Those that are held lose nothing by it, and one that is ended makes room.
    for handle in &held {
        let question = json!({"session": handle, "action": "s3:GetObject",
            "resource": "arn:aws:s3:::photo-app/public/sea.jpg", "context": {"aws:SecureTransport": true}});
        assert_eq!(client.post("/v1/decide", &question.to_string()).json()["allowed"], true);
    }
    client.post("/v1/session/revoke", &json!({"session": held[0]}).to_string());
    assert_eq!(client.post("/v1/session", r#"{"guest": true}"#).status, 200);
}

/// Identities of guests are kept, so they are bounded; questions whose login is a guest are all one guest's.
#[test]
fn guests_are_bounded() {
    let world = World::with(|config| config.limits.guests = 2);
    let mut client = world.client();
    let question = json!({"login": {"guest": true}, "action": "s3:GetObject",
        "resource": "arn:aws:s3:::photo-app/public/sea.jpg", "context": {"aws:SecureTransport": "true"}});
    for _ in 0..5 {
        let answer = client.post("/v1/decide", &question.to_string()).json();
        assert_eq!(answer["allowed"], true, "{answer}");
    }
    assert_eq!(client.post("/v1/session", r#"{"guest": true}"#).status, 200);
    let full = client.post("/v1/session", r#"{"guest": true}"#);
    assert_eq!((full.status, full.json()["error"]["code"].as_str()), (503, Some("SIGN_IN_FAILED")));
}

/// Who is refused for want of room has not signed in: nothing of them is kept.
#[test]
fn without_room_nobody_signs_in() {
    let folder = Folder::new("no-room");
    let identities = folder.file("identities", "");
    let world = World::with(|config| {
        config.limits.sessions = 1;
        config.identities = Some(identities.clone());
    });
    let mut client = world.client();
    let statuses: Vec<u16> =
        (0..5).map(|_| client.post("/v1/session", r#"{"guest": true}"#).status).collect();
    assert_eq!(statuses, [200, 503, 503, 503, 503]);
    assert_eq!(std::fs::read_to_string(identities).unwrap().lines().count(), 1);
}

/// serde would take an array of the members in their order.
#[test]
fn arrays_are_no_objects() {
    let world = World::start();
    let mut client = world.client();
    let mut code = |path: &str, body: &serde_json::Value| {
        let answer = client.post(path, &body.to_string());
        (answer.status, answer.json()["error"]["code"].as_str().map(str::to_owned))
    };
    let refused = (400, Some("INVALID_JSON".to_owned()));
    let guest = json!([null, null, {}, true, null]);
    assert_eq!(code("/v1/session", &guest), refused);
    assert_eq!(code("/v1/session/revoke", &json!(["x"])), refused);
    let question = json!({"login": guest, "action": "s3:GetObject",
        "resource": "arn:aws:s3:::photo-app/public/sea.jpg", "context": {"aws:SecureTransport": "true"}});
    assert_eq!(code("/v1/decide", &question), refused);
    let call = json!({"login": {"guest": true},
        "call": ["GET", "photo-app.s3.us-east-1.amazonaws.com", "/public/sea.jpg", {}, null, null, true, null, null]});
    assert_eq!(code("/v1/decide", &call), refused);
}
/// A session outlives a reload, and what the reload denies it is denied at once.
#[test]
fn sessions_are_bound_to_the_store_in_force() {
    let folder = Folder::new("rebound");
    let store = store(&folder);
    let world = World::with(with_store(&store));
    let mut client = world.client();
    let handle = client.post("/v1/session", r#"{"guest": true}"#).json()["session"].clone();
    let question = json!({"session": handle, "action": "s3:GetObject",
        "resource": "arn:aws:s3:::photo-app/public/sea.jpg", "context": {"aws:SecureTransport": "true"}})
    .to_string();
    let before = client.post("/v1/decide", &question);
    assert_eq!(before.json()["allowed"], true, "{}", before.text());
    let denies =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    super::world::replace(&store.join("roles/guest.json"), denies);
    let revision = before.header("verdikt-revision").map(str::to_owned);
    super::world::wait_until("the reload", || {
        let answer = client.post("/v1/decide", &question);
        let is_new = answer.header("verdikt-revision").map(str::to_owned) != revision;
        assert_eq!(answer.json()["decision"], if is_new { "explicitDeny" } else { "allowed" });
        is_new
    });
}
