//! No error repeats its input at length: what a log or an answer takes is bounded, and no attacker writes it.

use verdikt::compile::load::{PolicyText, load_all};
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::{Cases, documents};
use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, Principal, Request, SessionFacts};

use super::{RESOURCE, policy, statement, user};

/// Bytes of a message, or of a line that holds one.
const BOUND: usize = 1_000;

fn long() -> String {
    "x".repeat(10_000)
}

/// Limits that let the long texts through to what complains of them.
const LIMITS: Limits = Limits { bytes: 1 << 24, depth: 32, statements: 100, values: 100, string: 1 << 24 };
const REQUEST: RequestLimits = RequestLimits { bytes: 1 << 24, keys: 100, values: 100, string: 1 << 24 };

/// Policies with a long text wherever one can stand.
fn documents() -> Vec<String> {
    let long = long();
    let elements = [
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Sid",
        "Principal",
        "NotPrincipal",
        "Condition",
    ];
    let texts = [
        format!(r#""{long}""#),
        format!(r#""${{{long}""#),
        format!(r#""arn:{long}""#),
        format!(r#""arn:aws:s3:::${{{long} }}${{{long}, '}}""#),
        format!(r#"{{"{long}": "{long}"}}"#),
        format!(
            r#"{{"AWS": "{long}", "Federated": "{long}", "Service": "*{long}", "CanonicalUser": "{long}"}}"#
        ),
        format!(r#"{{"{long}": {{"{long}": "{long}"}}}}"#),
    ];
    let mut all: Vec<_> = elements
        .iter()
        .flat_map(|element| texts.iter().map(|text| policy(&statement(element, text))))
        .collect();
    for operator in verdikt::operator::table::OPERATORS.iter().map(|operator| operator.name) {
        for key in ["a:k", "aws:RequestTag/", &long, &format!("${{{long}")] {
            let value = format!(
                r#"{{"{operator}": {{"{key}": ["{long}", "${{{long}", 1{}e1]}}}}"#,
                "0".repeat(1_000)
            );
            all.push(policy(&statement("Condition", &value)));
        }
        all.push(policy(&statement(
            "Condition",
            &format!(r#"{{"{long}{operator}": {{"A:K": "x", "a:k{long}": "x", "a:K{long}": "y"}}}}"#),
        )));
    }
    all.extend([
        format!(r#"{{"Version": "{long}", "Id": "{long}", "{long}": 1, "{long}": 2}}"#),
        policy(&format!(r#"{{"{long}": 1}}"#)),
        policy(&vec![format!(r#"{{"Sid": "{long}", "Effect": "{long}"}}"#); 2].join(",")),
        format!("{{{long}"),
        format!("\"{long}\""),
        long,
    ]);
    all
}

#[test]
fn problems_of_a_policy() {
    let mut told = 0;
    for json in documents() {
        for kind in Kind::ALL {
            let Err(rejected) = Document::parse(kind, &long(), &json, &LIMITS) else { continue };
            assert!(rejected.to_string().len() < BOUND, "{}", &rejected.to_string()[..400]);
            for problem in &rejected.problems {
                let parts = problem
                    .labels
                    .iter()
                    .map(|label| &label.text)
                    .chain(&problem.help)
                    .chain([&problem.message]);
                for part in parts {
                    told += 1;
                    assert!(part.len() < BOUND, "{}: {}", problem.code, &part[..400]);
                }
            }
        }
    }
    assert!(told > 1_000, "{told}");
}

#[test]
fn policies_that_cannot_be_loaded_or_compiled_together() {
    let long = long();
    let read = |kind| {
        Document::parse(kind, &long, &policy(&statement("Effect", r#""Allow""#)), &LIMITS).unwrap().document
    };
    let error = CompiledPolicy::compile(&[read(Kind::Identity), read(Kind::Scp)]).unwrap_err().to_string();
    assert!(error.len() < BOUND, "{}", &error[..400]);
    let error = load_all(&[PolicyText::new(Kind::Identity, &long, "{}")], &LIMITS).unwrap_err().to_string();
    assert!(error.len() < BOUND, "{}", &error[..400]);
}

#[test]
fn errors_of_a_request() {
    let (long, user) = (long(), user());
    let build = |action: &str, resource: &str, account: &str, keys: &[&str]| {
        let builder = Request::builder(&user, action, resource, Owner::Account(account)).limits(REQUEST);
        let builder = keys.iter().fold(builder, |builder, key| builder.one((*key).to_owned(), "v"));
        builder.build().unwrap_err().to_string()
    };
    let (action, account) = ("s3:GetObject", "111122223333");
    let facts = SessionFacts::builder(user.clone()).closed("a:x").build().unwrap();
    let sealed =
        facts.request(action, RESOURCE, Owner::Unknown).limits(REQUEST).one(format!("a:{long}"), "v").build();
    let absent = SessionFacts::builder(user.clone()).present(long.clone(), "v").absent(&long).build();
    let principals = [
        long.clone(),
        format!("arn:aws:iam::111122223333:{long}"),
        format!("arn:{long}"),
        format!("{long}.amazonaws.com:"),
    ];
    let facts = [format!("/{long}"), long.clone()];
    let role = Principal::parse("arn:aws:sts::111122223333:assumed-role/R/s").unwrap();
    let mut errors = vec![
        build(&long, RESOURCE, account, &[]),
        build(action, &long, account, &[]),
        build(action, RESOURCE, &long, &[]),
        build(action, RESOURCE, account, &[&long, &long]),
        build(action, RESOURCE, account, &[&long, &long.to_uppercase()]),
        sealed.unwrap_err().to_string(),
        absent.unwrap_err().to_string(),
        Principal::web_identity(&long).unwrap_err().to_string(),
    ];
    errors.extend(principals.iter().map(|text| Principal::parse(text).unwrap_err().to_string()));
    errors.extend(
        facts
            .iter()
            .filter_map(|fact| role.clone().with_role_path(fact).err())
            .map(|error| error.to_string()),
    );
    errors.extend(
        facts
            .iter()
            .filter_map(|fact| role.clone().with_unique_id(fact).err())
            .map(|error| error.to_string()),
    );
    errors.extend(
        facts
            .iter()
            .filter_map(|fact| role.clone().with_federating_user(fact).err())
            .map(|error| error.to_string()),
    );
    for error in errors {
        assert!(error.len() < BOUND, "{}", &error[..400]);
    }
}

/// The JSON form of a request with a long text wherever one can stand.
fn requests() -> Vec<String> {
    let long = long();
    let request = |principal: &str, rest: &str| {
        format!(r#"{{"principal": {principal}, "action": "s3:GetObject", "resource": "*"{rest}}}"#)
    };
    let anonymous = r#""anonymous""#;
    let mut all = vec![
        request(&format!("\"{long}\""), ""),
        request(&format!(r#"{{"{long}": 1}}"#), ""),
        request(&format!(r#"{{"arn": "{long}"}}"#), ""),
        request(&format!(r#"{{"kind": "{long}", "provider": "{long}"}}"#), ""),
        request(&format!("[{}]", vec!["1"; 10_000].join(",")), ""),
        format!("\"{long}\""),
        long.clone(),
    ];
    for member in
        ["principal", "action", "resource", "resource_account", "resource_policy_mode", "context", &long]
    {
        for value in [
            format!("\"{long}\""),
            format!(r#"{{"{long}": "{long}", "{long}": [{{}}]}}"#),
            "1".repeat(10_000),
        ] {
            all.push(request(anonymous, &format!(r#", "{member}": {value}"#)));
        }
    }
    all
}

#[test]
fn errors_of_the_json_form_of_a_request() {
    for json in requests() {
        let read = RequestDocument::parse(&json, &REQUEST);
        let error = read.and_then(|document| document.request(REQUEST).map(|_| ())).unwrap_err().to_string();
        assert!(error.len() < BOUND, "{}", &error[..400]);
    }
}

/// An answer repeats the `id` of its line and nothing else of it.
#[test]
fn answers_to_lines() {
    let long = long();
    let request = r#"{"principal": "anonymous", "action": "s3:GetObject", "resource": "*"}"#;
    let case = |request: &str, policies: &str| {
        format!(r#"{{"id": "x", "request": {request}, "policies": {policies}}}"#)
    };
    let mut lines: Vec<_> = requests().iter().map(|json| case(json, "{}")).collect();
    lines.extend(
        documents().iter().map(|json| {
            case(request, &format!(r#"{{"identity": [{{"name": "{long}", "policy": {json}}}]}}"#))
        }),
    );
    lines.extend([
        case(request, &format!("\"{long}\"")),
        case(request, &format!(r#"{{"{long}": 1}}"#)),
        case(request, &format!(r#"{{"identity": "{long}"}}"#)),
        case(request, &format!(r#"{{"identity": [{{"{long}": 1}}]}}"#)),
        format!(r#"{{"{long}": 1}}"#),
        format!(r#"{{"id": "x", "expect": "{long}"}}"#),
        format!(
            r#"{{"notes": {{"{long}": 1, "{long}": 2}}, "id": "x", "request": {request}, "policies": {{}}}}"#
        ),
        long.clone(),
    ]);
    let mut cases = Cases::with_limits(LIMITS, REQUEST);
    let mut refused = 0;
    for line in &lines {
        let mut out = Vec::new();
        refused += usize::from(cases.answer(line.as_bytes(), 1, &mut out).outcome.is_none());
        assert!(out.len() < BOUND, "{}", String::from_utf8_lossy(&out[..400]));
    }
    assert!(refused > lines.len() / 2, "{refused} of {}", lines.len());
    for line in [
        format!(r#"{{"id": "x", "kind": "{long}", "policy": {{}}}}"#),
        format!(r#"{{"id": "x", "{long}": 1}}"#),
        format!(r#"{{"id": "x", "kind": "any", "policy": "{long}"}}"#),
        format!(r#"{{"id": "x", "kind": "any", "policy_text": "{long}"}}"#),
        long.clone(),
    ] {
        let mut out = Vec::new();
        documents::answer(line.as_bytes(), 1, &LIMITS, &mut out);
        assert!(out.len() < 2 * BOUND, "{}", String::from_utf8_lossy(&out[..400]));
    }
}
