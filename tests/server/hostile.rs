//! Bodies that are nearly right, and such as are not at all, on every contract: the status is of the right class, and an
//! allow is one that the library gives to the question which another reader finds in the same bytes.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use serde_json::{Value as Json, json};
use verdikt::decision_point::{Caller, DecisionPoint, Question, Settings};
use verdikt::server::Proxy;
use verdikt::service::Value;
use verdikt::store::LoadOptions;
use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};

use super::client::{Answer, Client};
use super::session::store;
use super::world::{Folder, USER, World};

const HOST: &str = "photos.test";
const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
const FORM: &str = "application/x-www-form-urlencoded";

const AUTHZEN: &str = r#"
[authzen]
context = { secure = "aws:SecureTransport" }

[[authzen.subject]]
type = "user"
principal = "arn:aws:sts::111122223333:assumed-role/photo-user/{id}"
id_key = "cognito-identity.amazonaws.com:sub"

[[authzen.resource]]
type = "photo"
arn = "arn:aws:s3:::photo-app/{path}"

[[authzen.resource.action]]
name = "read"
action = "s3:GetObject"

[[authzen.resource.action]]
name = "write"
action = "s3:PutObject"
"#;

/// A service with every contract in use, and the library over the same store.
struct Asked {
    world: World,
    library: DecisionPoint,
    client: RefCell<Client>,
    _folder: Folder,
}

impl Asked {
    fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let store = store(&folder);
        let manifest = store.join("verdikt.toml");
        let text = std::fs::read_to_string(&manifest).unwrap();
        std::fs::write(&manifest, text + AUTHZEN).unwrap();
        let library = DecisionPoint::open(&store, Settings::default(), &LoadOptions::default(), 0).unwrap();
        let world = World::with(|config| {
            config.store = store;
            config.s3_hosts = vec![HOST.to_owned()];
            config.forward_auth.proxies = vec![Proxy::Nginx, Proxy::Forwarded, Proxy::Envoy];
            config.forward_auth.guests = true;
        });
        let client = RefCell::new(world.client());
        Self { world, library, client, _folder: folder }
    }

    /// Asks; none if the connection was ended without an answer.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
        let mut client = self.client.borrow_mut();
        let sent = client.send(&super::client::request(method, path, headers, body));
        let answer = sent.ok().and_then(|()| client.try_answer());
        let is_over = answer.as_ref().is_none_or(|answer| answer.header("connection") == Some("close"));
        if is_over {
            *client = self.world.client();
        }
        answer
    }

    /// Whether the library allows it; what cannot be asked is not allowed.
    fn allows(
        &self,
        principal: &str,
        action: &str,
        resource: &str,
        context: &[(Cow<'_, str>, Value)],
    ) -> bool {
        let Ok(principal) = Principal::parse(principal) else { return false };
        let question = Question::new(action, resource).with_context(context);
        let decided = self.library.in_force().decide(&Caller::principal(&principal), &question, 0);
        decided.is_ok_and(|decided| decided.decision.is_allowed())
    }

    /// Whether the library allows what a question of the native contract says.
    fn allows_native(&self, question: &[u8]) -> bool {
        let Ok(question) = serde_json::from_slice::<Json>(question) else { return false };
        let text = |name: &str| question[name].as_str();
        let (Some(action), Some(resource)) = (text("action"), text("resource")) else { return false };
        let Some(principal) = text("principal").or_else(|| question["principal"]["arn"].as_str()) else {
            return false;
        };
        let context: Option<Vec<_>> =
            question.get("context").and_then(Json::as_object).map_or(Some(Vec::new()), |all| {
                all.iter().map(|(name, value)| Some((Cow::Borrowed(&**name), given(value)?))).collect()
            });
        context.is_some_and(|context| self.allows(principal, action, resource, &context))
    }

    /// Whether the library allows what an evaluation says, by the table above.
    fn allows_authzen(&self, evaluation: &Json) -> bool {
        let text = |part: &str, name: &str| evaluation[part][name].as_str();
        if text("subject", "type") != Some("user") || text("resource", "type") != Some("photo") {
            return false;
        }
        let action = match text("action", "name") {
            Some("read") => "s3:GetObject",
            Some("write") => "s3:PutObject",
            _ => return false,
        };
        let (Some(id), Some(path)) = (text("subject", "id"), text("resource", "id")) else { return false };
        let principal = format!("arn:aws:sts::111122223333:assumed-role/photo-user/{id}");
        let mut context =
            vec![(Cow::Borrowed("cognito-identity.amazonaws.com:sub"), Value::One(id.to_owned()))];
        if let Some(secure) = evaluation["context"].get("secure") {
            let Some(value) = given(secure) else { return false };
            context.push((Cow::Borrowed("aws:SecureTransport"), value));
        }
        self.allows(&principal, action, &format!("arn:aws:s3:::photo-app/{path}"), &context)
    }
}

fn given(value: &Json) -> Option<Value> {
    let one = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Json::Array(all) => all.iter().map(one).collect::<Option<_>>().map(Value::Many),
        value => one(value).map(Value::One),
    }
}

/// A change of a text: a piece of it taken out, doubled, replaced, or bytes put in.
#[derive(Clone, Debug)]
enum Change {
    Remove(Index, usize),
    Repeat(Index, usize),
    Replace(Index, u8),
    Insert(Index, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = select(vec![
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "\\u0000",
        "\\ud800",
        "\u{e9}",
        "&",
        "=",
        "+",
        "%",
        "%00",
        "%2e%2e",
        "/",
        "/../",
        "?",
        "?acl",
        "#",
        "*",
        "${aws:username}",
        ".member.1",
        "\n",
        "\0",
        " ",
        "true",
        "1e999",
        "\"principal\": \"x\", ",
    ]);
    prop_oneof![
        (any::<Index>(), 1..40usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), 1..40usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<Index>(), pieces).prop_map(|(at, piece)| Change::Insert(at, piece)),
    ]
}

/// Mostly one change or none, so that what is nearly right is read to its end.
fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop_oneof![2 => Just(Vec::new()), 5 => vec(change(), 1), 2 => vec(change(), 2..5)]
}

fn changed(text: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for change in changes.iter().filter(|_| !text.is_empty()) {
        if bytes.is_empty() {
            break;
        }
        match change {
            Change::Remove(at, length) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Change::Repeat(at, length) => {
                let at = at.index(bytes.len());
                let piece = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            Change::Replace(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Change::Insert(at, piece) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
    bytes
}

fn id() -> impl Strategy<Value = &'static str> {
    let alice = "us-east-1:alice";
    select(vec![alice, alice, alice, "us-east-1:bob", "", "*"])
}

fn object() -> impl Strategy<Value = &'static str> {
    select(vec![
        "public/sea.jpg",
        "public/sea.jpg",
        "private/us-east-1:alice/cat.jpg",
        "private/us-east-1:alice/cat.jpg",
        "private/alice/cat.jpg",
        "private/us-east-1:bob/cat.jpg",
        "private/*",
        "*",
        "",
    ])
}

fn native() -> impl Strategy<Value = String> {
    let principal = prop_oneof![
        4 => Just(json!(USER)),
        2 => Just(json!({"arn": USER})),
        1 => Just(json!("arn:aws:sts::111122223333:assumed-role/photo-guest/g")),
        1 => Just(json!("arn:aws:iam::111122223333:user/nobody")),
    ];
    let action = select(vec![
        "s3:GetObject",
        "s3:GetObject",
        "s3:getobject",
        "s3:PutObject",
        "s3:ListBucket",
        "s3:Get*",
    ]);
    let secure =
        select(vec![json!(true), json!("true"), json!(false), json!("false"), json!(["true"]), json!([])]);
    (principal, action, object(), proptest::option::of(id()), proptest::option::of(secure)).prop_map(
        |(principal, action, object, id, secure)| {
            let mut context = serde_json::Map::new();
            context.extend(id.map(|id| ("cognito-identity.amazonaws.com:sub".to_owned(), json!(id))));
            context.extend(secure.map(|secure| ("aws:SecureTransport".to_owned(), secure)));
            json!({"principal": principal, "action": action, "resource": format!("arn:aws:s3:::photo-app/{object}"),
                "context": context})
            .to_string()
        },
    )
}

/// A route of the native contract, what an answer of it says of each question, and the questions in the body.
fn verdicts(kind: &str, answer: &Answer) -> Vec<Json> {
    match kind {
        LINES => answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        _ => match answer.json() {
            Json::Array(all) => all,
            one => vec![one],
        },
    }
}

#[test]
fn no_native_question_is_allowed_that_the_library_denies() {
    let asked = Asked::start("hostile-native");
    let way = select(vec![
        ("/v1/decide", JSON),
        ("/v1/explain", JSON),
        ("/v1/decide/batch", JSON),
        ("/v1/decide/batch", LINES),
    ]);
    let allows = Cell::new(0);
    proptest!(config(), |(text in native(), changes in changes(), (path, kind) in way)| {
        let question = changed(&text, &changes);
        let body = if path.ends_with("batch") && kind == JSON { [b"[", &question[..], b"]"].concat() } else { question.clone() };
        let Some(answer) = asked.ask("POST", path, &[("Content-Type", kind)], &body) else { panic!("no answer") };
        prop_assert!(matches!(answer.status, 200 | 400), "{}: {}", answer.status, answer.text());
        if answer.status == 400 {
            prop_assert!(!changes.is_empty() || !asked.allows_native(&question), "{}", answer.text());
            return Ok(());
        }
        let own: Vec<Vec<u8>> = if kind == LINES {
            question.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).map(<[u8]>::to_vec).collect()
        } else if path.ends_with("batch") {
            // What only the service takes for an array must have no allow in it.
                let items: Vec<Json> = serde_json::from_slice(&body).unwrap_or_default();
            items.iter().map(|item| item.to_string().into_bytes()).collect()
        } else {
            vec![question]
        };
        let told = verdicts(kind, &answer);
        let mut own = own;
        if own.is_empty() { own.resize(told.len(), Vec::new()); }
        prop_assert_eq!(told.len(), own.len());
        for (told, question) in told.iter().zip(&own) {
            let is_allowed = told["decision"] == "allowed";
            prop_assert!(told.get("allowed").is_none_or(|allowed| *allowed == json!(is_allowed)));
            let by_library = asked.allows_native(question);
            prop_assert!(!is_allowed || by_library, "{told}");
            prop_assert!(is_allowed || !by_library || !changes.is_empty(), "{told}");
            allows.set(allows.get() + u32::from(is_allowed));
        }
    });
    assert!(allows.get() > 5, "some are allowed: {}", allows.get());
}

#[test]
fn no_evaluation_is_allowed_that_the_library_denies() {
    let asked = Asked::start("hostile-authzen");
    let action = select(vec!["read", "write", "s3:GetObject", ""]);
    let secure =
        proptest::option::of(select(vec![json!(true), json!(false), json!("x"), json!(["true"]), json!({})]));
    let body = (select(vec!["alice", "bob", "", "*"]), action, object(), secure).prop_map(
        |(id, action, object, secure)| {
            let context = secure.map_or(json!({}), |secure| json!({"secure": secure}));
            json!({"subject": {"type": "user", "id": id}, "action": {"name": action}, "context": context,
            "resource": {"type": "photo", "id": object}})
        },
    );
    let allows = Cell::new(0);
    proptest!(config(), |(evaluation in body, changes in changes(), is_batch in any::<bool>())| {
        let text = if is_batch {
            json!({"evaluations": [evaluation, {"subject": evaluation["subject"]}], "action": {"name": "read"},
                "resource": {"type": "photo", "id": "public/sea.jpg"}}).to_string()
        } else {
            evaluation.to_string()
        };
        let body = changed(&text, &changes);
        let path = if is_batch { "/access/v1/evaluations" } else { "/access/v1/evaluation" };
        let Some(answer) = asked.ask("POST", path, &[("Content-Type", JSON)], &body) else { panic!("no answer") };
        prop_assert!(matches!(answer.status, 200 | 400), "{}: {}", answer.status, answer.text());
        if answer.status == 400 {
            prop_assert!(!changes.is_empty() && answer.json().is_string(), "{}", answer.text());
            return Ok(());
        }
        // An item has the defaults that it does not replace.
        let whole: Json = serde_json::from_slice(&body).unwrap();
        let items = whole["evaluations"].as_array().filter(|items| is_batch && !items.is_empty()).cloned();
        let told = answer.json();
        let told = items.as_ref().map_or(vec![told.clone()], |_| told["evaluations"].as_array().unwrap().clone());
        let own: Vec<Json> = items.unwrap_or_else(|| vec![json!({})]).into_iter().map(|item| {
            let mut all = whole.clone();
            for (name, value) in item.as_object().into_iter().flatten() {
                all[name] = value.clone();
            }
            if item.is_object() { all } else { json!({}) }
        }).collect();
        prop_assert!(told.len() == own.len() || whole["options"]["evaluations_semantic"].is_string());
        for (told, evaluation) in told.iter().zip(&own) {
            let (is_allowed, by_library) = (told["decision"] == true, asked.allows_authzen(evaluation));
            prop_assert!(!is_allowed || by_library, "{told}");
            prop_assert!(is_allowed || !by_library || !changes.is_empty(), "{told}");
            allows.set(allows.get() + u32::from(is_allowed));
        }
    });
    assert!(allows.get() > 5, "some are allowed: {}", allows.get());
}

/// The parameters of a form, by another reader than the service's.
fn parameters(form: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(form).ok()?;
    let decode =
        |half: &str| percent_decode_str(&half.replace('+', " ")).decode_utf8().ok().map(Cow::into_owned);
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?))
    });
    pairs.collect()
}

/// What the library decides of an action on a resource by the policies and entries of a form; none if it cannot be asked.
fn by_form(parameters: &[(String, String)], action: &str, resource: &str) -> Option<&'static str> {
    let find = |name: &str| parameters.iter().find(|(own, _)| own == name).map(|(_, value)| &**value);
    let documents: Vec<Document> = (1..10)
        .map_while(|place| find(&format!("PolicyInputList.member.{place}")))
        .map(|text| {
            Document::parse(Kind::Identity, "policy", text, &Limits::default())
                .ok()
                .map(|parsed| parsed.document)
        })
        .collect::<Option<_>>()?;
    let set = PolicySet::builder().identity(CompiledPolicy::compile(&documents).ok()?).build().ok()?;
    let anybody = Principal::parse("arn:aws:iam::000000000000:user/simulated").unwrap();
    let mut request = Request::builder(&anybody, action, resource, Owner::Account("000000000000"));
    if let Some(name) = find("ContextEntries.member.1.ContextKeyName") {
        let values: Vec<&str> = (1..10)
            .map_while(|place| find(&format!("ContextEntries.member.1.ContextKeyValues.member.{place}")))
            .collect();
        let is_list = find("ContextEntries.member.1.ContextKeyType")
            .map_or(values.len() != 1, |kind| kind.ends_with("List"));
        request = if is_list { request.many(name, values) } else { request.one(name, *values.first()?) };
    }
    Some(set.decide(&request.build().ok()?).outcome.as_str())
}

#[test]
fn no_simulation_is_answered_otherwise_than_the_library_decides() {
    let asked = Asked::start("hostile-iam");
    let policy = select(vec![
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}]}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"app:Team":["red","blue"]}}}}"#,
        r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"app:Team":"red"}}}}"#,
    ]);
    let kind = proptest::option::of(select(vec!["string", "stringList", "boolean", "nonsense"]));
    let form = (
        vec(policy, 1..3),
        vec(select(vec!["s3:GetObject", "s3:PutObject", "ec2:RunInstances", "s3:*"]), 1..3),
        vec(select(vec!["arn:aws:s3:::b/x", "arn:aws:s3:::c/x", "*"]), 0..3),
        proptest::option::of((kind, vec(select(vec!["red", "blue", "green"]), 0..3))),
    );
    let form = form.prop_map(|(policies, actions, resources, entry)| {
        let mut pairs =
            vec![("Action".to_owned(), "SimulateCustomPolicy"), ("Version".to_owned(), "2010-05-08")];
        let mut list = |name: &str, values: Vec<&'static str>| {
            pairs.extend(
                (1..).zip(values).map(|(place, value): (u32, _)| (format!("{name}.member.{place}"), value)),
            );
        };
        list("PolicyInputList", policies);
        list("ActionNames", actions);
        list("ResourceArns", resources);
        if let Some((kind, values)) = entry {
            list("ContextEntries.member.1.ContextKeyValues", values);
            pairs.push(("ContextEntries.member.1.ContextKeyName".to_owned(), "app:Team"));
            pairs.extend(kind.map(|kind| ("ContextEntries.member.1.ContextKeyType".to_owned(), kind)));
        }
        let text = |(name, value): &(String, &str)| {
            format!(
                "{name}={}",
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
            )
        };
        pairs.iter().map(text).collect::<Vec<_>>().join("&")
    });
    let results = Cell::new(0);
    proptest!(config(), |(form in form, changes in changes(), is_query in any::<bool>())| {
        let body = changed(&form, &changes);
        let is_target = body.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%=&+*".contains(byte));
        let answer = if is_query && is_target {
            asked.ask("GET", &format!("/?{}", String::from_utf8_lossy(&body)), &[], b"")
        } else {
            asked.ask("POST", "/", &[("Content-Type", FORM)], &body)
        };
        let Some(answer) = answer else { panic!("no answer") };
        prop_assert!(matches!(answer.status, 200 | 400), "{}: {}", answer.status, answer.text());
        prop_assert_eq!(answer.header("content-type"), Some("text/xml"));
        if answer.status == 400 {
            return Ok(());
        }
        let parameters = parameters(&body).unwrap();
        let xml = answer.text();
        for member in xml.split("<EvalActionName>").skip(1) {
            let text = |part: &str, name: &str| {
                let (_, rest) = part.split_once(&format!("<{name}>"))?;
                rest.split_once("</").map(|(text, _)| text.to_owned())
            };
            let action = member.split_once("</").unwrap().0;
            let by_resource = member.split_once("<ResourceSpecificResults>").map(|(_, rest)| rest);
            let Some(by_resource) = by_resource else {
                let told = text(member, "EvalDecision");
                prop_assert_eq!(told.as_deref(), by_form(&parameters, action, "*"), "{}", action);
                results.set(results.get() + 1);
                continue;
            };
            for one in by_resource.split("<EvalResourceName>").skip(1) {
                let resource = one.split_once("</").unwrap().0;
                let told = text(one, "EvalResourceDecision");
                prop_assert_eq!(told.as_deref(), by_form(&parameters, action, resource), "{} {}", action, resource);
                results.set(results.get() + 1);
            }
        }
    });
    assert!(results.get() > 20, "some are simulated: {}", results.get());
}

/// Guests may read what is published, encrypted or not told: another reading of the same request must find that.
#[test]
fn no_guest_passes_but_to_what_is_published() {
    let asked = Asked::start("hostile-forward");
    let method = select(vec!["GET", "HEAD", "PUT", "DELETE", "POST", "get", "BREW"]);
    let path = select(vec![
        "/photo-app/public/sea.jpg",
        "/photo-app/private/us-east-1:bob/cat.jpg",
        "/photo-app/public%2Fsea.jpg",
        "/photo-app",
        "/photo-app/public/",
        "//photo-app/public/sea.jpg",
        "/photo-app/public/sea.jpg?acl",
        "/photo-app/public/a?x-id=GetObject",
    ]);
    let proto = proptest::option::of(select(vec!["https", "http", "ftp"]));
    let passes = Cell::new(0);
    proptest!(config(), |(method in method, path in path, changes in changes(), proto in proto, way in 0..3)| {
        let target = changed(path, &changes);
        if target.is_empty() || !target.iter().all(u8::is_ascii_graphic) {
            return Ok(());
        }
        let target = String::from_utf8(target).unwrap();
        let mut headers = Vec::new();
        let names = match way {
            0 => ["X-Original-Method", "X-Original-URI", "X-Original-Host", "X-Original-Proto"],
            _ => ["X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host", "X-Forwarded-Proto"],
        };
        headers.extend(proto.map(|proto| (names[3], proto)));
        let answer = if way == 2 {
            // The request's own line, its host that of the object store.
            if !target.starts_with('/') || target.contains('#') {
                return Ok(());
            }
            let mut text = format!("{method} /forward-auth/envoy{target} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n");
            for (name, value) in &headers {
                text.extend([name, ": ", value, "\r\n"]);
            }
            let mut client = asked.world.client();
            client.send(format!("{text}\r\n").as_bytes()).unwrap();
            if method == "HEAD" { client.head().map(|(status, headers)| Answer { status, headers, body: Vec::new() }) } else { client.try_answer() }
        } else {
            headers.extend([(names[0], method), (names[1], &*target), (names[2], HOST)]);
            asked.ask("GET", if way == 0 { "/forward-auth/nginx" } else { "/forward-auth/forwarded" }, &headers, b"")
        };
        let Some(answer) = answer else { panic!("no answer: {method} {target}") };
        // 400: what is no request line at all never reaches the contract.
        let statuses = if way == 2 { &[200, 400, 401, 403][..] } else { &[200, 401, 403] };
        prop_assert!(statuses.contains(&answer.status), "{}: {}", answer.status, answer.text());
        if answer.status == 200 {
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            let decoded = percent_decode_str(path).decode_utf8().unwrap();
            let is_published = decoded.starts_with("/photo-app/public/")
                && !decoded.split(['/', '\\']).any(|part| matches!(part, "." | ".."));
            prop_assert!(is_published && matches!(method, "GET" | "HEAD"), "{method} {target}");
            prop_assert!(matches!(proto, None | Some("https")), "{proto:?}");
            let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default().to_ascii_lowercase());
            prop_assert!(!names.into_iter().any(|name| matches!(&*name, "acl" | "tagging" | "versionid" | "uploads")), "{query}");
            passes.set(passes.get() + 1);
        }
    });
    assert!(passes.get() > 5, "some pass: {}", passes.get());
}

/// Anything at all on every route.
#[test]
fn no_route_fails_by_what_it_is_sent() {
    let asked = Asked::start("hostile-routes");
    let routes = asked.world.running.routes().to_vec();
    let kind = select(vec![JSON, LINES, FORM, "", "application/json; charset=utf-7", "multipart/form-data"]);
    let text = prop_oneof![
        native(),
        Just(r#"{"guest": true}"#.to_owned()),
        Just("Action=SimulateCustomPolicy&Version=2010-05-08".to_owned())
    ];
    let body = prop_oneof![
        vec(any::<u8>(), 0..200),
        (text, changes()).prop_map(|(text, changes)| changed(&text, &changes))
    ];
    let methods = select(vec!["GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"]);
    proptest!(config(), |(place in any::<Index>(), kind in kind, body in body, method in proptest::option::weighted(0.3, methods))| {
        let route = place.get(&routes);
        let path = route.path.replace("{*rest}", "rest");
        let example = route.methods.example();
        let method = method.unwrap_or(example.as_str());
        let answer = asked.ask(method, &path, &[("Content-Type", kind), ("X-Request-ID", "r")], &body);
        let Some(answer) = answer else { panic!("no answer") };
        prop_assert!(answer.status < 500, "{method} {path}: {} {}", answer.status, answer.text());
        prop_assert_eq!(answer.header("verdikt-revision").map(str::len), Some(64));
        prop_assert_eq!(answer.header("x-request-id"), Some("r"));
        let is_allow = route.path != "/openapi.json" && (answer.text().contains("\"allowed\":true") || answer.text().contains("\"decision\":true"));
        prop_assert!(!is_allow || path.starts_with("/v1/decide"), "{method} {path}: {}", answer.text());
    });
}

/// The same cases in every run; `VERDIKT_PROPERTY_SEED` and `PROPTEST_CASES` ask for others and for more.
fn config() -> ProptestConfig {
    let seed = std::env::var("VERDIKT_PROPERTY_SEED").ok().and_then(|seed| seed.parse().ok());
    ProptestConfig {
        rng_seed: RngSeed::Fixed(seed.unwrap_or(20_121_017)),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
