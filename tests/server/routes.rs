//! A walk over the table of routes: what each of them demands, and bears.

use super::client::request;
use super::world::{Folder, TOKEN, World, tokens};

/// The paths that tell nothing secret and decide nothing.
const OPEN: [&str; 4] = ["/healthz", "/readyz", "/openapi.json", "/.well-known/authzen-configuration"];

#[test]
fn every_route_demands_a_token_of_its_scope() {
    let folder = Folder::new("walk");
    let world = World::with(|config| config.tokens = Some(tokens(&folder)));
    assert!(world.running.routes().len() >= 3);
    for route in world.running.routes() {
        assert_eq!(route.scope.is_none(), OPEN.contains(&route.path), "{}", route.path);
        let path = route.path.replace("{*rest}", "rest");
        let method = route.methods.example();
        let answer = world.client().ask(method.as_str(), &path, &[], b"");
        if route.scope.is_some() {
            assert_eq!(answer.status, 401, "{path}");
            assert!(
                answer.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")),
                "{path}"
            );
        } else {
            assert_eq!(answer.status, 200, "{path}");
        }
    }
}

#[test]
fn every_route_has_limits_on_bodies_and_time() {
    let folder = Folder::new("limits");
    let world = World::with(|config| config.tokens = Some(tokens(&folder)));
    for route in world.running.routes() {
        assert!(route.body_limit <= 64 * 1024 * 1024 && route.time_limit.as_secs() <= 300, "{}", route.path);
        let path = route.path.replace("{*rest}", "rest");
        let mut client = world.client();
        let length = route.body_limit + 1;
        let method = route.methods.example();
        let head = request(method.as_str(), &path, &[("Verdikt-Token", TOKEN)], b"");
        let head = String::from_utf8(head).unwrap();
        let told = head.replace("Content-Length: 0", &format!("Content-Length: {length}"));
        client.send(told.as_bytes()).unwrap();
        assert_eq!(client.answer().status, 413, "{path}");
    }
}
