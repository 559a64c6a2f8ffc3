//! What the index leaves out: the cost of a decision does not grow with statements that cannot match. Statements are
//! counted, never timed; and each decision is that without an index.

use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::policy::{Document, Kind, Limits};
use crate::request::{Owner, Principal, Request};
use crate::text::count;

use super::PolicySet;

/// Buckets of so many statements are walked; of more, searched.
const WALKED: usize = 8;

fn compile(statements: impl IntoIterator<Item = String>) -> Arc<CompiledPolicy> {
    let statements = statements.into_iter().collect::<Vec<_>>().join(",");
    let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let document = Document::parse(Kind::Identity, "p", &json, &Limits::default()).unwrap().document;
    CompiledPolicy::compile(&[document]).unwrap()
}

fn allow(rest: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": "s3:GetObject", {rest}}}"#)
}

fn by_resource(resource: &str) -> String {
    allow(&format!(r#""Resource": "arn:aws:s3:::{resource}""#))
}

fn by_value(operator: &str, value: &str) -> String {
    allow(&format!(r#""Resource": "*", "Condition": {{"{operator}": {{"a:k": "{value}"}}}}"#))
}

/// Whether an action on a path is allowed, and how many statements were asked; the values are those of the key `a:k`.
fn ask(policy: &Arc<CompiledPolicy>, action: &str, path: &str, values: Option<&[&str]>) -> (bool, usize) {
    let set = PolicySet::builder().identity(Arc::clone(policy)).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let resource = format!("arn:aws:s3:::{path}");
    let builder = Request::builder(&user, action, &resource, Owner::Account("111122223333"));
    let builder = match values {
        None => builder,
        Some([value]) => builder.one("a:k", *value),
        Some(values) => builder.many("a:k", values.iter().copied()),
    };
    let request = builder.build().unwrap();
    let (decision, asked) = count::asked(|| set.decide(&request));
    assert_eq!(decision, set.decide_exhaustively(&request), "{action} {path} {values:?}");
    (decision.is_allowed(), asked)
}

#[test]
fn statements_are_found_by_their_paths() {
    for (form, count) in
        [("b/{}/*", 100), ("b/{}/*", WALKED + 1), ("b/x/{}/y/*", 40), ("b/{}", 40), ("{}", 40)]
    {
        let of = |number: usize| form.replace("{}", &format!("n{number}"));
        let policy = compile((0..count).map(|number| by_resource(&of(number))));
        for number in [0, 3, count - 1] {
            let path = of(number).replace('*', "key");
            assert_eq!(ask(&policy, "s3:GetObject", &path, None), (true, 1), "{path}");
        }
        let path = of(count).replace('*', "key");
        assert_eq!(ask(&policy, "s3:GetObject", &path, None), (false, 0), "{path}");
    }
    // A few are walked, which is sooner done than to search.
    let few = compile((0..WALKED).map(|number| by_resource(&format!("b/n{number}/*"))));
    assert_eq!(ask(&few, "s3:GetObject", "b/other/key", None), (false, WALKED));
}

#[test]
fn many_paths_of_one_folder_are_found_by_their_heads() {
    for count in [WALKED + 1, 60] {
        let policy = compile((0..count).map(|number| by_resource(&format!("b/n{number}-*"))));
        assert_eq!(ask(&policy, "s3:GetObject", "b/n5-key", None), (true, 1));
        assert_eq!(ask(&policy, "s3:GetObject", "b/other", None), (false, 0));
    }
}

/// A star that could run past a colon is asked of every resource with one; a resource of other paths is not.
#[test]
fn what_may_cross_a_colon_is_asked_of_colons() {
    let policy = compile((0..40).map(|number| by_resource(&format!("b/n{number}/*"))));
    assert!(ask(&policy, "s3:GetObject", "b/n5/a:b", None).0);
    let whole =
        compile((0..40).map(|number| {
            allow(&format!(r#""Resource": ["arn:aws:s3:::b/n{number}/*", "arn:aws:s3:::c*"]"#))
        }));
    assert!(ask(&whole, "s3:GetObject", "c/x:y", None).0);
    assert!(!ask(&whole, "s3:GetObject", "d/x:y", None).0);
}

#[test]
fn statements_are_found_by_the_value_that_they_ask_for() {
    for operator in ["StringEquals", "ForAnyValue:StringEquals"] {
        for count in [WALKED + 1, 60] {
            let policy = compile((0..count).map(|number| by_value(operator, &format!("v{number}"))));
            assert_eq!(ask(&policy, "s3:GetObject", "b", Some(&["v5"])), (true, 1), "{operator}");
            assert_eq!(ask(&policy, "s3:GetObject", "b", Some(&["other"])), (false, 0), "{operator}");
            assert_eq!(ask(&policy, "s3:GetObject", "b", None), (false, 0), "{operator}");
            // A multivalued key is not searched.
            let (is_allowed, _) = ask(&policy, "s3:GetObject", "b", Some(&["v5", "x"]));
            assert_eq!(is_allowed, operator.starts_with("For"), "{operator}");
        }
    }
    // Of eight values beside other statements, each is asked.
    let others = (0..WALKED).map(|number| by_resource(&format!("b/n{number}/*")));
    let policy =
        compile((0..WALKED).map(|number| by_value("StringEquals", &format!("v{number}"))).chain(others));
    assert_eq!(ask(&policy, "s3:GetObject", "c", Some(&["other"])), (false, WALKED));
}

/// Where another value than those listed can match, or none, no statement is left out.
#[test]
fn conditions_that_a_value_does_not_decide_are_all_asked() {
    for operator in [
        "StringNotEquals",
        "StringEqualsIfExists",
        "ForAnyValue:StringEqualsIfExists",
        "ForAnyValue:StringNotEquals",
        "ForAllValues:StringEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
    ] {
        let value = |number: usize| format!("v{number}{}", if operator == "StringLike" { "*" } else { "" });
        let policy = compile((0..20).map(|number| by_value(operator, &value(number))));
        for values in [None, Some(&["v5"][..]), Some(&["V5"]), Some(&["w"]), Some(&["v5", "w"]), Some(&[])] {
            ask(&policy, "s3:GetObject", "b", values);
        }
    }
    let variable =
        compile((0..20).map(|number| by_value("StringEquals", &format!("v${{aws:username, '{number}'}}"))));
    assert!(ask(&variable, "s3:GetObject", "b", Some(&["v5"])).0);
    assert!(!ask(&variable, "s3:GetObject", "b", Some(&["v20"])).0);
    // The first condition says nothing of values, a later one does.
    let both = compile((0..20).map(|number| {
        let condition = format!(r#"{{"Bool": {{"a:b": "true"}}, "StringEquals": {{"a:k": "v{number}"}}}}"#);
        allow(&format!(r#""Resource": "*", "Condition": {condition}"#))
    }));
    assert_eq!(ask(&both, "s3:GetObject", "b", Some(&["v5"])), (false, 1));
}

/// An entry that no place leads to, among others that have one, keeps its statement among those always asked.
#[test]
fn a_statement_is_filed_whole_or_not_at_all() {
    let policy = compile((0..20).map(|number| {
        allow(&format!(r#""Resource": ["arn:aws:s3:::b/n{number}/*", "arn:aws:s3:::*/z{number}"]"#))
    }));
    assert!(ask(&policy, "s3:GetObject", "b/n5/key", None).0);
    assert!(ask(&policy, "s3:GetObject", "c/z5", None).0);
    assert!(!ask(&policy, "s3:GetObject", "c/z20", None).0);
    let negated =
        compile((0..20).map(|number| allow(&format!(r#""NotResource": "arn:aws:s3:::b/n{number}/*""#))));
    assert!(ask(&negated, "s3:GetObject", "b/n5/key", None).0);
    let excluded = compile((0..20).map(|number| {
        allow(&format!(r#""NotResource": ["arn:aws:s3:::b/n{number}/*", "arn:aws:s3:::b/m/*"]"#))
    }));
    assert!(!ask(&excluded, "s3:GetObject", "b/m/key", None).0);
}

/// Statements of other actions are not asked, and what is allowed is not asked again.
#[test]
fn statements_of_other_actions_are_not_asked() {
    let one = |action: &str| format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#);
    let policy =
        compile((0..100).map(|number| one(&format!("a:x{number}"))).chain([one("b:Get*"), one("a:Put*")]));
    assert_eq!(ask(&policy, "a:x70", "b", None), (true, 1));
    assert_eq!(ask(&policy, "a:x100", "b", None), (false, 1));
    assert_eq!(ask(&policy, "b:GetIt", "b", None), (true, 1));
    assert_eq!(ask(&policy, "c:GetIt", "b", None), (false, 0));
    let always = compile((0..100).map(|_| one("*")));
    assert_eq!(ask(&always, "a:x", "b", None), (true, 1));
}

/// Where a level of the organization allows nothing, no Allow is asked: only a Deny still matters.
#[test]
fn no_allow_is_asked_that_cannot_matter() {
    let empty = CompiledPolicy::compile(&[]).unwrap();
    let own = compile([by_resource("b/*")]);
    let set = PolicySet::builder().scps(vec![empty]).identity(own).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let request = Request::builder(&user, "s3:GetObject", "arn:aws:s3:::b/k", Owner::Account("111122223333"));
    let (decision, asked) = count::asked(|| set.decide(&request.build().unwrap()));
    assert_eq!((decision.is_allowed(), asked), (false, 0));
}

/// A statement that is asked and says nothing, so that everyone after it is asked too.
fn silent(action: &str, resource: &str) -> String {
    let condition = r#""Condition": {"Bool": {"a:never": "true"}}"#;
    format!(r#"{{"Effect": "Allow", "Action": {action}, "Resource": "{resource}", {condition}}}"#)
}

/// The buckets of a few exact actions hold the wildcards that match them too, so that nothing is asked twice; past a
/// bound on what that takes, both are visited.
#[test]
fn wildcards_stand_among_exact_actions_within_a_bound() {
    for (count, is_closed) in [(1, true), (10, true), (11, false), (40, false)] {
        let exact = (0..count).map(|number| silent(&format!(r#""a:x{number}""#), "*"));
        let wild = (0..count).map(|number| silent(&format!(r#""a:x{number}*""#), "*"));
        let policy = compile(exact.chain(wild));
        assert_eq!(policy.form.index.closed, is_closed, "{count}");
        // The exact one and its wildcard; of a service whose wildcards stand apart each of them.
        let asked = if is_closed { 2 } else { 1 + count };
        assert_eq!(ask(&policy, "a:x0", "b", None), (false, asked), "{count}");
    }
}

/// Statements under one path or one value, a few and many; the last of them is the one that allows.
#[test]
fn statements_that_share_a_place_are_all_asked() {
    for sharing in [2, 3, WALKED, WALKED + 1, 30] {
        let others = (0..20).map(|number| by_resource(&format!("b/n{number}/*")));
        let shared = (1..sharing).map(|_| silent(r#""s3:GetObject""#, "arn:aws:s3:::b/s/*"));
        let policy = compile(others.chain(shared).chain([by_resource("b/s/*")]));
        assert_eq!(ask(&policy, "s3:GetObject", "b/s/key", None), (true, sharing), "{sharing}");
        let others = (0..20).map(|number| by_value("StringEquals", &format!("v{number}")));
        let asked = |also: &str| {
            let condition = format!(r#"{{"StringEquals": {{"a:k": "s"}}{also}}}"#);
            allow(&format!(r#""Resource": "*", "Condition": {condition}"#))
        };
        let shared = (1..sharing).map(|_| asked(r#", "Bool": {"a:never": "true"}"#));
        let policy = compile(others.chain(shared).chain([asked("")]));
        assert_eq!(ask(&policy, "s3:GetObject", "b", Some(&["s"])), (true, sharing), "{sharing}");
    }
    // Up to eight under one path are walked, whatever their heads; of more, those whose heads fit are asked.
    for (sharing, asked) in [(WALKED, WALKED), (WALKED + 1, 0)] {
        let others = (0..20).map(|number| by_resource(&format!("b/n{number}/*")));
        let shared = (0..sharing).map(|number| by_resource(&format!("b/s/h{number}*")));
        let policy = compile(others.chain(shared));
        assert_eq!(ask(&policy, "s3:GetObject", "b/s/other", None), (false, asked), "{sharing}");
    }
}

/// A statement with two entries under one path is asked once, and no other is lost beside it.
#[test]
fn a_statement_stands_once_under_a_path() {
    let both = |number: usize| {
        let condition = r#""Condition": {"Bool": {"a:never": "true"}}"#;
        allow(&format!(
            r#""Resource": ["arn:aws:s3:::b/n{number}/x*", "arn:aws:s3:::b/n{number}/*"], {condition}"#
        ))
    };
    let policy = compile((0..20).flat_map(|number| [both(number), by_resource(&format!("b/n{number}/*"))]));
    assert_eq!(ask(&policy, "s3:GetObject", "b/n5/x", None), (true, 2));
}

/// A star of an earlier field may run past a colon only where the resource has one in its sixth field: a Deny counts it.
#[test]
fn a_star_of_an_earlier_field_is_asked_of_colons() {
    let deny = |number: usize| {
        let resource = format!("arn:aws:sns:*:111122223333:n{number}/*");
        format!(r#"{{"Effect": "Deny", "Action": "sns:Publish", "Resource": "{resource}"}}"#)
    };
    let everything = r#"{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}"#.to_owned();
    let policy = compile((0..20).map(deny).chain([everything]));
    let set = PolicySet::builder().identity(policy).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    for (resource, is_allowed) in [
        ("arn:aws:sns:eu:111122223333:n5/x", false),
        ("arn:aws:sns:eu:111122223333:other/x", true),
        ("arn:aws:sns:eu:444455556666:x:111122223333:n5/x", false),
    ] {
        let owner = Owner::Account("111122223333");
        let request = Request::builder(&user, "sns:Publish", resource, owner).build().unwrap();
        let decision = set.decide(&request);
        assert_eq!(decision, set.decide_exhaustively(&request), "{resource}");
        assert_eq!(decision.is_allowed(), is_allowed, "{resource}");
    }
}

/// Only the depths of path that entries are filed under are looked at, however deep the resource.
#[test]
fn a_deep_resource_takes_no_more_looks() {
    let policy = compile((0..20).map(|number| by_resource(&format!("b/n{number}/*"))));
    let looks = |path: &str| count::during(|| ask(&policy, "s3:GetObject", path, None)).1;
    assert_eq!(looks("b/n5/key"), looks("b/n5/a/b/c/d/e/key"));
}
