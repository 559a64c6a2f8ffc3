//! Cases in terms of API calls: what a case file may say, and those of the library's policies for identity pools.

use std::path::{Path, PathBuf};

use verdikt::cli::translate;
use verdikt::evaluate::ApiCall;
use verdikt::suite::library::EXAMPLES;
use verdikt::suite::test::mutate::{Fate, mutate};
use verdikt::suite::test::run::{Options, run};
use verdikt::suite::test::{CallForm, Coverage, FileResult, TestFile, WrittenCall};

const HEAD: &str = r#"
policies:
  identity:
    Version: 2012-10-17
    Statement:
      - {Sid: Own, Effect: Allow, Action: [s3:GetObject, s3:PutObject, s3:DeleteObject], Resource: "arn:aws:s3:::app/ana/*"}
      - {Sid: Keep, Effect: Deny, Action: s3:DeleteObject, Resource: "arn:aws:s3:::app/ana/kept/*"}
      - {Sid: Items, Effect: Allow, Action: dynamodb:GetItem, Resource: "*",
         Condition: {"ForAllValues:StringEquals": {dynamodb:LeadingKeys: ana}, "Null": {dynamodb:LeadingKeys: false}}}
request:
  principal: arn:aws:iam::111122223333:user/ana
  resource_account: "111122223333"
facts:
  region: us-east-1
  account: "111122223333"
  tables: {"arn:aws:dynamodb:us-east-1:111122223333:table/tbl": {partition: [{name: u, type: S}]}}
cases:
"#;

fn read(cases: &str) -> Result<TestFile, String> {
    TestFile::parse_with_calls("a.test.yaml".as_ref(), format!("{HEAD}{cases}"), translate)
        .map_err(|error| error.to_string())
}

fn ran(cases: &str) -> FileResult {
    run(read(cases).unwrap_or_else(|error| panic!("{error}")), &Options::default())
}

fn words(cases: &str) -> Vec<&'static str> {
    ran(cases).results.iter().map(verdikt::suite::test::CheckResult::word).collect()
}

/// Every way to write a call is the same call.
#[test]
fn the_forms_of_a_call() {
    let result = ran(r#"
  - {name: one line, call: "GET https://app.s3.amazonaws.com/ana/x", expect: allowed}
  - {name: curl, call: "curl -s https://app.s3.amazonaws.com/ana/x", expect: allowed}
  - {name: parts, call: {method: GET, url: "https://app.s3.amazonaws.com/ana/x"}, expect: allowed}
  - name: http
    call: |
      GET /ana/x HTTP/1.1
      Host: app.s3.amazonaws.com
    expect: allowed
  - {name: operation, call: {dynamodb: GetItem, body: {TableName: tbl, Key: {u: {S: ana}}}}, expect: allowed}
  - name: operation over http
    call: |
      POST / HTTP/1.1
      Host: dynamodb.us-east-1.amazonaws.com
      X-Amz-Target: DynamoDB_20120810.GetItem

      {"TableName": "tbl", "Key": {"u": {"S": "bob"}}}
    expect: implicitDeny
"#);
    assert_eq!(result.failed(), 0, "{:#?}", result.results);
    let done: Vec<&str> = result.file.checks.iter().map(verdikt::suite::test::Check::done).collect();
    let get = "s3:GetObject";
    assert_eq!(done, [get, get, get, get, "dynamodb:GetItem", "dynamodb:GetItem"]);
    for check in &result.file.checks[..4] {
        assert_eq!(check.resources().collect::<Vec<_>>(), ["arn:aws:s3:::app/ana/x"]);
    }
}

/// All checks of a copy are needed; a wrong expectation is told with the check that decides.
#[test]
fn a_call_is_allowed_only_if_every_check_is() {
    let copy = |from: &str, expect: &str| {
        format!(
            "  - {{name: copy, call: {{method: PUT, url: 'https://app.s3.amazonaws.com/ana/y', headers: {{x-amz-copy-source: \
             app/{from}/x, x-amz-tagging-directive: REPLACE}}}}, expect: {expect}}}\n"
        )
    };
    assert_eq!(words(&copy("ana", "allowed")), ["allowed"]);
    let result = ran(&copy("bob", "allowed"));
    assert_eq!(
        result.results[0].mismatches,
        [
            "expected allowed, got implicitDeny",
            "check 1 of the call's 2 decides: s3:GetObject on arn:aws:s3:::app/bob/x"
        ]
    );
    assert!(result.results[0].explanation.is_some());
}

/// An explicit deny of a later check is told before an implicit one of an earlier.
#[test]
fn an_explicit_deny_of_any_check_decides() {
    let delete = "  - {name: d, call: {method: DELETE, url: 'https://app.s3.amazonaws.com/ana/kept/x', headers: \
                  {x-amz-bypass-governance-retention: 'true'}}, expect: explicitDeny, statement: Keep}\n";
    let result = ran(delete);
    assert_eq!(result.failed(), 0, "{:#?}", result.results);
    assert_eq!(result.file.checks[0].requests().unwrap().len(), 2);
}

#[test]
fn parts_that_are_done_by_themselves_are_cases() {
    let delete = |expect: &str| {
        format!(
            "  - {{name: d, call: {{method: POST, url: 'https://app.s3.amazonaws.com/?delete', body: '<Delete><Object><Key>ana/a\
             </Key></Object><Object><Key>bob/a</Key></Object></Delete>'}}, expect: {expect}}}\n"
        )
    };
    let result = ran(&delete("[allowed, implicitDeny]"));
    assert_eq!(result.failed(), 0);
    let names: Vec<&str> = result.file.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["d, part 0", "d, part 1"]);
    assert_eq!(ran(&delete("allowed")).failed(), 1, "one decision is that of every part");
    let refused = read(&delete("[allowed]")).unwrap_err();
    assert!(refused.contains("1 decisions for the 2 parts of the call"), "{refused}");
}

#[test]
fn a_call_that_needs_no_permission_is_allowed_whatever_governs() {
    let case = |more: &str| {
        format!(
            "  - {{name: e, call: {{dynamodb: DescribeEndpoints}}, policies: {{identity: []}}, {more}}}\n"
        )
    };
    assert_eq!(ran(&case("expect: allowed")).failed(), 0);
    let result = ran(&case("expect: implicitDeny, statement: Own"));
    assert_eq!(
        result.results[0].mismatches,
        [
            "expected implicitDeny, but the call needs no permission",
            "no policy decides a call that needs no permission"
        ]
    );
}

/// What cannot be translated is an error, whose cause a case that expects something else is told.
#[test]
fn a_call_that_cannot_be_translated_is_an_error() {
    assert_eq!(
        ran("  - {name: a, call: 'GET https://app.s3.amazonaws.com/x?unheardOf', expect: error}\n").failed(),
        0
    );
    let unknown = "  - {name: a, call: {dynamodb: GetItem, body: {TableName: unheard-of, Key: {u: {S: ana}}}}, expect: [allowed]}\n";
    let result = ran(unknown);
    let told = result.results[0].mismatches.join("\n");
    assert!(
        told.starts_with("expected allowed, got an error: ")
            && told.contains("table/unheard-of` is not known"),
        "{told}"
    );
}

#[test]
fn what_a_case_with_a_call_must_not_say() {
    let get = "call: 'GET https://app.s3.amazonaws.com/ana/x', expect: allowed";
    for (case, said) in [
        (format!("{{name: a, {get}, action: s3:GetObject}}"), "`call` beside `action` or `resource`"),
        (
            format!("{{name: a, {get}, context: {{AWS:securetransport: true}}}}"),
            "`aws:SecureTransport` stands in the case and in the call",
        ),
        (format!("{{name: a, {}}}", get.replace("allowed", "[allowed]")), "has no parts"),
        (
            "{name: a, action: s3:GetObject, resource: '*', expect: [allowed]}".to_owned(),
            "`expect` is one decision",
        ),
        ("{name: a, call: [x], expect: allowed}".to_owned(), "a call is a text or a mapping"),
        ("{name: a, call: {method: GET}, expect: allowed}".to_owned(), "without its members"),
        ("{name: a, call: {dynamodb: GetItem, url: x}, expect: allowed}".to_owned(), "those of both forms"),
        ("{name: a, call: {colour: red}, expect: allowed}".to_owned(), "`colour` is no member of a call"),
        (format!("{{name: a, {get}, facts: {{colour: red}}}}"), "`colour` is no fact of a call"),
        (
            format!("{{name: a, {get}, facts: {{tables: unheard-of.json}}}}"),
            "`unheard-of.json` cannot be read",
        ),
        (format!("{{name: a, {get}, facts: {{object_tags: red}}}}"), "`object_tags` is a mapping of texts"),
    ] {
        let refused = read(&format!("  - {case}\n")).err().unwrap_or_default();
        assert!(refused.contains(said), "{case}: {refused}");
    }
    let text = format!("{HEAD}  - {{name: a, {get}}}\n");
    let refused = TestFile::parse("a.test.yaml".as_ref(), text).unwrap_err().to_string();
    assert!(refused.contains("`call` cannot be read here"), "{refused}");
}

/// The facts of a case go above those of its file.
#[test]
fn facts_are_those_of_the_case() {
    let copy = "call: {method: PUT, url: 'https://app.s3.amazonaws.com/ana/y', headers: {x-amz-copy-source: app/ana/x}}";
    let cases = format!(
        "  - {{name: unknown, {copy}, expect: implicitDeny}}\n  - {{name: known, {copy}, facts: {{no_object_tags: true}}, \
         expect: allowed}}\n"
    );
    assert_eq!(words(&cases), ["implicitDeny", "allowed"]);
    // What is handed in is told all of it.
    let seen = |call: &WrittenCall| -> Result<ApiCall, String> {
        let facts = &call.facts;
        let account = call.resource_account.as_deref();
        Err(format!("{:?} {:?} {:?} {account:?}", facts.region, facts.object_tags, facts.tls_version))
    };
    let text = format!(
        "{HEAD}  - {{name: a, call: GET x, facts: {{object_tags: {{a: 1}}, tls_version: 1.30}}, expect: error}}\n"
    );
    let file = TestFile::parse_with_calls("a.test.yaml".as_ref(), text, seen).unwrap();
    let told = file.checks[0].requests().unwrap_err();
    assert_eq!(told, r#"Some("us-east-1") [("a", "1")] Some("1.30") Some("111122223333")"#);
    assert_eq!(
        translate(&WrittenCall {
            form: CallForm::DynamoDb { operation: "GetItem".to_owned(), body: "{}".to_owned() },
            facts: verdikt::suite::test::CallFacts::default(),
            resource_account: None,
        }),
        Err("a call of DynamoDB names tables without their ARN: give `region` in `facts`".to_owned())
    );
}

/// The policy of one bucket says nothing of another.
#[test]
fn several_buckets_are_not_governed_by_one_policy() {
    let case = "  - {name: copy, call: {method: PUT, url: 'https://app.s3.amazonaws.com/ana/y', headers: {x-amz-copy-source: \
                other/x}}, policies: {resource: {Version: 2012-10-17, Statement: []}}, expect: error}\n";
    let result = ran(case);
    assert_eq!(result.failed(), 0, "{:#?}", result.results);
    assert!(
        result.results[0].decision.as_ref().unwrap_err().contains("arn:aws:s3:::app, arn:aws:s3:::other")
    );
}

/// Calls count towards coverage with each of their checks, and notice broken copies with all of them.
#[test]
fn coverage_and_broken_copies_ask_every_check() {
    let folder = policies().join("s3-per-identity-prefix");
    let text = std::fs::read_to_string(folder.join("calls.test.yaml")).unwrap();
    let file = TestFile::parse_with_calls(&folder.join("calls.test.yaml"), text, translate).unwrap();
    let options = Options { filter: Some("copies: within the own folder".to_owned()), ..Options::default() };
    let result = run(file, &options);
    assert_eq!(result.results.len(), 1);
    let shown = Coverage::of(&result).to_string();
    // Both the source's and the destination's action were met by this one call.
    assert!(shown.contains("Action `s3:DeleteObject` never matched"), "{shown}");
    assert!(!shown.contains("Action `s3:GetObject` never matched"), "{shown}");
    assert!(!shown.contains("Action `s3:PutObject` never matched"), "{shown}");
    let mutation = mutate(&[result]);
    let noticed = |what: &str| {
        mutation
            .copies
            .iter()
            .any(|one| one.mutant.name.contains(what) && matches!(one.fate, Fate::Noticed(_)))
    };
    assert!(noticed("`s3:GetObject`") && noticed("`s3:PutObject`"), "{mutation}");
}

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

/// The policies that identities and guests of a pool meet, but for those of trust and the scope of guests, have cases
/// in terms of calls: some allowed, some denied, and those on the data of others denied.
#[test]
fn policies_of_identity_pools_have_cases_in_terms_of_calls() {
    let (mut files, mut cases) = (0, 0);
    for example in EXAMPLES {
        let is_wanted = ["s3-", "dynamodb-"].iter().any(|service| example.name.starts_with(service))
            || ["guest-read-only", "attribute-based-access"].contains(&example.name);
        let text = example.files.iter().find(|(name, _)| *name == "calls.test.yaml");
        assert_eq!(text.is_some(), is_wanted, "{}", example.name);
        let Some((name, text)) = text else { continue };
        let path = policies().join(example.name).join(name);
        let file = TestFile::parse_with_calls(&path, (*text).to_owned(), translate).unwrap();
        let result = run(file, &Options::default());
        for (check, one) in result.checks() {
            assert!(check.call.is_some(), "{}: {}", example.name, check.name);
            assert!(one.passed(), "{}: {}: {:?}", example.name, check.name, one.mismatches);
        }
        let allowed = result.results.iter().filter(|one| one.word() == "allowed").count();
        assert!(allowed > 0 && allowed < result.results.len(), "{}", example.name);
        (files, cases) = (files + 1, cases + result.results.len());
    }
    assert!(files == 16 && cases >= 240, "{files} files, {cases} cases");
}

/// So they do with names of the author's own.
#[test]
fn cases_of_calls_pass_with_other_names() {
    use verdikt::suite::library::Placeholder;
    let scratch = std::env::temp_dir().join(format!("verdikt-call-cases-{}", std::process::id()));
    for example in EXAMPLES.iter().filter(|one| one.files.iter().any(|(name, _)| *name == "calls.test.yaml"))
    {
        let known = example.placeholders();
        let values = [
            (Placeholder::Account, "444455556666"),
            (Placeholder::Bucket, "my.photos"),
            (Placeholder::Table, "my-table"),
        ];
        let values: Vec<_> =
            values.into_iter().filter(|(one, _)| known.iter().any(|(own, _)| own == one)).collect();
        let folder = scratch.join(example.name);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in example.filled(&values).unwrap() {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let path = folder.join("calls.test.yaml");
        let file =
            TestFile::parse_with_calls(&path, std::fs::read_to_string(&path).unwrap(), translate).unwrap();
        for (check, one) in run(file, &Options::default()).checks() {
            assert!(one.passed(), "{}: {}: {:?}", example.name, check.name, one.mismatches);
        }
    }
    std::fs::remove_dir_all(scratch).unwrap();
}
