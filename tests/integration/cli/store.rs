//! `verdikt store`, and requests that a store is asked about.

use snapbox::str;

use super::{Folder, same, words};

const STORE: &str = "policies/photo-app";
const PHOTO_USER: &str = "arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials";
const PHOTO: &str = "arn:aws:s3:::photo-app/public/sea.jpg";

fn decide(more: &str) -> super::Ended {
    words(&format!("decide --store {STORE} --action s3:GetObject {more}")).run()
}

#[test]
fn what_governs_is_shown() {
    let out = words(&format!("store show {STORE} --principal {PHOTO_USER} --resource {PHOTO}")).out(0);
    let out = out.split("\npolicies").nth(1).unwrap().to_owned();
    same(
        out,
        str![[r#"
 that govern
  service control policy, level 0: scps/full-access.json
  service control policy, level 1: scps/full-access.json, scps/keep-data.json
  service control policy, level 2: scps/full-access.json
  resource-based policy: bucket.json
  identity-based policy: roles/user.json
  permissions boundary: boundary.json

context keys that the store supplies
  aws:PrincipalArn = arn:aws:iam::111122223333:role/photo-user
  aws:PrincipalAccount = 111122223333
  aws:PrincipalType = AssumedRole
  aws:userid = AROAPHOTOUSER0EXAMPLE:CognitoIdentityCredentials
  aws:PrincipalOrgID = o-a1b2c3d4e5
  aws:PrincipalOrgPaths = ["o-a1b2c3d4e5/r-ab12/ou-ab12-apps/"]
  aws:PrincipalTag/app = photo
  aws:ResourceAccount = 111122223333
  aws:ResourceOrgID = o-a1b2c3d4e5
  aws:ResourceOrgPaths = ["o-a1b2c3d4e5/r-ab12/ou-ab12-apps/"]
  aws:ResourceTag/app = photo
  s3:BucketTag/app = photo

"#]],
    );
}

#[test]
fn what_governs_for_programs() {
    let out = words(&format!("store show {STORE} --resource arn:aws:s3:::photo-app --format json")).out(0);
    let shown: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(shown["owner"], "111122223333");
    let policies = serde_json::json!([{"layer": "resource", "level": 0, "files": ["bucket.json"]}]);
    assert_eq!(shown["policies"], policies);
    assert_eq!(shown["context"]["aws:ResourceTag/app"], "photo");
    assert_eq!(shown["context"]["aws:PrincipalAccount"], serde_json::Value::Null);
    let role = "arn:aws:iam::111122223333:role/photo-user";
    let out = words(&format!("store show {STORE} --resource {role} --format json")).out(0);
    assert!(out.contains("trust/authenticated.json"), "{out}");
}

#[test]
fn a_request_is_decided_by_a_store() {
    let allowed = decide(&format!("--principal {PHOTO_USER} --resource {PHOTO}"));
    assert_eq!((allowed.code, allowed.err.as_str()), (0, ""));
    let plain =
        decide(&format!("--principal {PHOTO_USER} --resource {PHOTO} --context aws:SecureTransport=false"));
    assert!(plain.code == 3 && plain.out.contains("bucket.json:4"), "{}", plain.out);
}

#[test]
fn a_request_that_contradicts_the_store_is_refused() {
    for (more, told) in [
        ("--context aws:PrincipalOrgID=o-other", "`aws:PrincipalOrgID`"),
        ("--context aws:PrincipalTag/app=other", "`aws:PrincipalTag/app`"),
        ("--context aws:SourceVpce=vpce-1", "`vpce-1` is not in the store"),
        ("--resource-account 444455556666", "`aws:ResourceAccount`"),
        ("--management-account", "management account"),
        ("--role-path /other/", "role path"),
    ] {
        let ended = decide(&format!("--principal {PHOTO_USER} --resource {PHOTO} {more}"));
        assert!(ended.code == 1 && ended.err.contains(told), "{more}: {} {}", ended.code, ended.err);
        assert!(ended.out.is_empty());
    }
}

#[test]
fn an_unknown_principal_is_refused_and_an_unknown_resource_denied() {
    let ended = decide(&format!("--principal arn:aws:iam::111122223333:user/eve --resource {PHOTO}"));
    assert!(ended.code == 1 && ended.err.contains("is not in the store"), "{}", ended.err);
    let ended = decide(&format!("--principal {PHOTO_USER} --resource arn:aws:s3:::elsewhere/a"));
    assert!(
        ended.code == 3 && ended.err.contains("the store has no `arn:aws:s3:::elsewhere/a`"),
        "{}",
        ended.err
    );
}

#[test]
fn session_policies_go_with_a_store_and_other_policies_do_not() {
    let folder = Folder::new().with(
        "none.json",
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}"#,
    );
    let asked = format!("--principal {PHOTO_USER} --resource {PHOTO}");
    let ended = decide(&format!("{asked} --session {}", folder.path("none.json")));
    assert_eq!(ended.code, 3, "{}", ended.out);
    let ended = decide(&format!("{asked} --identity {}", folder.path("none.json")));
    assert_eq!(ended.code, 2, "{}", ended.err);
}

#[test]
fn a_store_that_is_refused() {
    let folder = Folder::new().with(
        "verdikt.toml",
        "[[account]]\nid = \"111122223333\"\n\n[[bucket]]\nname = \"data\"\naccount = \"111122223333\"\npolicy = \"none.json\"\n",
    );
    let ended = words(&format!("store check {}", folder.0.display())).run();
    assert_eq!(ended.code, 4);
    same(
        folder.named(&ended.out),
        str![[r#"
error[UNREADABLE_FILE]: `none.json` does not exist
 --> FOLDER/verdikt.toml:7:10
  |
7 | policy = "none.json"
  |          ^^^^^^^^^^^

FOLDER: refused; nothing of it would be used

"#]],
    );
    let ended = words(&format!("store check {} --format json", folder.0.display())).run();
    assert_eq!(ended.code, 4);
    let last: serde_json::Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
    assert_eq!(last, serde_json::json!({"valid": false}));
    let ended = words(&format!("store show {}", folder.0.display())).run();
    assert!(ended.code == 1 && ended.err.contains("none.json"), "{}", ended.err);
}
