//! Policies made to be slow to compile or to decide: work and memory stay within a multiple of their size. Work is
//! counted, never timed.

#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use crate::compile::{CompiledPolicy, slot_of};
use crate::policy::{Document, Kind, Limits};
use crate::request::{Owner, Principal, Request};
use crate::text::collide::{of_few_slots, of_one_hash};
use crate::text::count;
use crate::text::hash::hash_bytes;
use crate::text::probe::PROBES;

use super::PolicySet;

fn compile(statements: &[String]) -> std::sync::Arc<CompiledPolicy> {
    let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
    let document = Document::parse(Kind::Identity, "hostile", &json, &Limits::default()).unwrap().document;
    CompiledPolicy::compile(&[document]).unwrap()
}

fn statement(effect: &str, rest: &str) -> String {
    format!(r#"{{"Effect": "{effect}", {rest}}}"#)
}

fn quoted<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    texts.into_iter().map(|text| format!("\"{}\"", text.as_ref())).collect::<Vec<_>>().join(",")
}

/// Asks, with a value of the key `a:k`, and holds the answer to that without an index; tells whether it is allowed, and how many places were looked at.
fn ask(
    policy: &std::sync::Arc<CompiledPolicy>,
    action: &str,
    resource: &str,
    value: Option<&str>,
) -> (bool, usize) {
    let set = PolicySet::builder().identity(policy.clone()).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let builder = Request::builder(&user, action, resource, Owner::Account("111122223333"));
    let builder = value.into_iter().fold(builder, |builder, value| builder.one("a:k", value));
    let request = builder.build().unwrap();
    let (decision, looks) = count::during(|| set.decide(&request));
    assert_eq!(decision, set.decide_exhaustively(&request), "{action} {resource}");
    (decision.is_allowed(), looks)
}

/// Action names of one hash, and names whose hashes crowd into few slots.
#[test]
fn colliding_action_names_are_grouped_and_found_in_bounded_work() {
    let crowding =
        of_few_slots(4_096, |number| format!("a:{number:014}"), |name| slot_of(hash_bytes(name.as_bytes())));
    for names in [of_one_hash(*b"service:", 4_096), crowding] {
        let policy =
            [statement("Allow", &format!(r#""Action": [{}], "Resource": "*""#, quoted(&names[1..])))];
        let (policy, looks) = count::during(|| compile(&policy));
        // To group a name, and to place its group.
        assert!(looks <= names.len() * PROBES * 2, "{looks} places");
        for name in names.iter().step_by(61) {
            let (is_allowed, looks) = ask(&policy, name, "*", None);
            assert_eq!(is_allowed, *name != names[0], "{name}");
            assert!(looks <= PROBES * 3, "{name}: {looks} places");
        }
        let (is_allowed, _) = ask(&policy, &names[1], "*", None);
        assert!(is_allowed);
    }
}

/// Names of services whose hashes crowd into few slots: the wildcards of a service are found by its name.
#[test]
fn colliding_services_are_found_in_bounded_work() {
    let slot = |name: &str| slot_of(hash_bytes(name.as_bytes()));
    let names = of_few_slots(1_024, |number| format!("s{number:015}"), slot);
    let globs = names[1..].iter().map(|name| format!("{name}:Get*"));
    let policy = [statement("Allow", &format!(r#""Action": [{}], "Resource": "*""#, quoted(globs)))];
    let (policy, looks) = count::during(|| compile(&policy));
    assert!(looks <= names.len() * PROBES * 2, "{looks} places");
    for name in names.iter().step_by(61) {
        let (is_allowed, looks) = ask(&policy, &format!("{name}:GetObject"), "*", None);
        assert_eq!(is_allowed, *name != names[0], "{name}");
        assert!(looks <= PROBES * 3, "{name}: {looks} places");
    }
}

/// Paths of one hash, and paths whose hashes crowd into few slots.
#[test]
fn colliding_paths_are_filed_and_found_in_bounded_work() {
    use crate::request::path::filed;
    let slot = |name: &str| slot_of(filed(&format!("bucket/{name}/"), false).unwrap().1);
    let crowding = of_few_slots(1_024, |number| format!("{number:016}"), slot);
    for names in [of_one_hash(*b"tenant--", 1_024), crowding] {
        let resource = |name: &str| format!("arn:aws:s3:::bucket/{name}/");
        let one = |name: &String| {
            statement("Allow", &format!(r#""Action": "s3:GetObject", "Resource": "{}*""#, resource(name)))
        };
        let statements: Vec<_> = names[1..].iter().map(one).collect();
        let (policy, looks) = count::during(|| compile(&statements));
        assert!(looks <= names.len() * PROBES * 2, "{looks} places");
        for name in names.iter().step_by(61) {
            let (is_allowed, looks) = ask(&policy, "s3:GetObject", &(resource(name) + "key"), None);
            assert_eq!(is_allowed, *name != names[0], "{name}");
            // The action, its service, and the depths of the path.
            assert!(looks <= PROBES * 10, "{name}: {looks} places");
        }
    }
}

/// The same of values that statements ask of a key.
#[test]
fn colliding_values_are_filed_and_found_in_bounded_work() {
    let crowding =
        of_few_slots(1_024, |number| format!("{number:016}"), |name| slot_of(hash_bytes(name.as_bytes())));
    for names in [of_one_hash(*b"tenant--", 1_024), crowding] {
        let one = |name: &String| {
            let condition = format!(r#""Condition": {{"StringEquals": {{"a:k": "{name}"}}}}"#);
            statement("Allow", &format!(r#""Action": "s3:GetObject", "Resource": "*", {condition}"#))
        };
        let statements: Vec<_> = names[1..].iter().map(one).collect();
        let (policy, looks) = count::during(|| compile(&statements));
        assert!(looks <= names.len() * PROBES * 2, "{looks} places");
        for name in names.iter().step_by(61) {
            let (is_allowed, _) = ask(&policy, "s3:GetObject", "*", Some(name));
            assert_eq!(is_allowed, *name != names[0], "{name}");
        }
    }
}

/// Every wildcard was asked of every action named exactly: 90,000 beside 90,000 in a policy of 4 MiB.
#[test]
fn wildcards_are_not_asked_of_every_exact_action() {
    let (names, globs) = (0..4_000, 0..4_000);
    let exact = statement(
        "Allow",
        &format!(r#""Action": [{}], "Resource": "*""#, quoted(names.map(|number| format!("a:x{number}")))),
    );
    let list = quoted(globs.map(|number| format!("a:*y{number}*")));
    for key in ["Action", "NotAction"] {
        let wild = statement("Allow", &format!(r#""{key}": [{list}], "Resource": "*""#));
        let policy = compile(&[exact.clone(), wild]);
        assert!(!policy.form.index.closed, "{key}");
        assert!(ask(&policy, "a:x3999", "*", None).0);
        assert!(ask(&policy, "a:zy77z", "*", None).0 == (key == "Action"));
    }
    // What policies hold is closed.
    let plain =
        statement("Allow", r#""Action": ["s3:GetObject", "s3:PutObject", "s3:List*"], "Resource": "*""#);
    assert!(compile(&[plain]).form.index.closed);
}

/// Each action of a statement filed each of its resources and values: a policy of 4 MiB asked for tens of gigabytes.
#[test]
fn an_index_is_no_product_of_actions_and_resources() {
    let actions = quoted((0..600).map(|number| format!("a:x{number}")));
    let resources = |number: usize| quoted((0..1_000).map(|at| format!("arn:aws:s3:::b{number}/{at}/*")));
    let values = |number: usize| quoted((0..1_000).map(|at| format!("v{number}-{at}")));
    let by_path = |number| {
        statement("Allow", &format!(r#""Action": [{actions}], "Resource": [{}]"#, resources(number)))
    };
    let by_value = |number| {
        let condition = format!(r#""Condition": {{"StringEquals": {{"a:k": [{}]}}}}"#, values(number));
        statement("Allow", &format!(r#""Action": [{actions}], "Resource": "*", {condition}"#))
    };
    let paths: Vec<_> = (0..10).map(by_path).collect();
    let policy = compile(&paths);
    let text = policy.documents()[0].source().text().len();
    assert!(policy.memory() < text * 100, "{} bytes for {text}", policy.memory());
    for action in ["a:x0", "a:x599"] {
        assert!(ask(&policy, action, "arn:aws:s3:::b9/999/key", None).0);
        assert!(!ask(&policy, action, "arn:aws:s3:::b9/1000/key", None).0);
    }
    let values: Vec<_> = (0..10).map(by_value).collect();
    let policy = compile(&values);
    let text = policy.documents()[0].source().text().len();
    assert!(policy.memory() < text * 100, "{} bytes for {text}", policy.memory());
    for action in ["a:x0", "a:x599"] {
        assert!(ask(&policy, action, "*", Some("v9-999")).0);
        assert!(!ask(&policy, action, "*", Some("v9-1000")).0);
    }
}
