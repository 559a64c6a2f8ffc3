//! What becomes of an API call: how its checks combine, which of them decides, and what is told of it.

use verdikt::evaluate::api_call::{ApiCall, Check};
use verdikt::evaluate::{CallCheck, CallDecision, CallExplanation, Combination, Outcome};
use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};

use Combination::{AllOf, Each, NoneNeeded};

const ACCOUNT: Owner<'static> = Owner::Account("111122223333");

/// Allows what is under `open`, denies what is under `shut`, and is silent of the rest.
fn set() -> PolicySet {
    let json = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::app/open/*"},
        {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::app/shut/*"}]}"#;
    let role = Document::parse(Kind::Identity, "role", json, &Limits::default()).unwrap().document;
    PolicySet::builder().identity(CompiledPolicy::compile(&[role]).unwrap()).build().unwrap()
}

fn user() -> Principal {
    Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap()
}

/// Asks of each folder with a part.
fn with_checks<T>(checks: &[(&str, Option<u32>)], ask: impl FnOnce(&[CallCheck<'_>]) -> T) -> T {
    let (set, user) = (set(), user());
    let resources: Vec<_> = checks.iter().map(|(folder, _)| format!("arn:aws:s3:::app/{folder}/k")).collect();
    let mut asked = Vec::new();
    for (resource, (_, part)) in resources.iter().zip(checks) {
        let request = Request::builder(&user, "s3:GetObject", resource.as_str(), ACCOUNT).build().unwrap();
        asked.push(CallCheck { set: &set, request, part: *part });
    }
    ask(&asked)
}

fn decided(combination: Combination, checks: &[(&str, Option<u32>)]) -> CallDecision {
    with_checks(checks, |checks| CallDecision::decide(combination, checks))
}

fn explained(combination: Combination, checks: &[(&str, Option<u32>)]) -> CallExplanation {
    with_checks(checks, |checks| CallExplanation::explain(combination, checks))
}

/// One denied check denies the call, explicitly if one is; without a check only what needs none goes through.
#[test]
fn the_outcome_is_that_of_the_check_that_decides() {
    let (open, shut, else_) = (("open", None), ("shut", None), ("else", None));
    for (combination, checks, outcome, deciding) in [
        (AllOf, vec![open, open], Outcome::Allowed, Some(0)),
        (AllOf, vec![open, else_], Outcome::ImplicitDeny, Some(1)),
        (AllOf, vec![else_, open, shut], Outcome::ExplicitDeny, Some(2)),
        (AllOf, vec![open, else_, else_], Outcome::ImplicitDeny, Some(1)),
        (Each, vec![open, shut], Outcome::ExplicitDeny, Some(1)),
        (AllOf, vec![], Outcome::ImplicitDeny, None),
        (Each, vec![], Outcome::ImplicitDeny, None),
        (NoneNeeded, vec![], Outcome::Allowed, None),
        (NoneNeeded, vec![else_], Outcome::ImplicitDeny, Some(0)),
    ] {
        let decision = decided(combination, &checks);
        assert_eq!(decision.outcome(), outcome, "{combination:?} {checks:?}");
        assert_eq!(decision.is_allowed(), outcome == Outcome::Allowed, "{combination:?} {checks:?}");
        assert_eq!(decision.deciding().map(|(place, _)| place), deciding, "{combination:?} {checks:?}");
    }
}

/// A part is done if all its checks are allowed, wherever they stand; a check without a part is one by itself.
#[test]
fn parts_are_done_by_themselves() {
    let part = |folder, number| (folder, Some(number));
    for (checks, parts) in [
        (vec![part("open", 0), part("else", 1)], vec![(0, true), (1, false)]),
        (vec![part("open", 1), part("open", 0), part("else", 1)], vec![(1, false), (0, true)]),
        (vec![part("else", 0), part("open", 0)], vec![(0, false)]),
        (vec![part("open", 2), part("open", 2)], vec![(2, true)]),
        (vec![("open", None), ("else", None), ("open", None)], vec![(0, true), (1, false), (2, true)]),
        (vec![], vec![]),
    ] {
        assert_eq!(decided(Each, &checks).parts(), parts, "{checks:?}");
    }
    let checks = [part("open", 0), part("else", 1)];
    assert_eq!(decided(AllOf, &checks).parts(), [(0, false)]);
    assert_eq!(decided(AllOf, &checks[..1]).parts(), [(0, true)]);
    assert_eq!(decided(NoneNeeded, &[]).parts(), [(0, true)]);
}

#[test]
fn a_summary_tells_what_becomes_of_the_call() {
    let (open, else_) = (("open", None), ("else", None));
    for (combination, checks, summary) in [
        (NoneNeeded, vec![], "the call needs no permission: the service checks no policy for it"),
        (NoneNeeded, vec![open], "the call is allowed: all 1 of its checks are"),
        (AllOf, vec![open, open], "the call is allowed: all 2 of its checks are"),
        (Each, vec![open, open], "the call is allowed: all 2 of its checks are"),
        (AllOf, vec![], "the call is denied: it makes no check"),
        (Each, vec![], "the call is denied: it makes no check"),
        (
            AllOf,
            vec![open, else_],
            "the call is denied: 1 of its 2 checks are not allowed, and it needs them all",
        ),
        (Each, vec![else_, open, open], "2 of the 3 parts of the call are allowed, each by itself"),
    ] {
        assert_eq!(explained(combination, &checks).summary(), summary, "{combination:?} {checks:?}");
    }
}

/// The summary, and each check under its number, with its part if it has one.
#[test]
fn an_explanation_is_written_check_by_check() {
    let explanation = explained(Each, &[("open", Some(3)), ("else", None)]);
    let [(_, first), (_, second)] = &explanation.checks[..] else { panic!() };
    let expected = format!(
        "1 of the 2 parts of the call are allowed, each by itself\n\ncheck 1 of 2, part 3:\n{first}\ncheck 2 of 2:\n{second}"
    );
    assert_eq!(explanation.to_string(), expected);
    assert_eq!(explanation.decision(), decided(Each, &[("open", Some(3)), ("else", None)]));
}

fn call(resources: &[&str]) -> ApiCall {
    let check = |resource: &&str| Check {
        action: "s3:GetObject".into(),
        resource: (*resource).to_owned(),
        context: Vec::new(),
        part: Some(7),
    };
    let checks = resources.iter().map(check).collect();
    ApiCall { service: "s3", operation: "CopyObject", combination: AllOf, checks }
}

/// Every check is governed, in order, with its part; one that cannot be is an error of the call.
#[test]
fn each_check_is_governed() {
    let (set, user) = (set(), user());
    let call = call(&["arn:aws:s3:::app/open/a", "arn:aws:s3:::app/else/b"]);
    let checks =
        call.governed(|check| check.request(&user, ACCOUNT).build().map(|request| (&set, request))).unwrap();
    let asked: Vec<_> = checks.iter().map(|check| (check.request.resource().text(), check.part)).collect();
    assert_eq!(asked, [("arn:aws:s3:::app/open/a", Some(7)), ("arn:aws:s3:::app/else/b", Some(7))]);
    assert_eq!(call.governed(|_| Err::<(&PolicySet, Request<'_>), _>("no")).err(), Some("no"));
}

/// Buckets and tables own what is in them; every other resource is its own.
#[test]
fn the_roots_of_a_call_are_buckets_and_tables() {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
    let index = format!("{table}/index/i");
    let call = call(&["arn:aws:s3:::app/a/b", "arn:aws:s3:::app", &index, table, "arn:aws:sns:::a/b", "*"]);
    let roots: Vec<_> = call.roots().into_iter().collect();
    assert_eq!(roots, ["*", table, "arn:aws:s3:::app", "arn:aws:sns:::a/b"]);
}
