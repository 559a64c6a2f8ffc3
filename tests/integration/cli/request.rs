//! `verdikt request`, and `decide` and `explain` with `--call`: an API call, its checks, their decision.

use snapbox::str;

use super::{Folder, PREFIX_POLICY, SESSION, same, verdikt};

const OWN: &str = "us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

fn with(name: &str, text: &str) -> Folder {
    Folder::new().with(name, text)
}

#[test]
fn a_call_from_options() {
    let url = "https://photos.s3.amazonaws.com/users/a%20b/cat.jpg?versionId=3";
    same(
        verdikt(["request", "s3", "GET", url, "--tls-version", "1.3"]).out(0),
        str![[r#"
s3:GetObject: one check
s3:GetObjectVersion  arn:aws:s3:::photos/users/a b/cat.jpg
    aws:SecureTransport  true
    s3:TlsVersion        1.3
    s3:versionid         3

"#]],
    );
}

#[test]
fn a_pasted_curl_line() {
    let line = "curl -sS -X PUT 'https://photos.s3.amazonaws.com/mine.jpg' \\\n  -H 'x-amz-copy-source: /other/theirs.jpg'\n";
    let folder = with("call.txt", line);
    let out = verdikt(["request", "s3", "--call", &folder.path("call.txt"), "--format", "json"]).out(0);
    let call: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&call["operation"], &call["combination"]), (&"CopyObject".into(), &"allOf".into()));
    let checks: Vec<_> =
        call["checks"].as_array().unwrap().iter().map(|one| (&one["action"], &one["resource"])).collect();
    assert_eq!(
        checks,
        [
            (&"s3:GetObject".into(), &"arn:aws:s3:::other/theirs.jpg".into()),
            (&"s3:GetObjectTagging".into(), &"arn:aws:s3:::other/theirs.jpg".into()),
            (&"s3:PutObject".into(), &"arn:aws:s3:::photos/mine.jpg".into()),
        ]
    );
}

/// Each check of a call whose parts are done by themselves tells its part.
#[test]
fn parts_are_told() {
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
    let folder = with("body.xml", body);
    let url = "https://photos.s3.amazonaws.com/?delete";
    same(
        verdikt(["request", "s3", "POST", url, "--body", &folder.path("body.xml")]).out(0),
        str![[r#"
s3:DeleteObjects: each check stands for a part of the call
s3:DeleteObject  arn:aws:s3:::photos/a  (part 0)
    aws:SecureTransport  true
s3:DeleteObject  arn:aws:s3:::photos/b  (part 1)
    aws:SecureTransport  true

"#]],
    );
}

/// Method and address on one line are a call too, from standard input or a file.
#[test]
fn a_call_on_one_line() {
    let folder = with("call.txt", "HEAD https://photos.s3.amazonaws.com/\n");
    let out = verdikt(["request", "s3", "--call", &folder.path("call.txt")]).out(0);
    assert!(out.starts_with("s3:HeadBucket: one check\ns3:ListBucket  arn:aws:s3:::photos\n"), "{out}");
    let folder = with("call.txt", "GET https://photos.s3.amazonaws.com/a b\n");
    assert_eq!(failed(&["request", "s3", "--call", &folder.path("call.txt")]).0, 1);
}

/// An option of curl's that could change what is sent is not passed over.
#[test]
fn curl_lines_that_cannot_be_read_are_refused() {
    for (line, said) in [
        ("curl 'https://b.s3.amazonaws.com/x", "a quote is not closed"),
        (
            "curl --proxy-header a https://b.s3.amazonaws.com/x",
            "the option `--proxy-header` is not read here",
        ),
        ("curl -H nocolon https://b.s3.amazonaws.com/x", "the header `nocolon` has no colon"),
        ("curl https://b.s3.amazonaws.com/x https://b.s3.amazonaws.com/y", "it names two addresses"),
        ("curl -d @file https://b.s3.amazonaws.com/x", "reads a file"),
        ("curl ftp://b.s3.amazonaws.com/x", "is neither http nor https"),
        ("curl b.s3.amazonaws.com/x", "does not begin with https:// or http://"),
        ("curl https://a:b@b.s3.amazonaws.com/x", "it names a user"),
        ("curl -X", "`-X` lacks its argument"),
        (
            "curl -H 'Host: a.s3.amazonaws.com' -H 'host: b.s3.amazonaws.com' https://x/y",
            "stands more than once",
        ),
        ("curl https://b.s3.amazonaws.com/mine/../theirs/x", "give `--path-as-is`"),
        ("curl https://b.s3.amazonaws.com/mine/%2E./theirs/x", "give `--path-as-is`"),
        ("curl https://b.s3.amazonaws.com/mine/.?versionId=1", "give `--path-as-is`"),
        ("curl 'https://b.s3.amazonaws.com/{mine,theirs}'", "give `--globoff`"),
        ("curl 'https://b.s3.amazonaws.com/x?versionId=[1-3]'", "give `--globoff`"),
        ("curl -T theirs https://b.s3.amazonaws.com/mine/", "adds the name of the file"),
        ("curl -T theirs https://b.s3.amazonaws.com", "adds the name of the file"),
    ] {
        let folder = with("call.txt", line);
        let (code, err) = failed(&["request", "s3", "--call", &folder.path("call.txt")]);
        assert!(code == 1 && err.contains(said), "{line}: {code}: {err}");
    }
}

/// As curl's manual page has it: what `-X` says counts before `-I`; `name:` is not sent, `name;` is sent empty.
#[test]
fn curl_lines_are_read_as_curl_sends_them() {
    let x = "https://app-data.s3.amazonaws.com/x";
    for (line, operation, said) in [
        (format!("curl -X DELETE -I {x}"), "s3:DeleteObject", None),
        (format!("curl -I -X DELETE {x}"), "s3:DeleteObject", None),
        (format!("curl -sI {x}"), "s3:HeadObject", None),
        (format!("curl -g --path-as-is '{x}/../[a]{{b}}'"), "s3:GetObject", Some("app-data/x/../[a]{b}")),
        (format!("curl -T y {x} -H 'x-amz-acl:'"), "s3:PutObject: one check", None),
        (format!("curl -T y {x} -H 'x-amz-acl;'"), "s3:PutObject: every", Some("s3:PutObjectAcl")),
    ] {
        let folder = with("call.txt", &line);
        let out = verdikt(["request", "s3", "--call", &folder.path("call.txt")]).out(0);
        assert!(out.starts_with(operation) && out.contains(said.unwrap_or_default()), "{line}: {out}");
    }
}

#[test]
fn what_is_no_call_of_the_service_is_refused_with_the_remedy() {
    let (code, err) = failed(&["request", "s3", "GET", "https://photos.s3.amazonaws.com/x?unheardOf"]);
    assert_eq!(
        (code, &*err),
        (1, "error: GetObject has no query parameter `unheardOf`\nhelp: leave it out, or refuse the call\n")
    );
    let folder = with("call.http", "POST / HTTP/1.1\r\nHost: dynamodb.us-east-1.amazonaws.com\r\n\r\n{}");
    let call = ["request", "dynamodb", "--call", &folder.path("call.http"), "--region", "us-east-1"];
    assert!(failed(&call).1.contains("give `--account`"));
    let call = [&call[..], &["--account", "111122223333"]].concat();
    assert!(failed(&call).1.contains("no header `X-Amz-Target`"));
    assert_eq!(failed(&["request", "s3"]).0, 2);
    assert_eq!(
        failed(&["request", "s3", "GET", "https://b.s3.amazonaws.com/", "--identity", PREFIX_POLICY]).0,
        2
    );
}

#[test]
fn cases_are_what_the_batch_form_reads() {
    let url = format!("https://app-data.s3.amazonaws.com/users/{OWN}/photo.jpg");
    let call = [
        "request",
        "s3",
        "GET",
        &url,
        "--format",
        "cases",
        "--principal",
        SESSION,
        "--identity",
        PREFIX_POLICY,
    ];
    let lines = verdikt(call).out(0);
    let folder = with("cases.jsonl", &lines);
    let out = verdikt(["decide", "--cases", &folder.path("cases.jsonl")]).out(0);
    // Nobody gave the identity id.
    assert!(out.starts_with(r#"{"id":"GetObject","decision":"implicitDeny""#), "{out}");
}

/// A call with several checks is one case, whose answer tells each; so is one with none.
#[test]
fn a_call_is_one_case_of_the_batch_form() {
    let lines = |args: &[&str]| {
        let rest = ["--format", "cases", "--principal", SESSION, "--identity", PREFIX_POLICY];
        verdikt([&["request"], args, &rest[..]].concat()).out(0)
    };
    let url = format!("https://app-data.s3.amazonaws.com/users/{OWN}/copy");
    let copy = ["-H", "x-amz-copy-source: app-data/users/x/y", "--resource-account", "111122223333"];
    let line = lines(&[&["s3", "PUT", &url], &copy[..]].concat());
    let case: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(case["call"]["checks"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&case["id"], &case["call"]["resource_account"]),
        (&"CopyObject".into(), &"111122223333".into())
    );
    let target = "X-Amz-Target: DynamoDB_20120810.DescribeEndpoints";
    let none = with("call.http", &format!("POST / HTTP/1.1\r\nHost: x\r\n{target}\r\n\r\n{{}}"));
    let path = none.path("call.http");
    let free = lines(&["dynamodb", "--call", &path, "--region", "us-east-1", "--account", "111122223333"]);
    let folder = with("cases.jsonl", &format!("{line}{free}"));
    let out = verdikt(["decide", "--cases", &folder.path("cases.jsonl")]).out(0);
    let answers: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let word = |check: &serde_json::Value| check["decision"].as_str().unwrap().to_owned();
    assert_eq!((word(&answers[0]), &answers[0]["combination"]), ("implicitDeny".into(), &"allOf".into()));
    assert_eq!(
        answers[0]["checks"].as_array().unwrap().iter().map(word).collect::<Vec<_>>(),
        ["implicitDeny"; 3]
    );
    assert_eq!(
        out.lines().nth(1).unwrap(),
        r#"{"id":"DescribeEndpoints","decision":"allowed","allowed":true,"combination":"noneNeeded","checks":[]}"#
    );
}

/// What `verdikt request` says of such a call.
#[test]
fn a_call_that_needs_no_permission_is_shown_without_a_check() {
    let text = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.DescribeEndpoints\r\n\r\n{}";
    let folder = with("call.http", text);
    let path = folder.path("call.http");
    let call = ["request", "dynamodb", "--call", &path, "--region", "us-east-1", "--account", "111122223333"];
    assert_eq!(verdikt(call).out(0), "dynamodb:DescribeEndpoints: needs no permission, nothing is checked\n");
    let json = verdikt([&call[..], &["--format", "json"]].concat()).out(0);
    assert_eq!(
        json,
        "{\"service\":\"dynamodb\",\"operation\":\"DescribeEndpoints\",\"combination\":\"noneNeeded\",\"checks\":[]}\n"
    );
}

/// A call and a user's own policy, decided by all of its checks.
fn decided(subcommand: &str, text: &str, more: &[&str]) -> (i32, String) {
    let folder = with("call.txt", text);
    let path = folder.path("call.txt");
    let sub = format!("cognito-identity.amazonaws.com:sub={OWN}");
    let call =
        [subcommand, "--call", &path, "--principal", SESSION, "--identity", PREFIX_POLICY, "--context", &sub];
    let ran = verdikt([&call[..], &["--resource-account", "111122223333"], more].concat()).run();
    (ran.code, ran.out + &ran.err)
}

#[test]
fn a_copy_needs_its_source_too() {
    let copy = |from: &str| {
        format!(
            "curl -X PUT 'https://app-data.s3.amazonaws.com/users/{OWN}/copy' -H 'x-amz-copy-source: app-data/users/{from}/x'"
        )
    };
    let untagged = ["--no-object-tags"];
    let (code, said) = decided("decide", &copy(OWN), &untagged);
    assert!(code == 0 && said.starts_with("the call is allowed: all 2 of its checks are\n"), "{said}");
    // Its tags come along, which the policy does not let be read, unless there are none or they are replaced.
    let (code, said) = decided("decide", &copy(OWN), &[]);
    assert!(code == 3 && said.starts_with("the call is denied: 1 of its 3 checks are not allowed"), "{said}");
    let replaced = format!("{} -H 'x-amz-tagging-directive: REPLACE'", copy(OWN));
    assert_eq!(decided("decide", &replaced, &[]).0, 0);
    assert_eq!(decided("decide", &copy(OWN), &["--no-object-tags", "--object-tag", "a=b"]).0, 2);
    let (code, said) = decided("explain", &copy("us-east-1:bob"), &untagged);
    assert!(code == 3 && said.starts_with("the call is denied: 1 of its 2 checks are not allowed"), "{said}");
    assert!(said.contains("check 1 of 2:\n") && said.contains("nearest allow"), "{said}");
    let (code, said) = decided("decide", &copy("us-east-1:bob"), &["--no-object-tags", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
    let of = |check: usize| answer["checks"][check]["decision"].as_str().unwrap().to_owned();
    assert_eq!(
        (code, &answer["allowed"], of(0), of(1)),
        (3, &false.into(), "implicitDeny".into(), "allowed".into())
    );
}

/// Two buckets have two policies: one of them cannot stand for both.
#[test]
fn the_policy_of_one_bucket_does_not_govern_another() {
    let folder = with("bucket.json", r#"{"Version": "2012-10-17", "Statement": []}"#);
    let policy = folder.path("bucket.json");
    let copy = format!(
        "curl -X PUT https://app-data.s3.amazonaws.com/users/{OWN}/x -H 'x-amz-copy-source: other/users/{OWN}/x'"
    );
    let (code, said) = decided("decide", &copy, &["--resource-policy", &policy]);
    assert!(code == 2 && said.contains("arn:aws:s3:::app-data, arn:aws:s3:::other"), "{said}");
}

/// DynamoDB checks no policy for `DescribeEndpoints`: no policy can deny it.
#[test]
fn a_call_that_needs_no_permission_is_not_denied() {
    let call = "POST / HTTP/1.1\r\nHost: dynamodb.us-east-1.amazonaws.com\r\nX-Amz-Target: DynamoDB_20120810.DescribeEndpoints\r\n\r\n{}";
    let place = ["--region", "us-east-1", "--account", "111122223333"];
    for subcommand in ["decide", "explain"] {
        let (code, said) = decided(subcommand, call, &place);
        assert_eq!(
            (code, &*said),
            (0, "the call needs no permission: the service checks no policy for it\n")
        );
    }
}

/// Under a store too, whose policies allow the principal nothing of DynamoDB but three actions.
#[test]
fn a_store_does_not_deny_a_call_that_needs_no_permission() {
    let call = |operation: &str, body: &str| {
        format!("POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r\n\r\n{body}")
    };
    for (operation, code) in [("DescribeEndpoints", 0), ("ListTables", 3)] {
        let folder = with("call.http", &call(operation, "{}"));
        let path = folder.path("call.http");
        let asked = [
            "decide",
            "--store",
            "policies/photo-app",
            "--call",
            &path,
            "--region",
            "us-east-1",
            "--account",
            "111122223333",
            "--principal",
            "arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials",
        ];
        let ran = verdikt(asked).run();
        assert_eq!(ran.code, code, "{operation}: {}{}", ran.out, ran.err);
    }
}

/// The exit code and what was said of a call that failed.
fn failed(call: &[&str]) -> (i32, String) {
    let ran = verdikt(call.iter().copied()).run();
    assert_eq!(ran.out, "", "{call:?}");
    (ran.code, ran.err)
}
