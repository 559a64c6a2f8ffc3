//! A walk over the table of routes: what each of them demands, and bears.

use verdikt::server::{Methods, Proxy, Route, Scope};

use super::client::request;
use super::world::{Folder, TOKEN, World, tokens};

/// The paths that tell nothing secret and decide nothing.
const OPEN: [&str; 4] = ["/healthz", "/readyz", "/openapi.json", "/.well-known/authzen-configuration"];

/// Every route, and what a token must be good for. A call that changes policies would stand here with a scope of its own.
const ROUTES: [(Methods, &str, Option<Scope>); 18] = [
    (Methods::Post, "/v1/decide", Some(Scope::Native)),
    (Methods::Post, "/v1/explain", Some(Scope::Explain)),
    (Methods::Post, "/v1/decide/batch", Some(Scope::Native)),
    (Methods::Post, "/v1/session", Some(Scope::Session)),
    (Methods::Post, "/v1/session/revoke", Some(Scope::Session)),
    (Methods::Post, "/access/v1/evaluation", Some(Scope::Authzen)),
    (Methods::Post, "/access/v1/evaluations", Some(Scope::Authzen)),
    (Methods::Get, "/.well-known/authzen-configuration", None),
    (Methods::Any, "/forward-auth/nginx", Some(Scope::ForwardAuth)),
    (Methods::Any, "/forward-auth/forwarded", Some(Scope::ForwardAuth)),
    (Methods::Any, "/forward-auth/envoy/{*rest}", Some(Scope::ForwardAuth)),
    (Methods::Any, "/forward-auth/envoy/", Some(Scope::ForwardAuth)),
    (Methods::Post, "/", Some(Scope::Iam)),
    (Methods::Get, "/", Some(Scope::Iam)),
    (Methods::Get, "/healthz", None),
    (Methods::Get, "/readyz", None),
    (Methods::Get, "/metrics", Some(Scope::Metrics)),
    (Methods::Get, "/openapi.json", None),
];

#[test]
fn every_route_has_the_scope_of_the_table() {
    let world = World::start();
    let served: Vec<_> =
        world.running.routes().iter().map(|route| (route.methods, route.path, route.scope)).collect();
    assert_eq!(served, ROUTES);
}

/// A token of one scope opens the routes of that scope and no other.
#[test]
fn a_token_opens_the_routes_of_its_scope_alone() {
    const SCOPES: [(Scope, &str); 7] = [
        (Scope::Native, "native"),
        (Scope::Explain, "explain"),
        (Scope::Session, "session"),
        (Scope::Authzen, "authzen"),
        (Scope::ForwardAuth, "forward-auth"),
        (Scope::Iam, "iam"),
        (Scope::Metrics, "metrics"),
    ];
    let folder = Folder::new("one-scope");
    let token = |name| format!("a-token-for-{name}-alone");
    let rows = SCOPES.map(|(_, name)| {
        format!("[[token]]\nname = \"{name}\"\ntoken = \"{}\"\nscopes = [\"{name}\"]\n", token(name))
    });
    let file = folder.file("tokens.toml", &rows.concat());
    let world = World::with(|config| config.tokens = Some(file));
    let mut client = world.client();
    for (methods, path, wanted) in ROUTES {
        for (scope, name) in SCOPES {
            let path = path.replace("{*rest}", "rest");
            let headers = [("Verdikt-Token", &*token(name))];
            let answer = client.ask(methods.example().as_str(), &path, &headers, b"");
            let is_closed = answer.status == 403 && answer.text().contains("the token is not good for this");
            let is_open = wanted.is_none_or(|wanted| wanted == scope);
            assert_eq!(is_closed, !is_open, "{path} {name}: {}", answer.text());
        }
    }
}

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
