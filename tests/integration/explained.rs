//! Explanations of statements that other tests do not put together: principals, faults, empty values, folded statements.

use serde_json::{Value, json};
use verdikt::Explanation;
use verdikt::evaluate::explain::{Detail, Line, Tone, VariableSource};
use verdikt::suite::Cases;
use verdikt::text::truth::{Reason, Truth};

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";

/// What `alice` is told of `s3:GetObject` on `arn:aws:s3:::b/k`, under policies.
fn explain(policies: &Value, context: &Value) -> Explanation {
    let line = json!({"id": "a", "policies": policies, "request": {"principal": ALICE, "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333", "context": context}});
    Cases::default().explain(&line.to_string()).unwrap()
}

fn identity(statements: &Value) -> Value {
    json!({"identity": [{"name": "p", "policy": {"Version": "2012-10-17", "Statement": statements}}]})
}

fn bucket(element: &str, principal: &Value, more: &Value) -> Value {
    let mut statement = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"});
    statement[element] = principal.clone();
    let mut policies = json!({"resource": {"Version": "2012-10-17", "Statement": [statement]}});
    policies.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    policies
}

/// Of each principal whether it names the caller, and one sentence.
#[test]
fn principals_are_told_one_by_one() {
    let none = json!({});
    let boundary = json!({"permissions_boundary": [{"name": "b", "policy": {"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}]});
    let listed = json!({"AWS": [BOB, ALICE, "111122223333"]});
    for (element, principal, more, written, truths, holds, why) in [
        (
            "Principal",
            json!({"AWS": [BOB, ALICE], "Service": "lambda.amazonaws.com"}),
            &none,
            vec![BOB, ALICE, "lambda.amazonaws.com"],
            vec![false, true, false],
            true,
            format!("`{ALICE}` is named by `{ALICE}`"),
        ),
        (
            "Principal",
            json!({"AWS": BOB}),
            &none,
            vec![BOB],
            vec![false],
            false,
            format!("`{ALICE}` is not named by `{BOB}`"),
        ),
        ("Principal", json!("*"), &none, vec!["*"], vec![true], true, format!("`{ALICE}` is named by `*`")),
        (
            "NotPrincipal",
            listed.clone(),
            &none,
            vec![BOB, ALICE, "111122223333"],
            vec![false, true, true],
            false,
            format!("`{ALICE}` and every parent of it are listed, so it is spared"),
        ),
        (
            "NotPrincipal",
            json!({"AWS": ALICE}),
            &none,
            vec![ALICE],
            vec![true],
            true,
            format!("`{ALICE}`, or a parent of it, is not listed, so it is not spared"),
        ),
        (
            "NotPrincipal",
            listed,
            &boundary,
            vec![BOB, ALICE, "111122223333"],
            vec![false, true, true],
            true,
            format!("`{ALICE}` has a permissions boundary, and NotPrincipal then spares nobody"),
        ),
    ] {
        let explanation = explain(&bucket(element, &principal, more), &none);
        let statement = explanation.statements().find(|one| one.clauses.len() == 3).unwrap();
        let clause = statement.clauses.iter().find(|clause| clause.element == element).unwrap();
        let entries: Vec<_> =
            clause.entries.iter().map(|one| (one.written.as_str(), one.truth == true.into())).collect();
        let expected: Vec<_> = written.into_iter().zip(truths).collect();
        assert_eq!(
            (entries, clause.truth == true.into(), clause.why.as_str()),
            (expected, holds, why.as_str())
        );
        // It points to where the names stand.
        let text = statement.document.source().text();
        for entry in clause.entries.iter().filter(|one| one.written != "*") {
            let (start, end) = (entry.span.start as usize, entry.span.end as usize);
            assert_eq!(text[start..end], format!("\"{}\"", entry.written));
        }
    }
}

/// The first clause at fault, but one that is false before one that cannot be told.
#[test]
fn a_false_clause_is_the_fault_before_one_that_cannot_be_told() {
    let fault = |condition: Value| {
        let statement =
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition});
        let explanation = explain(&identity(&statement), &json!({"a:many": ["x", "y"], "a:one": "x"}));
        let statement = explanation.statements().next().unwrap();
        let key = statement.fault().and_then(|fault| fault.condition.as_ref()).map(|terms| terms.key.clone());
        (key, statement.indeterminate(), statement.faults().count())
    };
    let key = |name: &str| Some(name.to_owned());
    let unclear = json!({"StringEquals": {"a:many": "x"}});
    assert_eq!(fault(unclear), (key("a:many"), Some(Reason::MultivaluedKey), 1));
    let both = json!({"StringEquals": {"a:many": "x", "a:one": "z"}});
    assert_eq!(fault(both), (key("a:one"), None, 2));
    assert_eq!(fault(json!({"StringEquals": {"a:one": "x"}})), (None, None, 0));
}

/// An empty value is no value: the default holds, if there is one.
#[test]
fn empty_values_of_variables_are_told() {
    let resources = json!([
        "arn:aws:s3:::${a:one}",
        "arn:aws:s3:::${a:one, 'd'}",
        "arn:aws:s3:::${a:many, 'd'}",
        "arn:aws:s3:::${a:many}",
        "arn:aws:s3:::${a:full, 'd'}"
    ]);
    let statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources});
    let explanation = explain(&identity(&statement), &json!({"a:one": "", "a:many": [], "a:full": ["x"]}));
    let statement = explanation.statements().next().unwrap();
    let told: Vec<_> = statement.clauses[1]
        .entries
        .iter()
        .map(|entry| (entry.variables[0].source.clone(), entry.variables[0].value.as_deref()))
        .collect();
    let expected = [
        (VariableSource::Empty, None),
        (VariableSource::Default, Some("d")),
        (VariableSource::Default, Some("d")),
        (VariableSource::Absent, None),
        (VariableSource::Multivalued, None),
    ];
    assert_eq!(told, expected);
}

/// Many statements about other actions are counted, a few are listed; an empty Sid is none.
#[test]
fn statements_about_other_actions_are_folded() {
    let text = |others: usize| {
        let mut statements =
            vec![json!({"Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})];
        let other = json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"});
        statements.extend(std::iter::repeat_n(other, others));
        explain(&identity(&json!(statements)), &json!({})).to_string()
    };
    let few = text(8);
    assert!(few.contains("Allow statement 0") && few.contains("Allow statement 8"), "{few}");
    let many = text(9);
    assert!(many.contains("and 9 statements about other actions") && !many.contains("statement 8"), "{many}");
}

/// The place in the policy is shown of the first four statements that come near, of no more.
#[test]
fn four_places_are_shown() {
    let places = |count: usize| {
        let statement =
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"});
        let statements: Vec<_> = std::iter::repeat_n(statement, count).collect();
        let lines = explain(&identity(&json!(statements)), &json!({})).lines(Detail::Whole);
        lines.iter().filter(|line| matches!(line, Line::Excerpt { .. })).count()
    };
    assert_eq!([1, 4, 5, 9].map(places), [1, 4, 4, 4]);
}

/// The sentence of a condition on the key `a:k`.
fn why(condition: &Value, context: &Value) -> String {
    let statement =
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition});
    let explanation = explain(&identity(&statement), context);
    explanation.statements().next().unwrap().clauses[2].why.clone()
}

/// What is compared, in the words of the operator: where it holds and where it does not.
#[test]
fn every_comparison_has_its_words() {
    let (day, later) = ("2020-01-01", "2020-06-01");
    let (low, high) = ("10.1.2.3", "192.0.2.1");
    for (operator, operand, value, words) in [
        ("StringEquals", "x", "x", "equal to"),
        ("StringEquals", "x", "y", "not equal to"),
        ("StringNotEquals", "x", "y", "not equal to"),
        ("StringEqualsIgnoreCase", "x", "X", "equal, case ignored, to"),
        ("StringLike", "x*", "xy", "like"),
        ("StringLike", "x*", "y", "not like"),
        ("NumericEquals", "5", "5", "equal to"),
        ("NumericLessThan", "5", "4", "less than"),
        ("NumericLessThan", "5", "6", "not less than"),
        ("NumericLessThanEquals", "5", "5", "at most"),
        ("NumericGreaterThan", "5", "6", "more than"),
        ("NumericGreaterThanEquals", "5", "5", "at least"),
        ("DateEquals", day, day, "equal to"),
        ("DateLessThan", later, day, "before"),
        ("DateLessThanEquals", later, day, "before or at"),
        ("DateGreaterThan", day, later, "after"),
        ("DateGreaterThanEquals", day, later, "after or at"),
        ("Bool", "true", "true", "equal to"),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "equal to"),
        ("IpAddress", "10.0.0.0/8", low, "in"),
        ("IpAddress", "10.0.0.0/8", high, "not in"),
        ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bc", "like"),
        ("ArnLike", "arn:aws:s3:::b*", "arn:aws:s3:::c", "not like"),
    ] {
        let mut condition = json!({});
        condition[operator] = json!({"a:k": operand});
        let told = why(&condition, &json!({"a:k": value}));
        assert_eq!(told, format!("a:k is `{value}`, {words} `{operand}`"), "{operator}");
    }
    assert_eq!(why(&json!({"Null": {"a:k": "true"}}), &json!({"a:k": "x"})), "the request has a:k");
    let two = json!({"StringEquals": {"a:k": ["x", "y"]}});
    assert_eq!(why(&two, &json!({"a:k": "y"})), "a:k is `y`, equal to `y`");
    assert_eq!(why(&two, &json!({"a:k": "z"})), "a:k is `z`, equal to none of `x`, `y`");
    assert_eq!(why(&two, &json!({"a:k": ["x"]})), format!("a:k is [`x`]: {}", Reason::MultivaluedKey.text()));
}

/// An absent key, and why it may be a match.
#[test]
fn absent_keys_say_why_they_match() {
    for (operator, more) in [
        ("StringEquals", ""),
        ("StringEqualsIfExists", ", which IfExists takes for a match"),
        ("StringNotEquals", ", which a negated operator takes for a match"),
        ("StringNotEqualsIfExists", ", which IfExists takes for a match"),
        ("ForAllValues:StringEquals", ", which ForAllValues takes for a match"),
        ("ForAllValues:StringEqualsIfExists", ", which IfExists takes for a match"),
        ("ForAnyValue:StringEquals", ""),
        ("ForAnyValue:StringEqualsIfExists", ", which IfExists takes for a match"),
    ] {
        let mut condition = json!({});
        condition[operator] = json!({"a:k": "x"});
        assert_eq!(why(&condition, &json!({})), format!("the request has no a:k{more}"), "{operator}");
    }
    assert_eq!(why(&json!({"Null": {"a:k": "true"}}), &json!({})), "the request has no a:k");
}

/// Of several values the one that settles it, or what is true of every one.
#[test]
fn several_values_are_told_by_the_one_that_settles() {
    for (operator, operands, values, told) in [
        ("ForAllValues:StringEquals", json!("x"), json!(["x", "x"]), "every value of a:k is equal to `x`"),
        ("ForAllValues:StringEquals", json!("x"), json!(["x", "y"]), "`y` of a:k is not equal to `x`"),
        ("ForAnyValue:StringEquals", json!("x"), json!(["y", "x"]), "`x` of a:k is equal to `x`"),
        ("ForAnyValue:StringEquals", json!("x"), json!(["y", "z"]), "every value of a:k is not equal to `x`"),
        (
            "ForAllValues:StringNotEquals",
            json!("x"),
            json!(["y", "z"]),
            "every value of a:k is not equal to `x`",
        ),
        ("ForAllValues:StringNotEquals", json!("x"), json!(["y", "x"]), "`x` of a:k is equal to `x`"),
        ("ForAnyValue:StringNotEquals", json!("x"), json!(["x", "x"]), "every value of a:k is equal to `x`"),
        (
            "ForAllValues:StringEquals",
            json!(["x", "y"]),
            json!(["x", "z"]),
            "`z` of a:k is equal to none of `x`, `y`",
        ),
        (
            "ForAnyValue:StringLike",
            json!(["x*", "y"]),
            json!(["z", "xx"]),
            "`xx` of a:k is like one of `x*`, `y`",
        ),
        (
            "ForAnyValue:StringEquals",
            json!("x"),
            json!(["", ""]),
            "all values of a:k are empty, which is no value to a set qualifier",
        ),
        (
            "ForAnyValue:StringEquals",
            json!("x"),
            json!(""),
            "a:k is empty, which is no value to a set qualifier",
        ),
    ] {
        let mut condition = json!({});
        condition[operator] = json!({"a:k": operands});
        assert_eq!(why(&condition, &json!({"a:k": values})), told, "{operator} {operands} {values}");
    }
    assert_eq!(
        why(&json!({"StringEquals": {"a:k": "x"}}), &json!({"a:k": ""})),
        "a:k is ``, not equal to `x`"
    );
}

/// Each operand by itself, of a long list too; one that is asked of several values without a qualifier cannot be told.
#[test]
fn operands_are_told_one_by_one() {
    let entries = |operands: &Value, values: &Value| -> Vec<Truth> {
        let condition = json!({"StringEquals": {"a:k": operands}});
        let statement =
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition});
        let explanation = explain(&identity(&statement), &json!({"a:k": values}));
        explanation.statements().next().unwrap().clauses[2].entries.iter().map(|one| one.truth).collect()
    };
    let operands: Vec<_> = (0..12).map(|number| format!("v{number}")).collect();
    let third: Vec<Truth> = (0..12).map(|number| Truth::from(number == 3)).collect();
    assert_eq!(entries(&json!(operands), &json!("v3")), third);
    let unclear = Truth::Indeterminate(Reason::MultivaluedKey);
    assert_eq!(entries(&json!(["x", "z"]), &json!(["x", "y"])), [unclear, unclear]);
}

/// Before Version `2012-10-17` there are no variables, which is told; after it they are, with what they stand for.
#[test]
fn plain_variables_are_none() {
    for (version, variables) in [("2008-10-17", 0), ("2012-10-17", 1)] {
        let statement =
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${a:k}"});
        let policies = json!({"identity": [{"name": "p",
            "policy": {"Version": version, "Statement": statement}}]});
        let explanation = explain(&policies, &json!({"a:k": "k"}));
        let clause = &explanation.statements().next().unwrap().clauses[1];
        let entry = &clause.entries[0];
        assert_eq!(
            (entry.variables.len(), entry.has_plain_variables),
            (variables, variables == 0),
            "{version}"
        );
        let written = serde_json::to_value(&explanation).unwrap();
        let entries = |clause: usize| &written["layers"][3]["statements"][0]["clauses"][clause]["entries"][0];
        assert_eq!(entries(1).get("substituted").is_some(), variables == 1, "{version}: {written}");
        assert!(entries(0).get("substituted").is_none() && entries(0).get("variables").is_none());
    }
}

/// Of every kind of operand that may hold variables it is told what it is with their values.
#[test]
fn operands_are_told_with_their_values() {
    let context = json!({"a:k": "x*", "a:flag": "true"});
    for (operator, operand, substituted) in [
        ("StringEquals", "u-${a:k}", json!("u-x*")),
        ("StringLike", "${a:k}/*/${a:gone, 'none'}", json!("x*/*/none")),
        ("StringEqualsIgnoreCase", "${a:gone}", Value::Null),
        ("ArnLike", "arn:aws:sns:*:111122223333:${a:k}", json!("arn:aws:sns:*:111122223333:x*")),
        ("Bool", "${a:flag}", json!("true")),
    ] {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"a:asked": operand}}});
        let explanation = explain(&identity(&json!([statement])), &context);
        let entry = &explanation.statements().next().unwrap().clauses[2].entries[0];
        assert_eq!(entry.substituted.as_deref(), substituted.as_str(), "{operator} {operand}");
        let written = serde_json::to_value(&explanation).unwrap();
        let told = &written["layers"][3]["statements"][0]["clauses"][2]["entries"][0];
        assert_eq!(told["substituted"], substituted, "{told}");
    }
}

/// A principal clause without names, a variable without a value, and lists longer than six.
#[test]
fn what_is_missing_is_told() {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": []}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"});
    let policies = json!({"resource": {"Version": "2012-10-17", "Statement": [statement]}});
    let explanation = explain(&policies, &json!({}));
    assert_eq!(explanation.statements().next().unwrap().clauses[2].why, "nobody is named");

    let why = |element: &str, texts: &Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        statement[element] = texts.clone();
        let explanation = explain(&identity(&statement), &json!({}));
        let clauses = &explanation.statements().next().unwrap().clauses;
        clauses.iter().find(|clause| clause.element == element).unwrap().why.clone()
    };
    let without = "`arn:aws:s3:::b/k` does not match `arn:aws:s3:::${a:k}`, a variable of which has no value";
    assert_eq!(why("Resource", &json!("arn:aws:s3:::${a:k}")), without);
    let names = |count: usize| (0..count).map(|number| format!("a:x{number}")).collect::<Vec<_>>();
    let listed = "`s3:GetObject` matches none of `a:x0`, `a:x1`, `a:x2`, `a:x3`, `a:x4`, `a:x5`";
    assert_eq!(why("Action", &json!(names(6))), listed);
    assert_eq!(why("Action", &json!(names(8))), format!("{listed} and 2 more"));
}

/// The tones of the lines that begin with a text, and of the excerpts.
fn tones(policies: &Value, detail: Detail, beginning: &str) -> (Vec<Tone>, Vec<Tone>) {
    let (mut texts, mut excerpts) = (Vec::new(), Vec::new());
    for line in explain(policies, &json!({"a:k": "x"})).lines(detail) {
        match line {
            Line::Excerpt { tone, .. } => excerpts.push(tone),
            Line::Text(pieces) if pieces.first().is_some_and(|piece| piece.text.starts_with(beginning)) => {
                texts.extend(pieces.last().map(|piece| piece.tone));
            }
            Line::Text(_) => {}
        }
    }
    (texts, excerpts)
}

/// Of several layers that allow nothing the one that is missing stands out, and in it the Allows that come near.
#[test]
fn what_is_missing_stands_out() {
    let policy = |statements: &Value| json!([{"name": "p", "policy": {"Version": "2012-10-17", "Statement": statements}}]);
    let other = |effect: &str| json!({"Effect": effect, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"});
    let own = json!([other("Allow"), other("Deny")]);
    let policies =
        json!({"identity": policy(&own), "permissions_boundary": policy(&json!([other("Allow")]))});
    let (identity, excerpts) = tones(&policies, Detail::Clauses, "identity-based policy");
    let (boundary, _) = tones(&policies, Detail::Clauses, "permissions boundary");
    assert_eq!((identity, boundary), (vec![Tone::Bad], vec![Tone::Plain]));
    assert_eq!(excerpts, [Tone::Bad, Tone::Faint, Tone::Faint]);
    let (_, excerpts) = tones(&policies, Detail::Whole, "");
    assert_eq!(excerpts, [Tone::Bad]);
}

/// Below the place of the statement that decided stand the conditions of a Deny, where not every clause is told.
#[test]
fn conditions_of_a_deny_are_told_below_it() {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a:k": "x"}}});
    let mut deny = allow.clone();
    deny["Effect"] = json!("Deny");
    let below = "      Condition StringEquals a:k";
    for (statement, detail, told) in [
        (&deny, Detail::Whole, 1),
        (&deny, Detail::Clauses, 0),
        (&allow, Detail::Whole, 0),
        (&allow, Detail::Clauses, 0),
    ] {
        let (lines, excerpts) = tones(&identity(statement), detail, below);
        assert_eq!((lines.len(), excerpts.len()), (told, 1), "{statement} {detail:?}");
    }
}
