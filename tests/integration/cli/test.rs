//! `verdikt test`: what is told, in every format, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use snapbox::str;

use super::{Folder, same, verdikt};

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/${aws:username}/*"
  }
}
"#;

const CASES: &str = "policies: {identity: policy.json}
request:
  principal: arn:aws:iam::111122223333:user/a
  resource_account: '111122223333'
  context: {aws:username: a}
cases:
  - {name: own, action: s3:GetObject, resource: 'arn:aws:s3:::b/a/x', expect: allowed}
  - {name: <other> & co, action: s3:GetObject, resource: 'arn:aws:s3:::b/b/x', expect: allowed}
";

fn folder() -> Folder {
    Folder::new().with("policy.json", POLICY).with("p.test.yaml", CASES)
}

/// The same with the second case as it should be.
fn passing() -> Folder {
    folder().with("p.test.yaml", &CASES.replace("b/b/x', expect: allowed", "b/b/x', expect: implicitDeny"))
}

#[test]
fn a_failure_is_told_with_why_and_where() {
    let folder = folder();
    let out = verdikt(["test", &folder.path("")]).out(4);
    same(
        folder.named(&out),
        str![[r#"
FAIL FOLDER/p.test.yaml:8: <other> & co
  expected allowed, got implicitDeny
  arn:aws:iam::111122223333:user/a is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/b/x because no identity-based policy allows the s3:GetObject action
  identity-based policy: allows nothing here
    does not apply  Allow `Own`  FOLDER/policy.json:3  Resource: `arn:aws:s3:::b/b/x` does not match `arn:aws:s3:::b/a/*`
       --> FOLDER/policy.json:5:17
        |
      5 |     "Resource": "arn:aws:s3:::b/${aws:username}/*"
        |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this does not hold
        ${aws:username} is `a`, from aws:username
  nearest allow: the request would be allowed with
    resource `arn:aws:s3:::b/a/x` (for example)

1 passed, 1 failed, in 1 file

"#]],
    );
    assert_eq!(
        verdikt(["test", &folder.path(""), "--filter", "own"]).out(0),
        "1 passed, 0 failed, in 1 file\n"
    );
    assert!(
        verdikt(["test", &folder.path(""), "--filter", "nothing"])
            .err(1)
            .contains("no case matches `nothing`")
    );
    assert_eq!(verdikt(["test", &passing().path("")]).out(0), "2 passed, 0 failed, in 1 file\n");
}

#[test]
fn the_json_report_has_every_case() {
    let folder = folder();
    let out = verdikt(["test", &folder.path(""), "--format", "json", "--coverage", "--mutate"]).out(4);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&report["passed"], &report["failed"]), (&1.into(), &1.into()));
    let cases = &report["files"][0]["cases"];
    assert_eq!(cases[0]["statement"], "Own");
    assert_eq!((&cases[0]["layer"], &cases[0]["passed"]), (&"identity".into(), &true.into()));
    assert_eq!(cases[1]["mismatches"][0], "expected allowed, got implicitDeny");
    assert_eq!(cases[1]["explanation"]["decision"], "implicitDeny");
    assert_eq!(cases[1]["line"], 8);
    let survivor = report["mutation"]["copies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|copy| copy["fate"] == "survived")
        .unwrap();
    assert!(survivor["request"]["action"].is_string() && survivor["line"].is_number(), "{survivor}");
    assert!(report["coverage"]["policies"][0]["parts"].as_array().unwrap().len() >= 4);
    assert_keeps_to_the_schema(&report);
    // Files that are refused are in it too, and cases that are errors.
    let odd = "cases:\n  - {name: a, principal: no one, action: a:B, resource: '*', expect: error}\n";
    let folder = folder.with("bad.test.yaml", "cases: [").with("odd.test.yaml", odd);
    let ended = verdikt(["test", &folder.path(""), "--format", "json"]).run();
    let out = ended.out;
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(ended.code, 1);
    assert_eq!(report["refused"].as_array().map(Vec::len), Some(1));
    assert!(out.contains(r#""decision":"error""#), "{out}");
    assert_keeps_to_the_schema(&report);
}

/// Explanations have a schema of their own.
fn assert_keeps_to_the_schema(report: &Value) {
    let schema = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(format!("docs/{name}.schema.json")).unwrap()).unwrap()
    };
    let problems = |schema: &Value, instance: &Value| {
        let validator = jsonschema::validator_for(schema).unwrap();
        validator.iter_errors(instance).map(|error| error.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(problems(&schema("test-report"), report), [""; 0]);
    let explain = schema("explain");
    let files = report["files"].as_array().unwrap();
    let cases = files.iter().flat_map(|file| file["cases"].as_array().unwrap());
    for case in cases.filter(|case| case["explanation"].is_object()) {
        assert_eq!(problems(&explain, &case["explanation"]), [""; 0]);
    }
}

#[test]
fn the_junit_report_is_xml_whatever_names_say() {
    let folder = folder();
    let odd = CASES.replace("<other> & co", "\"]]> \\x01 \\u2028 <b>\"");
    let folder = folder.with("q.test.yaml", &odd);
    let out = verdikt(["test", &folder.path(""), "--format", "junit"]).out(4);
    let mut reader = Reader::from_str(&out);
    let (mut cases, mut failures, mut text) = (0, 0, String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => match element.name().as_ref() {
                "testcase" => cases += 1,
                "failure" => failures += 1,
                _ => {}
            },
            Event::Text(one) => text += one.as_ref(),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((cases, failures), (4, 2));
    assert!(text.contains("does not apply  Allow `Own`"), "{text}");
    assert!(out.contains(r#"<testsuites name="verdikt test" tests="4" failures="2" errors="0">"#), "{out}");
    assert!(out.contains("]]&gt;") && !out.contains('\u{1}'));
}

/// `JUnit` has no place for coverage and mutation: they are told beside it, not swallowed.
#[test]
fn what_junit_has_no_place_for_is_told_beside_it() {
    let folder = passing();
    let call = ["test", &folder.path(""), "--format", "junit", "--coverage", "--mutate"];
    let ended = verdikt(call).run();
    assert_eq!(ended.code, 4);
    assert!(
        ended.out.starts_with("<?xml") && ended.out.trim_end().ends_with("</testsuites>"),
        "{}",
        ended.out
    );
    for told in
        ["coverage: 83 %, 5 of 6\n", "\nSURVIVED ", "mutation: 5 of 7 broken copies noticed, 2 survived\n"]
    {
        assert!(ended.err.contains(told), "{}", ended.err);
    }
    for format in ["json", "junit"] {
        let err = verdikt(["test", &folder.path(""), "--format", format, "--matrix"]).err(2);
        assert!(err.contains("write the tables with `--html FILE`"), "{err}");
    }
}

#[test]
fn coverage_is_told_at_the_lines_of_the_policy_and_as_lcov() {
    let folder = passing();
    let lcov = folder.path("out.info");
    let out = verdikt(["test", &folder.path(""), "--coverage", "--lcov", &lcov]).out(0);
    same(
        folder.named(&out),
        str![[r#"
FOLDER/policy.json: 83 % covered, 5 of 6
  line 4, `Own`: Action `s3:GetObject` never without a match
coverage: 83 %, 5 of 6
2 passed, 0 failed, in 1 file

"#]],
    );
    same(
        folder.named(&fs::read_to_string(lcov).unwrap()),
        str![[r#"
TN:
SF:FOLDER/policy.json
BRDA:3,0,0,1
BRDA:3,1,0,1
BRDA:4,2,0,2
BRDA:4,2,1,0
BRDA:5,3,0,1
BRDA:5,3,1,1
BRF:6
BRH:5
DA:3,1
DA:4,2
DA:5,1
LF:3
LH:3
end_of_record

"#]],
    );
    assert_eq!(verdikt(["test", &folder.path(""), "--coverage-min", "83"]).run().code, 0);
    let ended = verdikt(["test", &folder.path(""), "--coverage-min", "84"]).run();
    assert_eq!((ended.code, ended.err.contains("below the 84 %")), (4, true));
}

#[test]
fn a_broken_copy_that_no_case_notices_is_shown_with_a_request_that_would() {
    let folder = passing();
    let out = verdikt(["test", &folder.path(""), "--mutate"]).out(4);
    same(
        folder.named(&out),
        str![[r#"
2 passed, 0 failed, in 1 file
SURVIVED FOLDER/policy.json, line 4: `Own`: widen `s3:GetObject` of Action to `s3:GetObject*`
  the policy says implicitDeny, the broken copy allowed, to {"action":"s3:GetObjectElse","context":{"aws:username":"a"},"principal":"arn:aws:iam::111122223333:user/a","resource":"arn:aws:s3:::b/a/x","resource_account":"111122223333"}
SURVIVED FOLDER/policy.json, line 5: `Own`: widen `arn:aws:s3:::b/${aws:username}/*` of Resource to `arn:aws:s3:::b/${aws:username}*`
  the policy says implicitDeny, the broken copy allowed, to {"action":"s3:GetObject","context":{"aws:username":"a"},"principal":"arn:aws:iam::111122223333:user/a","resource":"arn:aws:s3:::b/a-else/x","resource_account":"111122223333"}
mutation: 5 of 7 broken copies noticed, 2 survived

"#]],
    );
    let with = |because: &str| {
        let text = fs::read_to_string(folder.path("p.test.yaml")).unwrap();
        let accepted = format!(
            "{text}accepted_mutants:\n  - mutant: '{because}'\n    because: there is no such action\n  \
             - mutant: '`Own`: widen `arn:aws:s3:::b/'\n    because: no name begins with that of another\n"
        );
        let other = passing().with("p.test.yaml", &accepted);
        verdikt(["test", &other.path(""), "--mutate"]).run()
    };
    let ended = with("`Own`: widen `s3:GetObject`");
    assert_eq!((ended.code, ended.out.contains("accepted, because there is no such action")), (0, true));
    // What is accepted and is no survivor would hide the next one of that name.
    assert!(with("`Own`: remove").out.contains("remove it from `accepted_mutants`"));
}

/// Two statements say the same: without the one the policy is what it was, and nothing can tell.
#[test]
fn a_broken_copy_that_nothing_tells_apart_is_listed_and_fails() {
    let statement =
        |sid: &str| format!(r#"{{"Sid": "{sid}", "Effect": "Allow", "Action": "*", "Resource": "*"}}"#);
    let twice = format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": [\n{},\n{}\n]}}",
        statement("One"),
        statement("Two")
    );
    let cases = "policies: {identity: policy.json}\ncases:\n  - {name: a, principal: 'arn:aws:iam::111122223333:user/a', \
                 action: s3:GetObject, resource: 'arn:aws:s3:::b/x', resource_account: '111122223333', expect: allowed}\n";
    let folder = Folder::new().with("policy.json", &twice).with("p.test.yaml", cases);
    let out = verdikt(["test", &folder.path(""), "--mutate"]).out(4);
    let untold = |name: &str, line: usize| {
        let place = format!("NOT TOLD APART FOLDER/policy.json, line {line}: `{name}`: remove the Allow");
        format!(
            "{place}\n  no case notices it, and no request was found that does: add a case, or accept it under \
             `accepted_mutants` and say why\n"
        )
    };
    same(
        folder.named(&out),
        format!(
            "1 passed, 0 failed, in 1 file\n{}{}mutation: 0 of 2 broken copies noticed, 0 survived, 2 not told apart\n",
            untold("One", 2),
            untold("Two", 3)
        ),
    );
    let json = verdikt(["test", &folder.path(""), "--mutate", "--format", "json"]).out(4);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["mutation"]["not_told_apart"], 2);
    assert_keeps_to_the_schema(&report);
    let accepted = format!("{cases}accepted_mutants:\n  - {{mutant: '`', because: both say the same}}\n");
    let folder = folder.with("p.test.yaml", &accepted);
    let out = verdikt(["test", &folder.path(""), "--mutate"]).out(0);
    assert!(out.ends_with("mutation: 0 of 2 broken copies noticed, 2 accepted, 0 survived\n"), "{out}");
}

/// A cell of which a case fails is marked in words too: not every terminal has colours.
#[test]
fn a_failed_cell_of_the_matrix_is_marked() {
    let text = CASES.replace("<other> & co, action: s3:GetObject", "other, action: s3:PutObject");
    let folder = folder().with("p.test.yaml", &text);
    let out = verdikt(["test", &folder.path(""), "--matrix"]).out(4);
    let table: Vec<&str> =
        out.lines().filter(|line| line.contains("s3:GetObject  ") || line.starts_with("arn:")).collect();
    assert_eq!(
        table,
        [
            "                                  s3:GetObject  s3:PutObject",
            "arn:aws:iam::111122223333:user/a  allowed       denied FAIL",
        ],
        "{out}"
    );
    let colours = verdikt(["--color", "always", "test", &folder.path(""), "--matrix"]).out(4);
    assert!(colours.contains("denied\u{1b}[0m \u{1b}[1m\u{1b}[7m\u{1b}[31mFAIL\u{1b}[0m"), "{colours:?}");
}

#[test]
fn the_page_needs_nothing_else_and_says_names_as_text() {
    let folder = folder();
    let page = folder.path("page.html");
    let call = ["test", &folder.path(""), "--matrix", "--html", &page];
    let out = verdikt(call).out(4);
    assert!(out.contains("arn:aws:iam::111122223333:user/a  1 of 2 allowed FAIL\n"), "{out}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("&lt;other&gt; &amp; co") && !page.contains("<other>"), "{page}");
    for outside in ["<script", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("<td class=\"mixed failed\""));
}

/// One principal and many actions made lines that a terminal broke in the middle of a name.
#[test]
fn a_matrix_too_wide_for_a_terminal_is_turned() {
    let folder = folder();
    let names = ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging", "s3:DeleteObjectTagging"];
    let case = |name| format!("  - {{name: {name}, action: {name}, expect: implicitDeny}}\n");
    let cases = names.map(case).concat();
    let head = "policies: {identity: []}\nrequest: {principal: arn:aws:iam::111122223333:user/a, \
                resource: arn:aws:s3:::b/x}\ncases:\n";
    fs::write(folder.path("wide.test.yaml"), format!("{head}{cases}")).unwrap();
    let out = verdikt(["test", &folder.path("wide.test.yaml"), "--matrix"]).out(0);
    let table: Vec<&str> =
        out.lines().filter(|line| line.contains("user/a") || line.starts_with("s3:")).collect();
    assert_eq!(
        table,
        [
            "                        arn:aws:iam::111122223333:user/a",
            "s3:GetObject            denied",
            "s3:GetObjectTagging     denied",
            "s3:PutObjectTagging     denied",
            "s3:DeleteObjectTagging  denied",
        ],
        "{out}"
    );
}

#[test]
fn files_that_cannot_be_read_are_told_and_stop_no_other() {
    for (text, said) in [
        ("cases: [", "not YAML"),
        (
            "cases:\n  - {name: a, expect: allowed}\n  - {name: a, expect: allowed}\n",
            "a second case with the name `a`",
        ),
        ("cases: []", "no case"),
        ("{}", "without `cases`"),
        ("cases: [{name: a}]", "without `expect`"),
        ("cases: [{name: a, expect: alowed}]", "no decision"),
        ("cases: [{name: a, expct: allowed}]", "`expct` is no member of a case"),
        ("cases: [{name: a, expect: allowed, expect: denied}]", "stands twice"),
        ("polices: {}\ncases: [{name: a, expect: allowed}]", "`polices` is no member of a case file"),
        ("cases: [{name: a, layer: identiy, expect: allowed}]", "no layer"),
        ("cases: [{name: a, table: [[action, expect], [s3:GetObject]]}]", "a row of 1 cells under 2 columns"),
        ("cases: [{name: a, table: [[action, expect]]}]", "nothing but the names of its columns"),
        ("cases: [{name: a, each: {action: [x]}, expect: allowed}]", "no axis"),
        ("cases: [{name: a, each: {actions: [x, y]}, expect: [allowed]}]", "1 decisions for 2 items"),
        ("cases: [{name: a, each: {actions: [x, y]}, expect: {x: allowed}}]", "nothing is expected of `y`"),
        (
            "cases: [{name: a, each: {actions: [x]}, expect: {x: allowed, z: allowed}}]",
            "no item of this axis",
        ),
        ("policies: {identty: a}\ncases: [{name: a, expect: allowed}]", "`identty` is no layer"),
    ] {
        let folder = passing().with("bad.test.yaml", text);
        let ended = verdikt(["test", &folder.path("")]).run();
        assert_eq!((ended.code, ended.out.as_str()), (1, "2 passed, 0 failed, in 1 file\n"), "{text}");
        assert!(ended.err.contains(said) && ended.err.contains("bad.test.yaml:"), "{text}\n{}", ended.err);
    }
    let empty = Folder::new();
    assert!(verdikt(["test", &empty.path("")]).err(1).contains("no case file is below"));
}

#[test]
fn a_policy_that_cannot_be_read_fails_its_cases() {
    let folder = passing().with("policy.json", "{}");
    let out = verdikt(["test", &folder.path("")]).out(4);
    assert!(out.contains("got an error: POLICY_REJECTED"), "{out}");
    fs::remove_file(folder.path("policy.json")).unwrap();
    let out = verdikt(["test", &folder.path("")]).out(1);
    assert!(out.contains("cannot read `") && out.contains("0 passed, 2 failed"), "{out}");
}

#[test]
fn json_files_are_case_files_too() {
    let json = r#"{
	"policies": {"identity": "policy.json"},
	"cases": [{"name": "a", "principal": "anonymous", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x", "expect": "denied"}]
}"#;
    let folder = Folder::new().with("policy.json", POLICY).with("p.test.json", json);
    assert_eq!(verdikt(["test", &folder.path("p.test.json")]).out(0), "1 passed, 0 failed, in 1 file\n");
}

#[test]
fn threads_change_no_output() {
    let folder = Folder::new().with("policy.json", POLICY);
    for number in 0..20 {
        fs::write(folder.path(&format!("{number:02}.test.yaml")), CASES).unwrap();
    }
    let run = |threads: &str| verdikt(["test", &folder.path(""), "--coverage", "--threads", threads]).out(4);
    assert_eq!(run("1"), run("3"));
}

#[test]
fn watching_runs_again_when_a_policy_changes() {
    let folder = passing();
    let mut call = verdikt(["test", &folder.path(""), "--watch"]);
    let mut child =
        call.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (send, lines) = mpsc::channel();
    let reader =
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    let until = |wanted: &str| {
        while let Ok(line) = lines.recv_timeout(Duration::from_mins(1)) {
            if line == wanted {
                return true;
            }
        }
        false
    };
    let first = until("2 passed, 0 failed, in 1 file");
    fs::write(folder.path("policy.json"), POLICY.replace("${aws:username}", "nobody")).unwrap();
    let second = until("1 passed, 1 failed, in 1 file");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lines);
    let _ = reader.join();
    assert!(first && second);
}

/// A report that leaves out what could not be read says that all is well.
#[test]
fn a_refused_case_file_is_in_the_reports() {
    let folder = passing().with("bad.test.yaml", "cases: [");
    let out = verdikt(["test", &folder.path(""), "--format", "junit"]).run();
    assert_eq!(out.code, 1);
    let junit = out.out;
    assert!(
        junit.contains(r#"<testsuites name="verdikt test" tests="3" failures="0" errors="1">"#),
        "{junit}"
    );
    assert!(junit.contains("bad.test.yaml: line 1") && junit.contains("<error message="), "{junit}");
    let json = verdikt(["test", &folder.path(""), "--format", "json"]).run().out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["refused"][0]["file"].as_str().unwrap().ends_with("bad.test.yaml"), "{json}");
    assert!(json["refused"][0]["error"].as_str().unwrap().contains("line 1"), "{json}");
    let schema =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/test-report.schema.json"));
    let schema: serde_json::Value = serde_json::from_str(&schema.unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &json));
}

/// A case that is refused was told as `denied`: nothing was decided.
#[test]
fn a_cell_that_was_refused_is_no_deny() {
    let folder = passing().with("policy.json", "{}");
    let page = folder.path("page.html");
    let out = verdikt(["test", &folder.path(""), "--matrix", "--html", &page]).out(4);
    assert!(out.contains("arn:aws:iam::111122223333:user/a  error FAIL\n"), "{out}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<td class=\"error failed\""), "{page}");
}

/// Names with control characters made a page that is no HTML.
#[test]
fn a_page_holds_no_control_characters() {
    let text = CASES.replace("name: own", r#"name: "own \e[31m\u009b""#);
    let folder = folder().with("p.test.yaml", &text);
    let page = folder.path("page.html");
    verdikt(["test", &folder.path(""), "--html", &page]).out(4);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("own \u{fffd}[31m\u{fffd}"), "{page}");
    assert!(!page.contains(|c: char| c.is_control() && c != '\n'), "{page:?}");
}

/// Where nothing is broken, nothing was tried: that must not look like a success.
#[test]
fn mutation_without_a_policy_to_break_fails() {
    let inline = CASES.replace(
        "policy.json",
        "{Version: 2012-10-17, Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}",
    );
    let folder = Folder::new().with("p.test.yaml", &inline);
    assert!(verdikt(["test", &folder.path("")]).out(0).starts_with("2 passed"));
    let out = verdikt(["test", &folder.path(""), "--mutate"]).out(4);
    assert!(out.contains("mutation: nothing was broken"), "{out}");
    // Nor do cases that fail say anything about broken copies.
    let failing = verdikt(["test", &self::folder().path(""), "--mutate"]).run();
    assert_eq!(failing.code, 4);
    assert!(
        failing.err.contains("the cases that fail were not asked of the broken copies"),
        "{}",
        failing.err
    );
}

/// The place in the JSON form of the request was told, which is in no file.
#[test]
fn what_a_case_lacks_is_told_without_a_place_in_another_text() {
    let text =
        CASES.replace("action: s3:GetObject, resource: 'arn:aws:s3:::b/a/x', ", "action: s3:GetObject, ");
    let folder = folder().with("p.test.yaml", &text);
    let out = verdikt(["test", &folder.path("")]).out(4);
    assert!(out.contains("INVALID_REQUEST_JSON: not a request: missing field `resource`\n"), "{out}");
}
