//! `verdikt session`, and decisions of the session that it wrote.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::signer::{stranger, trusted};
use crate::world::{AUTH, NOW, POOL, USER_POOL, changed, claims};

/// A folder with a pool and its files, removed when the test ends.
pub(crate) struct Folder(pub(crate) PathBuf);

/// What came of a call.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("verdikt-session-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    pub(crate) fn run(&self, line: &str) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verdikt"));
        command.args(line.split_whitespace()).current_dir(&self.0).env_remove("NO_COLOR");
        let ended = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write(
        "pool.toml",
        &format!(
            r#"
[pool]
id = "{POOL}"
account = "111122223333"
allow_guests = true
[pool.roles]
authenticated = "{AUTH}"
unauthenticated = "arn:aws:iam::111122223333:role/Guest"
[[pool.providers]]
type = "user_pool"
id = "us-east-1_Example"
clients = ["client-1"]
jwks_file = "jwks.json"
[[pool.providers]]
type = "developer"
id = "login.example.app"
[pool.principal_tags."{USER_POOL}"]
tags = {{ team = "custom:team" }}
[[roles]]
arn = "{AUTH}"
unique_id = "AROAAUTH"
trust = "trust.json"
[[roles]]
arn = "arn:aws:iam::111122223333:role/Guest"
unique_id = "AROAGUEST"
trust = "trust.json"
"#
        ),
    );
    folder.write("jwks.json", &trusted().jwks_text());
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Sid": "ThePool", "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": POOL}}}]});
    folder.write("trust.json", &trust.to_string());
    folder.write(
        "token",
        &format!("{}\n", trusted().token(&changed(claims("alice"), &json!({"custom:team": "blue"})))),
    );
    folder.write("forged", &stranger().token(&claims("alice")));
    folder.write(
        "role.json",
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*",
            "Resource": "arn:aws:s3:::b/${cognito-identity.amazonaws.com:sub}/${aws:PrincipalTag/team}/*"}}"#,
    );
    folder
}

#[test]
fn a_token_becomes_a_session_that_tells_itself() {
    let folder = folder("token");
    let ended = folder.run(&format!("session --pool pool.toml --token token --now {NOW}"));
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", ended.out);
    for part in [
        "signed in",
        "enhanced flow",
        "arn:aws:iam::111122223333:role/app/Auth",
        "no role mapping for",
        "sts:AssumeRoleWithWebIdentity allowed by statement `ThePool` of `trust.json`, line 1",
        "sts:TagSession allowed by",
        "team = blue",
        "session policies none",
        "2027-01-15T09:00:00Z",
    ] {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
}

#[test]
fn a_session_file_decides_requests() {
    let folder = folder("file");
    let line = format!("session --pool pool.toml --token token --identities ids --format json --now {NOW}");
    let first = folder.run(&line);
    assert_eq!(folder.run(&line).out, first.out, "the same identity in every run");
    folder.write("session.json", &first.out);
    let value: Value = serde_json::from_str(&first.out).unwrap();
    let identity = value["session"]["identity"].as_str().unwrap();
    let decide = |key: &str, more: &str| {
        folder.run(&format!(
            "decide --identity role.json --session-file session.json --action s3:GetObject --resource arn:aws:s3:::b/{key} --resource-account 111122223333 {more}"
        ))
    };
    let now = format!("--now {NOW}");
    let own = decide(&format!("{identity}/blue/x"), &now);
    assert_eq!((own.code, own.err.as_str()), (0, ""), "{}", own.out);
    assert_eq!(decide(&format!("{identity}/red/x"), &now).code, 3);
    assert_eq!(decide("us-east-1:bob/blue/x", &now).code, 3);
    let late = decide(&format!("{identity}/blue/x"), &format!("--now {}", NOW + 3_600));
    assert_eq!(late.code, 1);
    assert!(late.err.contains("the session expired at 2027-01-15T09:00:00Z"), "{}", late.err);
    let forged = decide(&format!("{identity}/red/x"), &format!("{now} --context aws:PrincipalTag/team=red"));
    assert_eq!(forged.code, 1);
    assert!(forged.err.contains("fixed by the session"), "{}", forged.err);
    let explained = folder.run(&format!(
        "explain --identity role.json --session-file session.json --action s3:GetObject --resource arn:aws:s3:::b/x --resource-account 111122223333 {now}"
    ));
    assert_eq!(explained.code, 3, "{}", explained.err);
    assert_eq!(decide("x", &format!("{now} --principal anonymous")).code, 2, "one principal only");
}

#[test]
fn a_guests_session_brings_its_session_policies() {
    let folder = folder("guest");
    let guest = folder.run(&format!("session --pool pool.toml --guest --format json --now {NOW}"));
    assert_eq!(guest.code, 0, "{}", guest.err);
    folder.write("guest.json", &guest.out);
    let all =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    folder.write("all.json", all);
    let decide = |action: &str| {
        let line = format!(
            "decide --identity all.json --session-file guest.json --action {action} --resource * --now {NOW}"
        );
        folder.run(&line).code
    };
    assert_eq!((decide("s3:ListAllMyBuckets"), decide("ec2:RunInstances")), (0, 3));
    let text = folder.run(&format!("session --pool pool.toml --guest --now {NOW}"));
    assert!(text.out.contains("guest-scope-down/inline, guest-scope-down/managed"), "{}", text.out);
}

#[test]
fn a_refusal_says_why_and_ends_with_3() {
    let folder = folder("refused");
    let refused = |arguments: &str, part: &str| {
        let ended = folder.run(&format!("session --pool pool.toml {arguments}"));
        assert_eq!((ended.code, ended.err.as_str()), (3, ""), "{arguments}: {}", ended.out);
        assert!(ended.out.contains(part), "{arguments}: {}", ended.out);
    };
    refused(&format!("--token forged --now {NOW}"), "signature is wrong");
    refused(&format!("--token token --now {}", NOW + 3_660), "the token expired at");
    refused(&format!("--token pool.toml --now {NOW}"), "three parts");
    refused(&format!("--login other.example=token --now {NOW}"), "no provider of this identity pool");
    refused(&format!("--token forged --now {NOW} --format json"), "\"exception\":\"NotAuthorizedException\"");
    folder.write(
        "trust.json",
        &fs::read_to_string(folder.0.join("trust.json")).unwrap().replace(POOL, "other"),
    );
    refused(&format!("--token token --now {NOW}"), "the role's trust policy does not allow it");
    refused(&format!("--token token --now {NOW}"), "cognito-identity.amazonaws.com:aud");
}

#[test]
fn logins_by_name_and_developers() {
    let folder = folder("logins");
    let named = folder.run(&format!("session --pool pool.toml --login {USER_POOL}=token --now {NOW}"));
    assert_eq!(named.code, 0, "{}", named.out);
    let developer = folder.run(&format!("session --pool pool.toml --developer u-7 --now {NOW}"));
    assert!(developer.out.contains(&format!("login.example.app:{POOL}:u-7")), "{}", developer.out);
}

#[test]
fn a_file_that_is_wrong_is_told_with_its_place() {
    let folder = folder("wrong");
    let failed = |name: &str, text: &str, part: &str| {
        folder.write(name, text);
        let ended = folder.run(&format!("session --pool {name} --guest"));
        assert_eq!((ended.code, ended.out.as_str()), (1, ""));
        assert!(ended.err.contains(part), "{}", ended.err);
    };
    failed("a.toml", "[pool]\nid = 7", "line 2, column 6");
    failed(
        "b.toml",
        "[pool]\nid = \"x\"\naccount = \"1\"",
        "id: `x` is not `REGION:GUID`; account: is not twelve digits",
    );
    let good = fs::read_to_string(folder.0.join("pool.toml")).unwrap();
    failed("c.toml", &good.replace("jwks.json", "none.json"), "none.json");
    failed("d.toml", &good.replace("AROAGUEST", "AIDA"), "no unique id `AROA…`");
    failed("e.toml", &good.replace("\"trust.json\"", "\"role.json\""), "is refused");
}

#[test]
fn one_way_to_say_who_it_is() {
    let folder = folder("usage");
    for arguments in ["", "--guest --token token", "--guest --developer x", "--token token --identity x"] {
        assert_eq!(folder.run(&format!("session --pool pool.toml {arguments}")).code, 2, "{arguments}");
    }
}
