//! A walk over the table of routes: what each of them demands, and bears.

use verdikt::server::{Proxy, Route};

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

/// A token that is good for everything but the route's scope, and one that is good for that alone.
#[test]
fn every_route_demands_its_own_scope() {
    const SCOPES: [&str; 7] = ["native", "explain", "session", "authzen", "forward-auth", "iam", "metrics"];
    let folder = Folder::new("scopes-walk");
    let mut text = String::new();
    for scope in SCOPES {
        let others = SCOPES.into_iter().filter(|other| *other != scope);
        let others = others.map(|other| format!("{other:?}")).collect::<Vec<_>>().join(", ");
        let rows = [("only", format!("{scope:?}")), ("not", others)];
        text.extend(rows.map(|(name, scopes)| {
            format!("[[token]]\nname = \"{name}-{scope}\"\ntoken = \"{name}-{scope}-and-more\"\nscopes = [{scopes}]\n")
        }));
    }
    let file = folder.file("tokens.toml", &text);
    let world = World::with(|config| config.tokens = Some(file));
    let expected = |path: &str| match path {
        "/v1/decide" | "/v1/decide/batch" => "native",
        "/v1/explain" => "explain",
        "/v1/session" | "/v1/session/revoke" => "session",
        "/access/v1/evaluation" | "/access/v1/evaluations" => "authzen",
        "/" => "iam",
        "/metrics" => "metrics",
        path if path.starts_with("/forward-auth/") => "forward-auth",
        path => panic!("what scope should `{path}` demand?"),
    };
    for route in world.running.routes().iter().filter(|route| route.scope.is_some()) {
        let path = route.path.replace("{*rest}", "rest");
        let method = route.methods.example();
        let scope = expected(route.path);
        let ask = |name: &str| {
            let token = format!("{name}-{scope}-and-more");
            world.client().ask(method.as_str(), &path, &[("Verdikt-Token", &token)], b"")
        };
        let without = ask("not");
        assert_eq!(without.status, 403, "{path}: {}", without.text());
        assert!(without.text().contains("the token is not good for this"), "{path}: {}", without.text());
        assert!(!without.text().contains("allowed"), "{path}");
        let with = ask("only");
        assert!(with.status != 401 && !with.text().contains("MISSING_SCOPE"), "{path}: {}", with.text());
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

/// A body whose length nobody told is cut off at the limit too.
#[test]
fn every_route_bears_so_much_of_a_body_whose_length_is_not_told() {
    let folder = Folder::new("chunked");
    let world = World::with(|config| {
        config.tokens = Some(tokens(&folder));
        config.forward_auth.proxies = vec![Proxy::Nginx, Proxy::Forwarded, Proxy::Envoy];
    });
    for route in world.running.routes() {
        let kinds = match route.path {
            "/v1/decide/batch" => &["application/json", "application/x-ndjson"][..],
            "/" => &["application/x-www-form-urlencoded"],
            _ => &["application/json"],
        };
        for kind in kinds {
            let answer = endless(&world, route, kind);
            let expected: &[Option<u16>] = match (*kind, route.body_limit) {
                // Bodies that nobody reads are not.
                (_, 0) => &[None, Some(200), Some(413)],
                // The answer had begun, and breaks off.
                ("application/x-ndjson", _) => &[None],
                _ => &[Some(413)],
            };
            assert!(expected.contains(&answer), "{} {kind}: {answer:?}", route.path);
        }
    }
    assert_eq!(world.client().get("/healthz").status, 200);
}

/// Sends a body past the limit of a route, piece by piece; the status.
fn endless(world: &World, route: &Route, kind: &str) -> Option<u16> {
    let (method, path) = (route.methods.example(), route.path.replace("{*rest}", "rest"));
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nVerdikt-Token: {TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let mut client = world.client();
    client.send(head.as_bytes()).unwrap();
    let piece = |length: usize| [format!("{length:x}\r\n").as_bytes(), &vec![b' '; length], b"\r\n"].concat();
    // Not much more, so that the answer comes through before the connection ends.
    let (whole, rest) = (route.body_limit / 0x10000, route.body_limit % 0x10000 + 1);
    let big = piece(0x10000);
    let sent = (0..whole).try_for_each(|_| client.send(&big));
    let _ = sent.and_then(|()| client.send(&piece(rest)));
    client.try_answer().map(|answer| answer.status)
}
