//! Tests of policies as a library: what a case file says, what is counted, what is broken and found.

use verdikt::policy::{Document, Kind, Limits};
use verdikt::suite::test::mutate::{Fate, mutants, mutate};
use verdikt::suite::test::run::{Options, run};
use verdikt::suite::test::{Coverage, FileResult, Given, TestFile};

const HEAD: &str = r#"
policies:
  identity:
    Version: 2012-10-17
    Statement:
      - {Sid: Read, Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::b/*",
         Condition: {StringEquals: {"aws:PrincipalTag/team": red}}}
      - {Sid: NoHttp, Effect: Deny, Action: "*", Resource: "*", Condition: {Bool: {aws:SecureTransport: false}}}
request:
  principal: arn:aws:iam::111122223333:user/ana
  resource_account: "111122223333"
  action: s3:GetObject
  resource: "arn:aws:s3:::b/k"
  context: {"aws:PrincipalTag/team": red}
cases:
"#;

fn ran(cases: &str) -> FileResult {
    let file = TestFile::parse("a.test.yaml".as_ref(), format!("{HEAD}{cases}"))
        .unwrap_or_else(|error| panic!("{error}"));
    run(file, &Options::default())
}

fn mismatches(cases: &str) -> Vec<String> {
    ran(cases).results.into_iter().flat_map(|one| one.mismatches).collect()
}

#[test]
fn a_case_goes_above_the_defaults_key_by_key() {
    let result = ran("
  - {name: as is, expect: allowed}
  - {name: other key added, context: {aws:SecureTransport: false}, expect: explicitDeny}
  - {name: names of keys fold case, context: {AWS:principaltag/TEAM: blue}, expect: implicitDeny}
  - {name: taken back, context: {'aws:PrincipalTag/team': ~}, expect: implicitDeny}
  - {name: owner taken back, resource_account: null, expect: implicitDeny}
  - {name: a list is many, context: {'aws:PrincipalTag/team': [red]}, expect: implicitDeny}
");
    assert_eq!(
        result.failed(),
        0,
        "{:#?}",
        result.results.iter().map(|one| &one.mismatches).collect::<Vec<_>>()
    );
    assert_eq!(
        result.file.checks[2].request.get("aws:PrincipalTag/team"),
        Some(&Given::One("blue".to_owned()))
    );
}

#[test]
fn numbers_keep_their_text() {
    let result =
        ran("  - {name: a, context: {s3:TlsVersion: 1.30, x:y: 0010, x:z: true}, expect: allowed}\n");
    let request = &result.file.checks[0].request;
    for (key, text) in [("s3:TlsVersion", "1.30"), ("x:y", "0010"), ("x:z", "true")] {
        assert_eq!(request.get(key), Some(&Given::One(text.to_owned())), "{key}");
    }
}

#[test]
fn who_decided_and_what_was_missing_can_be_expected() {
    let right = "
  - {name: a, expect: allowed, statement: Read, layer: identity}
  - {name: b, context: {aws:SecureTransport: 'false'}, expect: explicitDeny, statement: NoHttp, layer: identity}
  - {name: c, context: {'aws:PrincipalTag/team': null}, expect: implicitDeny, layer: identity,
     missing_keys: ['aws:PrincipalTag/team', aws:SecureTransport]}
  - {name: d, resource: no arn at all, expect: error}
";
    assert_eq!(mismatches(right), [""; 0]);
    let wrong = "
  - {name: a, expect: allowed, statement: NoHttp, layer: scp}
  - {name: c, context: {'aws:PrincipalTag/team': null}, expect: denied, missing_keys: []}
  - {name: d, expect: error}
";
    assert_eq!(
        mismatches(wrong),
        [
            "expected the statement `NoHttp` to decide, got `Read`",
            "expected the layer `scp` to decide, got `identity`",
            "expected the missing keys none, got `aws:PrincipalTag/team`, `aws:SecureTransport`",
            "expected error, got allowed",
        ]
    );
}

/// A variable that has no value is as missing as a key of a condition.
#[test]
fn variables_without_a_value_are_missing_keys() {
    let policy = "{Version: 2012-10-17, Statement: {Effect: Allow, Action: '*', Resource: 'arn:aws:s3:::b/${aws:username}/*', \
                  Condition: {StringEquals: {a:b: '${aws:userid}'}}}}";
    let cases = format!(
        "
  - {{name: a, resource: 'arn:aws:s3:::b/ana/k', policies: {{identity: {policy}}}, expect: implicitDeny, missing_keys: [aws:username]}}
  - {{name: b, resource: 'arn:aws:s3:::b/ana/k', policies: {{identity: {policy}}}, context: {{aws:username: ana, a:b: x}},
     expect: implicitDeny, missing_keys: [aws:userid]}}
"
    );
    assert_eq!(mismatches(&cases), [""; 0]);
}

#[test]
fn a_table_is_a_case_for_each_row() {
    let result = ran("
  - name: t
    table:
      - [name, resource, 'aws:PrincipalTag/team', expect]
      - [null, 'arn:aws:s3:::b/x', red, allowed]
      - [blue, null, blue, implicitDeny]
      - [null, null, null, implicitDeny]
");
    let names: Vec<_> = result.file.checks.iter().map(|check| (check.name.as_str(), check.line)).collect();
    assert_eq!(names, [("t, row 1", 20), ("t: blue", 21), ("t, row 3", 22)]);
    assert_eq!(result.failed(), 0);
    assert_eq!(result.file.checks[1].request.resource.as_deref(), Some("arn:aws:s3:::b/k"));
    assert_eq!(result.file.checks[2].request.get("aws:PrincipalTag/team"), None);
}

#[test]
fn each_is_every_principal_with_every_action_on_every_resource() {
    let result = ran("
  - name: m
    each:
      principals: {red: {}, blue: {context: {'aws:PrincipalTag/team': blue}}}
      actions: [s3:GetObject, s3:PutObject]
      resources: {here: 'arn:aws:s3:::b/k', there: 'arn:aws:s3:::c/k'}
    expect:
      red: [{here: allowed, others: denied}, denied]
      blue: denied
");
    assert_eq!(result.failed(), 0);
    let names: Vec<_> = result.file.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "m / red / s3:GetObject / here",
            "m / red / s3:GetObject / there",
            "m / red / s3:PutObject / here",
            "m / red / s3:PutObject / there",
            "m / blue / s3:GetObject / here",
            "m / blue / s3:GetObject / there",
            "m / blue / s3:PutObject / here",
            "m / blue / s3:PutObject / there",
        ]
    );
    assert_eq!(result.file.checks[4].who, "blue");
}

#[test]
fn layers_of_a_case_go_above_those_of_the_file() {
    let deny = "{Version: 2012-10-17, Statement: {Effect: Deny, Action: '*', Resource: '*'}}";
    let cases = format!(
        "
  - {{name: session, policies: {{session: []}}, expect: implicitDeny, layer: session}}
  - {{name: scp, policies: {{scps: [[{deny}]]}}, expect: explicitDeny, layer: scp}}
  - {{name: no level allows, policies: {{scps: [[]]}}, expect: implicitDeny, layer: scp}}
  - {{name: no identity, policies: {{identity: null}}, expect: implicitDeny, layer: identity}}
"
    );
    assert_eq!(mismatches(&cases), [""; 0]);
}

#[test]
fn lines_of_a_policy_in_a_case_file_are_those_of_the_file() {
    let result = ran("  - {name: a, action: s3:PutObject, expect: allowed}\n");
    let explanation = result.results[0].explanation.as_ref().unwrap().to_string();
    assert!(explanation.contains("Allow `Read`   a.test.yaml:6"), "{explanation}");
    assert!(explanation.contains("Deny `NoHttp`  a.test.yaml:8"), "{explanation}");
}

#[test]
fn keys_are_derived_where_that_is_asked_for() {
    let policy = "{Version: 2012-10-17, Statement: {Effect: Allow, Action: '*', Resource: 'arn:aws:s3:::b/${aws:username}/*'}}";
    let cases = format!(
        "
  - {{name: a, derive: true, resource: 'arn:aws:s3:::b/ana/k', policies: {{identity: {policy}}}, expect: allowed}}
  - {{name: b, resource: 'arn:aws:s3:::b/ana/k', policies: {{identity: {policy}}}, expect: implicitDeny}}
"
    );
    assert_eq!(mismatches(&cases), [""; 0]);
    let by_id = policy.replace("username", "userid");
    let cases =
        format!("  - {{name: a, derive: true, policies: {{identity: {by_id}}}, expect: implicitDeny}}\n");
    assert!(mismatches(&cases)[0].starts_with("a policy reads `aws:userid`"), "{:?}", mismatches(&cases));
}

/// What a case says goes above the defaults, and `null` takes a default back.
#[test]
fn a_case_may_take_back_that_keys_are_derived() {
    let policy = "{Version: 2012-10-17, Statement: {Effect: Allow, Action: '*', Resource: 'arn:aws:s3:::b/${aws:username}/*'}}";
    let text = format!(
        "policies: {{identity: {policy}}}
request: {{principal: 'arn:aws:iam::111122223333:user/ana', derive: true, action: s3:GetObject,
          resource: 'arn:aws:s3:::b/ana/k', resource_account: '111122223333'}}
cases:
  - {{name: a, expect: allowed}}
  - {{name: b, derive: false, expect: implicitDeny, missing_keys: [aws:username]}}
  - {{name: c, derive: null, expect: implicitDeny, missing_keys: [aws:username]}}
  - {{name: d, principal: null, expect: error}}
"
    );
    let file = TestFile::parse("a.test.yaml".as_ref(), text).unwrap_or_else(|error| panic!("{error}"));
    let result = run(file, &Options::default());
    let found: Vec<_> = result.results.iter().flat_map(|one| &one.mismatches).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// The author did not give them, so need not read them.
#[test]
fn derived_keys_are_not_told_as_unread() {
    let result = ran(
        "  - {name: a, derive: true, context: {example:odd: 1}, action: s3:PutObject, expect: allowed}\n",
    );
    let explanation = result.results[0].explanation.as_ref().unwrap().to_string();
    assert!(explanation.contains("example:odd") && !explanation.contains("aws:username"), "{explanation}");
}

/// An error may be expected of a request or of what a policy says, not of a path that was mistyped.
#[test]
fn a_policy_that_is_not_there_fails_even_where_an_error_is_expected() {
    for request in ["resource: 'arn:aws:s3:::b/k'", "resource: no arn at all"] {
        let cases = format!(
            "  - {{name: a, {request}, policies: {{identity: no-such-policy.json}}, expect: error}}\n"
        );
        let result = ran(&cases);
        assert!(result.results[0].is_unread && result.failed() == 1);
        assert!(result.results[0].mismatches[0].contains("cannot read `no-such-policy.json`"));
    }
    assert_eq!(Coverage::of(&ran("  - {name: a, expect: allowed}\n")).percent(), 0, "0 of 0 is not 100 %");
}

fn names(json: &str) -> Vec<String> {
    let document = Document::parse(Kind::Resource, "p", json, &Limits::default()).unwrap().document;
    mutants(&document).into_iter().map(|one| one.name).collect()
}

#[test]
fn what_is_broken() {
    let json = r#"{"Version": "2012-10-17", "Statement": {
        "Sid": "S", "Effect": "Deny", "Principal": {"AWS": ["111122223333", "444455556666"]},
        "Action": ["s3:Get*", "s3:PutObject"], "Resource": "arn:aws:s3:::b/${aws:username}/*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/t": "${aws:username}"}, "Bool": {"aws:SecureTransport": "true"},
                      "ForAnyValue:StringLike": {"aws:TagKeys": ["a*", "b"]}, "NumericLessThan": {"s3:max-keys": "10"}}}}"#;
    assert_eq!(
        names(json),
        [
            "`S`: remove the Deny",
            "`S`: remove `s3:Get*` of Action",
            "`S`: widen `s3:Get*` of Action to `s3:*`",
            "`S`: narrow `s3:Get*` of Action to `s3:Get`",
            "`S`: remove `s3:PutObject` of Action",
            "`S`: widen `s3:PutObject` of Action to `s3:PutObject*`",
            "`S`: widen `arn:aws:s3:::b/${aws:username}/*` of Resource to `arn:aws:s3:::b/*`",
            "`S`: widen `arn:aws:s3:::b/${aws:username}/*` of Resource to `arn:aws:s3:::b/${aws:username}*`",
            "`S`: narrow `arn:aws:s3:::b/${aws:username}/*` of Resource to `arn:aws:s3:::b/${aws:username}/`",
            "`S`: open the variable of `arn:aws:s3:::b/${aws:username}/*` of Resource to `arn:aws:s3:::b/*/*`",
            "`S`: widen Principal to everyone",
            "`S`: remove `111122223333` of Principal",
            "`S`: remove `444455556666` of Principal",
            "`S`: drop the condition StringEquals aws:PrincipalTag/t",
            "`S`: negate StringEquals aws:PrincipalTag/t",
            "`S`: give IfExists to StringEquals aws:PrincipalTag/t",
            "`S`: write StringEqualsIgnoreCase for StringEquals aws:PrincipalTag/t",
            "`S`: change `${aws:username}` of StringEquals aws:PrincipalTag/t to `${aws:username}-else`",
            "`S`: open the variable of `${aws:username}` of StringEquals aws:PrincipalTag/t",
            "`S`: drop the condition Bool aws:SecureTransport",
            "`S`: negate Bool aws:SecureTransport",
            "`S`: give IfExists to Bool aws:SecureTransport",
            "`S`: drop the condition ForAnyValue:StringLike aws:TagKeys",
            "`S`: negate ForAnyValue:StringLike aws:TagKeys",
            "`S`: give IfExists to ForAnyValue:StringLike aws:TagKeys",
            "`S`: switch the qualifier of ForAnyValue:StringLike aws:TagKeys",
            "`S`: write ForAnyValue:StringEquals for ForAnyValue:StringLike aws:TagKeys",
            "`S`: remove `a*` of ForAnyValue:StringLike aws:TagKeys",
            "`S`: widen `a*` of ForAnyValue:StringLike aws:TagKeys to `*`",
            "`S`: narrow `a*` of ForAnyValue:StringLike aws:TagKeys to `a`",
            "`S`: remove `b` of ForAnyValue:StringLike aws:TagKeys",
            "`S`: widen `b` of ForAnyValue:StringLike aws:TagKeys to `b*`",
            "`S`: drop the condition NumericLessThan s3:max-keys",
            "`S`: negate NumericLessThan s3:max-keys",
            "`S`: give IfExists to NumericLessThan s3:max-keys",
            "`S`: write NumericLessThanEquals for NumericLessThan s3:max-keys",
            "`S`: move `10` of NumericLessThan s3:max-keys to `9`",
            "`S`: move `10` of NumericLessThan s3:max-keys to `11`",
        ]
    );
}

/// Where a policy stands alone, and a case meets it from afar, each broken copy that matters is told from it.
#[test]
fn a_request_is_found_for_what_goes_unnoticed() {
    let folder = std::env::temp_dir().join(format!("verdikt-mutants-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let json = r#"{"Version": "2012-10-17", "Statement": {"Sid": "S", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": "arn:aws:s3:::b/${aws:username}/*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["x", "y"]},
                      "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}, "Null": {"aws:TagKeys": "false"}}}}"#;
    std::fs::write(folder.join("policy.json"), json).unwrap();
    let text = "policies: {identity: policy.json}\ncases:\n  - {name: a, principal: 'arn:aws:iam::111122223333:user/u', \
                action: ec2:StartInstances, resource: 'arn:aws:ec2:us-east-1:111122223333:instance/i-1', \
                resource_account: '111122223333', context: {aws:username: u}, expect: implicitDeny}\n";
    let file = TestFile::parse(&folder.join("a.test.yaml"), text.to_owned()).unwrap();
    let mutation = mutate(&[run(file, &Options::default())]);
    std::fs::remove_dir_all(folder).unwrap();
    let lost: Vec<_> = mutation
        .copies
        .iter()
        .filter(|one| matches!(one.fate, Fate::NotToldApart))
        .map(|one| &one.mutant.name)
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(mutation.survivors().count() >= 15);
    for (_, witness) in mutation.survivors() {
        assert_ne!(witness.policy.outcome, witness.broken.outcome);
    }
}

/// Pieces of which case files are made, in any order: what is no case file is refused, with a place, and nothing panics.
fn pieces() -> impl proptest::strategy::Strategy<Value = String> {
    const PIECES: [&str; 40] = [
        "policies:",
        "identity:",
        "request:",
        "cases:",
        "- ",
        "name: a",
        "expect:",
        "allowed",
        "table:",
        "each:",
        "actions:",
        "principals:",
        "{",
        "}",
        "[",
        "]",
        ",",
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "&a ",
        "*a",
        "!!int ",
        "|",
        ">",
        "\"",
        "'",
        "#",
        "---",
        "...",
        "? ",
        "%YAML",
        "\t",
        "\u{feff}",
        "\u{0}",
        "é",
        "<<: ",
        "null",
        "-",
    ];
    let piece = proptest::sample::select(PIECES.as_slice());
    proptest::strategy::Strategy::prop_map(proptest::collection::vec(piece, 0..60), |pieces| pieces.concat())
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 4_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in pieces()) {
        if let Err(refused) = TestFile::parse("a.test.yaml".as_ref(), text.clone()) {
            let end = refused.problem.span.end as usize;
            proptest::prop_assert!(end <= text.len() && text.is_char_boundary(end));
        }
        let text = format!("{HEAD}  - {{name: a, expect: allowed}}\n{text}");
        if let Ok(file) = TestFile::parse("a.test.yaml".as_ref(), text) {
            run(file, &Options::default());
        }
    }
}
