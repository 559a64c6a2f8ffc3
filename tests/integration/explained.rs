//! Explanations of statements that other tests do not put together: principals, faults, empty values, folded statements.

use serde_json::{Value, json};
use verdikt::Explanation;
use verdikt::evaluate::explain::{Detail, Line, VariableSource};
use verdikt::suite::Cases;
use verdikt::text::truth::Reason;

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
