//! What is suggested, and what is not: values of each kind, resources, actions, and how far the search claims to have looked.

use serde_json::{Value, json};

use super::named::asked;
use super::nearest;

const KEY: &str = "arn:aws:s3:::b/k";

fn texts(case: &Value) -> Vec<String> {
    nearest(case).unwrap().suggestions.iter().map(ToString::to_string).collect()
}

fn allow(condition: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition})
}

fn deny(condition: &Value) -> Value {
    json!([allow(&json!({})), {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}])
}

/// Of each kind of condition, with what the request has.
#[test]
fn keys_get_values_of_their_kind() {
    let arn = "arn:aws:sns:*:111122223333:t*";
    let many = |values: &[&str]| json!({"a:k": values});
    for (statements, context, expected) in [
        (
            json!(allow(&json!({"ArnLike": {"a:k": "arn:aws:sns:eu:1:t"}}))),
            json!({}),
            "give a:k = `arn:aws:sns:eu:1:t`",
        ),
        // A star of a field before the sixth is what the key has there; that of the sixth is as little as may be.
        (
            json!(allow(&json!({"ArnLike": {"a:k": arn}}))),
            json!({"a:k": "arn:aws:sns:us:444455556666:u"}),
            "a:k = `arn:aws:sns:us:111122223333:t` (for example)",
        ),
        // Of several values those that hold stay.
        (
            json!(allow(&json!({"ForAllValues:StringLike": {"a:k": "x*"}}))),
            many(&["x1", "x2", "y"]),
            "a:k = [`x1`, `x2`]",
        ),
        (json!(allow(&json!({"ForAllValues:StringEquals": {"a:k": "x"}}))), many(&["y"]), "a:k = [`x`]"),
        // A key that every condition reads as several values gets several.
        (json!(allow(&json!({"ForAnyValue:StringEquals": {"a:k": "x"}}))), json!({}), "give a:k = [`x`]"),
        (
            json!(allow(
                &json!({"ForAnyValue:StringEquals": {"a:k": "x"}, "ForAnyValue:StringLike": {"a:k": "y*"}})
            )),
            json!({}),
            "give a:k = [`x`, `y`] (for example)",
        ),
        // Other letters are suggested where they are the same letters.
        (
            deny(&json!({"StringEqualsIgnoreCase": {"a:k": "stra\u{df}e"}})),
            json!({"a:k": "stra\u{df}e"}),
            "a:k = `other` (for example)",
        ),
        // As many changes as it takes, up to three.
        (
            json!(allow(&json!({"StringEquals": {"a:k": "x", "a:l": "y", "a:m": "z"}}))),
            json!({}),
            "give a:k = `x` and give a:l = `y` and give a:m = `z`",
        ),
    ] {
        let found = texts(&asked(&statements, "s3:GetObject", KEY, &context));
        assert_eq!(found.first().map(String::as_str), Some(expected), "{statements} {context} {found:?}");
    }
}

/// Before Version `2012-10-17` a variable is plain text, which is what a key is given; a resource with one says nothing of it.
#[test]
fn plain_variables_are_no_variables() {
    let old = |statement: Value| json!({"name": "old", "policy": {"Version": "2008-10-17", "Statement": statement}});
    let mut case = asked(&json!([]), "s3:GetObject", KEY, &json!({}));
    case["policies"]["identity"] = json!([old(allow(&json!({"StringEquals": {"a:k": "${aws:username}"}})))]);
    assert_eq!(texts(&case), ["give a:k = `${aws:username}`"]);

    let mut case =
        asked(&deny(&json!({"StringEquals": {"a:k": "x"}})), "s3:GetObject", KEY, &json!({"a:k": "x"}));
    let plain = json!({"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::b/${a:k}"});
    case["policies"]["identity"].as_array_mut().unwrap().push(old(plain));
    assert_eq!(texts(&case), ["a:k = `other` (for example)"]);
}

/// Actions and resources of another service or account are not suggested, whatever allows them.
#[test]
fn what_is_suggested_is_of_the_same_service_and_owner() {
    let on =
        |action: &str, resources: Value| json!({"Effect": "Allow", "Action": action, "Resource": resources});
    let (topic, other) = ("arn:aws:sns:eu:111122223333:t", "arn:aws:sns:eu:444455556666:t");
    for (statement, action, resource, expected) in [
        (on("sqs:SendMessage", json!("*")), "s3:GetObject", KEY, vec![]),
        (on("s3:PutObject", json!("*")), "s3:GetObject", KEY, vec!["action `s3:PutObject`"]),
        (on("*", json!(other)), "sns:Publish", topic, vec![]),
        (on("*", json!("arn:aws:sqs:eu:111122223333:q")), "sns:Publish", topic, vec![]),
        (
            on("*", json!("arn:aws:sns:eu:111122223333:u")),
            "sns:Publish",
            topic,
            vec!["resource `arn:aws:sns:eu:111122223333:u`"],
        ),
        // Another bucket where no bucket's policy is in use; what has a path for what has one.
        (
            on("*", json!(["arn:aws:s3:::c", "arn:aws:s3:::c/k"])),
            "s3:GetObject",
            KEY,
            vec!["resource `arn:aws:s3:::c/k`"],
        ),
    ] {
        assert_eq!(texts(&asked(&json!([statement]), action, resource, &json!({}))), expected, "{statement}");
    }
}

/// A resource that a Deny of something else names is not suggested before what an Allow leaves.
#[test]
fn resources_are_those_that_allows_name() {
    let statements = json!([
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": KEY},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/z"},
    ]);
    assert_eq!(
        texts(&asked(&statements, "s3:GetObject", KEY, &json!({}))),
        ["resource `arn:aws:s3:::b/other` (for example)"]
    );
}

/// Where the resource-based policy must allow, it must of the changed request too, and its own Allow is what is mended.
#[test]
fn the_resource_based_policy_still_must_allow() {
    let user = "arn:aws:iam::111122223333:user/u";
    let mut case = asked(&json!([allow(&json!({}))]), "s3:GetObject", KEY, &json!({}));
    let condition = json!({"StringEquals": {"a:k": "x", "a:l": "y"}});
    case["policies"]["resource"] = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": user}, "Action": "*", "Resource": KEY, "Condition": condition}});
    case["request"]["resource_policy_mode"] = json!("mustAllow");
    assert_eq!(texts(&case), ["give a:k = `x` and give a:l = `y`"]);
}

/// What a caller's provider does not go with is another action; no key or resource helps.
#[test]
fn a_call_that_the_caller_cannot_make_is_another_call() {
    let role = "arn:aws:iam::111122223333:role/R";
    let mut case = asked(&json!([allow(&json!({}))]), "sts:AssumeRoleWithSAML", role, &json!({}));
    case["policies"]["resource"] = json!({"kind": "trust", "Version": "2012-10-17"});
    case["policies"]["resource"] = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/u"},
        "Action": ["sts:AssumeRole", "sts:AssumeRoleWithSAML"]}});
    assert_eq!(texts(&case), ["action `sts:AssumeRole`"]);
}

/// What cannot help takes no work: beside many statements of other layers and effects, and many that need more changes
/// than may be made, all three changes are searched.
#[test]
fn only_what_could_help_is_searched() {
    let of = |effect: &str, number: usize, more: usize| {
        let keys: serde_json::Map<_, _> =
            (0..more).map(|key| (format!("a:k{number}x{key}"), json!("x"))).collect();
        json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": {"StringEquals": keys}})
    };
    let never = json!({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"});
    let list = |first: Value, effect: &str, more: usize| {
        json!([first].into_iter().chain((0..60).map(|number| of(effect, number, more))).collect::<Vec<_>>())
    };
    let layer = |statements: Value| json!([{"name": "p", "policy": {"Version": "2012-10-17", "Statement": statements}}]);
    let asked = |identity: Value| asked(&identity, "s3:GetObject", KEY, &json!({}));

    let mut boundary = asked(list(never.clone(), "Deny", 1));
    boundary["policies"]["permissions_boundary"] = layer(list(allow(&json!({})), "Allow", 1));
    let mut levels = asked(list(allow(&json!({})), "Allow", 1));
    levels["policies"]["scps"] = json!([layer(list(allow(&json!({})), "Allow", 1)), layer(json!([never]))]);
    let far = asked(list(never.clone(), "Allow", 4));
    for case in [boundary, levels, far] {
        let nearest = nearest(&case).unwrap();
        assert_eq!((nearest.suggestions.len(), nearest.searched), (0, 3));
    }

    // Of two changes there are more actions than are looked at: they are not claimed.
    let actions: Vec<_> = (0..600).map(|number| format!("s3:x{number}")).collect();
    let condition = json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}});
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition});
    let nearest = nearest(&asked(json!([statement]))).unwrap();
    assert_eq!((nearest.suggestions.len(), nearest.searched), (0, 1));
}
