//! What every request passes, and what every answer has.

use verdikt::server::{Config, ConfigError, Notices, Running, StartError};

use super::client::request;
use super::world::{Folder, TOKEN, World, allowed, photo_app, tokens};

#[test]
fn answers_carry_revision_age_and_request_id() {
    let world = World::start();
    let mut client = world.client();
    for path in ["/v1/decide", "/healthz", "/nowhere"] {
        let answer = client.ask("GET", path, &[("X-Request-ID", "abc 123")], b"");
        assert_eq!(answer.header("verdikt-revision").map(str::len), Some(64), "{path}");
        assert!(answer.header("verdikt-age").unwrap().parse::<u64>().unwrap() < 60, "{path}");
        assert_eq!(answer.header("x-request-id"), Some("abc 123"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn tokens_are_demanded_by_scope() {
    let folder = Folder::new("scopes");
    let world = World::with(|config| config.tokens = Some(tokens(&folder)));
    let mut client = world.client();
    let json = ("Content-Type", "application/json");
    let mut status = |authorization: &[&str]| {
        let authorization = authorization.iter().map(|value| ("Authorization", *value));
        let headers: Vec<_> = authorization.chain([json]).collect();
        client.ask("POST", "/v1/decide", &headers, allowed().as_bytes()).status
    };
    let right = format!("Bearer {TOKEN}");
    assert_eq!(status(&[&right]), 200);
    assert_eq!(status(&[&right.replace("Bearer", "bearer")]), 200);
    assert_eq!(status(&[]), 401);
    assert_eq!(status(&[&format!("{right}x")]), 401);
    assert_eq!(status(&[&format!("Basic {TOKEN}")]), 401);
    assert_eq!(status(&[TOKEN]), 401);
    assert_eq!(status(&["Bearer a-token-of-the-scraper"]), 403);
    assert_eq!(status(&[&right, &right]), 400);
}

#[test]
fn a_network_is_not_served_without_tokens() {
    let mut config = Config::new(photo_app());
    config.listen = vec!["0.0.0.0:0".parse().unwrap()];
    let refused = Running::start(&config, Notices::none()).map(|_| ());
    assert!(matches!(refused, Err(StartError::Config(ConfigError::Unauthenticated(_)))), "{refused:?}");
}

/// A path that there is with another method than it takes, and a path that there is not.
#[test]
fn what_is_not_served_is_told_as_such() {
    let world = World::start();
    let mut client = world.client();
    let method = client.get("/v1/decide");
    assert_eq!((method.status, method.json()["error"]["code"].as_str()), (405, Some("WRONG_METHOD")));
    assert_eq!(method.header("allow"), Some("POST"));
    let path = client.get("/v1/decide/");
    assert_eq!((path.status, path.json()["error"]["code"].as_str()), (404, Some("UNKNOWN_PATH")));
}

/// One connection after the other, where there is room for one.
#[test]
fn a_connection_that_ends_leaves_its_room_to_the_next() {
    let world = World::with(|config| config.limits.connections = 1);
    for _ in 0..3 {
        assert_eq!(world.client().post("/v1/decide", &allowed()).json()["allowed"], true);
    }
}

/// What follows a refusal on the connection would be the body that nobody read.
#[test]
fn a_refusal_before_the_body_ends_the_connection_and_says_so() {
    let folder = Folder::new("early");
    let world = World::with(|config| config.tokens = Some(tokens(&folder)));
    let whole = request("POST", "/v1/decide", &[("Content-Type", "application/json")], allowed().as_bytes());
    let (head, body) = whole.split_at(whole.len() - allowed().len());
    let mut client = world.client();
    client.send(head).unwrap();
    let refused = client.answer();
    assert_eq!((refused.status, refused.header("connection")), (401, Some("close")));
    // It may be closed by now.
    let _ = client.send(body);
    assert!(client.is_ended());
    // Without a body there is nothing to mistake.
    let mut client = world.client();
    for _ in 0..2 {
        let refused = client.get("/metrics");
        assert_eq!((refused.status, refused.header("connection")), (401, None));
    }
}
