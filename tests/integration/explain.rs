//! Explanations of every case of the suite and of the corpus: the decision is that of `decide`, the clauses at fault are
//! those that keep a statement from applying, the JSON keeps to its schema.

use serde_json::{Value, json};
use verdikt::evaluate::StatementId;
use verdikt::evaluate::explain::{ClauseExplanation, KeyState, VariableSource};
use verdikt::policy::Effect;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
use verdikt::suite::{CaseError, Cases};
use verdikt::{Explanation, Layer, Limits, Outcome, PolicySet, Request};

use crate::corpus::corpus;
use crate::suite::{self, Ask};

/// Reads a case and asks something of its policies.
pub(crate) fn ask<T>(
    line: &str,
    question: impl FnOnce(&PolicySet, &Request<'_>) -> T,
) -> Result<T, CaseError> {
    let limits = RequestLimits::default();
    let case = Case::parse(line)?;
    let document = case.request_document(&limits)?;
    let request = document.request(limits)?;
    let set = policy_set(case.policies, &request, &Limits::default())?;
    Ok(question(&set, &request))
}

/// Every case that can be decided, as its line.
pub(crate) fn lines() -> Vec<String> {
    let files = suite::load();
    let entries = files.iter().flat_map(|(name, file)| file.entries(name));
    let mut lines: Vec<String> = entries
        .filter_map(|entry| match entry.ask {
            Ask::Decision { line, .. } => Some(line),
            Ask::Document { .. } => None,
        })
        .collect();
    lines.extend(corpus("public.jsonl").iter().flat_map(|text| text.lines()).map(str::to_owned));
    lines.retain(|line| ask(line, |_, _| ()).is_ok());
    assert!(lines.len() > 1_000);
    lines
}

fn explain(case: &Value) -> Option<Explanation> {
    ask(&case.to_string(), PolicySet::explain_decision).ok()
}

/// A statement of a case, to be changed.
fn statement(case: &mut Value, id: StatementId) -> &mut Value {
    let policies = &mut case["policies"];
    let (level, policy) = (id.level as usize, id.policy as usize);
    let policy = match id.layer {
        Layer::Scp => &mut policies["scps"][level][policy]["policy"],
        Layer::Rcp => &mut policies["rcps"][level][policy]["policy"],
        Layer::Resource => &mut policies["resource"],
        Layer::Identity => &mut policies["identity"][policy]["policy"],
        Layer::PermissionsBoundary => &mut policies["permissions_boundary"][policy]["policy"],
        Layer::Session => &mut policies["session"][policy]["policy"],
        Layer::VpcEndpoint => &mut policies["vpc_endpoint"][policy]["policy"],
    };
    match &mut policy["Statement"] {
        Value::Array(statements) => &mut statements[id.statement as usize],
        single => single,
    }
}

/// Makes a clause one that surely holds.
fn mend(statement: &mut Value, clause: &ClauseExplanation, action: &str) {
    let statement = statement.as_object_mut().unwrap();
    match clause.element {
        "Action" | "NotAction" => {
            statement.remove(clause.element);
            statement.insert("Action".to_owned(), json!(action));
        }
        "Resource" | "NotResource" => {
            statement.remove(clause.element);
            statement.insert("Resource".to_owned(), json!("*"));
        }
        "Principal" | "NotPrincipal" => {
            statement.remove(clause.element);
            statement.insert("Principal".to_owned(), json!("*"));
        }
        "Condition" => {
            let terms = clause.condition.as_ref().unwrap();
            let operator = &mut statement["Condition"][terms.operator.as_str()];
            assert!(operator.as_object_mut().unwrap().remove(&terms.key).is_some());
        }
        other => panic!("{other}"),
    }
}

/// Whether a statement of a case applies; none if the case is refused. Left alone, it must decide alike where it alone can.
fn applies(case: &Value, id: StatementId) -> Option<bool> {
    let explanation = explain(case)?;
    let applies = explanation.statement(id).unwrap().applies();
    let mut alone = case.clone();
    let kept = statement(&mut alone, id).clone();
    alone["policies"] = lone(id, &kept);
    let action = case["request"]["action"].as_str().unwrap();
    let is_alike = version(case, id) == json!("2012-10-17") && !bounded(case);
    if !is_alike || action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
        return Some(applies);
    }
    let outcome = ask(&alone.to_string(), PolicySet::decide).ok()?.outcome;
    if kept["Effect"] == "Deny" {
        assert_eq!(outcome == Outcome::ExplicitDeny, applies, "{alone}");
    } else if id.layer == Layer::Identity && is_enough(&explanation) {
        assert_eq!(outcome == Outcome::Allowed, applies, "{alone}");
    }
    Some(applies)
}

/// Whether an identity-based policy alone can allow: nothing is noted of the request, and no session policy is needed.
fn is_enough(explanation: &Explanation) -> bool {
    explanation.notes.is_empty() && !explanation.request[0].contains(":federated-user/")
}

/// A boundary, which NotPrincipal asks for, is not kept beside a lone statement.
fn bounded(case: &Value) -> bool {
    !case["policies"]["permissions_boundary"].is_null()
}

fn version(case: &Value, id: StatementId) -> Value {
    let policies = &case["policies"];
    let (level, policy) = (id.level as usize, id.policy as usize);
    match id.layer {
        Layer::Resource => policies["resource"]["Version"].clone(),
        Layer::Scp => policies["scps"][level][policy]["policy"]["Version"].clone(),
        Layer::Rcp => policies["rcps"][level][policy]["policy"]["Version"].clone(),
        layer => policies[layer.as_str()][policy]["policy"]["Version"].clone(),
    }
}

/// Policies of one statement alone.
fn lone(id: StatementId, statement: &Value) -> Value {
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    let named = json!([{"name": "lone", "policy": policy}]);
    match id.layer {
        Layer::Resource => json!({"resource": policy}),
        Layer::Scp => json!({"scps": [named]}),
        Layer::Rcp => json!({"rcps": [named]}),
        layer => json!({layer.as_str(): named}),
    }
}

#[test]
fn the_decision_explained_is_the_decision() {
    for line in lines() {
        let same = ask(&line, |set, request| set.explain_decision(request).decision == set.decide(request));
        assert!(same.unwrap(), "{line}");
    }
}

#[test]
fn clauses_at_fault_are_what_keeps_a_statement_from_applying() {
    let (mut mended, mut left) = (0, 0);
    for line in lines() {
        let case: Value = serde_json::from_str(&line).unwrap();
        let action = case["request"]["action"].as_str().unwrap().to_owned();
        let explanation = explain(&case).unwrap();
        for explained in explanation.statements() {
            let faults: Vec<_> = explained.faults().collect();
            assert_eq!(faults.is_empty(), explained.applies(), "{line}");
            let with = |kept: Option<usize>| {
                let mut changed = case.clone();
                for (_, fault) in faults.iter().enumerate().filter(|(at, _)| Some(*at) != kept) {
                    mend(statement(&mut changed, explained.id), fault, &action);
                }
                applies(&changed, explained.id)
            };
            // A mended policy may be refused, as an RCP is that does not name a service.
            if let Some(applies) = with(None) {
                assert!(applies, "all faults of {:?} are mended: {line}", explained.id);
                mended += usize::from(!faults.is_empty());
            }
            for kept in 0..faults.len() {
                if let Some(applies) = with(Some(kept)) {
                    assert!(!applies, "{:?} is left: {line}", faults[kept].why);
                    left += usize::from(faults.len() > 1);
                }
            }
        }
    }
    // The suite alone; most cases with several faults are of a corpus.
    assert!(mended > 800 && left > 10, "{mended} {left}");
}

#[test]
fn json_keeps_to_its_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/explain.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let (mut suggested, mut exempt, mut several) = (0, 0, 0);
    for (number, line) in lines().into_iter().enumerate() {
        // The nearest allow takes most of the time: a part of the cases shows its form.
        let explain = if number % 4 == 0 { PolicySet::explain } else { PolicySet::explain_decision };
        let explanation = ask(&line, explain).unwrap();
        let json = serde_json::to_value(&explanation).unwrap();
        let errors: Vec<_> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{json:#}");
        suggested +=
            usize::from(json["nearest_allow"]["suggestions"].as_array().is_some_and(|all| !all.is_empty()));
        exempt += usize::from(json.to_string().contains(r#""outcome":"exempt""#));
        several += usize::from(json.to_string().contains(r#""values":[{"#));
    }
    assert!(suggested > 100 && exempt > 10 && several > 50, "{suggested} {exempt} {several}");
}

/// The schema is as strict as it is meant to be: it does not take what an explanation never says.
#[test]
fn the_schema_refuses_what_is_not_an_explanation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/explain.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let line = r#"{"id": "a", "policies": {"identity": []}, "request":
        {"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject", "resource": "*"}}"#;
    let good = serde_json::to_value(Cases::default().explain(line).unwrap()).unwrap();
    assert!(validator.is_valid(&good), "{good:#}");
    for (at, value) in [
        ("/decision", json!("denied")),
        ("/layers/0/outcome", json!("silent")),
        ("/layers/0/layer", json!("bucket")),
        ("/missing_level", json!(-1)),
        ("/nearest_allow", json!({})),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(at).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{at}");
    }
    let mut bad = good;
    bad["more"] = json!(1);
    assert!(!validator.is_valid(&bad));
}

const CASE: &str = r#"{"id": "a", "policies": {"identity": [{"name": "p", "policy": {"Version": "2012-10-17", "Statement": [
    {"Sid": "Own", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
     "Resource": ["arn:aws:s3:::app/${aws:PrincipalTag/team, 'none'}/*", "arn:aws:s3:::app/${aws:username}/*"],
     "Condition": {"StringEquals": {"S3:x-amz-acl": ["private", "${aws:TagKeys}"]}, "Bool": {"aws:SecureTransport": "true"},
                   "ForAllValues:StringLike": {"aws:TagKeys": ["a*", "b"]}}},
    {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*", "Condition": {"Null": {"aws:userid": "true"}}}
    ]}}]},
    "request": {"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject", "resource": "arn:aws:s3:::app/x/k",
                "context": {"AWS:username": "x", "aws:TagKeys": ["ab", "c"], "example:odd": "1"}}}"#;

#[test]
fn entries_values_and_variables_are_told() {
    let explanation = Cases::default().explain(CASE).unwrap();
    let own = explanation.statements().next().unwrap();
    let truths = |clause: &ClauseExplanation| -> Vec<bool> {
        clause.entries.iter().map(|entry| entry.truth == true.into()).collect()
    };
    let [action, resource, acl, transport, tags] = own.clauses.as_slice() else { panic!("{own:?}") };
    assert_eq!((truths(action), truths(resource)), (vec![true, false], vec![false, true]));
    let substituted: Vec<_> = resource.entries.iter().map(|entry| entry.substituted.as_deref()).collect();
    assert_eq!(substituted, [Some("arn:aws:s3:::app/none/*"), Some("arn:aws:s3:::app/x/*")]);
    let sources: Vec<_> = resource.entries.iter().map(|entry| entry.variables[0].source.clone()).collect();
    assert_eq!(sources, [VariableSource::Default, VariableSource::Key("AWS:username".to_owned())]);
    assert_eq!(acl.entries[1].variables[0].source, VariableSource::Multivalued);
    assert_eq!(
        (acl.entries[1].substituted.as_deref(), acl.why.as_str()),
        (None, "the request has no S3:x-amz-acl")
    );
    assert_eq!(transport.why, "the request has no aws:SecureTransport");
    let values: Vec<_> =
        tags.values.iter().map(|one| (one.text.as_str(), one.truth == true.into())).collect();
    assert_eq!(values, [("ab", true), ("c", false)]);
    assert_eq!(tags.why, "`c` of aws:TagKeys is like none of `a*`, `b`");
    let faults: Vec<_> = own.faults().map(|clause| clause.element).collect();
    assert_eq!((faults.len(), own.effect), (3, Effect::Allow));
    assert_eq!((own.clauses[2].position.line, own.clauses[2].element), (4, "Condition"));
}

/// Of a negated operator an operand that is met is told as met, though the condition then fails.
#[test]
fn entries_are_told_before_negation() {
    let line = r#"{"id": "a", "policies": {"identity": [{"name": "p", "policy": {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "NotAction": ["s3:Put*", "s3:Get*"], "NotResource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"],
        "Condition": {"StringNotLike": {"s3:prefix": ["x", "y*"]}, "ForAnyValue:StringNotEquals": {"aws:TagKeys": "t"}}}}}]},
        "request": {"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k", "context": {"s3:prefix": "yz", "aws:TagKeys": ["t", "u"]}}}"#;
    let explanation = Cases::default().explain(line).unwrap();
    let statement = explanation.statements().next().unwrap();
    let told: Vec<_> = statement
        .clauses
        .iter()
        .map(|clause| {
            let entries: Vec<_> = clause.entries.iter().map(|entry| entry.truth == true.into()).collect();
            (clause.truth == true.into(), entries)
        })
        .collect();
    let (t, f) = (true, false);
    assert_eq!(told, [(f, vec![f, t]), (f, vec![f, t]), (f, vec![f, t]), (t, vec![t])]);
    let values: Vec<_> = statement.clauses[3].values.iter().map(|one| one.truth == true.into()).collect();
    assert_eq!(values, [false, true]);
    let why: Vec<_> = statement.clauses.iter().map(|clause| clause.why.as_str()).collect();
    assert_eq!(
        why,
        [
            "`s3:GetObject` is excepted by `s3:Get*`",
            "`arn:aws:s3:::b/k` is excepted by `arn:aws:s3:::b/*`",
            "s3:prefix is `yz`, like `y*`",
            "`u` of aws:TagKeys is not equal to `t`",
        ]
    );
}

#[test]
fn context_keys_are_read_absent_or_unread() {
    let explanation = Cases::default().explain(CASE).unwrap();
    let names = |state| -> Vec<&str> { explanation.keys_in(state).map(|key| key.name.as_str()).collect() };
    assert_eq!(names(KeyState::Read), ["aws:TagKeys", "AWS:username"]);
    // What only a statement about other actions asks for is not missed.
    assert_eq!(names(KeyState::Absent), ["aws:PrincipalTag/team", "aws:SecureTransport", "S3:x-amz-acl"]);
    assert_eq!(names(KeyState::Unread), ["example:odd"]);
}

#[test]
fn a_batch_that_explains_answers_like_one_that_does_not() {
    let (mut plain, mut explaining) = (Cases::default(), Cases::default().explaining());
    for (number, line) in lines().iter().enumerate().step_by(3) {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        let answers = [
            plain.answer(line.as_bytes(), number, &mut short),
            explaining.answer(line.as_bytes(), number, &mut long),
        ];
        assert_eq!(answers[0], answers[1]);
        let short: Value = serde_json::from_slice(&short).unwrap();
        let mut long: Value = serde_json::from_slice(&long).unwrap();
        let explanation = long.as_object_mut().unwrap().remove("explanation").unwrap();
        assert_eq!(long, short);
        assert_eq!(explanation["decision"], short["decision"]);
        assert_eq!(explanation, serde_json::to_value(Cases::default().explain(line).unwrap()).unwrap());
    }
}

/// Before Version 2012-10-17 a variable is plain text: the sentence says so, since whoever wrote it took it for one.
#[test]
fn variables_that_are_plain_text_are_told_as_such() {
    let case = |version: &str, context: &str| {
        format!(
            r#"{{"id": "a", "policies": {{"identity": [{{"name": "p", "policy": {{{version}"Statement": [
            {{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::c/x", "arn:aws:s3:::b/${{aws:username}}/*"]}},
            {{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {{
                "StringEquals": {{"aws:PrincipalTag/a": "${{aws:username}}"}},
                "NumericEquals": {{"s3:max-keys": "1"}}}}}}]}}}}]}},
            "request": {{"principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/u/k", "resource_account": "111122223333", "context": {{{context}}}}}}}"#
        )
    };
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/explain.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let told = ", where `${…}` is plain text: policy variables need Version `2012-10-17`";
    for version in [r#""Version": "2008-10-17", "#, ""] {
        let line = case(version, r#""aws:username": "u", "aws:PrincipalTag/a": "u""#);
        let explanation = ask(&line, PolicySet::explain).unwrap();
        let statements: Vec<_> = explanation.statements().collect();
        let resource = &statements[0].clauses[1];
        let none =
            "`arn:aws:s3:::b/u/k` matches none of `arn:aws:s3:::c/x`, `arn:aws:s3:::b/${aws:username}/*`";
        assert_eq!(resource.why, format!("{none}{told}"));
        let plain: Vec<_> = resource.entries.iter().map(|entry| entry.has_plain_variables).collect();
        assert_eq!(plain, [false, true]);
        let condition = &statements[1].clauses[2];
        assert_eq!(
            condition.why,
            format!("aws:PrincipalTag/a is `u`, not equal to `${{aws:username}}`{told}")
        );
        assert!(explanation.to_string().contains(told));
        let json = serde_json::to_value(&explanation).unwrap();
        assert!(validator.is_valid(&json));
        assert!(json.to_string().contains(r#""plain_variables":true"#));
        // No variable is read, so no key is missed, and none is suggested.
        assert!(explanation.keys_in(KeyState::Absent).all(|key| key.name != "aws:username"));
    }
    // What is plain text does match itself.
    let line = case("", "").replace("b/u/k", "b/${aws:username}/k");
    let resource = &ask(&line, PolicySet::explain).unwrap().statements().next().unwrap().clauses[1].clone();
    assert_eq!(resource.truth, true.into());
    // And where they are variables nothing of it is said.
    let line = case(r#""Version": "2012-10-17", "#, r#""aws:PrincipalTag/a": "u""#);
    assert!(!ask(&line, PolicySet::explain).unwrap().to_string().contains("plain text"));
}
