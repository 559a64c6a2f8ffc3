//! Reloads, and the sessions that outlive them.

use std::sync::Arc;

use verdikt::request::context::ContextValue;
use verdikt::store::{LiveSession, LoadOptions, Reload, Snapshot, Store};
use verdikt::{CompiledPolicy, Document, Kind, Limits, Outcome, Principal, SessionFacts};

use super::{ALLOW_ALL, DENY_ALL, Files, NOW, ROLE, SESSION};

const RESOURCE: &str = "arn:aws:s3:::data/alice/cat.jpg";

fn reload(store: &Store) -> Reload {
    store.reload(&LoadOptions::default(), NOW + 60).unwrap()
}

fn session(store: &Snapshot) -> LiveSession {
    let principal = Principal::parse(SESSION).unwrap();
    let facts = store.session_facts(&principal, &[]).unwrap();
    LiveSession::new(
        facts.present("cognito-identity.amazonaws.com:sub", "alice").build().unwrap(),
        NOW + 3600,
    )
}

fn decide(session: &LiveSession, store: &Snapshot, now: i64) -> Result<Outcome, &'static str> {
    let governing = session.governing(store, RESOURCE, now).map_err(|error| error.code())?;
    let builder = session.facts().request("s3:GetObject", RESOURCE, governing.owner());
    let builder = governing.supply(session.facts().principal(), builder).unwrap();
    let set = governing.policies("s3:GetObject").unwrap();
    Ok(set.decide(&builder.build().unwrap()).outcome)
}

#[test]
fn a_deny_that_a_reload_adds_reaches_the_next_decision_of_a_live_session() {
    let files = Files::new(ROLE);
    let store = files.open().unwrap();
    let session = session(&store.current());
    assert_eq!(decide(&session, &store.current(), NOW), Ok(Outcome::Allowed));
    let bound = session.revision();
    assert_eq!(decide(&session, &store.current(), NOW), Ok(Outcome::Allowed));
    assert_eq!(session.revision(), bound);

    files.write("allow.json", DENY_ALL);
    assert!(matches!(reload(&store), Reload::Replaced { .. }));
    assert_eq!(decide(&session, &store.current(), NOW), Ok(Outcome::ExplicitDeny));
    assert_eq!(session.revision(), Some(store.current().revision()));
    assert_ne!(session.revision(), bound);
}

#[test]
fn a_boundary_and_a_bucket_policy_that_a_reload_adds_reach_it_too() {
    let files = Files::new(ROLE);
    let store = files.open().unwrap();
    let session = session(&store.current());
    assert_eq!(decide(&session, &store.current(), NOW), Ok(Outcome::Allowed));
    files.write("verdikt.toml", &ROLE.replace("tags = { team", "boundary = \"deny.json\"\ntags = { team"));
    reload(&store);
    assert_eq!(decide(&session, &store.current(), NOW), Ok(Outcome::ExplicitDeny));
    files.write("bucket.json", &DENY_ALL.replace("\"Action\"", "\"Principal\": \"*\", \"Action\""));
    files.write("verdikt.toml", &format!("{ROLE}policy = \"bucket.json\"\n"));
    reload(&store);
    assert_eq!(decide(&session, &store.current(), NOW), Ok(Outcome::ExplicitDeny));
}

#[test]
fn a_reload_that_fails_keeps_the_last_good_store_which_grows_older() {
    let files = Files::new(ROLE);
    let store = files.open().unwrap();
    let before = store.current();
    files.write("allow.json", "{").write("verdikt.toml", &format!("{ROLE}x = 1\n"));
    let rejected = store.reload(&LoadOptions::default(), NOW + 60).unwrap_err();
    assert_eq!(rejected.files.len(), 2, "{rejected}");
    assert!(Arc::ptr_eq(&before, &store.current()));
    assert_eq!(store.current().age(NOW + 90), 90);
    files.write("allow.json", ALLOW_ALL).write("verdikt.toml", ROLE);
    assert_eq!(store.reload(&LoadOptions::default(), NOW + 100), Ok(Reload::Unchanged));
    assert_eq!(store.current().age(NOW + 110), 10);
}

#[test]
fn an_expired_session_is_refused() {
    let store = Files::new(ROLE).snapshot();
    let session = session(&store);
    assert_eq!(decide(&session, &store, NOW + 3599), Ok(Outcome::Allowed));
    assert_eq!(decide(&session, &store, NOW + 3600), Err("SESSION_EXPIRED"));
}

#[test]
fn what_a_session_does_not_fix_the_store_supplies() {
    let files = Files::new(ROLE);
    let store = files.open().unwrap().current();
    let principal = store.principal(&Principal::parse(SESSION).unwrap()).unwrap();
    let bare = LiveSession::new(SessionFacts::builder(principal).build().unwrap(), NOW + 3600);
    for (session, is_worked_out) in [(&bare, true), (&session(&store), false)] {
        let governing = session.governing(&store, RESOURCE, NOW).unwrap();
        let principal = session.facts().principal();
        for key in ["aws:PrincipalArn", "aws:userid", "aws:PrincipalTag/team"] {
            assert_eq!(
                governing.known(principal).iter().any(|known| known.name == key),
                is_worked_out,
                "{key}"
            );
        }
        let builder = session.facts().request("s3:GetObject", RESOURCE, governing.owner());
        let request = governing.supply(principal, builder).unwrap().build().unwrap();
        let value = |key| request.context().get(key);
        assert_eq!(
            value("aws:PrincipalArn"),
            Some(ContextValue::One("arn:aws:iam::111122223333:role/app/Auth"))
        );
        assert_eq!(value("aws:PrincipalTag/team"), Some(ContextValue::One("red")));
    }
}

#[test]
fn a_session_whose_role_is_gone_is_refused() {
    let files = Files::new(ROLE);
    let store = files.open().unwrap();
    let session = session(&store.current());
    assert_eq!(decide(&session, &store.current(), NOW), Ok(Outcome::Allowed));
    files.write("verdikt.toml", &ROLE.replace("role/app/Auth", "role/app/Other"));
    reload(&store);
    assert_eq!(decide(&session, &store.current(), NOW), Err("UNKNOWN_PRINCIPAL"));
    // Made anew, it is another role: its id is another, or its path.
    files.write("verdikt.toml", &ROLE.replace("AROAEXAMPLE", "AROAANEW"));
    reload(&store);
    assert_eq!(decide(&session, &store.current(), NOW), Err("CONTRADICTED_PRINCIPAL_FACT"));
}

#[test]
fn session_policies_cap_it() {
    let store = Files::new(ROLE).snapshot();
    let json = ALLOW_ALL.replace("\"Action\": \"*\"", "\"Action\": \"s3:PutObject\"");
    let document = Document::parse(Kind::Session, "scope-down", &json, &Limits::default()).unwrap().document;
    let policies = CompiledPolicy::compile(&[document]).unwrap();
    let session = session(&store).with_session_policies(policies);
    assert_eq!(decide(&session, &store, NOW), Ok(Outcome::ImplicitDeny));
}

/// Readers that ask while the store is replaced see one revision or the other, whole.
#[test]
fn readers_never_see_half_of_a_reload() {
    let files = Files::new(ROLE);
    let store = files.open().unwrap();
    let revisions = [store.current().revision(), {
        files.write("allow.json", DENY_ALL);
        files.snapshot().revision()
    }];
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let session = session(&store.current());
            (0..2_000).all(|_| {
                let current = store.current();
                let outcome = decide(&session, &current, NOW).unwrap();
                let allows = current.revision() == revisions[0];
                outcome == if allows { Outcome::Allowed } else { Outcome::ExplicitDeny }
            })
        });
        for round in 0..20 {
            files.write("allow.json", if round % 2 == 0 { DENY_ALL } else { ALLOW_ALL });
            reload(&store);
        }
        assert!(reader.join().unwrap());
    });
}
