//! Sessions of the pools of a store at the command line: `verdikt session --store`, and `decide` and `explain` of tokens,
//! guests and session files.

use std::fs;

use serde_json::{Value, json};

use crate::command::Folder;
use crate::decision_point::store;
use crate::signer::{stranger, trusted};
use crate::world::{NOW, POOL, claims};

const OTHER: &str = "us-east-1:00000000-0000-4000-8000-000000000000";

fn folder(name: &str) -> Folder {
    let folder = store(name);
    folder.write("token", &format!("{}\n", trusted().token(&claims("alice"))));
    folder.write("forged", &stranger().token(&claims("alice")));
    folder
}

/// Alice's session in a file, and her identity.
fn alice(folder: &Folder) -> String {
    let line =
        format!("session --store . --pool {POOL} --token token --identities ids --now {NOW} --format json");
    let ended = folder.run(&line);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", ended.out);
    folder.write("alice.json", &ended.out);
    let value: Value = serde_json::from_str(&ended.out).unwrap();
    value["session"]["identity"].as_str().unwrap().to_owned()
}

#[test]
fn a_session_of_a_pool_of_a_store_is_told() {
    let folder = folder("store-session");
    let ended = folder.run(&format!("session --store . --pool {POOL} --token token --now {NOW}"));
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", ended.out);
    for part in [
        "signed in",
        "role/app/Auth",
        "no role mapping for",
        "`./trust.json`, line 1",
        "team = red",
        "expires",
    ] {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
    let guest = folder.run(&format!("session --store . --pool {OTHER} --guest --now {NOW}"));
    assert!(guest.code == 0 && guest.out.contains("a guest"), "{}{}", guest.out, guest.err);
    let forged = folder.run(&format!("session --store . --pool {POOL} --token forged --now {NOW}"));
    assert!(forged.code == 3 && forged.out.contains("signature is wrong"), "{}{}", forged.out, forged.err);
    let which = folder.run("session --store . --guest");
    assert!(which.code == 1 && which.err.contains("--pool") && which.err.contains(OTHER), "{}", which.err);
    let unknown = folder.run("session --store . --pool us-east-1:1 --guest");
    assert!(unknown.code == 1 && unknown.err.contains("is not in the store"), "{}", unknown.err);
}

#[test]
fn a_token_a_guest_and_a_session_file_decide_calls_of_s3() {
    let folder = folder("store-calls");
    let identity = alice(&folder);
    let own = format!("/photos/{}/cat.jpg", identity.replace(':', "%3A"));
    let by = |who: &str, call: &str| folder.run(&format!("decide --store . --now {NOW} {who} {call}"));
    let token = format!("--pool {POOL} --token token --identities ids");
    for who in [token.as_str(), "--session-file alice.json"] {
        assert_eq!(by(who, &format!("s3 GET {own}")).code, 0, "{who}");
        assert_eq!(by(who, "s3 GET /photos/us-east-1%3Abob/cat.jpg").code, 3, "{who}");
        assert_eq!(
            by(who, &format!("--action s3:PutObject --resource arn:aws:s3:::photos/{identity}/x")).code,
            0
        );
        // The bucket's tag is the store's.
        assert_eq!(by(who, "s3 GET /photos?list-type=2").code, 0, "{who}");
    }
    let told = by(&token, &format!("s3 GET {own}"));
    assert!(told.err.contains(&format!("asked as the identity {identity}, signed in")), "{}", told.err);
    let guest = by(&format!("--pool {OTHER} --guest"), "s3 GET https://photos.s3.amazonaws.com/x");
    assert!(guest.code == 0 && guest.err.contains("a guest"), "{}{}", guest.out, guest.err);
    let forged = by(&format!("--pool {POOL} --token forged"), &format!("s3 GET {own}"));
    assert!(forged.code == 3 && forged.out.contains("signature is wrong"), "{}", forged.out);
    folder.write("none", "a.b.c");
    let none = by(&format!("--pool {POOL} --token none"), &format!("s3 GET {own}"));
    assert!(none.code == 3 && none.out.contains("the token is refused: "), "{}", none.out);
    let unwanted = by(&format!("--pool {OTHER} --token token"), &format!("s3 GET {own}"));
    assert!(
        unwanted.code == 3 && unwanted.out.contains("no provider of this identity pool takes tokens"),
        "{}",
        unwanted.out
    );
    let json = by(&format!("--pool {POOL} --token forged --format json"), &format!("s3 GET {own}"));
    assert!(json.code == 3 && json.out.contains("NotAuthorizedException"), "{}", json.out);
    let explained = folder.run(&format!(
        "explain --store . --now {NOW} --session-file alice.json s3 PUT /photos/us-east-1%3Abob/x"
    ));
    assert!(explained.code == 3 && explained.out.contains(&identity), "{}", explained.out);
    // A header and a body are read.
    let copy = by(
        "--session-file alice.json",
        &format!("-H x-amz-copy-source:/photos/us-east-1%3Abob/x s3 PUT {own}"),
    );
    assert!(copy.code == 3 && copy.out.contains("3 checks"), "{}", copy.out);
}

#[test]
fn must_allow_counts_for_every_check_of_a_call_too() {
    let folder = folder("store-must-allow");
    let identity = alice(&folder);
    let ask = |more: &str| {
        let own = format!("/photos/{}/cat.jpg", identity.replace(':', "%3A"));
        folder.run(&format!("decide --store . --now {NOW} --session-file alice.json {more} s3 GET {own}"))
    };
    assert_eq!(ask("").code, 0);
    // The bucket has no policy, so nothing of it allows.
    let ended = ask("--must-allow");
    assert!(ended.code == 3 && ended.out.contains("no resource-based policy"), "{}{}", ended.out, ended.err);
    let statement =
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}"#;
    folder.write("bucket.json", &format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#));
    let manifest = fs::read_to_string(folder.0.join("verdikt.toml")).unwrap();
    let bucket = "name = \"photos\"\n";
    folder.write("verdikt.toml", &manifest.replace(bucket, &format!("{bucket}policy = \"bucket.json\"\n")));
    assert_eq!(ask("--must-allow").code, 0);
    // The owner that is stated is held against the store's, at a call as at an action.
    let other = ask("--resource-account 999988887777");
    assert!(other.code == 1 && other.err.contains("aws:ResourceAccount"), "{}", other.err);
    assert_eq!(ask("--resource-account 111122223333").code, 0);
}

#[test]
fn calls_of_dynamodb_belong_to_the_account_and_region_of_the_session() {
    let folder = folder("store-dynamodb");
    let identity = alice(&folder);
    let get = |owner: &str, more: &str| {
        folder.write("body.json", &json!({"TableName": "notes", "Key": {"owner": {"S": owner}}}).to_string());
        let line = format!(
            "decide --store . --now {NOW} --session-file alice.json {more} dynamodb GetItem --body body.json"
        );
        folder.run(&line)
    };
    assert_eq!(get(&identity, "").code, 0);
    assert_eq!(get("us-east-1:bob", "").code, 3);
    // The same name in another Region is another table, whose keys nobody knows.
    let elsewhere = get(&identity, "--region eu-west-1");
    assert!(elsewhere.code == 1 && elsewhere.err.contains("eu-west-1"), "{}", elsewhere.err);
}

#[test]
fn a_session_that_may_not_ask_is_refused() {
    let folder = folder("store-refused");
    let identity = alice(&folder);
    let ask = |more: &str| {
        let resource = format!("arn:aws:s3:::photos/{identity}/x");
        folder.run(&format!(
            "decide --store . --session-file alice.json --action s3:GetObject --resource {resource} {more}"
        ))
    };
    let now = format!("--now {NOW}");
    assert_eq!(ask(&now).code, 0);
    for (more, part) in [
        (format!("--now {}", NOW + 3_600), "expired"),
        (format!("{now} --pool {OTHER}"), "not of"),
        (format!("{now} --context cognito-identity.amazonaws.com:sub=us-east-1:bob"), "fixed by the session"),
        (format!("{now} --context aws:PrincipalOrgID=o-other"), "aws:PrincipalOrgID"),
        (format!("{now} --resource-account 999988887777"), "aws:ResourceAccount"),
    ] {
        let ended = ask(&more);
        assert!(ended.code == 1 && ended.err.contains(part), "{more}: {}{}", ended.out, ended.err);
    }
    // A Deny that is added reaches the session that was made before.
    let policy = fs::read_to_string(folder.0.join("user.json")).unwrap();
    let deny = r#""Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"},"#;
    folder.write("user.json", &policy.replace(r#""Statement":["#, deny));
    assert_eq!(ask(&now).code, 3);
}

#[test]
fn who_asks_is_said_once() {
    let folder = folder("store-usage");
    let plain = "--action s3:GetObject --resource arn:aws:s3:::photos/x";
    for line in [
        format!("decide --guest {plain}"),
        format!("decide --store . --guest --token token {plain}"),
        format!("decide --store . --guest --principal anonymous {plain}"),
        format!("decide --store . --pool {POOL} --principal anonymous {plain}"),
        format!("decide --store . --identities ids --guest {plain}"),
        format!("decide --store . --guest s3 GET /photos/x {plain}"),
        "decide --store . --guest s3 GET".to_owned(),
        "decide --store . --guest s3".to_owned(),
        "decide --store . --guest dynamodb GetItem /x".to_owned(),
        "decide --store . --guest sqs SendMessage".to_owned(),
        format!("decide --store . --bucket-tag a=b --guest {plain}"),
        "session --guest".to_owned(),
    ] {
        assert_eq!(folder.run(&line).code, 2, "{line}");
    }
}
