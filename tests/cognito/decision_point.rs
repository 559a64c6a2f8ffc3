//! The decision point: logins, sessions over reloads, and calls decided with what the store knows.

use std::borrow::Cow;
use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value as Json, json};
use verdikt::cognito::{Session, UnverifiedToken};
use verdikt::decision_point::{
    CallFacts, Caller, DecisionPoint, PoolSession, Question, Settings, SignInError,
};
use verdikt::service::s3::Addressing;
use verdikt::service::{HttpRequest, Value};
use verdikt::store::{LoadOptions, Rejected, Reload};
use verdikt::{Outcome, Principal};

use crate::command::Folder;
use crate::signer::{stranger, trusted};
use crate::world::{AUTH, GUEST, NOW, POOL, changed, claims};

const OTHER_POOL: &str = "us-east-1:00000000-0000-4000-8000-000000000000";

const MANIFEST: &str = r#"
[organization]
id = "o-a1b2c3d4e5"
root = "r-ab12"
management_account = "111122223333"
scps = ["allow.json"]

[[account]]
id = "111122223333"
parent = "r-ab12"
scps = ["allow.json"]

[[role]]
arn = "arn:aws:iam::111122223333:role/app/Auth"
unique_id = "AROAAUTH"
trust = "trust.json"
policies = ["user.json"]
tags = { team = "red" }

[[role]]
arn = "arn:aws:iam::111122223333:role/Guest"
unique_id = "AROAGUEST"
trust = "trust.json"
policies = ["allow.json"]

[[bucket]]
name = "photos"
account = "111122223333"
tags = { stage = "live" }

[[table]]
name = "notes"
account = "111122223333"
region = "us-east-1"
partition_key = "owner"

[[table]]
name = "counts"
account = "111122223333"
region = "us-east-1"
partition_key = "number"
partition_key_type = "N"

[[identity_pool]]
id = "us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8"
account = "111122223333"
config = "pools/main.toml"

[[identity_pool]]
id = "us-east-1:00000000-0000-4000-8000-000000000000"
account = "111122223333"
config = "pools/other.toml"
"#;

fn pool(id: &str, provider: &str) -> String {
    format!(
        "id = \"{id}\"\naccount = \"111122223333\"\nallow_guests = true\n[roles]\nauthenticated = \"{AUTH}\"\n\
         unauthenticated = \"{GUEST}\"\n{provider}"
    )
}

const PROVIDER: &str =
    "[[providers]]\ntype = \"user_pool\"\nid = \"us-east-1_Example\"\nclients = [\"client-1\"]\n";

fn allow(action: &str, resource: &str, condition: &Json) -> Json {
    json!({"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition})
}

fn policy(statements: &[Json]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn user() -> Vec<Json> {
    let own = "arn:aws:s3:::photos/${cognito-identity.amazonaws.com:sub}/*";
    let keys = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]},
        "Null": {"dynamodb:LeadingKeys": "false"}});
    vec![
        json!({"Sid": "Own", "Effect": "Allow", "Action": "s3:*", "Resource": own}),
        allow("dynamodb:*", "arn:aws:dynamodb:us-east-1:111122223333:table/notes", &keys),
        allow(
            "s3:ListBucket",
            "arn:aws:s3:::photos",
            &json!({"StringEquals": {"s3:BucketTag/stage": "live"}}),
        ),
    ]
}

/// A store with two pools, of which one has a provider whose key set is a file.
pub(crate) fn store(name: &str) -> Folder {
    let folder = Folder::new(name);
    fs::create_dir_all(folder.0.join("pools")).unwrap();
    folder.write("verdikt.toml", MANIFEST);
    folder.write("allow.json", &policy(&[allow("*", "*", &json!({}))]));
    folder.write("user.json", &policy(&user()));
    let trust = json!({"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": [POOL, OTHER_POOL]}}});
    folder.write("trust.json", &policy(&[trust]));
    folder.write("pools/main.toml", &pool(POOL, &format!("{PROVIDER}jwks_file = \"jwks.json\"\n")));
    folder.write("pools/jwks.json", &trusted().jwks_text());
    folder.write("pools/other.toml", &pool(OTHER_POOL, ""));
    folder
}

fn opened(folder: &Folder) -> DecisionPoint {
    try_open(folder).unwrap()
}

fn try_open(folder: &Folder) -> Result<DecisionPoint, Rejected> {
    DecisionPoint::open(&folder.0, Settings::default(), &LoadOptions::default(), NOW)
}

fn reload(point: &DecisionPoint) -> Result<Reload, Rejected> {
    point.reload(&LoadOptions::default(), NOW + 60)
}

fn token(changes: &Json) -> UnverifiedToken {
    UnverifiedToken::parse(&trusted().token(&changed(claims("alice"), changes))).unwrap()
}

fn alice(point: &DecisionPoint) -> PoolSession {
    point.in_force().login(POOL, &token(&json!({})), NOW).unwrap()
}

fn own(session: &PoolSession) -> String {
    format!("arn:aws:s3:::photos/{}/cat.jpg", session.session().parts().identity)
}

/// Whether a session may get its own photo, or why that cannot be asked.
fn get(point: &DecisionPoint, session: &PoolSession, now: i64) -> Result<Outcome, &'static str> {
    with(point, session, &[], now)
}

fn with(
    point: &DecisionPoint,
    session: &PoolSession,
    context: &[(Cow<'_, str>, Value)],
    now: i64,
) -> Result<Outcome, &'static str> {
    let resource = own(session);
    let question = Question::new("s3:GetObject", &resource).with_context(context);
    let decided = point.in_force().decide(&Caller::Session(session.live()), &question, now);
    decided.map(|decided| decided.decision.outcome).map_err(|error| error.code())
}

fn one(name: &str, value: &str) -> [(Cow<'static, str>, Value); 1] {
    [(name.to_owned().into(), Value::One(value.to_owned()))]
}

fn deny() -> String {
    let denied = json!({"Sid": "Denied", "Effect": "Deny", "Action": "s3:*", "Resource": "*"});
    policy(&[user(), vec![denied]].concat())
}

fn problems(folder: &Folder) -> String {
    let rejected = try_open(folder).unwrap_err();
    let problems = rejected.files.iter().flat_map(|file| &file.problems);
    problems.map(|one| one.message.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_token_becomes_a_session_whose_decisions_name_the_statement() {
    let point = opened(&store("token"));
    let session = alice(&point);
    assert_eq!(session.session().parts().role_arn, AUTH);
    let resource = own(&session);
    let in_force = point.in_force();
    let question = Question::new("s3:GetObject", &resource);
    let decided = in_force.decide(&Caller::Session(session.live()), &question, NOW).unwrap();
    assert!(decided.decision.is_allowed());
    assert_eq!(decided.revision, in_force.revision());
    let by = decided.statement.unwrap();
    assert!(by.policy.ends_with("user.json") && by.sid.as_deref() == Some("Own") && by.line == 1, "{by}");
    let (explanation, revision) = in_force.explain(&Caller::Session(session.live()), &question, NOW).unwrap();
    assert_eq!((explanation.decision, revision), (decided.decision, decided.revision));
    let other = Question::new("s3:GetObject", "arn:aws:s3:::photos/us-east-1:bob/cat.jpg");
    assert!(!in_force.decide(&Caller::Session(session.live()), &other, NOW).unwrap().decision.is_allowed());
}

#[test]
fn a_guest_needs_no_key_set_and_is_scoped_down() {
    let point = opened(&store("guest"));
    let guest = point.in_force().guest(OTHER_POOL, NOW).unwrap();
    assert!(guest.session().is_guest());
    assert_eq!(get(&point, &guest, NOW), Ok(Outcome::Allowed));
    let question = Question::new("ec2:RunInstances", "*");
    let decided = point.in_force().decide(&Caller::Session(guest.live()), &question, NOW).unwrap();
    assert_eq!(decided.decision.outcome, Outcome::ImplicitDeny);
}

#[test]
fn a_token_that_is_not_the_pools_is_refused() {
    let point = opened(&store("refused"));
    let forged = UnverifiedToken::parse(&stranger().token(&claims("alice"))).unwrap();
    assert!(point.in_force().login(POOL, &forged, NOW).is_err());
    assert!(point.in_force().login(POOL, &token(&json!({"aud": "client-9"})), NOW).is_err());
    // The other pool has no provider.
    assert!(point.in_force().login(OTHER_POOL, &token(&json!({})), NOW).is_err());
    let unknown = point.in_force().guest("us-east-1:11111111-0000-4000-8000-000000000000", NOW);
    assert!(matches!(unknown, Err(SignInError::UnknownPool(_))));
}

#[test]
fn a_session_of_another_pool_is_refused() {
    let point = opened(&store("another-pool"));
    let session = alice(&point).session().to_json().unwrap();
    let read = || Session::from_json(&session).unwrap();
    assert!(point.in_force().resume(POOL, read(), NOW).is_ok());
    let refused = point.in_force().resume(OTHER_POOL, read(), NOW).unwrap_err();
    assert!(refused.to_string().contains("not of"), "{refused}");
}

#[test]
fn a_sealed_key_in_a_request_is_refused() {
    let point = opened(&store("sealed"));
    let session = alice(&point);
    for name in [
        "cognito-identity.amazonaws.com:sub",
        "Cognito-Identity.amazonaws.com:SUB",
        "cognito-identity.amazonaws.com:amr",
        "aws:PrincipalTag/team",
        "aws:PrincipalTag/other",
        "aws:userid",
        "aws:PrincipalArn",
        "aws:MultiFactorAuthPresent",
        "accounts.google.com:sub",
    ] {
        let refused = with(&point, &session, &one(name, "us-east-1:bob"), NOW);
        assert_eq!(refused, Err("SEALED_CONTEXT_KEY"), "{name}");
    }
    // What the store knows of the session's account it may not state otherwise either.
    assert_eq!(
        with(&point, &session, &one("aws:PrincipalOrgID", "o-other"), NOW),
        Err("CONTRADICTED_CONTEXT_KEY")
    );
    assert_eq!(with(&point, &session, &one("aws:SecureTransport", "true"), NOW), Ok(Outcome::Allowed));
}

#[test]
fn an_expired_session_is_refused_and_one_that_has_not_begun() {
    let point = opened(&store("expired"));
    let session = alice(&point);
    assert_eq!(get(&point, &session, NOW + 3_599), Ok(Outcome::Allowed));
    assert_eq!(get(&point, &session, NOW + 3_600), Err("SESSION_EXPIRED"));
    assert_eq!(get(&point, &session, i64::MAX), Err("SESSION_EXPIRED"));
    // Clocks differ by a minute at most.
    assert_eq!(get(&point, &session, NOW - 60), Ok(Outcome::Allowed));
    assert_eq!(get(&point, &session, NOW - 61), Err("SESSION_NOT_BEGUN"));
    let file = Session::from_json(&session.session().to_json().unwrap()).unwrap();
    assert!(point.in_force().resume(POOL, file, NOW + 3_600).is_err());
}

#[test]
fn a_stale_bound_session_is_bound_again_before_it_decides() {
    let folder = store("stale");
    let point = opened(&folder);
    let session = alice(&point);
    assert_eq!(session.live().revision(), None);
    assert_eq!(get(&point, &session, NOW), Ok(Outcome::Allowed));
    let first = point.in_force();
    assert_eq!(session.live().revision(), Some(first.revision()));
    folder.write("user.json", &policy(&[allow("s3:PutObject", "*", &json!({}))]));
    reload(&point).unwrap();
    assert_eq!(session.live().revision(), Some(first.revision()), "bound when it decides, not before");
    assert_eq!(get(&point, &session, NOW), Ok(Outcome::ImplicitDeny));
    assert_eq!(session.live().revision(), Some(point.in_force().revision()));
    // Whoever holds what was in force gets its answer, and it says of which revision.
    let resource = own(&session);
    let question = Question::new("s3:GetObject", &resource);
    let held = first.decide(&Caller::Session(session.live()), &question, NOW).unwrap();
    assert_eq!((held.decision.outcome, held.revision), (Outcome::Allowed, first.revision()));
    assert_eq!(get(&point, &session, NOW), Ok(Outcome::ImplicitDeny));
}

#[test]
fn after_a_reload_that_adds_a_deny_the_very_next_decision_of_a_live_session_denies() {
    let folder = store("deny");
    let point = opened(&folder);
    let session = alice(&point);
    assert_eq!(get(&point, &session, NOW), Ok(Outcome::Allowed));
    folder.write("user.json", &deny());
    assert!(matches!(reload(&point), Ok(Reload::Replaced { .. })));
    assert_eq!(get(&point, &session, NOW), Ok(Outcome::ExplicitDeny));
}

#[test]
fn a_reload_that_is_refused_keeps_what_is_in_force_pools_too() {
    let folder = store("kept");
    let point = opened(&folder);
    let before = point.in_force().revision();
    folder.write("user.json", &deny());
    folder.write("pools/main.toml", "id = 7");
    assert!(reload(&point).is_err());
    assert_eq!(point.in_force().revision(), before);
    assert_eq!(get(&point, &alice(&point), NOW), Ok(Outcome::Allowed));
}

#[test]
fn an_identity_stays_the_logins_over_a_reload() {
    let folder = store("identity");
    let point = opened(&folder);
    let before = alice(&point).session().parts().identity.clone();
    folder.write("user.json", &deny());
    reload(&point).unwrap();
    assert_eq!(alice(&point).session().parts().identity, before);
}

#[test]
fn a_key_set_is_part_of_the_revision_and_a_reload_picks_it_up() {
    let folder = store("rotated");
    let point = opened(&folder);
    let before = point.in_force().revision();
    folder.write("pools/jwks.json", &stranger().jwks_text());
    assert!(matches!(reload(&point), Ok(Reload::Replaced { .. })));
    assert_ne!(point.in_force().revision(), before);
    assert!(point.in_force().login(POOL, &token(&json!({})), NOW).is_err());
    let new = UnverifiedToken::parse(&stranger().token(&claims("alice"))).unwrap();
    assert!(point.in_force().login(POOL, &new, NOW).is_ok());
    assert!(matches!(reload(&point), Ok(Reload::Unchanged)));
}

#[test]
fn a_key_set_does_not_lead_out_of_the_store() {
    let folder = store("outside");
    let outside = Folder::new("outside-keys");
    outside.write("jwks.json", &trusted().jwks_text());
    let name = outside.0.join("jwks.json").display().to_string();
    for file in ["../../jwks.json", "../jwks.json", "/etc/jwks.json", &name, "./jwks.json"] {
        folder.write("pools/main.toml", &pool(POOL, &format!("{PROVIDER}jwks_file = \"{file}\"\n")));
        let told = problems(&folder);
        assert!(told.contains("below the store's folder"), "{file}: {told}");
    }
    folder.write("pools/main.toml", &pool(POOL, &format!("{PROVIDER}jwks_file = \"link.json\"\n")));
    symlink(outside.0.join("jwks.json"), folder.0.join("pools/link.json")).unwrap();
    assert!(problems(&folder).contains("outside the store's folder"));
}

#[test]
fn a_key_set_that_is_none_is_refused_with_its_place() {
    let folder = store("no-keys");
    for (text, part) in [("{}", "no list `keys`"), ("{", "cannot be used"), ("\u{0}", "cannot be used")] {
        folder.write("pools/jwks.json", text);
        let told = problems(&folder);
        assert!(told.contains("`jwks.json`") && told.contains(part), "{told}");
    }
    folder.write("pools/jwks.json", &" ".repeat(256 * 1024 + 1));
    assert!(problems(&folder).contains("has more than 262144 bytes"));
    fs::remove_file(folder.0.join("pools/jwks.json")).unwrap();
    assert!(problems(&folder).contains("does not exist"));
}

#[test]
fn a_pool_names_roles_of_the_store_alone() {
    let folder = store("roles");
    folder.write("verdikt.toml", &MANIFEST.replace("role/Guest", "role/Visitor"));
    assert!(problems(&folder).contains("role/Guest` is not in the store"));
    folder.write("verdikt.toml", &MANIFEST.replace("unique_id = \"AROAGUEST\"\n", ""));
    assert!(problems(&folder).contains("role/Guest` has no `unique_id`"));
}

#[test]
fn the_roles_tags_and_trust_policy_are_the_stores() {
    let folder = store("trust");
    let point = opened(&folder);
    assert_eq!(alice(&point).session().principal_tags().get("team").map(String::as_str), Some("red"));
    let trust = json!({"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": OTHER_POOL}}});
    folder.write("trust.json", &policy(&[trust]));
    reload(&point).unwrap();
    assert!(matches!(point.in_force().login(POOL, &token(&json!({})), NOW), Err(SignInError::Refused(_))));
    assert!(point.in_force().guest(OTHER_POOL, NOW).is_ok());
}

/// The outcome of a call, or why it cannot be asked.
fn call(point: &DecisionPoint, session: &PoolSession, text: &str) -> Result<bool, String> {
    let in_force = point.in_force();
    let http = HttpRequest::parse(text.as_bytes()).unwrap();
    let addressing = Addressing::aws();
    let facts =
        CallFacts { region: Some("us-east-1"), account: Some("111122223333"), ..CallFacts::new(&addressing) };
    let call = in_force.translate(&http, &facts).map_err(|error| error.to_string())?;
    let decided =
        in_force.decide_call(&Caller::Session(session.live()), &call, &one("aws:SourceIp", "192.0.2.1"), NOW);
    decided.map(|decided| decided.is_allowed()).map_err(|error| error.to_string())
}

#[test]
fn a_call_of_s3_is_decided_with_what_the_store_knows_of_its_bucket() {
    let point = opened(&store("s3"));
    let session = alice(&point);
    let get = |key: &str| format!("GET /photos/{key} HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n");
    let identity = session.session().parts().identity.replace(':', "%3A");
    assert_eq!(call(&point, &session, &get(&format!("{identity}/cat.jpg"))), Ok(true));
    assert_eq!(call(&point, &session, &get("us-east-1%3Abob/cat.jpg")), Ok(false));
    // `s3:BucketTag/stage` comes from the store.
    let list = |bucket: &str| format!("GET /{bucket}?list-type=2 HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n");
    assert_eq!(call(&point, &session, &list("photos")), Ok(true));
    assert_eq!(call(&point, &session, &list("strange")), Ok(false));
}

#[test]
fn a_call_of_dynamodb_is_decided_with_the_key_schema_of_the_store() {
    let point = opened(&store("dynamodb"));
    let session = alice(&point);
    let get = |table: &str, owner: &str| {
        let body = json!({"TableName": table, "Key": {"owner": {"S": owner}}}).to_string();
        let length = body.len();
        format!(
            "POST / HTTP/1.1\r\nHost: dynamodb.us-east-1.amazonaws.com\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    };
    let identity = session.session().parts().identity.clone();
    assert_eq!(call(&point, &session, &get("notes", &identity)), Ok(true));
    assert_eq!(call(&point, &session, &get("notes", "us-east-1:bob")), Ok(false));
    let unknown = call(&point, &session, &get("other", &identity)).unwrap_err();
    // A key that is a number in the store is none as a text.
    let text = get("counts", "7").replace("owner", "number");
    let length = text.rsplit("\r\n\r\n").next().unwrap().len();
    let head = text.find("Content-Length: ").unwrap();
    let rest = &text[head..].split_once("\r\n").unwrap().1;
    let text = format!("{}Content-Length: {length}\r\n{rest}", &text[..head]);
    assert!(call(&point, &session, &text).is_err());
    let number = text.replace("{\"S\":", "{\"N\":");
    assert_eq!(call(&point, &session, &number), Ok(false));
    assert!(unknown.contains("table/other"), "{unknown}");
}

#[test]
fn a_principal_of_the_store_asks_without_a_session() {
    let point = opened(&store("principal"));
    let in_force = point.in_force();
    let user = Principal::parse("arn:aws:sts::111122223333:assumed-role/Auth/x").unwrap();
    let question = Question::new("s3:GetObject", "arn:aws:s3:::photos/us-east-1:alice/cat.jpg");
    let context = one("cognito-identity.amazonaws.com:sub", "us-east-1:alice");
    let decided = in_force.decide(&Caller::principal(&user), &question.with_context(&context), NOW).unwrap();
    assert!(decided.decision.is_allowed());
    let stranger = Principal::parse("arn:aws:sts::111122223333:assumed-role/Nobody/x").unwrap();
    let refused = in_force.decide(&Caller::principal(&stranger), &question, NOW).unwrap_err();
    assert_eq!(refused.code(), "UNKNOWN_PRINCIPAL");
    let stated = Question { resource_account: Some("999988887777"), ..question };
    let refused = in_force.decide(&Caller::principal(&user), &stated, NOW).unwrap_err();
    assert_eq!(refused.code(), "CONTRADICTED_CONTEXT_KEY");
}

#[test]
fn what_is_in_force_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<DecisionPoint>();
    shared::<PoolSession>();
}
