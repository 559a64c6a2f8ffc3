//! `verdikt decide --cases`: order, bad lines, exit codes.

use std::process::Stdio;

use snapbox::str;

use super::{Folder, case, same, verdikt, words};

#[test]
fn a_batch_answers_every_line_in_order() {
    let lines = [
        case("good", r#","expect":"allowed""#),
        case("surprising", r#","expect":"denied""#),
        "nonsense".to_owned(),
        String::new(),
        case("refused", "").replace("Allow", "Alow"),
        case("expected error", r#","expect":"error""#).replace("Allow", "Alow"),
        case("last, without a line end", ""),
    ];
    let ended = words("decide --cases -").input(&lines.join("\n")).run();
    assert_eq!(ended.code, 4);
    same(
        ended.out,
        str![[r#"
{"id":"good","decision":"allowed","layer":"identity","level":0,"policy":0,"statement":0}
{"id":"surprising","decision":"allowed","layer":"identity","level":0,"policy":0,"statement":0,"unexpected":true}
{"error":{"code":"INVALID_CASE","message":"not a case: expected ident at line 1 column 2"},"line":3}
{"error":{"code":"INVALID_CASE","message":"not a case: EOF while parsing a value at line 1 column 0"},"line":4}
{"error":{"code":"POLICY_REJECTED","message":"p has 1 error: line 1, column 47: `Alow` is no effect [INVALID_EFFECT]"},"id":"refused"}
{"error":{"code":"POLICY_REJECTED","message":"p has 1 error: line 1, column 47: `Alow` is no effect [INVALID_EFFECT]"},"id":"expected error"}
{"id":"last, without a line end","decision":"allowed","layer":"identity","level":0,"policy":0,"statement":0}

"#]],
    );
    same(
        ended.err,
        str![[r#"
note: 1 of 7 lines: not as expected
note: 3 of 7 lines: not decidable

"#]],
    );
}

#[test]
fn a_batch_ends_with_0_where_all_is_as_expected() {
    for text in ["", &case("a", ""), &(case("a", r#","expect":"allowed""#) + "\n")] {
        let out = words("decide --cases -").input(text).out(0);
        assert_eq!(out.lines().count(), text.lines().count());
    }
    words("decide --cases policies/s3-per-identity-prefix/cases.jsonl").out(0);
    assert_eq!(words("decide --cases -").input(&case("a", r#","expect":"explicitDeny""#)).run().code, 4);
    assert_eq!(words("decide --cases -").input("{}").run().code, 4);
}

#[test]
fn a_batch_explains_where_asked() {
    let out = words("decide --cases - --explain").input(&case("a", "")).out(0);
    same(
        out,
        str![[r#"
{"id":"a","decision":"allowed","layer":"identity","level":0,"policy":0,"statement":0,"explanation":{"decision":"allowed","summary":"arn:aws:iam::111122223333:user/alice is authorized to perform: s3:GetObject on resource: *","request":{"principal":"arn:aws:iam::111122223333:user/alice","action":"s3:GetObject","resource":"*"},"decided_by":{"layer":"identity","level":0,"policy":0,"statement":0,"name":"p","sid":null,"line":1,"effect":"Allow"},"missing_layer":null,"missing_level":null,"indeterminate":false,"notes":[],"layers":[{"layer":"scp","level":0,"outcome":"notInUse"},{"layer":"rcp","level":0,"outcome":"notInUse"},{"layer":"resource","level":0,"outcome":"notInUse"},{"layer":"identity","level":0,"outcome":"allows","statements":[{"layer":"identity","level":0,"policy":0,"statement":0,"name":"p","sid":null,"line":1,"effect":"Allow","applies":true,"match":"true","clauses":[{"element":"Action","line":1,"column":64,"match":"true","at_fault":false,"why":"`s3:GetObject` matches `*`","given":"s3:GetObject","entries":[{"written":"*","match":"true"}]},{"element":"Resource","line":1,"column":79,"match":"true","at_fault":false,"why":"`*` matches `*`","given":"*","entries":[{"written":"*","match":"true"}]}]}]},{"layer":"permissions_boundary","level":0,"outcome":"notInUse"},{"layer":"session","level":0,"outcome":"notInUse"},{"layer":"vpc_endpoint","level":0,"outcome":"notInUse"}],"context_keys":[],"nearest_allow":null}}

"#]],
    );
}

#[test]
fn a_batch_ends_quietly_when_its_reader_leaves() {
    let cases = case("a", "") + "\n";
    let folder = Folder::new().with("cases.jsonl", &cases.repeat(5_000));
    let mut command = verdikt(["decide", "--cases", &folder.path("cases.jsonl")]).command;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), [].as_slice()));
}
